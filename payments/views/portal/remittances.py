"""What the insurer has paid: the list of transfers, and a file that is tried before it counts."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from medtour.answers import refusals_show, render_form, see_other_address
from payments.access import decides_on_money, hospitals_of_claims, remittances_for_officer
from payments.claim_refusals import RemittanceRefused
from payments.forms.portal_claims import RemittanceFileForm
from payments.selectors.insurance.remitted import for_remittance_list
from payments.services.insurance import remittances
from payments.services.insurance.remittances import COLUMNS
from payments.views.portal.gate import decider_required, officer_required
from payments.views.portal.lists import page_of
from payments.views.terms import form_page

TEMPLATE = "payments/portal/remittance_file.html"


@require_safe
@officer_required
def insurer_remittances(request, officer):
    """List what this insurer has paid, the newest first."""
    page = page_of(request, for_remittance_list(remittances_for_officer(officer)))
    context = {
        "officer": officer,
        "here": "claims",
        "page": page,
        "rows": page.object_list,
        "tabs": (),
        "filter_form": None,
        "decides": decides_on_money(officer),
    }
    return render(request, "payments/portal/remittance_list.html", context)


def form_of(request, officer):
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    hospitals = hospitals_of_claims(officer)
    return RemittanceFileForm(*given, hospitals=hospitals, owner=request.user.public_id)


def context_of(officer, form, **more):
    empty = {"plan": None, "faults": (), "refusal": None, "columns": COLUMNS}
    return {"officer": officer, "here": "claims", "form": form, **empty, **more}


def refused(request, officer, *, refusal):
    form = form_of(request, officer)
    faults = refusal.faults if isinstance(refusal, RemittanceRefused) else ()
    if form.is_valid():
        form.forget()
    return render(request, TEMPLATE, context_of(officer, form, faults=faults, refusal=refusal))


@form_page
@decider_required
@refusals_show(refused)
def remittance_file(request, officer):
    """Try a remittance file; the very same file is recorded with the second press."""
    form = form_of(request, officer)
    if not form.is_valid():
        return render_form(request, TEMPLATE, context_of(officer, form))
    about = {
        "hospital": form.cleaned_data["hospital"],
        "payment": form.payment(),
        "content": form.cleaned_data["content"],
    }
    if form.is_confirmed:
        remittances.import_remittance(officer.insurer, **about, by=request.user)
        messages.success(request, _("Recorded. The hospital sees it now."))
        return see_other_address(reverse("payments:insurer_remittances"))
    return tried(request, officer, form, about)


def tried(request, officer, form, about):
    """Show what a file would do, or every line of it that cannot be used."""
    plan = remittances.check_remittance_file(officer.insurer, **about)
    if plan.faults:
        form.forget()
        context = context_of(officer, form, faults=plan.faults)
        return render(request, TEMPLATE, context, status=422)
    form.keep(about["content"])
    return render(request, TEMPLATE, context_of(officer, form, plan=plan))
