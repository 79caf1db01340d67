"""A file of up to 500 questions: asked at once, its answers read and saved."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.services import audit
from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from payments.access import batches_for_officer, hospitals_for_officer
from payments.forms.portal_batches import BatchForm
from payments.insurance_refusals import UnreadableBatch
from payments.presenters import portal_batches as shown
from payments.presenters.categories import category_label
from payments.selectors.insurance.batches import checks_in, for_batch_list
from payments.selectors.insurance.categories import categories_of
from payments.services.insurance.batch_lines import COLUMNS
from payments.services.insurance.batches import MOST_QUESTIONS, ask_batch
from payments.views.portal.downloads import checked_kind, table_to_save
from payments.views.portal.gate import officer_required
from payments.views.portal.lists import page_of
from payments.views.terms import form_page

LIST, ANSWERS = "payments/portal/batch_list.html", "payments/portal/batch.html"


def form_of(request):
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    return BatchForm(*given)


def context_of(request, officer, form, **more):
    page = page_of(request, for_batch_list(batches_for_officer(officer)))
    return {
        "officer": officer,
        "here": "check",
        "form": form,
        "page": page,
        "rows": page.object_list,
        "columns": COLUMNS,
        "hospitals": hospitals_for_officer(officer).order_by("slug"),
        "categories": [(each, category_label(each)) for each in categories_of(officer.insurer)],
        "most": MOST_QUESTIONS,
        "faults": (),
        "refusal": None,
        **more,
    }


def batch_refused(request, officer, *, refusal):
    faults = refusal.faults if isinstance(refusal, UnreadableBatch) else ()
    context = context_of(request, officer, form_of(request), faults=faults, refusal=refusal)
    return render(request, LIST, context)


@form_page
@officer_required
@refusals_show(batch_refused)
def check_batches(request, officer):
    """Take a file of questions, and list the files that were asked before."""
    form = form_of(request)
    if not form.is_valid():
        return render_form(request, LIST, context_of(request, officer, form))
    batch = ask_batch(officer, form.cleaned_data["file"].read(), by=request.user)
    messages.success(request, _("Your questions were asked."))
    return see_other_address(reverse("payments:batch_answers", args=[batch.public_id]))


@require_safe
@officer_required
def batch_answers(request, officer, batch):
    """Show the answers of one file, and the lines that could not be asked."""
    found = found_or_404(batches_for_officer(officer), public_id=batch)
    page = page_of(request, found.results)
    checks = checks_in(found, shown.named_checks(page.object_list))
    faulty = shown.fault_count(found)
    context = {
        "officer": officer,
        "here": "check",
        "batch": found,
        "answered": found.row_count - faulty,
        "faulty": faulty,
        "page": page,
        "rows": shown.batch_rows(page.object_list, checks),
        "tabs": (),
        "filter_form": None,
    }
    return render(request, ANSWERS, context)


@require_safe
@officer_required
def batch_file(request, officer, batch, kind):
    """Hand out all answers of one file as CSV or XLSX; it is written down."""
    found = found_or_404(batches_for_officer(officer), public_id=batch)
    kind = checked_kind(kind)
    checks = checks_in(found, shown.named_checks(found.results))
    rows = shown.batch_list(shown.batch_rows(found.results, checks))
    audit.record(
        by=request.user,
        action="insurance.batch_saved",
        target=f"payments.eligibilitybatch:{found.public_id}",
    )
    name = f"answers-{found.public_id}"
    return table_to_save(kind, rows, name=name, title=_("Answers"))
