"""Reading the European Central Bank's daily reference rates: what is not exactly that is refused.

The file is about 2 kB of XML: one day, and for each currency how many units one euro buys.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from xml.parsers import expat

from medtour.lib.exchange import RateTable

NAMESPACE = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref"
CUBE = f"{NAMESPACE} Cube"
CODE = re.compile(r"[A-Z]{3}")
# What a rate's column holds: eight decimals, no exponents, no infinities.
FIGURE = re.compile(r"\d{1,9}(\.\d{1,8})?")
# Contracts are in yuan and cards are mostly charged in the others: a file without them is broken.
REQUIRED = frozenset({"CNY", "GBP", "HKD", "JPY", "USD"})
# No currency of the list ever moved further between two fetches; a file that says so is wrong.
LARGEST_MOVE = Decimal(2)


class FeedRefused(ValueError):
    """The file is not what it should be; the text is a code for the log."""


@dataclass(slots=True)
class _Found:
    days: list[str] = field(default_factory=list)
    figures: dict[str, str] = field(default_factory=dict)


def read_feed(body: bytes) -> RateTable:
    """Return the day and rates of the file; raises FeedRefused."""
    found = _parsed(body)
    if len(found.days) != 1:
        raise FeedRefused("not_one_day")
    try:
        day = dt.date.fromisoformat(found.days[0])
    except ValueError as error:
        raise FeedRefused("day") from error
    rates = {currency: _rate(currency, figure) for currency, figure in found.figures.items()}
    if not rates.keys() >= REQUIRED:
        raise FeedRefused("currency_missing")
    return RateTable(day, {**rates, "EUR": Decimal(1)})


def check_plausible(new: RateTable, known: RateTable, *, today: dt.date) -> None:
    """Refuse a day that is not over yet, and a rate that moved further than any ever did."""
    if new.day > today:
        raise FeedRefused("day_to_come")
    if moved_too_far(new.per_euro, known.per_euro):
        raise FeedRefused("rate_implausible")


def moved_too_far(new: Mapping[str, Decimal], known: Mapping[str, Decimal]) -> list[str]:
    """Return the currencies, known before, that more than doubled or halved."""
    return sorted(
        currency
        for currency in new.keys() & known.keys()
        if not known[currency] / LARGEST_MOVE <= new[currency] <= known[currency] * LARGEST_MOVE
    )


def _rate(currency: str, figure: str) -> Decimal:
    if not CODE.fullmatch(currency) or not FIGURE.fullmatch(figure) or not Decimal(figure):
        raise FeedRefused("rate")
    return Decimal(figure)


def _parsed(body: bytes) -> _Found:
    """Collect what the elements say; a document type, and with it any entity, is refused."""
    found = _Found()
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_declaration: object) -> None:
        raise FeedRefused("document_type")

    def element(name: str, attributes: dict[str, str]) -> None:
        if name != CUBE:
            return
        if "time" in attributes:
            found.days.append(attributes["time"])
        if "currency" in attributes:
            if attributes["currency"] in found.figures:
                raise FeedRefused("currency_twice")
            found.figures[attributes["currency"]] = attributes.get("rate", "")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = element
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise FeedRefused("xml") from error
    return found
