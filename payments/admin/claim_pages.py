"""The pages beside the list of claims: drawing up, a remittance file, ageing, a month."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.admin.steps import Step, change_page, posted, run_step, show_step
from hospitals.access import hospitals_of_staff
from hospitals.models import Insurer
from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.locks import busy_is_a_refusal
from medtour.templatetags.show import money_text
from payments.access import MONEY_ROLES, claims_of_staff, guarantees_to_claim
from payments.admin.claim_forms import DrawUpClaimForm, MonthForm, RemittanceFileForm
from payments.models import FinalBill
from payments.selectors.insurance.claim_ageing import LAST_DAYS, claim_ageing
from payments.selectors.insurance.claim_statement import settlement_statement
from payments.services.insurance import claims, remittances

MOST_FAULTS = 50


def list_page():
    return reverse("admin:payments_insuranceclaim_changelist")


def draw_up_view(model_admin, request):
    """Choose a guarantee whose bill is there, and draw up its claim."""
    _needs_money_role(model_admin, request)
    found = guarantees_to_claim(request.user)
    form = DrawUpClaimForm(posted(request), guarantees=found)
    made = []

    def perform(cleaned):
        guarantee = cleaned["guarantee"]
        bill = FinalBill.objects.get(quote__case=guarantee.case_id)
        made.append(claims.draft_claim(guarantee, bill=bill, by=request.user))
        return _("The claim is drawn up. What is missing is named on its page.")

    step = Step(
        title=_("Draw up a claim"),
        explanation=_("Guarantees that are approved, and whose final bill is recorded."),
        button=_("Draw up the claim"),
        form=form,
        back=list_page(),
        nothing="" if found.exists() else _("No guarantee waits for a claim."),
    )
    response = run_step(model_admin, request, step, perform)
    return HttpResponseRedirect(change_page(made[0])) if made else response


def remittance_view(model_admin, request):
    """Try an insurer's file first; the same file is recorded with the second press."""
    _needs_money_role(model_admin, request)
    hospitals = hospitals_of_staff(request.user, MONEY_ROLES)
    insurers = Insurer.objects.filter(claims__in=claims_of_staff(request.user)).distinct()
    files = request.FILES or None
    form = RemittanceFileForm(posted(request), files, hospitals=hospitals, insurers=insurers)
    step = Step(
        title=_("Record a remittance from a file"),
        explanation=_("The file is tried first. Nothing is recorded before you confirm it."),
        button=_("Try the file"),
        form=form,
        back=list_page(),
    )
    if posted(request) is None or not form.is_valid():
        return show_step(model_admin, request, step)
    return _try_or_record(model_admin, request, step)


def _try_or_record(model_admin, request, step):
    cleaned, payment = step.form.cleaned_data, step.form.payment()
    about = {"hospital": cleaned["hospital"], "payment": payment, "content": cleaned["content"]}
    plan = remittances.check_remittance_file(cleaned["insurer"], **about)
    if plan.faults:
        for fault in plan.faults[:MOST_FAULTS]:
            step.form.add_error(None, _fault_text(fault))
        return show_step(model_admin, request, step, status=422)
    if cleaned["tried"] and not cleaned["file"]:
        try:
            with busy_is_a_refusal():
                remittances.import_remittance(cleaned["insurer"], **about, by=request.user)
        except Refusal as refusal:
            step.form.add_error(None, str(refusal.message))
            return show_step(model_admin, request, step, status=refusal.status)
        messages.success(request, _("Recorded. The claims have moved on."))
        return HttpResponseRedirect(step.back)
    step.form.keep(cleaned["content"])
    shown = Step(
        title=step.title,
        explanation=_("The file can be used. Record it now?"),
        button=_("Record the remittance"),
        form=step.form,
        back=step.back,
        facts=[
            (_("Lines"), plan.rows),
            (_("Claims"), len(plan.claims)),
            (_("Together"), money_text(plan.total)),
        ],
    )
    return show_step(model_admin, request, shown)


def _fault_text(fault):
    values = {"line": fault.line, "column": fault.column, "reason": fault.reason}
    if not fault.column:
        return _("Line %(line)s: %(reason)s") % values
    return _("Line %(line)s, column “%(column)s”: %(reason)s") % values


def ageing_view(model_admin, request):
    """Show what insurers owe, by 30, 60 and 90 days."""
    _needs_money_role(model_admin, request)
    found = claim_ageing(claims_of_staff(request.user), now=clock.now())
    heads = [
        _("%(first)s to %(last)s days") % {"first": first, "last": last}
        for first, last in zip((0, *(day + 1 for day in LAST_DAYS)), LAST_DAYS, strict=False)
    ]
    context = {
        "title": _("How long insurers have owed"),
        "heads": [*heads, _("Longer")],
        "rows": found,
    }
    return _page(model_admin, request, "admin/payments/claim_ageing.html", context)


def statement_view(model_admin, request):
    """Show what was sent, decided and paid in one month, with the balance before and after."""
    _needs_money_role(model_admin, request)
    hospitals = hospitals_of_staff(request.user, MONEY_ROLES)
    first = hospitals.order_by("slug").first()
    if first is None:
        raise Http404
    data = {
        "hospital": request.GET.get("hospital") or first.slug,
        "month": request.GET.get("month") or f"{clock.today(first.time_zone):%Y-%m}",
    }
    form = MonthForm(data, hospitals=hospitals)
    if not form.is_valid() and "hospital" in form.errors:
        raise Http404
    found = ()
    if form.is_valid():
        found = settlement_statement(
            claims_of_staff(request.user),
            hospital=form.cleaned_data["hospital"],
            month=form.cleaned_data["month"],
        )
    context = {
        "title": _("Insurers’ statement of a month"),
        "form": form,
        "statements": [(each.currency, _statement_rows(each)) for each in found],
    }
    return _page(model_admin, request, "admin/payments/claim_statement.html", context)


def _statement_rows(each):
    return [
        (_("Owed at the beginning"), "", money_text(each.opening)),
        (_("Sent"), each.sent_count, money_text(each.sent)),
        (_("Decided"), each.decided_count, money_text(each.decided)),
        (_("Paid by insurers"), "", money_text(each.paid)),
        (_("Closed without payment"), "", money_text(each.dropped)),
        (_("Owed at the end"), "", money_text(each.closing)),
    ]


def _needs_money_role(model_admin, request):
    if not model_admin.allows(request, MONEY_ROLES):
        raise PermissionDenied


def _page(model_admin, request, template, context):
    shared = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts}
    return TemplateResponse(request, template, {**shared, **context})
