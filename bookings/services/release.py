"""Freeing places that are held or offered but not booked, with their history."""

import datetime as dt
from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from bookings.models import Appointment, Slot, WindowRequest
from bookings.models.case import Actor
from bookings.services import cases, history, notices
from bookings.transitions import (
    TIMED,
    AppointmentState,
    CaseState,
    RequestState,
)
from medtour.lib.locks import claim_rows, lock_found, lock_rows

SWEEP = 500
END = f"""
WITH was AS (
    SELECT id, state FROM bookings_appointment WHERE id = ANY(%(ids)s)
), ended AS (
    UPDATE bookings_appointment
       SET state = %(state)s, intake = NULL, ended_by = %(actor)s, ended_reason = %(reason)s,
           version = version + 1
     WHERE id = ANY(%(ids)s)
    RETURNING id, case_id, request_id, waiting_entry_id
)
{history.INSERTION_BESIDE_END}
"""  # noqa: S608


def end(
    appointments: list[Appointment],
    *,
    state: str,
    action: str,
    actor: str,
    now: dt.datetime,
    by: User | None = None,
    reason: str = "",
) -> list[Appointment]:
    """Move locked, not yet booked appointments to an end state; what was written into them goes.

    One statement writes the rows and their history, and the trigger frees their places in it; the
    slots are locked in order before.
    """
    if not appointments:
        return []
    slot_ids = {appointment.slot_id for appointment in appointments}
    if len(slot_ids) > 1:
        lock_rows(Slot.objects.only("pk"), slot_ids)
    values = {
        "ids": [appointment.pk for appointment in appointments],
        "state": state,
        "action": action,
        "actor": actor,
        "reason": reason[:300],
        "by": by.pk if by else None,
        "at": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(END, values)
    for appointment in appointments:
        appointment.state, appointment.ended_by, appointment.intake = state, actor, None
    return appointments


def overdue(candidates: QuerySet[Appointment], *, now: dt.datetime) -> list[Appointment]:
    """Lock those of `candidates` whose hold is over and that nobody else is working on."""
    return claim_rows(
        candidates.filter(state__in=TIMED, held_until__lte=now)
        .select_related("slot")
        .order_by("pk"),
        limit=SWEEP,
    )


def lock_slots(
    pks: Iterable[int], *, with_overdue: QuerySet[Appointment], now: dt.datetime
) -> dict[int, Slot]:
    """Lock slots together with those that ending overdue holds will free, all in one order.

    Whoever locked their own first and the freed ones later could wait in a circle with another.
    """
    freed = with_overdue.filter(state__in=TIMED, held_until__lte=now)
    wanted = {*pks, *freed.values_list("slot_id", flat=True)}
    return {slot.pk: slot for slot in lock_rows(Slot.objects.all(), wanted)}


def held_by(holder_key: str) -> list[Appointment]:
    """Lock what a visitor holds at this moment."""
    held = Appointment.objects.filter(holder_key=holder_key, state=AppointmentState.HELD)
    return lock_found(held.select_related("slot"))


def close_requests_without_times(request_ids: Iterable[int], *, now: dt.datetime) -> None:
    """Close requests whose offered times have all lapsed and tell the patient.

    One that somebody answers at this moment is left to the next sweep: they lock the request first
    and the times after it, so waiting here could be a deadlock. One whose patient asked again
    meanwhile waits for the hospital, not for these times.
    """
    open_requests = WindowRequest.objects.filter(
        state=RequestState.OFFERED, pk__in=list(request_ids)
    )
    for request in claim_rows(
        open_requests.select_related("case", "booker").order_by("pk"), limit=SWEEP
    ):
        if request.offered_appointments.filter(state=AppointmentState.OFFERED).exists():
            continue
        before, request.state = request.state, RequestState.EXPIRED
        request.version += 1
        request.notes = ""
        request.save(update_fields=["state", "version", "notes"])
        history.record(
            [
                history.request_event(
                    request, "expire", before=before, by=None, actor=Actor.SYSTEM, at=now
                )
            ]
        )
        cases.end_with_request(
            request.case, CaseState.WITHDRAWN, by=None, actor=Actor.SYSTEM, now=now
        )
        notices.request_expired(request)
