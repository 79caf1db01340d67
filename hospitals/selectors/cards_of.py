"""The offers of one hospital or one treatment, as the same cards that a search shows."""

from hospitals.search_terms import Criteria
from hospitals.selectors.search_cards import Beside, Card, found_cards
from hospitals.selectors.search_query import SearchQuery
from medtour.lib import clock


def cards_of(language: str, beside: Beside | None = None, **narrowed: str) -> list[Card]:
    """Return the cheapest offers (one page of them) of `hospital=` or `treatment=` (slugs)."""
    chosen = {"kind": ("o",)} | {facet: (slug,) for facet, slug in narrowed.items()}
    criteria = Criteria(language=language, chosen=chosen, sort="price")
    query = SearchQuery(words=(), chosen=chosen)
    return found_cards(query, criteria, now=clock.now(), beside=beside)
