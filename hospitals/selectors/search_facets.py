"""How many results each facet value has: one statement, whatever is chosen."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from django.core.cache import cache

from hospitals.search_terms import EVERYTHING, FACETS, FACETS_OF_A_SET, SET_OF
from hospitals.selectors.facet_sets import facet_sets
from hospitals.selectors.search_query import SearchQuery, has_each, has_parameters
from medtour.lib.prepared import plain_rows, prepared_rows

SECONDS_KEPT = 60
HITS = """
SELECT {branch}, coalesce({found}), count(*), NULL, NULL
  FROM hospitals_searchdocument document {joined} {where} GROUP BY GROUPING SETS ({groups})
"""
# What is chosen lies in one column of sets, or nothing is chosen: the pairs are counted already.
PAIRS = """
SELECT {branch}, pair.counted_set_id, sum(pair.hits), NULL, NULL
  FROM hospitals_searchpair pair WHERE {where} GROUP BY pair.counted_set_id
"""
CHOSEN = """
SELECT NULL, NULL, 0, chosen.lexeme, label.label FROM unnest(%(chosen)s::text[]) chosen(lexeme)
LEFT JOIN hospitals_facetlabel label
       ON label.language = %(language)s AND label.lexeme = chosen.lexeme
"""
CHOSEN_SETS = """
in_{facet} AS MATERIALIZED (
    SELECT array_agg(id) AS ids FROM hospitals_searchfacets
     WHERE lexemes && %(set_{facet})s::text[]
)"""
IN_SETS = "{column} = ANY ((SELECT ids FROM in_{facet})::bigint[])"
OPEN_SOON = """
JOIN hospitals_nextopening opening ON opening.offer_id = document.offer_id
 AND opening.starts_at BETWEEN %(now)s AND %(open_until)s
"""


class Count(NamedTuple):
    """One facet value with its name, empty where the page knows it, and its number of results."""

    value: str
    label: str
    hits: int


class Counts(NamedTuple):
    """The number of results, and the counts of each facet's values."""

    total: int
    facets: dict[str, list[Count]]


def facet_counts(
    query: SearchQuery, *, language: str, now: dt.datetime, open_until: dt.datetime | None
) -> Counts:
    """Return counts; a facet's own choice never lowers the counts of its other values.

    Without words the answer may be up to a minute old: those are the broad, costly questions.
    """
    if query.words or open_until:
        return _counted(query, language, now, open_until)
    asked = hashlib.sha256(f"{language} {query.groups()}".encode()).hexdigest()
    counts = cache.get(f"facets:{asked}")
    if counts is None:
        counts = _counted(query, language, now, open_until)
        cache.set(f"facets:{asked}", counts, SECONDS_KEPT)
    return counts


def _counted(
    query: SearchQuery, language: str, now: dt.datetime, open_until: dt.datetime | None
) -> Counts:
    chosen = [facet for facet, values in query.chosen.items() if values]
    parameters: dict[str, Any] = {
        "language": language,
        "now": now,
        "open_until": open_until,
        "chosen": [f"{facet}:{value}" for facet in chosen for value in query.chosen[facet]],
    }
    branch = partial(_branch, query, bool(open_until), parameters)
    counted = [facet for facet in chosen if facet in SET_OF]
    branches = [branch(place, facet) for place, facet in enumerate(["", *counted])]
    if chosen:
        branches.append(CHOSEN)
    sets = [CHOSEN_SETS.format(facet=facet) for facet in chosen if f"set_{facet}" in parameters]
    sql = (f"WITH {', '.join(sets)}" if sets else "") + " UNION ALL ".join(branches)
    rows = plain_rows if open_until else prepared_rows
    return _sorted_out(rows(sql, parameters), language, counted, set(chosen))


def _branch(
    query: SearchQuery, is_open_soon: bool, parameters: dict[str, Any], place: int, facet: str
) -> str:
    """Return the statement that counts one chosen facet without its choice, or (0) all others.

    Words need the lexemes of documents. Without words the sets alone decide: pairs are counted
    already, and what is chosen in several columns is counted from a narrow index.
    """
    groups = query.groups(without=facet)
    sets = (SET_OF[facet],) if facet else tuple(FACETS_OF_A_SET)
    given = list(dict.fromkeys(SET_OF.get(name, "") for name in groups))
    if "" in given:
        parameters.update(has_parameters(groups))
        return _hits(place, sets, is_open_soon, has_each(groups))
    parameters.update({f"set_{name}": lexemes for name, lexemes in groups.items()})
    if is_open_soon or len(given) > 1:
        chosen = [
            IN_SETS.format(column=f"document.{SET_OF[name]}_id", facet=name) for name in groups
        ]
        return _hits(place, sets, is_open_soon, chosen)
    chosen = [IN_SETS.format(column="pair.given_set_id", facet=name) for name in groups]
    return PAIRS.format(branch=place, where=" AND ".join([_pairs(given, sets), *chosen]))


def _pairs(given: Sequence[str], sets: Sequence[str]) -> str:
    """Return which pairs tell of `sets`; a column by itself, paired with itself, holds them all."""
    pairs = ", ".join(f"('{given[0] if given else name}', '{name}')" for name in sets)
    return f"(pair.given, pair.counted) IN ({pairs})"


def _hits(place: int, sets: Sequence[str], is_open_soon: bool, conditions: Sequence[str]) -> str:
    columns = [f"{name}_id" for name in sets]
    return HITS.format(
        branch=place,
        found=", ".join(columns),
        joined=OPEN_SOON if is_open_soon else "",
        where=f"WHERE {' AND '.join(conditions)}" if conditions else "",
        groups=", ".join(f"({name})" for name in columns),
    )


def _sorted_out(
    rows: list[tuple[Any, ...]], language: str, counted: list[str], chosen: set[str]
) -> Counts:
    """Add up the hits of sets by facet value.

    The first branch (0) tells of facets without a choice, the others of one chosen facet each;
    rows without a branch name a chosen value, which stands there even without a hit.
    """
    sets = facet_sets(language, {row[1] for row in rows if row[1] is not None})
    hits_of: dict[str, int] = {}
    meant: dict[str, tuple[str, str]] = {}
    for branch, set_id, hits, chosen_lexeme, chosen_label in rows:
        if branch is None:
            hits_of.setdefault(chosen_lexeme, 0)
            meant[chosen_lexeme] = (chosen_lexeme.partition(":")[0], chosen_label or "")
            continue
        wanted = counted[branch - 1] if branch else ""
        for facet, lexeme, label in sets.get(set_id, ()):
            if facet == wanted if wanted else facet not in chosen:
                hits_of[lexeme] = hits_of.get(lexeme, 0) + hits
                meant[lexeme] = (facet, label)
    total = hits_of.pop(EVERYTHING, 0)
    facets: dict[str, list[Count]] = {facet: [] for facet in FACETS}
    for lexeme, hits in hits_of.items():
        facet, label = meant[lexeme]
        facets.setdefault(facet, []).append(Count(lexeme[len(facet) + 1 :], label, hits))
    for counts in facets.values():
        counts.sort(key=_most_frequent_first)
    return Counts(total, facets)


def _most_frequent_first(count: Count) -> tuple[int, str, str]:
    return -count.hits, count.label, count.value
