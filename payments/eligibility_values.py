"""How the values of an eligibility document are read: money, rates, dates, zones, codes.

What is not explained here is section 2 of the specification by the letter.

A missing key is the same as null. Flags that are null are false, lists and maps that are null are
empty. Whatever else the specification does not let be null is read only when a stage needs it, and
then refused as `MalformedDocument`: better no answer than a guess about somebody's cover.
All numbers are exact; nothing here or in the stages is ever a float.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Mapping
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

# Sums and products of plain decimals never need rounding here, however long they are; the engine
# never divides. Everything is named, so that no ambient context has a say.
EXACT = Context(
    prec=MAX_PREC,
    rounding=ROUND_HALF_UP,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
ZERO, HUNDRED = Decimal(0), Decimal(100)
TWO_DECIMALS = (
    "AED AUD BRL CAD CHF CNY CZK DKK EGP EUR GBP HKD HUF IDR ILS INR KZT MNT MOP MXN MYR NOK NZD"
    " PHP PKR PLN QAR RUB SAR SEK SGD THB TRY TWD UAH USD UZS ZAR"
)
# The specification's own table, not CLDR's: both differ, for example on IDR and PKR.
MINOR_UNITS: dict[str, int] = {
    **dict.fromkeys(["JPY", "KRW", "VND", "CLP", "ISK"], 0),
    **dict.fromkeys(TWO_DECIMALS.split(), 2),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
STEPS = {0: Decimal("1"), 2: Decimal("0.01"), 3: Decimal("0.001")}
PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# RFC 3339, section 5.6: a full date, "T", seconds, and "Z" or hours and minutes with a colon. Both
# letters may be lower case. Python's own reader also takes weeks, commas and times without seconds.
INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
LEAP_DAYS = ((6, 30), (12, 31))
MOST_MONTHS = Decimal(12 * dt.MAXYEAR)


class MalformedDocument(ValueError):
    """A field that the engine needs is not of the form that section 2 or 3 gives it."""

    def __init__(self, key: str, expected: str) -> None:
        # The value stays out: messages end up in logs, and this one is about somebody's health.
        super().__init__(f"{key}: {expected} expected")
        self.key = key


def section(source: Mapping[str, Any], key: Any) -> Mapping[str, Any]:
    """Return the object under a key, an empty one for null."""
    value = source.get(key) if isinstance(key, str) else None
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise MalformedDocument(key, "an object")
    return value


def entries(source: Mapping[str, Any], key: Any) -> list[Any]:
    """Return the list under a key, an empty one for null."""
    value = source.get(key) if isinstance(key, str) else None
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise MalformedDocument(key, "a list")
    return list(value)


def flag(source: Mapping[str, Any], key: str) -> bool:
    """Return a boolean; null is false."""
    value = source.get(key)
    if value is not None and not isinstance(value, bool):
        raise MalformedDocument(key, "true or false")
    return bool(value)


def choice(source: Mapping[str, Any], key: str, *allowed: str) -> str:
    """Return a word that must be one of the allowed ones."""
    value = source.get(key)
    if value not in allowed:
        raise MalformedDocument(key, " or ".join(allowed))
    return value


def plain_decimal(value: Any) -> Decimal | None:
    """Return the exact value of a plain decimal string, None for anything else.

    ASCII digits, and at most one point with digits on both sides: no sign, exponent, separator or
    space. Leading zeros do no harm and are let pass.
    """
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return Decimal(value)
    return None


def decimals(value: str) -> int:
    """Return how many digits stand after the point; trailing zeros count."""
    return len(value.partition(".")[2])


def money(source: Mapping[str, Any], key: str) -> Decimal:
    amount = plain_decimal(source.get(key))
    if amount is None:
        raise MalformedDocument(key, "a plain decimal string")
    return amount


def optional_money(source: Mapping[str, Any], key: str) -> Decimal | None:
    return None if source.get(key) is None else money(source, key)


def percent(source: Mapping[str, Any], key: str) -> Decimal:
    """Return a percentage from 0 to 100 with as many decimals as it was given."""
    value = plain_decimal(source.get(key))
    if value is None or value > HUNDRED:
        raise MalformedDocument(key, "a plain decimal string from 0 to 100")
    return value


def number(source: Mapping[str, Any], key: str) -> Decimal:
    """Return a JSON number exactly; of a float, every digit that it stands for."""
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise MalformedDocument(key, "a number")
    exact = Decimal(value)
    if not exact.is_finite():
        raise MalformedDocument(key, "a finite number")
    return exact


def whole(source: Mapping[str, Any], key: str) -> Decimal:
    """Return a whole JSON number from zero on; 30.0 is one too."""
    value = number(source, key)
    if value < ZERO or value != value.to_integral_value():
        raise MalformedDocument(key, "a whole number from zero on")
    return value


def day(source: Mapping[str, Any], key: str) -> dt.date:
    """Return a calendar date written YYYY-MM-DD."""
    value = source.get(key)
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise MalformedDocument(key, "a date YYYY-MM-DD")


def optional_day(source: Mapping[str, Any], key: str) -> dt.date | None:
    return None if source.get(key) is None else day(source, key)


def instant(value: Any) -> dt.datetime | None:
    """Return the moment an RFC 3339 text names, in UTC; None when it is not one.

    A leap second is let pass where one can be, and stands for the second before it. The first and
    the last day of the calendar are refused: they may have no date in another zone.
    """
    found = INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day_, hour, minute, second = (int(part) for part in found.groups()[:6])
    offset = _offset(*found.groups()[6:])
    if offset is None or second > 60:
        return None
    try:
        moment = dt.datetime(year, month, day_, hour, minute, min(second, 59), tzinfo=dt.UTC)
        moment -= offset
    except (ValueError, OverflowError):
        return None
    if second == 60 and not _may_leap(moment):
        return None
    return moment if dt.date.min < moment.date() < dt.date.max else None


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> dt.timedelta | None:
    """Return the distance from UTC; `-00:00` is UTC with an unknown place (RFC 3339, 4.3)."""
    if sign is None or hours is None or minutes is None:
        return dt.timedelta()
    if int(hours) > 23 or int(minutes) > 59:
        return None
    distance = dt.timedelta(hours=int(hours), minutes=int(minutes))
    return -distance if sign == "-" else distance


def _may_leap(moment: dt.datetime) -> bool:
    is_last_minute = (moment.hour, moment.minute) == (23, 59)
    return is_last_minute and (moment.month, moment.day) in LEAP_DAYS


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Return the names of the IANA database, as the locked `tzdata` package carries it.

    Not the machine's own files: they differ from host to host and hold more than zones.
    """
    names = files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(names.split())


@lru_cache(maxsize=1024)
def _load_zone(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def zone(name: Any) -> ZoneInfo | None:
    """Return an IANA zone by its exact name, None when there is no such zone."""
    return _load_zone(name) if isinstance(name, str) and name in known_zones() else None


def add_months(start: dt.date, months: Decimal) -> dt.date:
    """Move calendar months forward; a day that the month has not becomes its last day (section 2).

    Past the year 9999 it is the last day that can be told, which no service date ever reaches.
    """
    whole_months = int(min(months, MOST_MONTHS))
    year, index = divmod(start.year * 12 + start.month - 1 + whole_months, 12)
    if year > dt.MAXYEAR:
        return dt.date.max
    return dt.date(year, index + 1, min(start.day, monthrange(year, index + 1)[1]))


def normalised(code: Any) -> str:
    """Return a code as it is compared: upper case, no points, then no spaces around it."""
    if not isinstance(code, str):
        raise MalformedDocument("code", "a string")
    return code.upper().replace(".", "").strip(" ")


def is_same_procedure(preauth: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Tell whether a guarantee is for the procedure asked for; one without a code is for any."""
    approved, asked = preauth.get("procedure_code"), request.get("procedure_code")
    if approved is None:
        return True
    return asked is not None and normalised(approved) == normalised(asked)


def has_prefix(code: Any, prefixes: list[Any]) -> bool:
    """Tell whether a code begins with one of the prefixes; null codes match nothing.

    By the letter of section 5 an empty prefix begins every code that is not null.
    """
    if code is None:
        return False
    whole_code = normalised(code)
    return any(whole_code.startswith(normalised(one)) for one in prefixes if one is not None)


def member_number(value: Any) -> str:
    """Return a member number as it is compared: no spaces, no hyphens, upper case."""
    return value.replace(" ", "").replace("-", "").upper() if isinstance(value, str) else ""


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit: the specification's `round()`."""
    return amount.quantize(STEPS[MINOR_UNITS[currency]], rounding=ROUND_HALF_UP)


def part_of(amount: Decimal, pct: Decimal, currency: str) -> Decimal:
    """Return round(amount × pct / 100)."""
    return rounded((amount * pct).scaleb(-2), currency)


def shown(amount: Decimal, currency: str) -> str:
    """Return money with exactly the currency's decimals; a finer amount is refused, not rounded."""
    fitting = amount.quantize(STEPS[MINOR_UNITS[currency]])
    if fitting != amount:
        raise MalformedDocument("policy", f"amounts in whole minor units of {currency}")
    return str(fitting)
