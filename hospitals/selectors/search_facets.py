"""How many results each facet value has: one statement, whatever is chosen."""

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.core.cache import cache

from hospitals.search_terms import (
    EVERYTHING,
    FACETS,
    FACETS_OF_A_SET,
    SET_OF,
)
from hospitals.selectors.facet_sets import facet_sets
from hospitals.selectors.search_query import SearchQuery, has_each, has_parameters
from medtour.lib.prepared import plain_rows, prepared_rows

SECONDS_KEPT = 60
HITS = """
SELECT {branch}, coalesce({found}), count(*), NULL, NULL
  FROM {source} document {joined} {where} GROUP BY GROUPING SETS ({groups})
"""
DOCUMENTS = "hospitals_searchdocument"
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
    """Return counts for a query without words; a facet's own choice never lowers its other values.

    The answer may be up to a minute old: these are the broad, costly questions.
    """
    if open_until:
        return _counted(query, language, {"now": now, "open_until": open_until})
    asked = hashlib.sha256(f"{language} {query.groups()}".encode()).hexdigest()
    counts = cache.get(f"facets:{asked}")
    if counts is None:
        counts = _counted(query, language, {})
        cache.set(f"facets:{asked}", counts, SECONDS_KEPT)
    return counts


def _counted(query: SearchQuery, language: str, times: dict[str, dt.datetime]) -> Counts:
    chosen = query.chosen_facets
    parameters: dict[str, Any] = {
        **times,
        "language": language,
        "chosen": query.chosen_lexemes,
    }
    branch = partial(_branch, query, bool(times), parameters)
    counted = [facet for facet in chosen if facet in SET_OF]
    branches = [branch(place, facet) for place, facet in enumerate(["", *counted])]
    if chosen:
        branches.append(CHOSEN)
    sets = [CHOSEN_SETS.format(facet=facet) for facet in chosen if f"set_{facet}" in parameters]
    sql = (f"WITH {', '.join(sets)}" if sets else "") + " UNION ALL ".join(branches)
    rows = plain_rows if times else prepared_rows
    return sorted_out(rows(sql, parameters), language, chosen)


def _branch(
    query: SearchQuery, is_open_soon: bool, parameters: dict[str, Any], place: int, facet: str
) -> str:
    """Return the statement that counts one chosen facet without its choice, or (0) all others.

    A treatment or hospital needs the lexemes of documents. Else the sets alone decide: pairs are
    counted already, and what is chosen in several columns is counted from a narrow index.
    """
    groups = query.groups(without=facet)
    sets = (SET_OF[facet],) if facet else tuple(FACETS_OF_A_SET)
    given = list(dict.fromkeys(SET_OF.get(name, "") for name in groups))
    if "" in given:
        parameters.update(has_parameters(groups))
        return hits(place, sets, has_each(groups), joined=OPEN_SOON if is_open_soon else "")
    parameters.update({f"set_{name}": lexemes for name, lexemes in groups.items()})
    if is_open_soon or len(given) > 1:
        chosen = [
            IN_SETS.format(column=f"document.{SET_OF[name]}_id", facet=name) for name in groups
        ]
        return hits(place, sets, chosen, joined=OPEN_SOON if is_open_soon else "")
    chosen = [IN_SETS.format(column="pair.given_set_id", facet=name) for name in groups]
    return PAIRS.format(branch=place, where=" AND ".join([_pairs(given, sets), *chosen]))


def _pairs(given: Sequence[str], sets: Sequence[str]) -> str:
    """Return which pairs tell of `sets`; a column by itself, paired with itself, holds them all."""
    pairs = ", ".join(f"('{given[0] if given else name}', '{name}')" for name in sets)
    return f"(pair.given, pair.counted) IN ({pairs})"


def hits(
    place: int,
    sets: Sequence[str],
    conditions: Collection[str],
    *,
    source: str = DOCUMENTS,
    joined: str = "",
) -> str:
    """Return the statement of a branch (`place`) that counts columns of sets over `source`."""
    columns = [f"{name}_id" for name in sets]
    return HITS.format(
        branch=place,
        found=", ".join(columns),
        source=source,
        joined=joined,
        where=all_of(conditions),
        groups=", ".join(f"({name})" for name in columns),
    )


def all_of(conditions: Collection[str]) -> str:
    """Return the WHERE of conditions; nothing without any."""
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def sorted_out(rows: Collection[tuple[Any, ...]], language: str, chosen: list[str]) -> Counts:
    """Add up the hits of sets by facet value.

    The first branch (0) tells of facets without a choice, the others of one chosen facet each;
    rows without a branch name a chosen value, which stands there even without a hit.
    """
    counted = [facet for facet in chosen if facet in SET_OF]
    sets = facet_sets(language, {row[1] for row in rows if row[1] is not None})
    hits_of: dict[str, int] = {}
    meant: dict[str, tuple[str, str]] = {}
    for branch, set_id, found, chosen_lexeme, chosen_label in rows:
        if branch is None:
            hits_of.setdefault(chosen_lexeme, 0)
            meant[chosen_lexeme] = (chosen_lexeme.partition(":")[0], chosen_label or "")
            continue
        wanted = counted[branch - 1] if branch else ""
        for facet, name, label in sets.get(set_id, ()):
            if facet == wanted if wanted else facet not in chosen:
                hits_of[name] = hits_of.get(name, 0) + found
                meant[name] = (facet, label)
    total = hits_of.pop(EVERYTHING, 0)
    facets: dict[str, list[Count]] = {facet: [] for facet in FACETS}
    for name, found in hits_of.items():
        facet, label = meant[name]
        facets.setdefault(facet, []).append(Count(name[len(facet) + 1 :], label, found))
    for counts in facets.values():
        counts.sort(key=_most_frequent_first)
    return Counts(total, facets)


def _most_frequent_first(count: Count) -> tuple[int, str, str]:
    return -count.hits, count.label, count.value
