"""What is free when: the picker's days and times, and the next opening of many offers at once."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncDate

from bookings import policies
from bookings.models import Appointment, Slot
from bookings.models.slot import SlotPeriod
from bookings.transitions import OCCUPYING
from hospitals.models import Hospital, Interpreter, Offer
from hospitals.models.treatment import BookingMode
from hospitals.selectors.search_cards import Beside
from medtour.lib import clock
from medtour.lib.prepared import prepared_rows


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the strip, in the hospital's calendar; `places` counts what can be taken."""

    date: dt.date
    places: int
    slots: int

    @property
    def is_closed(self) -> bool:
        return self.slots == 0

    @property
    def is_full(self) -> bool:
        return self.slots > 0 and self.places == 0


@dataclass(frozen=True, slots=True)
class Opening:
    """The next free time of an offer."""

    offer_id: int
    slot_public_id: str
    starts_at: dt.datetime
    places_left: int
    last_confirmed_at: dt.datetime


def shown_slots(offer: Offer, *, now: dt.datetime) -> QuerySet[Slot]:
    """Slots of an offer that patients may see: ahead, not withdrawn, lately confirmed (M25)."""
    return Slot.objects.filter(
        offer=offer,
        withdrawn_at=None,
        starts_at__gte=now + policies.BOOKING_NOTICE,
        last_confirmed_at__gte=now - policies.CONFIRMATION_FRESH,
    )


def spoken(slots: QuerySet[Slot], language: str) -> QuerySet[Slot]:
    """Keep the slots at which the doctor, or a free interpreter, speaks `language` (M12)."""
    if not language:
        return slots
    busy = Appointment.objects.filter(
        interpreter=OuterRef("pk"),
        state__in=OCCUPYING,
        period__overlap=SlotPeriod(OuterRef(OuterRef("starts_at")), OuterRef(OuterRef("ends_at"))),
    )
    interpreter = Interpreter.objects.filter(
        ~Exists(busy),
        hospital=OuterRef("hospital"),
        is_active=True,
        languages__contains=[language],
    )
    return slots.filter(Q(languages__contains=[language]) | Exists(interpreter))


def days_strip(
    offer: Offer, *, first: dt.date, count: int, language: str = "", now: dt.datetime | None = None
) -> list[Day]:
    """Return `count` days from `first` in the hospital's calendar with their free places."""
    now = now or clock.now()
    zone = offer.hospital.time_zone
    last = first + dt.timedelta(days=count - 1)
    slots = shown_slots(offer, now=now).filter(
        starts_at__gte=clock.day_bounds(first, zone)[0],
        starts_at__lt=clock.day_bounds(last, zone)[1],
    )
    places = Case(
        When(is_open=True, then=F("capacity") - F("booked")),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = (
        spoken(slots, language)
        .order_by()
        .annotate(day=TruncDate("starts_at", tzinfo=clock.zone(zone)))
        .values_list("day")
        .annotate(places=Sum(places), slots=Sum(Value(1)))
    )
    found = {day: (free, made) for day, free, made in rows}
    return [Day(day, *found.get(day, (0, 0))) for day in clock.days(first, count)]


def slots_of_day(
    offer: Offer, *, day: dt.date, language: str = "", now: dt.datetime | None = None
) -> list[Slot]:
    """Return the slots of one hospital day, full ones included so that the page can say so."""
    now = now or clock.now()
    start, end = clock.day_bounds(day, offer.hospital.time_zone)
    slots = shown_slots(offer, now=now).filter(starts_at__gte=start, starts_at__lt=end)
    return list(
        spoken(slots, language).select_related("doctor", "equipment").order_by("starts_at", "pk")
    )


SLOT_FIELDS = [field.attname for field in Slot._meta.concrete_fields]
OFFER_NEEDS = {
    "id",
    "public_id",
    "hospital_id",
    "treatment_id",
    "booking_mode",
    "asks_deposit_online",
    "inpatient_nights",
}
# In the model's order: that is how `from_db` reads them, whatever their names.
OFFER_FIELDS = [
    field.attname for field in Offer._meta.concrete_fields if field.attname in OFFER_NEEDS
]
HOSPITAL_FIELDS = ["id", "slug"]
SLOT_TO_BOOK = f"""
SELECT {", ".join(f"slot.{name}" for name in SLOT_FIELDS)},
       {", ".join(f"offer.{name}" for name in OFFER_FIELDS)},
       {", ".join(f"hospital.{name}" for name in HOSPITAL_FIELDS)}
  FROM bookings_slot AS slot
  JOIN hospitals_offer AS offer ON offer.id = slot.offer_id
  JOIN hospitals_hospital AS hospital ON hospital.id = offer.hospital_id
 WHERE slot.public_id = %(slot)s AND offer.is_published
"""  # noqa: S608  (only names of columns)


def open_slot(public_id: str) -> Slot:
    """Return a slot of a published offer with what booking needs; raises Slot.DoesNotExist.

    This is on the path of every booking, so it is written out: offer and hospital carry only the
    fields named above, and read any other when somebody asks for it.
    """
    found = prepared_rows(SLOT_TO_BOOK, {"slot": public_id})
    if not found:
        raise Slot.DoesNotExist
    [row] = found
    own, offers = len(SLOT_FIELDS), len(OFFER_FIELDS)
    slot = Slot.from_db(connection.alias, SLOT_FIELDS, row[:own])
    slot.offer = Offer.from_db(connection.alias, OFFER_FIELDS, row[own : own + offers])
    slot.offer.hospital = Hospital.from_db(connection.alias, HOSPITAL_FIELDS, row[own + offers :])
    return slot


NEXT_OPENING = """
SELECT slot.public_id, slot.starts_at, slot.capacity - slot.booked AS places,
       slot.last_confirmed_at
  FROM bookings_slot AS slot
 WHERE slot.offer_id = {offer}
   AND slot.is_open
   AND slot.starts_at >= %(from)s
   AND slot.starts_at < %(until)s
   AND slot.last_confirmed_at >= %(confirmed_since)s
 ORDER BY slot.starts_at
 LIMIT 1
"""
# Our own texts are put into one another; every value is a parameter.
NEXT_OPENINGS = f"""
SELECT wanted.offer_id, free.public_id, free.starts_at, free.places, free.last_confirmed_at
  FROM unnest(%(offers)s::bigint[]) AS wanted(offer_id)
  CROSS JOIN LATERAL ({NEXT_OPENING.format(offer="wanted.offer_id")}) AS free
"""  # noqa: S608  (only our own text)
INSTANT_OPENING = f"""
SELECT offer.id AS offer_id, free.* FROM ({NEXT_OPENING.format(offer="offer.id")}) AS free
 WHERE offer.booking_mode = '{BookingMode.INSTANT.value}'
"""  # noqa: S608  (only our own text)


def openings_beside(*, now: dt.datetime | None = None) -> Beside:
    """Return how a page of cards learns of the next free times of instant offers on its way."""
    return Beside(
        sql=INSTANT_OPENING,
        columns=("offer_id", "public_id", "starts_at", "places", "last_confirmed_at"),
        parameters=_shown_times(now or clock.now(), policies.SLOT_HORIZON_DAYS),
        make=Opening,
    )


def _shown_times(now: dt.datetime, days: int) -> dict[str, dt.datetime]:
    return {
        "from": now + policies.BOOKING_NOTICE,
        "until": now + dt.timedelta(days=days),
        "confirmed_since": now - policies.CONFIRMATION_FRESH,
    }


def next_openings(
    offer_ids: Iterable[int],
    *,
    days: int = policies.SLOT_HORIZON_DAYS,
    now: dt.datetime | None = None,
) -> dict[int, Opening]:
    """Return the next free time of each offer within `days`, with one statement for all."""
    offers = list(offer_ids)
    if not offers:
        return {}
    parameters = {"offers": offers, **_shown_times(now or clock.now(), days)}
    return {row[0]: Opening(*row) for row in prepared_rows(NEXT_OPENINGS, parameters)}
