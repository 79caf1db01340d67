"""What the portal's lists share: pages of 25, tabs that keep the other choices."""

from django.core.paginator import Paginator

PER_PAGE = 25


def page_of(request, rows, per_page=PER_PAGE):
    """Return the page of a list that the address names, or the nearest there is."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def chosen_of(request, options, first, name="state"):
    """Return the choice in the address, or the first one for anything unknown."""
    chosen = request.GET.get(name)
    return chosen if chosen in options else first


def tabs_of(request, filters, chosen, name="state"):
    """Return address, label and whether it is open, for each of `filters` (key: label, …)."""
    return [
        (address_with(request, name, key), label, key == chosen)
        for key, (label, *_rest) in filters.items()
    ]


def address_with(request, name, value):
    """Return the address of the first page with one choice changed and all others kept."""
    query = request.GET.copy()
    query.pop("page", None)
    query[name] = value
    return f"?{query.urlencode()}"
