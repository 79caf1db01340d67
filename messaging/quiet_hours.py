"""When a message may ring: quiet hours at the recipient's place, by instants alone (MS-08).

Wall times are of the place where the person is then; every answer is an exact UTC instant.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from medtour.lib import clock
from messaging.enums import Category, Channel

NIGHT = (dt.time(21, 0), dt.time(8, 0))
# Several states of the US are stricter about advertising than about news of an appointment.
MARKETING_NIGHT = (dt.time(20, 0), dt.time(9, 0))
NEARLY_ALL_DAY = 40


class Timing(Enum):
    """How a kind treats the night.

    URGENT wakes people. PROMPT answers what a person just did: a mail goes at any hour, because it
    wakes nobody, and a phone rings in the day only. AWAKE waits for the day on every channel.
    """

    URGENT = "urgent"
    PROMPT = "prompt"
    AWAKE = "awake"


class IfLate(Enum):
    """What becomes of a message that would miss its point by waiting for the morning."""

    SEND = "send"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Go:
    """Send it now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Send it at this instant and not before."""

    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Drop:
    """Do not send it any more; a code for staff."""

    reason: str


Decision = Go | Wait | Drop


@dataclass(frozen=True, slots=True)
class Point:
    """What a message is for in time: how it treats the night, and when it has lost its point."""

    timing: Timing = Timing.PROMPT
    category: str = Category.SERVICE
    useless_after: dt.datetime | None = None
    if_late: IfLate = IfLate.SEND


def night_of(category: str) -> tuple[dt.time, dt.time]:
    """Return from when to when (wall times) nothing may ring."""
    return MARKETING_NIGHT if category == Category.MARKETING else NIGHT


def awake_at(
    now: dt.datetime, zone_name: str, night: tuple[dt.time, dt.time] = NIGHT
) -> dt.datetime:
    """Return `now` when it is day in the zone, else the instant at which the night ends there."""
    begins, ends = night
    here = clock.local(now, zone_name)
    wall = here.time().replace(tzinfo=None)
    if ends <= wall < begins:
        return now
    day = here.date() if wall < ends else clock.days(here.date(), 2)[1]
    return _first_instant(day, ends, zone_name)


def all_awake_at(
    now: dt.datetime, zone_names: Sequence[str], night: tuple[dt.time, dt.time] = NIGHT
) -> dt.datetime:
    """Return the first instant from `now` on that is day in every zone a person may be in.

    Zones that are never awake together (they differ by half a day) count by the first of them.
    """
    instant = now
    for _step in range(NEARLY_ALL_DAY):
        latest = max(awake_at(instant, name, night) for name in zone_names)
        if latest == instant:
            return instant
        instant = latest
    return awake_at(now, zone_names[0], night)


def decide(now: dt.datetime, point: Point, channel: str, zone_names: Sequence[str]) -> Decision:
    """Say whether a message goes now, in the morning, or not at all."""
    if point.useless_after is not None and now >= point.useless_after:
        return Drop("its time is over")
    if not _waits(point.timing, channel):
        return Go()
    morning = all_awake_at(now, zone_names, night_of(point.category))
    if morning <= now:
        return Go()
    if point.useless_after is None or morning < point.useless_after:
        return Wait(morning)
    if point.if_late is IfLate.SEND:
        return Go()
    return Drop("would come too late after quiet hours")


def _waits(timing: Timing, channel: str) -> bool:
    if timing is Timing.PROMPT:
        return channel != Channel.EMAIL
    return timing is Timing.AWAKE


def _first_instant(day: dt.date, wall: dt.time, zone_name: str) -> dt.datetime:
    """Return the instant of a wall time; one that the clock jumps over counts an hour later."""
    instant = clock.at_wall_time(day, wall, zone_name)
    if instant is None:
        instant = clock.at_wall_time(day, wall.replace(hour=wall.hour + 1), zone_name)
    if instant is None:
        raise ValueError(f"no such wall time in {zone_name}: {day} {wall}")
    return instant
