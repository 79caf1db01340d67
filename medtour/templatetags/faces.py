"""What the two clocks show: hospital first, visitor second, hands as SVG angles."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from medtour.lib import clock, wording
from medtour.templatetags.show import page_language

NIGHT_BEFORE, NIGHT_FROM = 6, 19


@dataclass(frozen=True, slots=True)
class Face:
    """One clock in words, and its hands in degrees from twelve."""

    place: str
    time: str
    day: str
    offset: str
    moment: str
    hour_angle: float
    minute_angle: int
    is_night: bool


def face(instant: dt.datetime, zone_name: str, place: str = "") -> Face:
    """Return the clock of a zone in the page's language."""
    local = clock.local(instant, zone_name)
    language = page_language()
    return Face(
        place=place or wording.city_of_zone(zone_name, language),
        time=local.strftime("%H:%M"),
        day=wording.written_date(local.date(), language, "short"),
        offset=wording.written_offset(instant, zone_name),
        moment=local.isoformat(timespec="minutes"),
        hour_angle=(local.hour % 12) * 30 + local.minute / 2,
        minute_angle=local.minute * 6,
        is_night=not NIGHT_BEFORE <= local.hour < NIGHT_FROM,
    )


def two_faces(
    instant: dt.datetime, hospital_zone: str, place: str, visitor_zone: str
) -> dict[str, Any]:
    """Return both clocks; the visitor's is None without a zone or when it shows the same time.

    `shared_place` names both places when they share the time.
    """
    hospital = face(instant, hospital_zone, place)
    if not visitor_zone:
        return {"hospital": hospital, "visitor": None, "shared_place": ""}
    visitor = face(instant, visitor_zone)
    if visitor.moment != hospital.moment:
        return {"hospital": hospital, "visitor": visitor, "shared_place": ""}
    places = dict.fromkeys([hospital.place, visitor.place])
    return {"hospital": hospital, "visitor": None, "shared_place": ", ".join(places)}


def with_days(both: dict[str, Any]) -> dict[str, Any]:
    """Return both clocks with the day before the time, for a sentence about another day."""
    return both | {
        name: replace(shown, time=f"{shown.day}, {shown.time}")
        for name, shown in both.items()
        if isinstance(shown, Face)
    }
