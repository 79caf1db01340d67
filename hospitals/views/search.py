from dataclasses import replace

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.selectors.availability import openings_beside
from hospitals.forms import search_criteria
from hospitals.presenters import search as presenters
from hospitals.selectors.search import search as find
from hospitals.views.openings import with_openings
from medtour.templatetags.show import page_language


@login_not_required
@require_safe
def search(request):
    page = find(search_criteria(request.GET, page_language()), openings_beside())
    return render(request, "hospitals/search.html", _shown(request, page))


@login_not_required
@require_safe
def hospital_list(request):
    """All hospitals: a search that shows only them, by name unless asked otherwise."""
    criteria = search_criteria(request.GET, page_language())
    chosen = {**criteria.chosen, "kind": ("h",)}
    sort = "name" if criteria.sort == "relevance" and not criteria.text else criteria.sort
    page = find(replace(criteria, chosen=chosen, sort=sort), openings_beside())
    context = _shown(request, page, hidden=("kind", "how", "tier", "price"))
    return render(request, "hospitals/hospital_list.html", context)


def _shown(request, page, hidden=()):
    return {
        "page": page,
        "criteria": page.criteria,
        "cards": with_openings(page.cards),
        "facets": presenters.facets(page, hidden=hidden),
        "chips": [c for c in presenters.chips(page, request.GET) if c.facet not in hidden],
        "sorts": presenters.sort_options(page),
        "within": [] if hidden else presenters.within_options(page),
        "result_pages": presenters.result_pages(page),
        "exact_address": presenters.address_with(request.GET, exact="1")
        if page.corrected_text
        else "",
        "narrowed": [
            (name, page.criteria.chosen[name])
            for name in presenters.NARROWED
            if name in page.criteria.chosen
        ],
    }
