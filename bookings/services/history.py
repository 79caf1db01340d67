"""Writing history rows; the only place that says what a CaseEvent holds."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from bookings.models import (
    Appointment,
    Case,
    CaseEvent,
    FollowUpTask,
    ScheduleException,
    Slot,
    WaitingEntry,
    WindowRequest,
)
from bookings.models.case import Actor
from hospitals.models import Hospital


def appointment_event(
    appointment: Appointment,
    action: str,
    *,
    before: str = "",
    by: User | None,
    actor: str = Actor.PATIENT,
    at: dt.datetime,
    reason: str = "",
    **details: Any,
) -> CaseEvent:
    """Return an unsaved line of history of an appointment, its present state being `after`."""
    return CaseEvent(
        at=at,
        case_id=appointment.case_id,
        appointment=appointment,
        request_id=appointment.request_id,
        waiting_entry_id=appointment.waiting_entry_id,
        action=action,
        before=before,
        after=appointment.state,
        actor=actor,
        by=by,
        reason=reason[:300],
        details=details,
    )


def request_event(
    request: WindowRequest,
    action: str,
    *,
    before: str = "",
    by: User | None,
    actor: str,
    at: dt.datetime,
    reason: str = "",
) -> CaseEvent:
    """Return an unsaved line of history of a request for dates."""
    return CaseEvent(
        at=at,
        case_id=request.case_id,
        request=request,
        action=action,
        before=before,
        after=request.state,
        actor=actor,
        by=by,
        reason=reason[:300],
    )


def waiting_event(
    entry: WaitingEntry,
    action: str,
    *,
    before: str = "",
    by: User | None,
    actor: str,
    at: dt.datetime,
) -> CaseEvent:
    """Return an unsaved line of history of a place in the waiting line."""
    return CaseEvent(
        at=at,
        waiting_entry=entry,
        action=action,
        before=before,
        after=entry.state,
        actor=actor,
        by=by,
    )


def case_event(
    case: Case,
    action: str,
    *,
    before: str = "",
    by: User | None,
    actor: str,
    at: dt.datetime,
    **details: Any,
) -> CaseEvent:
    """Return an unsaved line of history of a case."""
    return CaseEvent(
        at=at,
        case=case,
        action=action,
        before=before,
        after=case.state,
        actor=actor,
        by=by,
        details=details,
    )


def follow_up_event(
    task: FollowUpTask,
    *,
    before: str,
    by: User | None = None,
    actor: str = Actor.SYSTEM,
    at: dt.datetime,
    why: str = "",
) -> CaseEvent:
    """Return an unsaved line of history of questions that fall due: its new state, or `why`."""
    return CaseEvent(
        at=at,
        case_id=task.case_id,
        follow_up=task,
        action=f"follow_up_{why or task.state}",
        before=before,
        after=task.state,
        actor=actor,
        by=by,
    )


def slot_event(
    slot: Slot, action: str, *, by: User | None, at: dt.datetime, reason: str = ""
) -> CaseEvent:
    """Return an unsaved line of history of a slot that staff changed by hand."""
    return CaseEvent(
        at=at,
        action=action,
        actor=Actor.HOSPITAL,
        by=by,
        reason=reason[:300],
        details={"slot": slot.public_id, "capacity": slot.capacity},
    )


def exception_event(
    exception: ScheduleException, *, by: User | None, at: dt.datetime, slots: int
) -> CaseEvent:
    """Return an unsaved line: who closed a day, or opened extra hours, and how many times went."""
    return CaseEvent(
        at=at,
        action=f"day_{exception.kind}",
        actor=Actor.HOSPITAL,
        by=by,
        reason=exception.reason[:300],
        details={"exception": exception.pk, "date": exception.date.isoformat(), "slots": slots},
    )


def vouched_event(hospital: Hospital, *, by: User | None, at: dt.datetime, slots: int) -> CaseEvent:
    """Return an unsaved line: who vouched for a hospital's times, and for how many (M25)."""
    return CaseEvent(
        at=at,
        action="vouch",
        actor=Actor.HOSPITAL,
        by=by,
        details={"hospital": hospital.slug, "slots": slots},
    )


def record(events: Iterable[CaseEvent]) -> None:
    """Save lines of history with one statement."""
    CaseEvent.objects.bulk_create(list(events))


LINE_COLUMNS = (
    "at, by_id, actor, action, before, after, reason, details, case_id, appointment_id, request_id,"
    " waiting_entry_id"
)
OPENED_LINE = (
    "(%(line_at)s, %(line_by)s, %(line_actor)s, 'open', '', %(case_state)s, '', '{}',"
    " (SELECT id FROM opened), NULL, NULL, NULL)"
)
CLAIMED_LINE = (
    "(%(line_at)s, %(line_by)s, %(line_actor)s, %(line_action)s, '', %(claim_state)s, '', '{}',"
    " (SELECT case_id FROM claimed), (SELECT id FROM claimed), %(claim_request_id)s,"
    " %(claim_waiting_entry_id)s)"
)
# Beside the rows `was` (before) and `ended` (after) of `release.END`.
INSERTION_BESIDE_END = f"""
INSERT INTO bookings_caseevent ({LINE_COLUMNS})
SELECT %(at)s, %(by)s, %(actor)s, %(action)s, was.state, %(state)s, %(reason)s, '{{}}',
       ended.case_id, ended.id, ended.request_id, ended.waiting_entry_id
  FROM ended JOIN was ON was.id = ended.id
 ORDER BY ended.id
"""  # noqa: S608  (only names of columns)


def insertion_beside_claim(*, opens_case: bool) -> str:
    """Return the part of `claim_statement` that writes the lines of a new claim and its case."""
    lines = [OPENED_LINE, CLAIMED_LINE] if opens_case else [CLAIMED_LINE]
    # The lines are the constants above; every value is a parameter.
    return f"INSERT INTO bookings_caseevent ({LINE_COLUMNS}) VALUES {', '.join(lines)}"  # noqa: S608
