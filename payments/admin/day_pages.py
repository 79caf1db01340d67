"""The cashier's day: what came in and went back at one hospital on one day, and as files."""

import datetime as dt

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from accounts.services import audit
from bookings.admin.times import offset
from medtour.lib import clock
from medtour.templatetags.show import money_text
from payments.access import postings_of_staff
from payments.method_words import method_text
from payments.models import Account, PostingKind
from payments.presenters.day_files import csv_file, xlsx_file
from payments.selectors.day_list import day_list, export_rows
from payments.selectors.desk import hospitals_with_money

FILES = {
    "csv": (csv_file, "text/csv; charset=utf-8"),
    "xlsx": (
        xlsx_file,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


class DayForm(forms.Form):
    hospital = forms.ModelChoiceField(
        label=gettext_lazy("Hospital"),
        queryset=None,
        to_field_name="slug",
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    day = forms.DateField(label=gettext_lazy("Day"), widget=UnfoldAdminSingleDateWidget)

    def __init__(self, *args, hospitals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"].queryset = hospitals


def _chosen(model_admin, request):
    """Return the filled form, hospital and day; without a choice the first hospital's today."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    hospitals = hospitals_with_money(request.user)
    first = hospitals.first()
    if first is None:
        return None, None, None
    data = {
        "hospital": request.GET.get("hospital") or first.slug,
        "day": request.GET.get("day") or clock.today(first.time_zone).isoformat(),
    }
    form = DayForm(data, hospitals=hospitals)
    if not form.is_valid():
        if "hospital" in form.errors:
            raise Http404
        return form, first, None
    return form, form.cleaned_data["hospital"], form.cleaned_data["day"]


def _found(request, hospital, day):
    postings = postings_of_staff(request.user).filter(hospital=hospital)
    audit.record(
        by=request.user,
        action="desk.open_money_day",
        target=f"payments.ledgerposting:{day.isoformat()}",
        hospital_slug=hospital.slug,
    )
    return day_list(postings, day=day, zone=hospital.time_zone)


def day_view(model_admin, request):
    """Show one day's movements and its sums by currency, with the files to save."""
    form, hospital, day = _chosen(model_admin, request)
    found = _found(request, hospital, day) if day else None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Day list"),
        "form": form,
        "hospital": hospital,
        "lines": [_shown(line, found.zone) for line in found.lines] if found else [],
        "totals": [_total(total) for total in found.totals] if found else [],
        "clock": _clock(day, hospital) if day else "",
        "links": _links(hospital, day) if day else None,
    }
    return TemplateResponse(request, "admin/payments/day.html", context)


def export_view(model_admin, request, kind):
    """Send the same day as a file to save."""
    if kind not in FILES:
        raise Http404
    _form, hospital, day = _chosen(model_admin, request)
    if day is None:
        raise Http404
    write, content_type = FILES[kind]
    content = write(export_rows(_found(request, hospital, day)))
    name = f"money-{hospital.slug}-{day.isoformat()}.{kind}"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _shown(line, zone):
    return {
        "time": f"{clock.local(line.at, zone):%H:%M}",
        "kind": PostingKind(line.kind).label,
        "where": Account(line.where).label,
        "way": "" if line.where == Account.BANK else method_text(line.way),
        "reference": line.reference,
        "remitter": line.remitter,
        "bank_reference": line.bank_reference,
        "amount": money_text(line.amount),
    }


def _total(total):
    named = [
        (_("Came in"), total.came_in),
        (_("Went back"), total.went_back),
        (_("Fees"), total.fees),
        (_("Disputed"), total.disputed),
        (_("Other"), total.other),
    ]
    return {
        "currency": total.currency,
        "parts": [(label, money_text(money)) for label, money in named if money.minor],
        "net": money_text(total.net),
    }


def _clock(day, hospital):
    begins = clock.local(clock.day_bounds(day, hospital.time_zone)[0], hospital.time_zone)
    return _("By the hospital’s clock (%(offset)s).") % {"offset": offset(begins)}


def _links(hospital, day):
    def query(date):
        return f"?hospital={hospital.slug}&day={date.isoformat()}"

    here = reverse("admin:payments_payment_day")
    return {
        "before": here + query(day - dt.timedelta(days=1)),
        "after": here + query(day + dt.timedelta(days=1)),
        **{
            kind: reverse("admin:payments_payment_export", args=[kind]) + query(day)
            for kind in FILES
        },
    }
