"""What the sets of facets contain, with names; read once a process, for a set never changes."""

from collections.abc import Collection

from medtour.lib.prepared import plain_rows

Facets = tuple[tuple[str, str, str], ...]
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
_read: dict[str, dict[int, Facets]] = {}


def facet_sets(language: str, ids: Collection[int]) -> dict[int, Facets]:
    """Return (facet, lexeme, label) of each set, at least of `ids`.

    A set's row is never altered, its number is never used again, and names change only when the
    index is rebuilt, which numbers all sets anew: what is remembered cannot be out of date.
    """
    known = _read.get(language, {})
    if not known.keys() >= set(ids):
        known = {
            pk: tuple(zip(facets, lexemes, labels, strict=True))
            for pk, facets, lexemes, labels in plain_rows(SETS, {"language": language})
        }
        known |= {pk: () for pk in ids if pk not in known}
        _read[language] = known
    return known
