"""The insurer's work list and the page of one request: only what was sent with it."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from medtour.answers import file_to_save, found_or_404, refusals_show
from medtour.lib import clock
from payments.access import guarantees_for_officer
from payments.presenters.portal import FILTERS, FIRST_FILTER, request_page, row_of
from payments.selectors.insurance.guarantees import for_insurer, for_work_list
from payments.services.insurance.guarantees import open_for_insurer
from payments.views.portal.gate import officer_required

PER_PAGE = 25


def own_request(officer, public_id):
    return found_or_404(for_insurer(guarantees_for_officer(officer)), public_id=public_id)


def context_of(officer, guarantee, **more):
    return {
        "officer": officer,
        "here": "requests",
        "guarantee": guarantee,
        "hospital": guarantee.hospital,
        "page": request_page(guarantee, now=clock.now()),
        "refusal": None,
        **more,
    }


@require_safe
@officer_required
def work_list(request, officer):
    """List the requests of one insurer, or of one of its hospitals, the most pressing first."""
    chosen = request.GET.get("state")
    chosen = chosen if chosen in FILTERS else FIRST_FILTER
    found = guarantees_for_officer(officer).filter(state__in=FILTERS[chosen][1])
    page = Paginator(for_work_list(found), PER_PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    context = {
        "officer": officer,
        "here": "requests",
        "page": page,
        "rows": [row_of(guarantee, now=now) for guarantee in page.object_list],
        "filters": [(key, label, key == chosen) for key, (label, _states) in FILTERS.items()],
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
    wanted = next((each for each in shared if each.document.public_id == document), None)
    if wanted is None:
        raise Http404
    content = open_for_insurer(found, wanted, by=request.user)
    return file_to_save(content.chunks, content_type=content.content_type, name=content.name)
