"""One page of results with all that their cards show, in one statement."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from modeltranslation.utils import build_localized_fieldname

from hospitals.search_terms import PAGE_SIZE
from hospitals.selectors.search_facets import OPEN_SOON
from hospitals.selectors.search_query import SearchQuery
from medtour.lib import clock
from medtour.lib.money import Money

HOSPITAL_ZONE = "Asia/Shanghai"
PAGE = """
WITH page AS MATERIALIZED (
    SELECT found.*, row_number() OVER () AS place FROM (
        {found} LIMIT %(limit)s OFFSET %(offset)s
    ) found
)
SELECT page.kind, offer.id, offer.public_id, offer.booking_mode,
       coalesce(nullif(offer.{title}, ''), nullif(treatment.{name}, ''), nullif(offer.title_en, ''),
                treatment.name_en),
       treatment.slug, offer.stay_days_min, offer.stay_days_max,
       coalesce(offer.is_demonstration, false),
       hospital.slug, coalesce(nullif(hospital.{name}, ''), hospital.name_en),
       coalesce(hospital.{name}, '') <> '', hospital.name_zh_hans, hospital.time_zone,
       hospital.ownership, hospital.answer_within_working_days,
       coalesce(nullif(city.{name}, ''), city.name_en), city.illustration,
       (SELECT array_agg(code ORDER BY code) FROM hospitals_spokenlanguage spoken
         WHERE spoken.hospital_id = hospital.id),
       (SELECT json_agg(json_build_array(programme.code,
                 coalesce(nullif(programme.{name}, ''), programme.name_en),
                 designation.as_of) ORDER BY designation.id)
          FROM hospitals_designation designation
          JOIN hospitals_programme programme ON programme.id = designation.programme_id
         WHERE designation.hospital_id = hospital.id),
       (SELECT json_build_array(line.amount_minor, line.high_minor, line.currency, line.tier,
                 line.source, line.as_of, line.confidence,
                 coalesce(nullif(line.{label}, ''), line.label_en))
          FROM hospitals_priceline line
         WHERE line.offer_id = offer.id
           AND (line.valid_until IS NULL OR line.valid_until >= %(today)s)
         ORDER BY line.currency <> 'CNY', line.amount_minor, line.id LIMIT 1),
       (SELECT count(*) FROM hospitals_priceline line WHERE line.offer_id = offer.id),
       CASE WHEN page.kind = 'h' THEN (SELECT count(*) FROM hospitals_searchdocument other
         WHERE other.hospital_id = hospital.id AND other.kind = 'o') ELSE 0 END
FROM page
JOIN hospitals_hospital hospital ON hospital.id = page.hospital_id
JOIN hospitals_city city ON city.id = hospital.city_id
LEFT JOIN hospitals_offer offer ON offer.id = page.offer_id
LEFT JOIN hospitals_treatment treatment ON treatment.id = offer.treatment_id
ORDER BY page.place
"""
COLUMNS = "document.id, document.kind, document.hospital_id, document.offer_id"
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
class CardPrice:
    """The lowest price line of an offer, with everything that must stand beside it."""

    amount: Money
    high_minor: int | None
    tier: str
    source: str
    as_of: str
    confidence: str
    label: str
    lines: int


@dataclass(frozen=True, slots=True)
class Card:
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


def found_cards(
    query: SearchQuery,
    *,
    language: str,
    sort: str,
    page: int,
    now: dt.datetime,
    open_until: dt.datetime | None,
) -> list[Card]:
    """Return the cards of one page, in the order asked for."""
    columns = {field: build_localized_fieldname(field, language) for field in _TRANSLATED}
    parameters: dict[str, Any] = {
        "all": query.text(),
        "by_name": f"{query.text()} & {query.by_name}",
        "not_by_name": f"{query.text()} & !{query.by_name}",
        "limit": PAGE_SIZE,
        "offset": (page - 1) * PAGE_SIZE,
        "up_to": page * PAGE_SIZE,
        "now": now,
        "open_until": open_until,
        "today": clock.local(now, HOSPITAL_ZONE).date(),
    }
    found = _found(query, sort, bool(open_until)).replace("{name}", columns["name"])
    with connection.cursor() as cursor:
        cursor.execute(PAGE.format(found=found, **columns), parameters)
        return [_card(row) for row in cursor.fetchall()]


_TRANSLATED = ("name", "title", "label")


def _found(query: SearchQuery, sort: str, open_soon: bool) -> str:
    joined = OPEN_SOON if open_soon else ""
    conditions = ["document.tokens @@ %(all)s::tsquery"] if query.text() else []
    if sort == "opening":
        return _select(f"{joined} {SOONEST}", conditions, BY_OPENING)
    if sort == "name":
        return _select(f"{joined} {NAMES}", conditions, BY_NAME)
    if sort == "relevance" and query.by_name:
        return _named_first(joined)
    return _select(joined, conditions, BY_PRICE)


def _select(joined: str, conditions: list[str], order: str, columns: str = COLUMNS) -> str:
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    source = f"FROM hospitals_searchdocument document {joined}"
    return f"SELECT {columns} {source} {where} ORDER BY {order}"


def _named_first(joined: str) -> str:
    """Documents called as was typed come first; two index reads are cheaper than ranking all."""
    halves = []
    for rank, condition in enumerate(("by_name", "not_by_name")):
        chosen = f"{rank} AS rank, {COLUMNS}, document.price_minor"
        matches = [f"document.tokens @@ %({condition})s::tsquery"]
        halves.append(f"({_select(joined, matches, BY_PRICE, chosen)} LIMIT %(up_to)s)")
    both = " UNION ALL ".join(halves)
    return f"SELECT * FROM ({both}) both_halves ORDER BY rank, price_minor, id"  # noqa: S608


def _card(row: tuple[Any, ...]) -> Card:
    languages, designations, price, lines, offers = row[-5:]
    values: list[Any] = [
        *row[:-5],
        tuple(languages or ()),
        tuple((code, name, as_of) for code, name, as_of in designations or ()),
        _price(price, lines) if price else None,
        offers,
    ]
    return Card(*values)


def _price(values: list[Any], lines: int) -> CardPrice:
    amount, high, currency, tier, source, as_of, confidence, label = values
    return CardPrice(
        amount=Money(amount, currency),
        high_minor=high,
        tier=tier,
        source=source,
        as_of=as_of,
        confidence=confidence,
        label=label or "",
        lines=lines,
    )
