"""How many results each facet value has, in one statement; with words, also which come first."""

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
    PAGE_SIZE,
    SET_OF,
    Criteria,
    lexeme,
)
from hospitals.selectors.facet_sets import facet_sets
from hospitals.selectors.search_query import CALLED, SearchQuery, has_each, has_parameters
from medtour.lib.prepared import plain_rows, prepared_rows

SECONDS_KEPT = 60
HITS = """
SELECT {branch}, coalesce({found}), count(*), NULL, NULL
  FROM {source} document {joined} {where} GROUP BY GROUPING SETS ({groups})
"""
DOCUMENTS = "hospitals_searchdocument"
# What the words lead to is read once, whatever else is chosen; everything is asked of these rows.
MATCHES = """
matches AS MATERIALIZED (
    SELECT document.id, document.price_minor, document.place_id, document.own_id,
           document.speech_id, document.cost_id {more}
      FROM hospitals_searchdocument document {joined} WHERE {having}
)"""
MORE = ", document.kind, document.treatment_id, document.hospital_id"
FIRST = -1  # in place of a branch: which documents come first, and in which order
FIRST_ONES = """
SELECT {branch}, ranked.id, row_number() OVER (), NULL, NULL FROM (
    SELECT document.id FROM matches document {where}
     ORDER BY {order} document.price_minor, document.id
     LIMIT {limit} OFFSET %(offset)s
) ranked
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
    """The number of results, and the counts of each facet's values.

    `documents` are the page's in their order, where words were counted and prices sort.
    """

    total: int
    facets: dict[str, list[Count]]
    documents: tuple[int, ...] = ()


def facet_counts(
    query: SearchQuery, criteria: Criteria, *, now: dt.datetime, open_until: dt.datetime | None
) -> Counts:
    """Return counts; a facet's own choice never lowers the counts of its other values.

    Without words the answer may be up to a minute old: those are the broad, costly questions.
    """
    chosen = [facet for facet, values in query.chosen.items() if values]
    times = {"now": now, "open_until": open_until} if open_until else {}
    if query.words:
        return _matched(query, criteria, chosen, times)
    if times:
        return _counted(query, criteria.language, chosen, times)
    asked = hashlib.sha256(f"{criteria.language} {query.groups()}".encode()).hexdigest()
    counts = cache.get(f"facets:{asked}")
    if counts is None:
        counts = _counted(query, criteria.language, chosen, times)
        cache.set(f"facets:{asked}", counts, SECONDS_KEPT)
    return counts


def _matched(
    query: SearchQuery, criteria: Criteria, chosen: list[str], times: dict[str, dt.datetime]
) -> Counts:
    """Count what words lead to: their documents are read once, then asked every question."""
    groups = query.groups()
    filters = {facet: groups.pop(facet) for facet in chosen if facet in SET_OF}
    in_sets = {
        facet: IN_SETS.format(column=f"document.{SET_OF[facet]}_id", facet=facet)
        for facet in filters
    }
    called_first = criteria.sort == "relevance" and bool(query.named)
    matches = MATCHES.format(
        joined=OPEN_SOON if times else "",
        having=" AND ".join(has_each(groups)),
        more=MORE if called_first else "",
    )
    branches = [_hits(0, tuple(FACETS_OF_A_SET), list(in_sets.values()), source="matches")]
    for place, facet in enumerate(filters, start=1):
        others = [condition for name, condition in in_sets.items() if name != facet]
        branches.append(_hits(place, (SET_OF[facet],), others, source="matches"))
    parameters = {
        **times,
        **has_parameters(groups),
        **{f"set_{facet}": lexemes for facet, lexemes in filters.items()},
    }
    if query.is_told_by_counts(criteria.sort):
        order = f"NOT {CALLED}," if called_first else ""
        where = _where(in_sets.values())
        branches.append(FIRST_ONES.format(branch=FIRST, where=where, order=order, limit=PAGE_SIZE))
        parameters |= {"offset": (criteria.page - 1) * PAGE_SIZE}
        parameters |= query.named_parameters() if called_first else {}
    sets = [CHOSEN_SETS.format(facet=facet) for facet in filters]
    return _asked(query, criteria.language, branches, [matches, *sets], parameters)


def _counted(
    query: SearchQuery, language: str, chosen: list[str], times: dict[str, dt.datetime]
) -> Counts:
    parameters: dict[str, Any] = {**times}
    branch = partial(_branch, query, bool(times), parameters)
    counted = [facet for facet in chosen if facet in SET_OF]
    branches = [branch(place, facet) for place, facet in enumerate(["", *counted])]
    sets = [CHOSEN_SETS.format(facet=facet) for facet in chosen if f"set_{facet}" in parameters]
    return _asked(query, language, branches, sets, parameters)


def _asked(
    query: SearchQuery,
    language: str,
    branches: list[str],
    named_sets: list[str],
    parameters: dict[str, Any],
) -> Counts:
    """Run one statement of branches, which may use the sets that are named before them."""
    chosen = [facet for facet, values in query.chosen.items() if values]
    if chosen:
        branches = [*branches, CHOSEN]
        parameters = {
            **parameters,
            "language": language,
            "chosen": [lexeme(facet, value) for facet in chosen for value in query.chosen[facet]],
        }
    sql = (f"WITH {', '.join(named_sets)}" if named_sets else "") + " UNION ALL ".join(branches)
    rows = plain_rows if "open_until" in parameters else prepared_rows
    return _sorted_out(rows(sql, parameters), language, chosen)


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
        return _hits(place, sets, has_each(groups), joined=OPEN_SOON if is_open_soon else "")
    parameters.update({f"set_{name}": lexemes for name, lexemes in groups.items()})
    if is_open_soon or len(given) > 1:
        chosen = [
            IN_SETS.format(column=f"document.{SET_OF[name]}_id", facet=name) for name in groups
        ]
        return _hits(place, sets, chosen, joined=OPEN_SOON if is_open_soon else "")
    chosen = [IN_SETS.format(column="pair.given_set_id", facet=name) for name in groups]
    return PAIRS.format(branch=place, where=" AND ".join([_pairs(given, sets), *chosen]))


def _pairs(given: Sequence[str], sets: Sequence[str]) -> str:
    """Return which pairs tell of `sets`; a column by itself, paired with itself, holds them all."""
    pairs = ", ".join(f"('{given[0] if given else name}', '{name}')" for name in sets)
    return f"(pair.given, pair.counted) IN ({pairs})"


def _hits(
    place: int,
    sets: Sequence[str],
    conditions: Collection[str],
    *,
    source: str = DOCUMENTS,
    joined: str = "",
) -> str:
    columns = [f"{name}_id" for name in sets]
    return HITS.format(
        branch=place,
        found=", ".join(columns),
        source=source,
        joined=joined,
        where=_where(conditions),
        groups=", ".join(f"({name})" for name in columns),
    )


def _where(conditions: Collection[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _sorted_out(rows: list[tuple[Any, ...]], language: str, chosen: list[str]) -> Counts:
    """Add up the hits of sets by facet value.

    The first branch (0) tells of facets without a choice, the others of one chosen facet each;
    rows without a branch name a chosen value, which stands there even without a hit.
    """
    counted = [facet for facet in chosen if facet in SET_OF]
    first = sorted((place, pk) for branch, pk, place, *_ in rows if branch == FIRST)
    rows = [row for row in rows if row[0] != FIRST]
    sets = facet_sets(language, {row[1] for row in rows if row[1] is not None})
    hits_of: dict[str, int] = {}
    meant: dict[str, tuple[str, str]] = {}
    for branch, set_id, hits, chosen_lexeme, chosen_label in rows:
        if branch is None:
            hits_of.setdefault(chosen_lexeme, 0)
            meant[chosen_lexeme] = (chosen_lexeme.partition(":")[0], chosen_label or "")
            continue
        wanted = counted[branch - 1] if branch else ""
        for facet, name, label in sets.get(set_id, ()):
            if facet == wanted if wanted else facet not in chosen:
                hits_of[name] = hits_of.get(name, 0) + hits
                meant[name] = (facet, label)
    total = hits_of.pop(EVERYTHING, 0)
    facets: dict[str, list[Count]] = {facet: [] for facet in FACETS}
    for name, hits in hits_of.items():
        facet, label = meant[name]
        facets.setdefault(facet, []).append(Count(name[len(facet) + 1 :], label, hits))
    for counts in facets.values():
        counts.sort(key=_most_frequent_first)
    return Counts(total, facets, tuple(pk for _place, pk in first))


def _most_frequent_first(count: Count) -> tuple[int, str, str]:
    return -count.hits, count.label, count.value
