"""What the sets of facets contain, with names; read once a process, for a set never changes."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from medtour.lib.prepared import plain_rows

SETS = """
SELECT facets.id, held.facets, held.lexemes, held.labels
  FROM hospitals_searchfacets facets CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(split_part(each.lexeme, ':', 1)), '{}') AS facets,
           coalesce(array_agg(each.lexeme), '{}') AS lexemes,
           coalesce(array_agg(coalesce(label.label, '')), '{}') AS labels
      FROM unnest(facets.lexemes) each(lexeme)
      LEFT JOIN hospitals_facetlabel label
             ON label.language = %(language)s AND label.lexeme = each.lexeme
  ) held
"""


class FacetSets(NamedTuple):
    """The lexemes of each set, and for each lexeme its facet and its label in one language."""

    lexemes: Mapping[int, tuple[str, ...]]
    meaning: Mapping[str, tuple[str, str]]


_read: dict[str, FacetSets] = {}


def facet_sets(language: str, ids: Collection[int]) -> FacetSets:
    """Return what the sets hold, at least those of `ids`.

    A set's row is never altered, its number is never used again, and names change only when the
    index is rebuilt, which numbers all sets anew: what is remembered cannot be out of date.
    """
    known = _read.get(language)
    if known is None or not known.lexemes.keys() >= set(ids):
        known = _read[language] = _all_sets(language, ids)
    return known


def _all_sets(language: str, ids: Collection[int]) -> FacetSets:
    held: dict[int, tuple[str, ...]] = dict.fromkeys(ids, ())
    meaning: dict[str, tuple[str, str]] = {}
    for pk, facets, lexemes, labels in plain_rows(SETS, {"language": language}):
        held[pk] = tuple(lexemes)
        meaning.update(zip(lexemes, zip(facets, labels, strict=True), strict=True))
    return FacetSets(held, meaning)
