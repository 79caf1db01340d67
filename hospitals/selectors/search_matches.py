"""A search for words: one statement reads what they lead to, counts it and shows a page of it."""

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from hospitals.search_terms import FACETS_OF_A_SET, PAGE_SIZE, SET_OF, Criteria
from hospitals.selectors.search_cards import (
    Beside,
    Card,
    card,
    cards_text,
    order_by,
    shown_with,
)
from hospitals.selectors.search_facets import (
    CHOSEN,
    CHOSEN_SETS,
    IN_SETS,
    OPEN_SOON,
    Counts,
    all_of,
    hits,
    sorted_out,
)
from hospitals.selectors.search_query import CALLED, SearchQuery, has_each, has_parameters
from medtour.lib.prepared import plain_rows, prepared_rows

# Words need the documents themselves, which are read once, whatever facets are chosen: the counts
# beside a choice need those without it, too. The counts stand beside the first card, or alone.
MATCHED = """
WITH matches AS MATERIALIZED (
    SELECT document.id, document.kind, document.hospital_id, document.offer_id, {more}
           document.price_minor, document.place_id, document.own_id, document.speech_id,
           document.cost_id
      FROM hospitals_searchdocument document {open_soon} WHERE {having}
), {sets}
page AS MATERIALIZED (
    SELECT ranked.*, row_number() OVER () AS place FROM (
        SELECT document.kind, document.hospital_id, document.offer_id
          FROM matches document {sorting} {where}
         ORDER BY {order} LIMIT {size} OFFSET %(offset)s
    ) ranked
), counted AS MATERIALIZED (
    SELECT array_agg(branch) AS branches, array_agg(set_id) AS sets, array_agg(hits) AS hits,
           array_agg(lexeme) AS lexemes, array_agg(label) AS labels
      FROM ({branches}) each(branch, set_id, hits, lexeme, label)
)
SELECT {columns}, {counts}
  FROM counted LEFT JOIN page ON true
  LEFT JOIN hospitals_hospital hospital ON hospital.id = page.hospital_id
  LEFT JOIN hospitals_city city ON city.id = hospital.city_id {joins}
 ORDER BY page.place
"""
COUNTS = ("branches", "sets", "hits", "lexemes", "labels")
ONCE = "CASE WHEN page.place > 1 THEN NULL ELSE counted.{name} END"


class Shape(NamedTuple):
    """What the text of the statement depends on; the values come as parameters."""

    language: str
    sort: str
    called_first: bool
    open_soon: bool
    groups: tuple[str, ...]
    filters: tuple[str, ...]
    beside: tuple[str, tuple[str, ...]]


def matched_page(
    query: SearchQuery,
    criteria: Criteria,
    *,
    now: dt.datetime,
    open_until: dt.datetime | None = None,
    beside: Beside | None = None,
) -> tuple[Counts, list[Card]]:
    """Return the counts of a search for words, and one page of cards in the order asked for.

    What is called exactly as was typed comes first, unless another order is asked for.
    """
    groups = query.groups()
    filters = {facet: groups.pop(facet) for facet in query.chosen_facets if facet in SET_OF}
    shape = Shape(
        language=criteria.language,
        sort=criteria.sort,
        called_first=criteria.sort == "relevance" and bool(query.named),
        open_soon=bool(open_until),
        groups=tuple(groups),
        filters=tuple(filters),
        beside=beside.text if beside else ("", ()),
    )
    parameters = {
        **shown_with(beside, now),
        **has_parameters(groups),
        **{f"set_{facet}": lexemes for facet, lexemes in filters.items()},
        **query.named_parameters(),
        "now": now,
        "open_until": open_until,
        "offset": (criteria.page - 1) * PAGE_SIZE,
        "language": criteria.language,
        "chosen": query.chosen_lexemes,
    }
    rows = (plain_rows if open_until else prepared_rows)(_statement(shape), parameters)
    counted = list(zip(*(column or () for column in rows[0][-len(COUNTS) :]), strict=True))
    counts = sorted_out(counted, criteria.language, query.chosen_facets)
    cards = [card(row[: -len(COUNTS)], beside) for row in rows if row[0] is not None]
    return counts, cards


@lru_cache(maxsize=512)
def _statement(shape: Shape) -> str:
    columns, joins = cards_text(shape.language, *shape.beside)
    sorting, order = order_by(shape.sort, shape.language)
    chosen = {
        facet: IN_SETS.format(column=f"document.{SET_OF[facet]}_id", facet=facet)
        for facet in shape.filters
    }
    return MATCHED.format(
        more="document.treatment_id," if shape.called_first or shape.sort == "name" else "",
        open_soon=OPEN_SOON if shape.open_soon else "",
        having=" AND ".join(has_each(shape.groups)),
        sets="".join(f"{CHOSEN_SETS.format(facet=facet)}," for facet in chosen),
        sorting=sorting,
        where=all_of(chosen.values()),
        order=f"NOT {CALLED}, {order}" if shape.called_first else order,
        size=PAGE_SIZE,
        branches=" UNION ALL ".join(_branches(shape, chosen)),
        columns=columns,
        counts=", ".join(ONCE.format(name=name) for name in COUNTS),
        joins=joins,
    )


def _branches(shape: Shape, chosen: dict[str, str]) -> list[str]:
    """Count all facets under every choice (0), and each chosen one without its own."""
    branches = [hits(0, tuple(FACETS_OF_A_SET), chosen.values(), source="matches")]
    for place, facet in enumerate(chosen, start=1):
        others = [condition for name, condition in chosen.items() if name != facet]
        branches.append(hits(place, (SET_OF[facet],), others, source="matches"))
    return [*branches, CHOSEN]
