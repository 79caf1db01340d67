"""The case that carries an appointment: opened with it, moved along with it."""

import datetime as dt

from accounts.models import Patient, User
from bookings.models import Appointment, Case, WindowRequest
from bookings.models.case import Actor
from bookings.services import history
from bookings.transitions import CASE, OCCUPYING, CaseState
from medtour.lib.states import check_move

UNDER_CARE = (CaseState.IN_TREATMENT, CaseState.DISCHARGED, CaseState.IN_FOLLOW_UP)


def new_scheduled_case(
    appointment: Appointment, *, patient: Patient, by: User, now: dt.datetime
) -> Case:
    """Return an unsaved case for an instant booking."""
    return Case(
        patient=patient,
        hospital_id=appointment.hospital_id,
        treatment_id=appointment.slot.offer.treatment_id,
        state=CaseState.SCHEDULED,
        opened_by=by,
        created_at=now,
    )


def open_scheduled_case(
    appointment: Appointment, *, patient: Patient, by: User, now: dt.datetime
) -> Case:
    """Open a case for an instant booking or an accepted place."""
    case = new_scheduled_case(appointment, patient=patient, by=by, now=now)
    case.save(force_insert=True)
    history.record([history.case_event(case, "open", by=by, actor="patient", at=now)])
    return case


def move(
    case: Case,
    state: str,
    *,
    by: User | None,
    actor: str,
    action: str = "move",
    now: dt.datetime,
) -> None:
    """Move a case along its path; raises MoveRefused for any other step."""
    before = case.state
    check_move(CASE, before, state)
    case.state = state
    case.save(update_fields=["state"])
    history.record([history.case_event(case, action, before=before, by=by, actor=actor, at=now)])


def begin_treatment(case: Case, *, by: User, now: dt.datetime) -> None:
    """Note that the patient came: the first time begins the treatment, later ones do nothing."""
    if case.state not in UNDER_CARE:
        move(case, CaseState.IN_TREATMENT, by=by, actor=Actor.HOSPITAL, now=now)


def end_treatment(appointment: Appointment, *, by: User, now: dt.datetime) -> None:
    """Move a case on when its last appointment is over and nothing else is booked."""
    case = appointment.kept_case
    if case.state != CaseState.IN_TREATMENT:
        return
    if case.appointments.filter(state__in=OCCUPYING).exclude(pk=appointment.pk).exists():
        return
    move(case, CaseState.DISCHARGED, by=by, actor=Actor.HOSPITAL, now=now)


def withdraw_if_nothing_is_left(
    appointment: Appointment, *, by: User | None, actor: str, now: dt.datetime
) -> None:
    """Withdraw a scheduled case when its last appointment ended before treatment.

    The note that came with its request for dates was for this visit only, so it goes.
    """
    case = appointment.case
    if case is None or case.state != CaseState.SCHEDULED:
        return
    if case.appointments.filter(state__in=OCCUPYING).exclude(pk=appointment.pk).exists():
        return
    move(case, CaseState.WITHDRAWN, by=by, actor=actor, now=now)
    WindowRequest.objects.filter(case=case).update(notes="")
