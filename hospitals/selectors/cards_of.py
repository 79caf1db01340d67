"""The offers of one hospital or one treatment, as the same cards that a search shows."""

from hospitals.selectors.search_cards import Card, found_cards
from hospitals.selectors.search_query import SearchQuery
from medtour.lib import clock


def cards_of(language: str, **narrowed: str) -> list[Card]:
    """Return the cheapest offers (one page of them) of `hospital=` or `treatment=` (slugs)."""
    chosen = {"kind": ("o",)} | {facet: (slug,) for facet, slug in narrowed.items()}
    return found_cards(
        SearchQuery(words=(), chosen=chosen),
        language=language,
        sort="price",
        page=1,
        now=clock.now(),
        open_until=None,
    )
