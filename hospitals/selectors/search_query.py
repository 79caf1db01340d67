"""Writes the conditions of a search as PostgreSQL text queries; lexemes are always quoted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hospitals.search_terms import PRICE_BANDS, lexeme
from hospitals.selectors.search_words import Resolved


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Which documents are meant: every word, and one value of every chosen facet."""

    words: tuple[tuple[str, ...], ...]
    chosen: Mapping[str, tuple[str, ...]]
    named: tuple[str, ...] = ()

    def text(self, *, without: str = "") -> str:
        """Return the condition, or an empty string for everything; `without` leaves a facet out."""
        parts = [_any_of(targets) for targets in self.words]
        parts += [
            _any_of([lexeme(facet, value) for value in values])
            for facet, values in self.chosen.items()
            if values and facet != without
        ]
        return " & ".join(parts)

    @property
    def price_from(self) -> int | None:
        """Return the lowest price (minor units) of the chosen bands, None without a bound."""
        bands = [int(band) for band in self.chosen.get("price", ()) if band.isdecimal()]
        lowest = min(bands, default=0)
        return PRICE_BANDS[min(lowest, len(PRICE_BANDS)) - 1] if lowest else None

    @property
    def by_name(self) -> str:
        """Return the condition that a treatment, or a hospital itself, is called as was typed."""
        hospitals = [target for target in self.named if target.startswith("hospital:")]
        others = [target for target in self.named if not target.startswith("hospital:")]
        parts = [f"('kind:o' & {_any_of(others)})"] if others else []
        if hospitals:
            parts.append(f"('kind:h' & {_any_of(hospitals)})")
        return f"({' | '.join(parts)})" if parts else ""


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


def _any_of(lexemes: Collection[str]) -> str:
    return "(" + " | ".join(f"'{lexeme}'" for lexeme in lexemes) + ")"
