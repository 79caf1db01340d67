"""What a cell may hold; each check returns the value or raises ValueError with a plain reason."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from functools import cache

from babel.numbers import list_currencies
from django_countries import countries

UNDATED = ("undated", "undated page")
FACT_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LATITUDES = (Decimal(18), Decimal(54))
LONGITUDES = (Decimal(73), Decimal(136))
_VERHOEFF_PERMUTATION = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError(f"not a slug: {text!r}")
    return text


def day(text: str) -> dt.date:
    """Return a whole ISO date such as 2026-11-21."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"not a date: {text!r}") from None


def fact_date(text: str) -> str:
    """Return the date of a fact in its own precision: year, month, day or one of `UNDATED`."""
    if text in UNDATED:
        return text
    parts = FACT_DATE.fullmatch(text)
    if not parts:
        raise ValueError(f"not a date of a fact: {text!r}")
    year, month, day_of_month = parts.groups()
    day(f"{year}-{month or '01'}-{day_of_month or '01'}")
    return text


def whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise ValueError(f"not a whole number: {text!r}")
    return int(text)


def number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not a number: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a number: {text!r}")
    return value


def amount(text: str) -> Decimal:
    value = number(text)
    if value < 0:
        raise ValueError(f"a price below zero: {text!r}")
    return value


def latitude(text: str) -> Decimal:
    return _between(number(text), LATITUDES, "latitude")


def longitude(text: str) -> Decimal:
    return _between(number(text), LONGITUDES, "longitude")


def _between(value: Decimal, limits: tuple[Decimal, Decimal], name: str) -> Decimal:
    if not limits[0] <= value <= limits[1]:
        raise ValueError(f"{name} {value} is not in China")
    return value


@cache
def _country_codes() -> frozenset[str]:
    return frozenset(code for code, _name in countries)


def country(text: str) -> str:
    """Return an ISO 3166-1 alpha-2 code."""
    if text not in _country_codes():
        raise ValueError(f"unknown country: {text!r}")
    return text


@cache
def _currency_codes() -> frozenset[str]:
    return frozenset(list_currencies())


def currency(text: str) -> str:
    """Return an ISO 4217 code."""
    if text not in _currency_codes():
        raise ValueError(f"unknown currency: {text!r}")
    return text


def snomed(text: str) -> str:
    """Return a SNOMED CT identifier whose last digit is right (Verhoeff)."""
    if not re.fullmatch(r"\d{6,18}", text) or _verhoeff(text) != 0:
        raise ValueError(f"SNOMED CT check digit is wrong: {text!r}")
    return text


def _verhoeff(digits: str) -> int:
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _dihedral(check, int(_VERHOEFF_PERMUTATION[place % 8][int(digit)]))
    return check


def _dihedral(left: int, right: int) -> int:
    """Multiply in the dihedral group of order ten."""
    turned = left + right if left < 5 else left - right
    flipped = (left < 5) != (right < 5)
    return turned % 5 + (5 if flipped else 0)
