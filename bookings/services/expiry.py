"""Ending holds whose time is over; the same act for the next booker and for the sweeper."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.services import cases, notices, release, waiting
from bookings.transitions import AppointmentState
from medtour.lib import clock


def expire(candidates: QuerySet[Appointment], *, now: dt.datetime) -> int:
    """Expire the overdue among `candidates` inside the caller's transaction; returns how many.

    A freed place goes to the waiting list first, so nobody skips the line (BK-11). Who was to pay
    a deposit, or waited for an insurer, learns that the time was not kept.
    """
    overdue = release.overdue(candidates, now=now)
    unpaid = [row for row in overdue if row.state == AppointmentState.AWAITING_PAYMENT]
    waited = [row for row in overdue if row.state == AppointmentState.AWAITING_GUARANTEE]
    ended = release.end(
        overdue,
        state=AppointmentState.EXPIRED,
        action="expire",
        actor=Actor.SYSTEM,
        now=now,
    )
    after_release(ended, now=now)
    for row in unpaid:
        notices.deposit_lapsed(row, booker=row.kept_booker)
    for row in waited:
        notices.guarantee_lapsed(row, booker=row.kept_booker)
    return len(ended)


def give_up_holds(holder_key: str, *, now: dt.datetime) -> int:
    """Release what a visitor holds, because each visitor holds one time; returns how many."""
    ended = release.end(
        release.held_by(holder_key),
        state=AppointmentState.CANCELLED,
        action="replace",
        actor=Actor.PATIENT,
        now=now,
    )
    after_release(ended, now=now)
    return len(ended)


def after_release(ended: list[Appointment], *, now: dt.datetime) -> None:
    """Serve whoever waits for the places that `ended` freed."""
    if not ended:
        return
    release.close_requests_without_times(
        {row.request_id for row in ended if row.request_id}, now=now
    )
    waiting.end_entries({row.waiting_entry_id for row in ended if row.waiting_entry_id}, now=now)
    for unpaid in (row for row in ended if row.case_id):
        cases.withdraw_if_nothing_is_left(unpaid, by=None, actor=Actor.SYSTEM, now=now)
    serve_waiting(ended, now=now)


def serve_waiting(ended: list[Appointment], *, now: dt.datetime) -> None:
    """Offer the places that `ended` freed to the waiting line."""
    if ended:
        waiting.offer_places({row.slot_id for row in ended}, now=now)


def expire_stale_holds(*, now: dt.datetime | None = None) -> int:
    """Expire overdue holds and offered times everywhere; safe to run twice at once."""
    with transaction.atomic():
        everywhere = Appointment.objects.select_related("booker", "case")
        return expire(everywhere, now=now or clock.now())
