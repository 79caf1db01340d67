"""The cards of one page of results with all that they show, in one statement."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from modeltranslation.utils import build_localized_fieldname

from hospitals.search_terms import PAGE_SIZE, SET_OF, Criteria
from hospitals.selectors.search_facets import OPEN_SOON
from hospitals.selectors.search_query import SearchQuery, has_each, has_parameters, in_sets
from medtour.lib import clock
from medtour.lib.money import Money
from medtour.lib.prepared import plain_rows, prepared_rows

MANY = 2000
FEW_LEXEMES = 12  # more of them are costly to look for row by row
HOSPITAL_ZONE = "Asia/Shanghai"
PAGE = """
WITH page AS MATERIALIZED ({page})
SELECT {columns} FROM page
JOIN hospitals_hospital hospital ON hospital.id = page.hospital_id
JOIN hospitals_city city ON city.id = hospital.city_id {joins}
ORDER BY page.place
"""
# Of rows called `page`, with their `hospital` and `city`.
COLUMNS = """
page.kind, offer.id, offer.public_id, offer.booking_mode,
coalesce(nullif(offer.{title}, ''), nullif(treatment.{name}, ''), nullif(offer.title_en, ''),
         treatment.name_en),
treatment.slug, offer.stay_days_min, offer.stay_days_max,
coalesce(offer.is_demonstration, false),
hospital.slug, coalesce(nullif(hospital.{name}, ''), hospital.name_en),
coalesce(hospital.{name}, '') <> '', hospital.name_zh_hans, hospital.time_zone,
hospital.ownership, hospital.answer_within_working_days,
coalesce(nullif(city.{name}, ''), city.name_en), city.illustration,
spoken.codes, awarded.designations,
price.amount_minor, price.currency, price.high_minor, price.tier, price.source,
price.as_of, price.confidence, price.label, price.lines,
{beside_columns}
CASE WHEN page.kind = 'h' THEN (SELECT count(*) FROM hospitals_searchdocument other
  WHERE other.hospital_id = hospital.id AND other.kind = 'o') ELSE 0 END
"""
BESIDE_CARDS = """
LEFT JOIN hospitals_offer offer ON offer.id = page.offer_id
LEFT JOIN hospitals_treatment treatment ON treatment.id = offer.treatment_id
LEFT JOIN (
    SELECT hospital_id, array_agg(code ORDER BY code) AS codes
      FROM hospitals_spokenlanguage
     WHERE hospital_id = ANY (ARRAY(SELECT hospital_id FROM page)) GROUP BY hospital_id
) spoken ON spoken.hospital_id = page.hospital_id
LEFT JOIN (
    SELECT hospital_id,
           json_agg(json_build_array(programme.code,
               coalesce(nullif(programme.{name}, ''), programme.name_en),
               designation.as_of) ORDER BY designation.id) AS designations
      FROM hospitals_designation designation
      JOIN hospitals_programme programme ON programme.id = designation.programme_id
     WHERE hospital_id = ANY (ARRAY(SELECT hospital_id FROM page)) GROUP BY hospital_id
) awarded ON awarded.hospital_id = page.hospital_id
LEFT JOIN (
    SELECT DISTINCT ON (offer_id) offer_id, amount_minor, high_minor, currency, tier, source,
           as_of, confidence, coalesce(nullif({label}, ''), label_en, '') AS label,
           valid_until < %(today)s::date IS TRUE AS is_over,
           count(*) OVER (PARTITION BY offer_id) AS lines
      FROM hospitals_priceline
     WHERE offer_id = ANY (ARRAY(SELECT offer_id FROM page))
     ORDER BY offer_id, (valid_until < %(today)s::date) IS TRUE, currency <> 'CNY',
              amount_minor, id
) price ON price.offer_id = page.offer_id AND NOT price.is_over
{beside_join}
"""
OWN = 18  # columns that a card takes as they are
PRICE = slice(20, 29)
FIELDS = 29  # columns before those of another app
FOUND = """
SELECT found.*, row_number() OVER () AS place FROM ({found} LIMIT {limit} OFFSET {offset}) found
"""
DOCUMENTS = "hospitals_searchdocument"
# The first ones are told from an index alone; OFFSET 0 keeps the planner from walking instead.
FIRST_OF_SETS = """(
    SELECT chosen.* FROM (
        SELECT id FROM (
            SELECT document.id, document.price_minor
              FROM hospitals_searchdocument document WHERE {sets} OFFSET 0
        ) matching ORDER BY price_minor, id LIMIT {{up_to}}
    ) first JOIN hospitals_searchdocument chosen ON chosen.id = first.id
)"""
# Met one after the other from the lowest price upwards, until the page is full.
WALKED = "(SELECT * FROM hospitals_searchdocument {priced} ORDER BY price_minor, id OFFSET 0)"
MATCHED = "(SELECT * FROM hospitals_searchdocument document WHERE {having} OFFSET 0)"
SELECTED = "SELECT {columns} FROM {source} document {joined} {where} ORDER BY {order}"
DOCUMENT = "document.id, document.kind, document.hospital_id, document.offer_id"
BY_PRICE = "document.price_minor, document.id"
BY_OPENING = f"soonest.starts_at, {BY_PRICE}"
SOONEST = """
LEFT JOIN hospitals_nextopening soonest
       ON soonest.offer_id = document.offer_id AND soonest.starts_at >= %(now)s
"""
NAMES = """
LEFT JOIN hospitals_treatment named_treatment ON named_treatment.id = document.treatment_id
LEFT JOIN hospitals_hospital named_hospital ON named_hospital.id = document.hospital_id
"""
BY_NAME = """
lower(coalesce(nullif(named_treatment.{name}, ''), named_treatment.name_en)) NULLS FIRST,
lower(coalesce(nullif(named_hospital.{name}, ''), named_hospital.name_en)), document.id
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """What else a page wants to know of each card's offer, from tables this app does not know.

    `sql` selects at most one row of `columns` for the row called `offer`; `make` takes its values.
    """

    sql: str
    columns: tuple[str, ...]
    parameters: Mapping[str, Any]
    make: Callable[..., Any]

    @property
    def text(self) -> tuple[str, tuple[str, ...]]:
        return self.sql, self.columns


class CardPrice(NamedTuple):
    """The lowest price line of an offer, with everything that must stand beside it."""

    amount: Money
    high_minor: int | None
    tier: str
    source: str
    as_of: str
    confidence: str
    label: str
    lines: int


class Card(NamedTuple):
    """What a card shows of an offer or, when `offer_id` is None, of a hospital."""

    kind: str
    offer_id: int | None
    public_id: str | None
    mode: str | None
    title: str | None
    treatment_slug: str | None
    stay_days_min: int | None
    stay_days_max: int | None
    is_demonstration: bool
    hospital_slug: str
    hospital_name: str
    is_name_translated: bool
    chinese_name: str | None
    time_zone: str
    ownership: str
    answer_within_working_days: int
    city: str
    illustration: str
    languages: tuple[str, ...]
    designations: tuple[tuple[str, str, str], ...]
    price: CardPrice | None
    offers: int
    beside: Any = None


def found_cards(
    query: SearchQuery,
    criteria: Criteria,
    *,
    now: dt.datetime,
    open_until: dt.datetime | None = None,
    total: int = 0,
    beside: Beside | None = None,
) -> list[Card]:
    """Return the cards of one page of a query without words, in the order asked for.

    `total`, when known, says whether to read the matches or to walk along the prices.
    """
    groups = query.groups()
    by_price = criteria.sort in ("relevance", "price") and not open_until
    shape = Shape(
        language=criteria.language,
        sort=criteria.sort,
        page=criteria.page,
        by_price=by_price,
        walks=total > MANY and all(len(group) <= FEW_LEXEMES for group in groups.values()),
        open_soon=bool(open_until),
        groups=tuple(groups),
        has_lowest_price=query.price_from is not None,
        beside=beside.text if beside else ("", ()),
    )
    parameters = {
        **shown_with(beside, now),
        **has_parameters(groups),
        "now": now,
        "open_until": open_until,
        "price_from": query.price_from,
    }
    rows = prepared_rows if by_price and criteria.page == 1 else plain_rows
    return [card(row, beside) for row in rows(_statement(shape), parameters)]


_TRANSLATED = ("name", "title", "label")


class Shape(NamedTuple):
    """What the text of the statement depends on; the values come as parameters."""

    language: str
    sort: str
    page: int
    by_price: bool
    walks: bool
    open_soon: bool
    groups: tuple[str, ...]
    has_lowest_price: bool
    beside: tuple[str, tuple[str, ...]]


@lru_cache(maxsize=512)
def _statement(shape: Shape) -> str:
    found = _priced(shape) if shape.by_price else _found(shape)
    page = FOUND.format(
        found=found.replace("{up_to}", str(shape.page * PAGE_SIZE)),
        limit=PAGE_SIZE,
        offset=(shape.page - 1) * PAGE_SIZE,
    )
    columns, joins = cards_text(shape.language, *shape.beside)
    return PAGE.format(page=page, columns=columns, joins=joins)


@lru_cache(maxsize=64)
def cards_text(language: str, beside: str, beside_columns: tuple[str, ...]) -> tuple[str, str]:
    """Return the columns of cards and the joins they need, for rows called `page`."""
    translated = {field: build_localized_fieldname(field, language) for field in _TRANSLATED}
    columns = COLUMNS.format(
        beside_columns="".join(f"beside.{name}, " for name in beside_columns), **translated
    )
    joined = f"LEFT JOIN LATERAL ({beside}) beside ON true" if beside else ""
    return columns, BESIDE_CARDS.format(beside_join=joined, **translated)


def order_by(sort: str, language: str) -> tuple[str, str]:
    """Return the joins and the ORDER BY of documents for one way to sort."""
    if sort == "opening":
        return SOONEST, BY_OPENING
    if sort == "name":
        return NAMES, BY_NAME.format(name=build_localized_fieldname("name", language))
    return "", BY_PRICE


def shown_with(beside: Beside | None, now: dt.datetime) -> dict[str, Any]:
    """Return the parameters of `cards_text`."""
    today = clock.local(now, HOSPITAL_ZONE).date()
    return {**(beside.parameters if beside else {}), "today": today}


def _found(shape: Shape) -> str:
    sorting, order = order_by(shape.sort, shape.language)
    joined = OPEN_SOON if shape.open_soon else ""
    return _select(f"{joined} {sorting}", has_each(shape.groups), order)


def _priced(shape: Shape) -> str:
    """Return the selection in the order of price; its plan is the same for all values.

    Few matches are read from the index of lexemes and sorted. When there are many, the first ones
    are met soon on a walk from the lowest price upwards. OFFSET 0 keeps the two steps apart.
    """
    source, conditions = DOCUMENTS, has_each(shape.groups)
    if shape.walks:
        priced = "WHERE price_minor >= %(price_from)s" if shape.has_lowest_price else ""
        source = WALKED.format(priced=priced)
    elif _are_sets(shape.groups):
        source, conditions = FIRST_OF_SETS.format(sets=" AND ".join(in_sets(shape.groups))), []
    elif conditions:
        having = " AND ".join(conditions)
        source = MATCHED.format(having=having)
        conditions = []
    return _select("", conditions, BY_PRICE, source)


def _are_sets(groups: Sequence[str]) -> bool:
    """Tell whether an index of sets leads to the documents."""
    columns = {SET_OF.get(name, "") for name in groups}
    return "" not in columns and not columns.isdisjoint(("place", "own"))


def _select(joined: str, conditions: Sequence[str], order: str, source: str = DOCUMENTS) -> str:
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return SELECTED.format(columns=DOCUMENT, source=source, joined=joined, where=where, order=order)


def card(row: Sequence[Any], beside: Beside | None) -> Card:
    """Return the card of a row with the columns of `cards_text`."""
    languages, designations = row[OWN : OWN + 2]
    amount, currency, *shown_with = row[PRICE]
    others, offers = row[FIELDS:-1], row[-1]
    derived = (
        tuple(languages or ()),
        tuple((code, name, as_of) for code, name, as_of in designations or ()),
        None if amount is None else CardPrice(Money(amount, currency), *shown_with),
        offers,
        beside.make(*others) if beside and others[0] is not None else None,
    )
    return Card._make((*row[:OWN], *derived))
