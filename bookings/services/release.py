"""Freeing places that are held or offered but not booked, with their history."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, QuerySet

from accounts.models import User
from bookings.models import Appointment, Slot, WindowRequest
from bookings.models.case import Actor, CaseEvent
from bookings.services import cases, history, notices
from bookings.transitions import (
    OPEN_REQUEST,
    TIMED,
    AppointmentState,
    CaseState,
    RequestState,
)
from medtour.lib.locks import claim_rows, lock_rows

SWEEP = 500


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

    The trigger frees their places in the same statement; the slots are locked in order before it.
    """
    if not appointments:
        return []
    slot_ids = {appointment.slot_id for appointment in appointments}
    if len(slot_ids) > 1:
        lock_rows(Slot.objects.only("pk"), slot_ids)
    events: list[CaseEvent] = []
    for appointment in appointments:
        before, appointment.state = appointment.state, state
        appointment.ended_by, appointment.intake = actor, None
        events.append(
            history.appointment_event(
                appointment, action, before=before, by=by, actor=actor, at=now, reason=reason
            )
        )
    Appointment.objects.filter(pk__in=[appointment.pk for appointment in appointments]).update(
        state=state,
        intake=None,
        ended_by=actor,
        ended_reason=reason[:300],
        version=F("version") + 1,
    )
    history.record(events)
    return appointments


def overdue(candidates: QuerySet[Appointment], *, now: dt.datetime) -> list[Appointment]:
    """Lock those of `candidates` whose hold is over and that nobody else is working on."""
    return claim_rows(
        candidates.filter(state__in=TIMED, held_until__lte=now)
        .select_related("slot")
        .order_by("pk"),
        limit=SWEEP,
    )


def held_by(holder_key: str) -> list[Appointment]:
    """Lock what a visitor holds at this moment."""
    held = Appointment.objects.filter(holder_key=holder_key, state=AppointmentState.HELD)
    return lock_rows(held.select_related("slot"), held.values_list("pk", flat=True))


def close_requests_without_times(request_ids: Iterable[int], *, now: dt.datetime) -> None:
    """Close requests whose offered times have all lapsed and tell the patient.

    One that somebody answers at this moment is left to the next sweep: they lock the request first
    and the times after it, so waiting here could be a deadlock.
    """
    open_requests = WindowRequest.objects.filter(state__in=OPEN_REQUEST, pk__in=list(request_ids))
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
        cases.move(request.case, CaseState.WITHDRAWN, by=None, actor=Actor.SYSTEM, now=now)
        notices.request_expired(request)
