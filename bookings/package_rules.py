"""How a package of sessions stands against what was promised (M15); pure functions."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

LOWER, HIGHER = "lower", "higher"


@dataclass(frozen=True, slots=True)
class Promise:
    """What is measured, where it stood, and where it should stand by which day after the start."""

    measure: str
    better: str
    start: Decimal
    course: Sequence[tuple[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Sessions and measure today; `expected` and `measured` are None while there is nothing yet."""

    planned: int
    due: int
    done: int
    expected: Decimal | None
    measured: Decimal | None
    is_behind: bool
    is_short: bool

    @property
    def has_slipped(self) -> bool:
        return self.is_behind or self.is_short


def expected_on(promise: Promise, day: int) -> Decimal | None:
    """Return the value that the promise names for the latest of its days that has come."""
    come = [value for last, value in sorted(promise.course) if last <= day]
    return come[-1] if come else None


def standing(
    promise: Promise,
    *,
    begins_on: dt.date,
    sessions: Sequence[tuple[dt.date, dt.date | None, Decimal | None]],
    today: dt.date,
) -> Standing:
    """Compare sessions (planned on, took place on, measured) and the measure with the promise.

    A session of today is not late before the day is over.
    """
    due = sum(planned < today for planned, _done, _value in sessions)
    done = sum(took_place is not None for _planned, took_place, _value in sessions)
    values = [
        (took_place, value)
        for _planned, took_place, value in sessions
        if took_place is not None and value is not None
    ]
    measured = max(values)[1] if values else None
    expected = expected_on(promise, (today - begins_on).days)
    is_short = (
        expected is not None
        and measured is not None
        and (measured > expected if promise.better == LOWER else measured < expected)
    )
    return Standing(len(sessions), due, done, expected, measured, done < due, is_short)
