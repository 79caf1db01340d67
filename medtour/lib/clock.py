"""The only place that asks what time it is or joins a date, a wall time and a zone."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_frozen: ContextVar[dt.datetime | None] = ContextVar("frozen_now", default=None)

UTC = dt.UTC


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return _frozen.get() or dt.datetime.now(UTC)


@contextmanager
def freeze(instant: dt.datetime) -> Iterator[None]:
    """Let `now()` answer `instant` inside the block (tests and replays)."""
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def zone(name: str) -> ZoneInfo:
    """Return the IANA zone called `name`; raises ValueError for anything else."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"not an IANA time zone: {name!r}") from error


def is_zone(name: str) -> bool:
    """Tell whether `name` is an IANA zone, not an offset or an abbreviation (BK-07)."""
    if "/" not in name and name != "UTC":
        return False
    try:
        zone(name)
    except ValueError:
        return False
    return True


def at_wall_time(day: dt.date, wall: dt.time, zone_name: str) -> dt.datetime | None:
    """Return the UTC instant of a wall time, or None when that wall time does not exist that day.

    A wall time that happens twice means its first occurrence (PEP 495 fold=0).
    """
    local = dt.datetime.combine(day, wall, tzinfo=zone(zone_name)).replace(fold=0)
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        return None
    return instant


def at_or_after_wall_time(
    day: dt.date, since_midnight: dt.timedelta, zone_name: str
) -> dt.datetime:
    """Return the UTC instant of a wall time given as a length since midnight, under one day.

    One that does not exist that day is as long after the gap as it would have been inside it.
    """
    wall = (dt.datetime(1, 1, 1, tzinfo=UTC) + since_midnight).time()
    return dt.datetime.combine(day, wall, tzinfo=zone(zone_name)).astimezone(UTC)


def local(instant: dt.datetime, zone_name: str) -> dt.datetime:
    """Return `instant` on the wall clock of a zone."""
    return instant.astimezone(zone(zone_name))


def today(zone_name: str) -> dt.date:
    """Return the calendar date it is now in a zone."""
    return local(now(), zone_name).date()


def day_bounds(day: dt.date, zone_name: str) -> tuple[dt.datetime, dt.datetime]:
    """Return the half-open UTC range [start, end) of a calendar day in a zone."""
    tz = zone(zone_name)
    start = dt.datetime.combine(day, dt.time.min, tzinfo=tz)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=tz)
    return start.astimezone(UTC), end.astimezone(UTC)


def days(first: dt.date, count: int) -> list[dt.date]:
    """Return `count` consecutive dates from `first`."""
    return [first + dt.timedelta(days=offset) for offset in range(count)]
