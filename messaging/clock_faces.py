"""An instant as a message shows it: day in words, wall time, city and offset, in one language."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone, translation

from medtour.lib import clock, wording


@dataclass(frozen=True, slots=True)
class ClockFace:
    """One clock: "Tuesday 2 June 2026", "09:00", "Shanghai", "UTC+8"."""

    day: str
    time: str
    city: str
    offset: str


def clock_face(instant: datetime, zone_name: str, *, city: str = "") -> ClockFace:
    """Return the clock of a zone in the active language; `city` when it is known better."""
    language = translation.get_language() or "en"
    return ClockFace(
        day=wording.written_date(clock.local(instant, zone_name).date(), language, "long"),
        time=wording.written_time(instant, zone_name),
        city=city or wording.city_of_zone(zone_name, language),
        offset=wording.written_offset(instant, zone_name),
    )


def recipient_face(instant: datetime, *, unless: str) -> ClockFace | None:
    """Return the recipient's clock (the active time zone), or None when it is the zone `unless`."""
    zone_name = timezone.get_current_timezone_name()
    return None if zone_name == unless else clock_face(instant, zone_name)
