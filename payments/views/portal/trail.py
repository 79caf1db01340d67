"""What the insurer's own people did, to read and to save."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.services import audit
from payments.forms.portal_lists import TrailFilterForm
from payments.presenters.portal_trail import done, trail_list
from payments.selectors.insurance.officer_trail import people_of, trail_of
from payments.views.portal.downloads import checked_kind, table_to_save
from payments.views.portal.gate import officer_required
from payments.views.portal.lists import page_of

MOST_SAVED = 10_000


def found_trail(request, officer):
    """Return the entries that the address asks for, and the form of its choices."""
    form = TrailFilterForm(request.GET, people=people_of(officer))
    chosen = form.chosen()
    entries = trail_of(officer)
    wanted = {"user": chosen["who"], "action": chosen["action"], "kind": chosen["about"]}
    return entries.filter(**{name: value for name, value in wanted.items() if value}), form


@require_safe
@officer_required
def insurer_trail(request, officer):
    """List who of this insurer did what and when; a liaison reads only their own acts."""
    entries, form = found_trail(request, officer)
    page = page_of(request, entries)
    context = {
        "officer": officer,
        "here": "trail",
        "page": page,
        "rows": [done(entry) for entry in page.object_list],
        "tabs": (),
        "filter_form": form,
        "query": request.GET.urlencode(),
        "most": MOST_SAVED,
    }
    return render(request, "payments/portal/trail.html", context)


@require_safe
@officer_required
def trail_file(request, officer, kind):
    """Hand out the list as CSV or XLSX, at most the newest 10,000; it is written down."""
    kind = checked_kind(kind)
    entries, _form = found_trail(request, officer)
    rows = trail_list(entries[:MOST_SAVED])
    target = f"hospitals.insurer:{officer.insurer.slug}"
    audit.record(by=request.user, action="insurance.trail_saved", target=target)
    return table_to_save(kind, rows, name="portal-users", title=_("Users"))
