"""What the booking pages show, put in order for templates."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils import translation
from django.utils.translation import pgettext

from accounts.forms.people import SPOKEN_LANGUAGES
from bookings import policies
from bookings.models import Appointment, WaitingEntry, WindowRequest
from bookings.selectors.care import with_place
from bookings.selectors.times import DayOfTimes, Time
from bookings.transitions import AppointmentState
from hospitals.models import Offer
from medtour.lib import clock, wording

STRIP_DAYS = 14
REFUSALS_OF_A_TIME = (
    "nothing_chosen",
    "slot_full",
    "slot_gone",
    "interpreter_taken",
    "already_booked",
    "busy",
)
NOON = 12
BOOKED_OR_WAITING = (
    AppointmentState.AWAITING_GUARANTEE,
    AppointmentState.AWAITING_PAYMENT,
    AppointmentState.CONFIRMED,
    AppointmentState.ARRIVED,
    AppointmentState.COMPLETED,
    AppointmentState.NO_SHOW,
)


@dataclass(frozen=True, slots=True)
class StripDay:
    """One day of the strip: `query` selects it; a day without places cannot be selected."""

    date: dt.date
    places: int
    is_closed: bool
    is_shown: bool
    query: str


@dataclass(frozen=True, slots=True)
class Times:
    """The page of times: a strip of days, and the times of one day by morning and afternoon."""

    offer: Offer
    language: str
    days: list[StripDay]
    day: dt.date | None
    morning: list[Time]
    afternoon: list[Time]
    confirmed_at: dt.datetime | None
    earlier_query: str
    later_query: str

    @property
    def parts_of_day(self) -> list[tuple[str, list[Time]]]:
        parts = [
            (pgettext("part of the day", "Morning"), self.morning),
            (pgettext("part of the day", "Afternoon"), self.afternoon),
        ]
        return [part for part in parts if part[1]]

    @property
    def is_full(self) -> bool:
        """Tell whether no day of the strip has a place in this language."""
        return not any(day.places for day in self.days)


def times_query(*, start: dt.date, day: dt.date | None = None, language: str) -> str:
    """Return the query that shows a strip of days, and one of them, in a language."""
    chosen = {"start": start.isoformat(), "language": language}
    return urlencode(chosen | ({"day": day.isoformat()} if day else {}))


def times_of(
    offer: Offer, *, days: list[DayOfTimes], shown: DayOfTimes | None, language: str
) -> Times:
    """Return the page of times from a strip of `days`, one of which is `shown`."""
    zone, first = offer.hospital.time_zone, days[0].date
    today = clock.today(zone)
    slots = shown.times if shown else []
    hours = [(slot, clock.local(slot.starts_at, zone).hour) for slot in slots]
    earlier = max(today, first - dt.timedelta(days=STRIP_DAYS))
    later = first + dt.timedelta(days=STRIP_DAYS)
    return Times(
        offer=offer,
        language=language,
        days=[
            StripDay(
                date=each.date,
                places=each.places,
                is_closed=each.is_closed,
                is_shown=each is shown,
                query=times_query(start=first, day=each.date, language=language),
            )
            for each in days
        ],
        day=shown.date if shown else None,
        morning=[slot for slot, hour in hours if hour < NOON],
        afternoon=[slot for slot, hour in hours if hour >= NOON],
        confirmed_at=min((slot.last_confirmed_at for slot in slots), default=None),
        earlier_query=times_query(start=earlier, language=language) if first > today else "",
        later_query=times_query(start=later, language=language),
    )


def language_choices(offered: list[str]) -> list[tuple[str, str]]:
    """Return (code, name) of the languages a person may ask for, the `offered` ones first."""
    page = translation.get_language() or "en"
    codes = [code for code in SPOKEN_LANGUAGES if code in offered]
    codes += [code for code in SPOKEN_LANGUAGES if code not in offered]
    return [(code, wording.language_name(code, page)) for code in codes]


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """Until when an appointment can be changed freely, and whether that is still so now."""

    free_until: dt.datetime
    is_free: bool
    has_begun: bool


def change_rule(appointment: Appointment) -> ChangeRule:
    starts_at, now = appointment.slot.starts_at, clock.now()
    notice = appointment.slot.offer.cancellation_notice_hours
    return ChangeRule(
        free_until=policies.free_change_until(starts_at, notice),
        is_free=policies.is_free_change(starts_at, notice, now),
        has_begun=starts_at <= now,
    )


def as_it_is_now(appointment: Appointment) -> Appointment:
    """Return a fresh copy of an appointment, after a refusal."""
    return with_place(Appointment.objects.filter(pk=appointment.pk)).get()


def times_on_offer(owner: WindowRequest | WaitingEntry) -> list[Appointment]:
    """Return the times a request or a waiting-list entry may still take, soonest first."""
    offered = owner.offered_appointments.filter(
        state=AppointmentState.OFFERED, held_until__gt=clock.now()
    )
    return list(with_place(offered).order_by("slot__starts_at", "pk"))


@dataclass(frozen=True, slots=True)
class Doors:
    """The addresses of one appointment's pages: in My care, or behind a signed link."""

    page: str
    move: str
    cancel: str
    calendar: str
    voucher: str
    by_link: bool
