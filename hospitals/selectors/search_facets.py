"""How many results each facet value has: one statement, whatever is chosen."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import connection

from hospitals.search_terms import EVERYTHING, FACETS, FACETS_OF_A_SET, SET_OF
from hospitals.selectors.search_query import SearchQuery

SECONDS_KEPT = 60
HITS = """
SELECT lexeme, sum(hits)::int AS hits FROM (
    SELECT {found}, count(*) AS hits FROM hospitals_searchdocument document {joined}
    {where} GROUP BY {groups}
) counted
JOIN hospitals_searchfacets facets ON facets.id = coalesce({found})
CROSS JOIN LATERAL unnest(facets.lexemes) lexeme
WHERE {wanted} GROUP BY lexeme
"""
SETS = tuple(f"{name}_id" for name in FACETS_OF_A_SET)
LABELLED = """
SELECT counted.lexeme, counted.hits, label.label FROM ({branches}) counted
LEFT JOIN hospitals_facetlabel label
       ON label.language = %(language)s AND label.lexeme = counted.lexeme
"""
CHOSEN = "SELECT lexeme, 0 AS hits FROM unnest(%(chosen)s::text[]) lexeme"
IN_SETS = (
    "document.{name}_id = ANY (ARRAY(SELECT id FROM hospitals_searchfacets"
    " WHERE lexemes && %(set_{facet})s::text[]))"
)
OPEN_SOON = """
JOIN hospitals_nextopening opening ON opening.offer_id = document.offer_id
 AND opening.starts_at BETWEEN %(now)s AND %(open_until)s
"""


@dataclass(frozen=True, slots=True)
class Count:
    """One facet value with its name, empty where the page knows it, and its number of results."""

    value: str
    label: str
    hits: int


@dataclass(frozen=True, slots=True)
class Counts:
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
    asked = hashlib.sha256(f"{language} {query.text()}".encode()).hexdigest()
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
        "facets_chosen": chosen,
    }
    joined = OPEN_SOON if open_until else ""
    wanted = "split_part(lexeme, ':', 1) <> ALL(%(facets_chosen)s::text[])"
    branches = [_branch(SETS, joined, _where(query, "", parameters), wanted)]
    for facet in chosen:
        where = _where(query, facet, parameters)
        sets = (f"{SET_OF[facet]}_id",) if facet in SET_OF else SETS
        own = f"split_part(lexeme, ':', 1) = %(facet_{facet})s"
        parameters[f"facet_{facet}"] = facet
        branches.append(_branch(sets, joined, where, own))
    if chosen:
        branches.append(CHOSEN)
    with connection.cursor() as cursor:
        cursor.execute(LABELLED.format(branches=" UNION ALL ".join(branches)), parameters)
        return _sorted_out(cursor.fetchall())


def _branch(sets: tuple[str, ...], joined: str, where: str, wanted: str) -> str:
    each = ", ".join(f"({name})" for name in sets)
    groups = f"GROUPING SETS ({each})"
    return HITS.format(
        found=", ".join(sets), joined=joined, where=where, groups=groups, wanted=wanted
    )


def _where(query: SearchQuery, without: str, parameters: dict[str, Any]) -> str:
    """Return the condition of a branch that leaves one facet's choice out.

    Without words the sets alone decide, and a narrow index answers; words need the tokens.
    """
    chosen = [facet for facet, values in query.chosen.items() if values and facet != without]
    if query.words or any(facet not in SET_OF for facet in chosen):
        text = query.text(without=without)
        parameters[f"text_{without}"] = text
        return f"WHERE document.tokens @@ %(text_{without})s::tsquery" if text else ""
    for facet in chosen:
        parameters[f"set_{facet}"] = [f"{facet}:{value}" for value in query.chosen[facet]]
    conditions = [IN_SETS.format(name=SET_OF[facet], facet=facet) for facet in chosen]
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _sorted_out(rows: list[tuple[str, int, str | None]]) -> Counts:
    best: dict[str, Count] = {}
    for lexeme, hits, label in rows:
        _facet, _colon, value = lexeme.partition(":")
        if lexeme not in best or best[lexeme].hits < hits:
            best[lexeme] = Count(value, label or "", hits)
    total = best.pop(EVERYTHING, Count("", "", 0)).hits
    facets: dict[str, list[Count]] = {facet: [] for facet in FACETS}
    for lexeme, count in best.items():
        facets.setdefault(lexeme.partition(":")[0], []).append(count)
    for counts in facets.values():
        counts.sort(key=lambda count: (-count.hits, count.label, count.value))
    return Counts(total, facets)
