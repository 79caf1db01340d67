"""The insurer's work list and the page of one request: only what was sent with it."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from medtour.answers import found_or_404, refusals_show
from medtour.lib import clock
from payments.access import decides_on_money, guarantees_for_officer
from payments.presenters.portal import FILTERS, FIRST_FILTER, request_page, row_of
from payments.selectors.insurance.guarantees import for_insurer, for_work_list
from payments.views.portal.documents import document_to_save
from payments.views.portal.gate import officer_required
from payments.views.portal.lists import chosen_of, page_of, tabs_of


def own_request(officer, public_id):
    return found_or_404(for_insurer(guarantees_for_officer(officer)), public_id=public_id)


def context_of(officer, guarantee, **more):
    return {
        "officer": officer,
        "here": "requests",
        "guarantee": guarantee,
        "hospital": guarantee.hospital,
        "page": request_page(guarantee, now=clock.now(), decides=decides_on_money(officer)),
        "refusal": None,
        **more,
    }


@require_safe
@officer_required
def work_list(request, officer):
    """List the requests of one insurer, or of one of its hospitals, the most pressing first."""
    chosen = chosen_of(request, FILTERS, FIRST_FILTER)
    found = guarantees_for_officer(officer).filter(state__in=FILTERS[chosen][1])
    page, now = page_of(request, for_work_list(found)), clock.now()
    context = {
        "officer": officer,
        "here": "requests",
        "page": page,
        "rows": [row_of(guarantee, now=now) for guarantee in page.object_list],
        "tabs": tabs_of(request, FILTERS, chosen),
        "filter_form": None,
    }
    return render(request, "payments/portal/work_list.html", context)


def show_request(request, officer, guarantee, *, refusal=None):
    found = own_request(officer, guarantee)
    context = context_of(officer, found, refusal=refusal)
    return render(request, "payments/portal/request.html", context)


@require_safe
@officer_required
def asked(request, officer, guarantee):
    """Show the facts of one request, its documents, its history and what can be answered."""
    return show_request(request, officer, guarantee)


def unavailable(request, officer, guarantee, document, *, refusal):
    return show_request(request, officer, guarantee, refusal=refusal)


@require_safe
@officer_required
@refusals_show(unavailable)
def asked_document(request, officer, guarantee, document):
    """Hand out a document shared with this very request; opening it is written down."""
    found = own_request(officer, guarantee)
    shared = found.documents.all()
    return document_to_save(shared, document, guarantee=found, by=request.user)
