"""Working hours of the sample supply: half days dealt out so that nobody is in two places."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator

from bookings.models import Schedule, ScheduleException
from bookings.models.schedule import ExceptionKind, Weekday
from bookings.services.demonstration.offers import Wish
from hospitals.models import Doctor, Equipment, Hospital, Offer
from hospitals.models.treatment import BookingMode
from medtour.lib import clock

MORNING = (dt.time(9, 0), dt.time(11, 30))
AFTERNOON = (dt.time(14, 0), dt.time(16, 30))
SCARCE_HOUR = (dt.time(14, 0), dt.time(15, 0))
WORKDAYS = tuple(Weekday)[:5]
DOCTOR_HALF_DAYS = [(day, half) for half in (MORNING, AFTERNOON) for day in WORKDAYS]
ROOM_HALF_DAYS = [
    (Weekday.TUESDAY, MORNING),
    (Weekday.SATURDAY, MORNING),
]
DEVICE_HALF_DAYS = [
    (Weekday.MONDAY, MORNING),
    (Weekday.WEDNESDAY, AFTERNOON),
    (Weekday.SATURDAY, MORNING),
]
MOST_HALF_DAYS = 2
EVERY_SCARCE = 9
CLOSED_IN_DAYS = 23
CLOSED_REASON = "Demonstration: staff training day"

Made = list[tuple[Offer, Wish]]


def make_hours(hospital: Hospital, made: Made, devices: dict[str, Equipment]) -> None:
    """Give new offers working hours; offers that need a case first have none."""
    bookable = [pair for pair in made if pair[1].recipe.mode != BookingMode.CASE]
    schedules = [
        *_by_doctors(bookable),
        *_by_rooms(bookable),
        *_by_devices(bookable, devices),
    ]
    for schedule in schedules:
        schedule.hospital = hospital
    Schedule.objects.bulk_create(schedules)


def _by_doctors(made: Made) -> Iterator[Schedule]:
    """Deal a doctor's ten half days out to the offers, at most two each."""
    work: dict[Doctor, list[Offer]] = defaultdict(list)
    for offer, wish in made:
        for doctor in wish.doctors if wish.recipe.by == "doctor" else ():
            work[doctor].append(offer)
    for doctor, offers in work.items():
        taken = _half_days_taken(doctor)
        free = [half_day for half_day in DOCTOR_HALF_DAYS if half_day not in taken]
        for place, offer in enumerate(offers):
            for day, hours in free[place :: len(offers)][:MOST_HALF_DAYS]:
                yield Schedule(offer=offer, doctor=doctor, weekday=day, **_span(offer, hours))


def _half_days_taken(doctor: Doctor) -> set[tuple[int, tuple[dt.time, dt.time]]]:
    taken = set()
    for row in Schedule.objects.filter(doctor=doctor):
        taken.add((row.weekday, MORNING if row.starts_at < dt.time(12) else AFTERNOON))
    return taken


def _by_rooms(made: Made) -> Iterator[Schedule]:
    for offer, wish in made:
        if wish.recipe.by == "room":
            for day, hours in ROOM_HALF_DAYS:
                places = wish.recipe.places
                yield Schedule(offer=offer, weekday=day, capacity=places, **_span(offer, hours))


def _by_devices(made: Made, devices: dict[str, Equipment]) -> Iterator[Schedule]:
    for offer, wish in made:
        if wish.recipe.by == "device":
            device = devices[wish.treatment.slug]
            for day, hours in DEVICE_HALF_DAYS:
                yield Schedule(offer=offer, equipment=device, weekday=day, **_span(offer, hours))


def _span(offer: Offer, hours: tuple[dt.time, dt.time]) -> dict[str, object]:
    """Return start, end and length of places; every ninth offer has one scarce hour instead."""
    scarce = offer.pk % EVERY_SCARCE == 0 and hours == AFTERNOON and offer.duration_minutes <= 60
    opens, closes = SCARCE_HOUR if scarce else hours
    return {"starts_at": opens, "ends_at": closes, "slot_minutes": offer.duration_minutes}


def close_a_day(hospitals: Iterable[Hospital]) -> None:
    """Close each hospital on one working day about three weeks ahead, once."""
    ScheduleException.objects.bulk_create(
        ScheduleException(
            hospital=hospital,
            date=_working_day(clock.today(hospital.time_zone)),
            kind=ExceptionKind.CLOSED,
            reason=CLOSED_REASON,
        )
        for hospital in hospitals
        if not hospital.schedule_exceptions.filter(reason=CLOSED_REASON).exists()
    )


def _working_day(today: dt.date) -> dt.date:
    day = today + dt.timedelta(days=CLOSED_IN_DAYS)
    while day.weekday() not in WORKDAYS:
        day += dt.timedelta(days=1)
    return day
