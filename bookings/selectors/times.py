"""A strip of days with all their times, read with one statement for the page of times."""

import datetime as dt
from dataclasses import dataclass
from types import SimpleNamespace

from django.utils import translation
from modeltranslation.utils import build_localized_fieldname

from bookings.selectors.availability import shown_slots, spoken
from hospitals.models import Offer
from medtour.lib import clock


@dataclass(frozen=True, slots=True)
class Time:
    """One time of an offer; `doctor` carries only the name, in English and the page's language."""

    public_id: str
    starts_at: dt.datetime
    places_left: int
    last_confirmed_at: dt.datetime
    doctor: SimpleNamespace | None


@dataclass(frozen=True, slots=True)
class DayOfTimes:
    """One day in the hospital's calendar; full times are listed too."""

    date: dt.date
    times: list[Time]

    @property
    def places(self) -> int:
        return sum(time.places_left for time in self.times)

    @property
    def is_closed(self) -> bool:
        return not self.times


def days_of_times(
    offer: Offer, *, first: dt.date, count: int, language: str, now: dt.datetime | None = None
) -> list[DayOfTimes]:
    """Return `count` days from `first` with the times at which `language` is spoken (M12)."""
    now = now or clock.now()
    zone = offer.hospital.time_zone
    last = first + dt.timedelta(days=count - 1)
    slots = shown_slots(offer, now=now).filter(
        starts_at__gte=clock.day_bounds(first, zone)[0],
        starts_at__lt=clock.day_bounds(last, zone)[1],
    )
    names = _name_columns()
    days: dict[dt.date, list[Time]] = {day: [] for day in clock.days(first, count)}
    for row in (
        spoken(slots, language)
        .order_by("starts_at", "pk")
        .values(
            "public_id",
            "starts_at",
            "capacity",
            "booked",
            "last_confirmed_at",
            "doctor_id",
            *(f"doctor__{name}" for name in names),
        )
    ):
        days[clock.local(row["starts_at"], zone).date()].append(_time(row, names))
    return [DayOfTimes(day, times) for day, times in days.items()]


def _name_columns() -> list[str]:
    page = translation.get_language() or "en"
    return sorted({"name_en", build_localized_fieldname("name", page)})


def _time(row: dict, names: list[str]) -> Time:
    doctor = None
    if row["doctor_id"]:
        doctor = SimpleNamespace(**{name: row[f"doctor__{name}"] for name in names})
    return Time(
        public_id=row["public_id"],
        starts_at=row["starts_at"],
        places_left=row["capacity"] - row["booked"],
        last_confirmed_at=row["last_confirmed_at"],
        doctor=doctor,
    )


def first_day_to_show(days: list[DayOfTimes], wanted: dt.date | None) -> DayOfTimes | None:
    """Return the wanted day when it is in the strip, else the first one with a place."""
    asked = [day for day in days if day.date == wanted]
    return next(iter(asked), None) or next((day for day in days if day.places), None)
