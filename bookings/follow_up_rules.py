"""What an answer means by the hospital's own rules, and when each step falls due; pure functions.

The rules sort answers into green, amber and red so that a person is called in time. They never
advise anybody: a red answer shows the local emergency numbers, and people do the rest (MS-10).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from medtour.lib import clock

GREEN, AMBER, RED = "green", "amber", "red"
ORDER = (GREEN, AMBER, RED)
DEFAULT_DAYS = (1, 3, 7, 14, 30, 90)
DEFAULT_YEARS = 3
ASK_AT = dt.time(10)
CALL_AFTER_RED = dt.timedelta(hours=1)
# On while nobody at the hospital has set others: careful ones, so that nothing goes unseen.
DEFAULT_RULES: Mapping[str, Any] = {
    "pain": {"amber": 5, "red": 8},
    "fever": {"amber": ["yes"]},
    "temperature": {"amber": "37.8", "red": "39.0"},
    "wound": {"amber": ["red"], "red": ["open"]},
    "walking": {"amber": ["help"], "red": ["no"]},
    "medicine": {"amber": ["stopped"]},
    "warning": {"red": ["yes"]},
    "call_me": {"amber": ["yes"]},
}


@dataclass(frozen=True, slots=True)
class Score:
    """The level of an answer, and which questions gave rise to it, the worst first."""

    level: str
    reasons: tuple[tuple[str, str], ...] = ()


def score(rules: Mapping[str, Any], answers: Mapping[str, Any]) -> Score:
    """Sort one answer by a plan's rules: the worst question decides, an empty one says nothing."""
    found = [
        (code, level)
        for code in rules
        if (level := _level(rules[code], answers.get(code))) != GREEN
    ]
    found.sort(key=lambda reason: -ORDER.index(reason[1]))
    return Score(found[0][1] if found else GREEN, tuple(found))


def _level(rule: Mapping[str, Any], value: Any) -> str:
    if value in (None, ""):
        return GREEN
    return next((level for level in (RED, AMBER) if _reaches(rule.get(level), value)), GREEN)


def _reaches(bound: Any, value: Any) -> bool:
    """Tell whether an answer is one of the choices, or a number at or above the bound."""
    if bound is None:
        return False
    if isinstance(bound, list):
        return value in bound
    return Decimal(str(value)) >= Decimal(str(bound))


def is_worse(level: str, than: str) -> bool:
    """Tell whether a level is worse; a missed answer or none counts as nothing known."""
    return ORDER.index(level) > (ORDER.index(than) if than in ORDER else -1)


def days_to_ask(days: Iterable[int], yearly_count: int) -> list[tuple[int, bool]]:
    """Return (day after discharge, whether it is a yearly one) in order, each day once."""
    yearly = {365 * year: True for year in range(1, yearly_count + 1)}
    return sorted((dict.fromkeys(days, False) | yearly).items())


def due_on(discharged_on: dt.date, day: int, *, is_yearly: bool) -> dt.date:
    """Return the date of one task; yearly ones keep the day of the year, 29 February becomes 28."""
    if not is_yearly:
        return discharged_on + dt.timedelta(days=day)
    year = discharged_on.year + day // 365
    try:
        return discharged_on.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def ask_at(day: dt.date, zone_name: str) -> dt.datetime:
    """Return ten in the morning of a date where the patient is, as an instant in UTC."""
    instant = clock.at_wall_time(day, ASK_AT, zone_name)
    return instant or clock.day_bounds(day, zone_name)[0] + dt.timedelta(hours=ASK_AT.hour)


def call_until(
    level: str, now: dt.datetime, *, amber_hours: int, missed_hours: int
) -> dt.datetime | None:
    """Return until when somebody has to call: an hour after red (QM-09), None after green."""
    waits = {
        RED: CALL_AFTER_RED,
        AMBER: dt.timedelta(hours=amber_hours),
        "missed": dt.timedelta(hours=missed_hours),
    }
    return now + waits[level] if level in waits else None
