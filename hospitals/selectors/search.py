"""The search page: words looked up, one page of cards, counts of every facet."""

import datetime as dt
from dataclasses import dataclass

from hospitals.search_terms import LAST_PAGE, PAGE_SIZE, Criteria
from hospitals.search_text import query_words
from hospitals.selectors.search_cards import Beside, Card, found_cards
from hospitals.selectors.search_facets import Counts, facet_counts
from hospitals.selectors.search_matches import matched_page
from hospitals.selectors.search_query import search_query
from hospitals.selectors.search_words import Resolved, resolve, telling
from medtour.lib import clock


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What a search found, as of a moment, in two statements."""

    criteria: Criteria
    cards: list[Card]
    counts: Counts
    words: list[Resolved]
    as_of: dt.datetime

    @property
    def total(self) -> int:
        return self.counts.total

    @property
    def last_page(self) -> int:
        return max(1, min(LAST_PAGE, -(-self.total // PAGE_SIZE)))

    @property
    def corrected_text(self) -> str:
        """Return what was searched instead of what was typed; empty when nothing was corrected."""
        if not any(word.corrected for word in self.words):
            return ""
        return " ".join(word.corrected or word.word.text for word in self.words)

    @property
    def left_out(self) -> list[str]:
        """Return the typed words that nothing is known by, when others were enough to go on."""
        unknown = [word.word.text for word in self.words if not word.targets]
        return unknown if len(unknown) < len(self.words) else []

    @property
    def similar_words(self) -> list[str]:
        return list(dict.fromkeys(text for word in self.words for text in word.similar))


def search(criteria: Criteria, beside: Beside | None = None) -> SearchPage:
    """Return one page of results for criteria that the form has checked."""
    now = clock.now()
    days = criteria.open_within_days
    open_until = now + dt.timedelta(days=days) if days else None
    words = resolve(criteria.language, query_words(criteria.text), correct=not criteria.exact)
    if words and not any(word.targets for word in words):
        return SearchPage(criteria, [], Counts(0, {}), words, now)
    query = search_query(telling(words), criteria.chosen)
    if query.words:
        counts, cards = matched_page(query, criteria, now=now, open_until=open_until, beside=beside)
        return SearchPage(criteria, cards, counts, words, now)
    language = criteria.language
    counts = facet_counts(query, language=language, now=now, open_until=open_until)
    cards = found_cards(
        query, criteria, now=now, open_until=open_until, total=counts.total, beside=beside
    )
    return SearchPage(criteria, cards, counts, words, now)
