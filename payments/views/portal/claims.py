"""The insurer's claims: the list by state and age, one claim, and its documents."""

from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from medtour.answers import archive_to_save, found_or_404, refusals_show
from medtour.lib import clock
from payments.access import claims_for_officer, decides_on_money, hospitals_of_claims
from payments.forms.portal_lists import ClaimFilterForm
from payments.presenters.claim_paper import claim_archive_for_insurer
from payments.presenters.portal_claims import FILTERS, FIRST_FILTER, claim_page, claim_row
from payments.selectors.insurance.insurer_claims import for_claim_list, for_claim_page
from payments.services.insurance.claim_pack import pack_name
from payments.views.portal.documents import document_to_save
from payments.views.portal.gate import officer_required
from payments.views.portal.lists import chosen_of, page_of, tabs_of


def own_claim(officer, public_id):
    return found_or_404(for_claim_page(claims_for_officer(officer)), public_id=public_id)


def context_of(officer, claim, **more):
    return {
        "officer": officer,
        "here": "claims",
        "claim": claim,
        "hospital": claim.hospital,
        "page": claim_page(claim, decides=decides_on_money(officer)),
        "refusal": None,
        **more,
    }


@require_safe
@officer_required
def claim_list(request, officer):
    """List the claims of one insurer, a liaison's hospital only, the oldest first."""
    state = chosen_of(request, FILTERS, FIRST_FILTER)
    form = ClaimFilterForm(request.GET, hospitals=hospitals_of_claims(officer))
    chosen, now = form.chosen(), clock.now()
    found = claims_for_officer(officer).filter(state__in=FILTERS[state][1])
    if chosen["hospital"]:
        found = found.filter(hospital=chosen["hospital"])
    page = page_of(request, for_claim_list(found, age=chosen["age"], now=now))
    context = {
        "officer": officer,
        "here": "claims",
        "page": page,
        "rows": [claim_row(claim, now=now) for claim in page.object_list],
        "tabs": tabs_of(request, FILTERS, state),
        "filter_form": form,
    }
    return render(request, "payments/portal/claim_list.html", context)


def show_claim(request, officer, claim, *, refusal=None):
    found = own_claim(officer, claim)
    return render(
        request, "payments/portal/claim.html", context_of(officer, found, refusal=refusal)
    )


@require_safe
@officer_required
def insurer_claim(request, officer, claim):
    """Show the lines of one claim, its documents, appeals and history."""
    return show_claim(request, officer, claim)


def unavailable(request, officer, claim, document, *, refusal):
    return show_claim(request, officer, claim, refusal=refusal)


@require_safe
@officer_required
@refusals_show(unavailable)
def claim_document(request, officer, claim, document):
    """Hand out a document that was sent with this very claim; opening it is written down."""
    found = own_claim(officer, claim)
    sent = found.documents.all()
    return document_to_save(sent, document, guarantee=found.guarantee, by=request.user)


@require_safe
@officer_required
@refusals_show(show_claim)
def claim_archive(request, officer, claim):
    """Hand out the claim with all its documents as one archive; this is written down."""
    found = own_claim(officer, claim)
    pieces = claim_archive_for_insurer(found, by=request.user, language=get_language())
    return archive_to_save(pieces, name=pack_name(found))
