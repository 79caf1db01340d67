"""What "My care" shows, read with a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from bookings.access import appointments_for, cases_for, requests_for, waiting_entries_for
from bookings.models import Appointment, Case, CaseEvent, WaitingEntry, WindowRequest
from bookings.transitions import (
    OPEN_REQUEST,
    OPEN_WAITING,
    TIMED,
    AppointmentState,
)
from medtour.lib import clock

SHOWN_PAST = 50


@dataclass(frozen=True)
class CarePage:
    """Everything on the first page of My care; `next_step` is what the patient should do now."""

    upcoming: list[Appointment]
    offered: list[Appointment]
    requests: list[WindowRequest]
    waiting: list[WaitingEntry]
    past: list[Appointment]

    @property
    def next_step(self) -> Appointment | None:
        return next(iter(self.offered or self.upcoming), None)


def with_place(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Join what every line about an appointment shows."""
    return appointments.select_related(
        "slot__offer__treatment",
        "slot__doctor",
        "hospital__city",
        "patient",
        "interpreter",
        "case",
    )


def care_page(user: User, *, now: dt.datetime | None = None) -> CarePage:
    """Read the account's appointments, offered times, requests and waiting-list places."""
    now = now or clock.now()
    mine = with_place(appointments_for(user))
    live = list(
        mine.filter(
            state__in=(
                *TIMED,
                AppointmentState.CONFIRMED,
                AppointmentState.ARRIVED,
            )
        ).order_by("slot__starts_at", "pk")
    )
    ahead = [row for row in live if row.state not in TIMED and row.slot.ends_at > now]
    offered = [row for row in live if row.state in TIMED and row.is_live_claim(now)]
    shown = {row.pk for row in (*ahead, *offered)}
    past = mine.exclude(pk__in=shown).order_by("-slot__starts_at", "-pk")
    return CarePage(
        upcoming=ahead,
        offered=offered,
        requests=list(
            requests_for(user)
            .filter(state__in=OPEN_REQUEST)
            .select_related("offer__treatment", "offer__hospital__city")
        ),
        waiting=list(
            waiting_entries_for(user)
            .filter(state__in=OPEN_WAITING)
            .select_related("offer__treatment", "offer__hospital__city", "patient")
        ),
        past=list(past[:SHOWN_PAST]),
    )


def cases_of(user: User) -> QuerySet[Case]:
    """The account's cases with what their pages show."""
    return (
        cases_for(user)
        .select_related("hospital__city", "treatment", "patient")
        .prefetch_related(
            Prefetch("appointments", queryset=with_place(Appointment.objects.order_by("pk"))),
            Prefetch("events", queryset=CaseEvent.objects.order_by("pk")),
        )
    )
