"""Writes the conditions of a search; every lexeme goes to the database as a parameter."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hospitals.search_terms import PRICE_BANDS, SET_OF, lexeme
from hospitals.selectors.search_words import Resolved

HAS = """document.lexemes && ARRAY(
    SELECT id FROM hospitals_searchlexeme WHERE lexeme = ANY (%(has_{name})s::text[])
)"""

IN_SETS = """document.{column}_id = ANY (ARRAY(
    SELECT id FROM hospitals_searchfacets WHERE lexemes && %(has_{name})s::text[]
))"""

# Is a document called exactly as was typed? For a row called `document`.
CALLED = """(
    document.kind = 'o' AND document.treatment_id IN (
        SELECT id FROM hospitals_treatment WHERE slug = ANY (%(named_treatments)s::text[]))
    OR document.kind = 'h' AND document.hospital_id IN (
        SELECT id FROM hospitals_hospital WHERE slug = ANY (%(named_hospitals)s::text[]))
)"""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Which documents are meant: every word, and one value of every chosen facet."""

    words: tuple[tuple[str, ...], ...]
    chosen: Mapping[str, tuple[str, ...]]
    named: tuple[str, ...] = ()

    def groups(self, *, without: str = "") -> dict[str, list[str]]:
        """Return sets of lexemes by name: a document is meant that has one of each.

        `without` leaves a facet out; no group at all means everything.
        """
        words = {f"word_{place}": list(targets) for place, targets in enumerate(self.words)}
        return words | {
            facet: [lexeme(facet, value) for value in values]
            for facet, values in self.chosen.items()
            if values and facet != without
        }

    @property
    def chosen_facets(self) -> list[str]:
        return [facet for facet, values in self.chosen.items() if values]

    @property
    def chosen_lexemes(self) -> list[str]:
        return [lexeme(facet, value) for facet, values in self.chosen.items() for value in values]

    @property
    def price_from(self) -> int | None:
        """Return the lowest price (minor units) of the chosen bands, None without a bound."""
        bands = [int(band) for band in self.chosen.get("price", ()) if band.isdecimal()]
        lowest = min(bands, default=0)
        return PRICE_BANDS[min(lowest, len(PRICE_BANDS)) - 1] if lowest else None

    def named_parameters(self) -> dict[str, list[str]]:
        """Return the parameters of `CALLED`: slugs of what is called as was typed."""
        return {
            f"named_{kind}s": [
                name.removeprefix(f"{kind}:") for name in self.named if name.startswith(f"{kind}:")
            ]
            for kind in ("treatment", "hospital")
        }


def search_query(words: Sequence[Resolved], chosen: Mapping[str, tuple[str, ...]]) -> SearchQuery:
    """Return the query for words that were looked up and facet values that were checked."""
    targets = tuple(word.targets for word in words)
    named: Collection[str] = set()
    if targets:
        named = set(targets[0]).intersection(*targets[1:])
    names = tuple(
        sorted(target for target in named if target.startswith(("treatment:", "hospital:")))
    )
    return SearchQuery(words=targets, chosen=chosen, named=names)


def has_each(groups: Iterable[str]) -> list[str]:
    """Return the conditions of groups by name."""
    return [HAS.format(name=name) for name in groups]


def in_sets(facets: Iterable[str]) -> list[str]:
    """Return the conditions of groups that are facets, by the columns of sets alone."""
    return [IN_SETS.format(column=SET_OF[facet], name=facet) for facet in facets]


def has_parameters(groups: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the parameters of `has_each` and `in_sets`."""
    return {f"has_{name}": lexemes for name, lexemes in groups.items()}
