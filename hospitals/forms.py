"""Reads a search from an address; anything that is not on a list is left aside."""

from django.http import QueryDict

from hospitals.search_terms import (
    FACETS,
    LAST_PAGE,
    NARROWED,
    OPEN_WITHIN_DAYS,
    SAFE_VALUE,
    SORTS,
    Criteria,
)
from hospitals.search_text import LONGEST_QUERY

MOST_VALUES = 20


def search_criteria(data: QueryDict, language: str) -> Criteria:
    """Return what an address asks for, every value checked."""
    chosen = {facet: _values(data, facet) for facet in (*FACETS, *NARROWED)}
    sort = data.get("sort", "")
    return Criteria(
        language=language,
        text=" ".join(data.get("q", "").replace("\x00", " ").split())[:LONGEST_QUERY],
        chosen={facet: values for facet, values in chosen.items() if values},
        open_within_days=_days(data.get("open", "")),
        sort=sort if sort in SORTS else SORTS[0],
        page=_page(data.get("page", "")),
        exact=data.get("exact") == "1",
    )


def _values(data: QueryDict, facet: str) -> tuple[str, ...]:
    if facet not in data:
        return ()
    safe = [value for value in data.getlist(facet) if SAFE_VALUE.match(value)]
    return tuple(dict.fromkeys(safe))[:MOST_VALUES]


def _days(text: str) -> int | None:
    return int(text) if text in map(str, OPEN_WITHIN_DAYS) else None


def _page(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() else 1
