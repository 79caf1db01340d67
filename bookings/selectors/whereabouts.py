"""Whether a person is in China, from the days of their appointments (M19).

A trip runs from the day before its first appointment to the day after its last, by the calendar of
the hospital; appointments no more than a fortnight apart belong to one trip.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from bookings.models import Appointment
from bookings.transitions import AppointmentState
from medtour.lib import clock

ONE_TRIP = dt.timedelta(days=14)
DAY = dt.timedelta(days=1)
# Beyond these no trip that covers an instant can reach; bounds the rows that are read.
LONGEST_TRIP = dt.timedelta(days=180)
TRAVELS = (AppointmentState.CONFIRMED, AppointmentState.ARRIVED, AppointmentState.COMPLETED)


@dataclass(frozen=True, slots=True)
class Visit:
    """One day at a hospital and the zone of its calendar."""

    day: dt.date
    time_zone: str


def trips(visits: Iterable[Visit]) -> Iterator[list[Visit]]:
    """Yield the visits trip by trip, each in the order of its days."""
    trip: list[Visit] = []
    for visit in sorted(visits, key=lambda each: (each.day, each.time_zone)):
        if trip and visit.day - trip[-1].day > ONE_TRIP:
            yield trip
            trip = []
        trip.append(visit)
    if trip:
        yield trip


def zone_during(visits: Iterable[Visit], now: dt.datetime) -> str:
    """Return the zone of the trip that `now` falls into, or nothing."""
    for trip in trips(visits):
        first, last = trip[0], trip[-1]
        begins = clock.day_bounds(first.day - DAY, first.time_zone)[0]
        ends = clock.day_bounds(last.day + DAY, last.time_zone)[1]
        if begins <= now < ends:
            return _nearest(trip, now).time_zone
    return ""


def whereabouts_of(user: User, now: dt.datetime) -> str:
    """Return the time zone in China where the account is at `now`, or nothing when it is abroad.

    Reads the appointments that the account booked or that are for its own persons; one query.
    """
    rows = (
        Appointment.objects.filter(Q(booker=user) | Q(patient__account=user))
        .filter(
            state__in=TRAVELS,
            slot__starts_at__gte=now - LONGEST_TRIP,
            slot__starts_at__lt=now + LONGEST_TRIP,
        )
        .order_by("slot__starts_at")
        .values_list("slot__starts_at", "hospital__time_zone")
    )
    visits = [Visit(clock.local(starts_at, zone).date(), zone) for starts_at, zone in rows]
    return zone_during(visits, now)


def _nearest(trip: list[Visit], now: dt.datetime) -> Visit:
    """Return the latest visit that has begun, else the first: a traveller has gone that far."""
    begun = [each for each in trip if clock.day_bounds(each.day, each.time_zone)[0] <= now]
    return begun[-1] if begun else trip[0]
