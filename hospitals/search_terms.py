"""The words the search index and the search page agree on: facets, price bands, ways to sort."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

EVERYTHING = "all:"
FACETS = (
    "kind",
    "how",
    "city",
    "province",
    "specialty",
    "designation",
    "speaks",
    "tier",
    "price",
    "insurer",
)
# Facets are counted by sets that many documents share; each column holds one of these groups.
FACETS_OF_A_SET = {
    "place": ("city", "province", "designation", "insurer"),
    "own": ("kind", "how", "specialty"),
    "speech": ("speaks",),
    "cost": ("tier", "price"),
}
SET_OF = {facet: name for name, facets in FACETS_OF_A_SET.items() for facet in facets}
NARROWED = ("treatment", "hospital")
SORTS = ("relevance", "price", "opening", "name")
OPEN_WITHIN_DAYS = (7, 14, 30)
PRICE_BANDS = (50_000, 200_000, 1_000_000, 5_000_000, 15_000_000)
SAFE_VALUE = re.compile(r"^[a-z0-9][a-z0-9-]{0,79}$")
PAGE_SIZE = 20
LAST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Criteria:
    """What somebody asks the search; every value was checked against the lists here."""

    language: str
    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    open_within_days: int | None = None
    sort: str = "relevance"
    page: int = 1
    exact: bool = False


def lexeme(facet: str, value: str | int) -> str:
    """Return the index word of a facet value, such as `city:shanghai`."""
    return f"{facet}:{value}"


def price_band(price_minor: int) -> str:
    """Return the number of the band a price in CNY minor units falls in, from 0 (cheapest)."""
    return str(sum(price_minor >= limit for limit in PRICE_BANDS))
