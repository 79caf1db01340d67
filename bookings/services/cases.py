"""The case that carries an appointment: opened with it, moved along with it."""

import datetime as dt

from accounts.models import Patient, User
from bookings.models import Appointment, Case, WindowRequest
from bookings.models.case import Actor
from bookings.services import history
from bookings.transitions import CASE, OCCUPYING, AppointmentState, CaseState
from medtour.lib.states import MoveRefused, check_move

BEFORE_QUOTE = (CaseState.SUBMITTED, CaseState.IN_TRIAGE, CaseState.INFO_NEEDED)
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
    """Move a case along its path; raises MoveRefused for any other step.

    Also when somebody else moved it since it was read: then nothing is written over their step.
    """
    before = case.state
    check_move(CASE, before, state)
    set_state(case, state)
    history.record([history.case_event(case, action, before=before, by=by, actor=actor, at=now)])


def set_state(case: Case, state: str) -> None:
    """Write a state where the row still has the one that was read; raises MoveRefused."""
    if not Case.objects.filter(pk=case.pk, state=case.state).update(state=state):
        raise MoveRefused(case.state, state)
    case.state = state


def end_with_request(
    case: Case, state: str, *, by: User | None, actor: str, now: dt.datetime
) -> None:
    """End a case whose request for dates ended, unless it has gone on by a quote meanwhile."""
    if case.state in BEFORE_QUOTE:
        move(case, state, by=by, actor=actor, now=now)


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
    appointment: Appointment,
    *,
    by: User | None,
    actor: str,
    now: dt.datetime,
    had_come: bool = False,
) -> None:
    """Withdraw a scheduled case when its last appointment ended before treatment.

    With `had_come` also one whose patient had arrived but was not treated. The note that came with
    its request for dates was for this visit only, so it goes.
    """
    case = appointment.case
    if case is None or case.state not in (CaseState.SCHEDULED, CaseState.IN_TREATMENT):
        return
    if case.state == CaseState.IN_TREATMENT and not (had_come and _is_untreated(case)):
        return
    if case.appointments.filter(state__in=OCCUPYING).exclude(pk=appointment.pk).exists():
        return
    move(case, CaseState.WITHDRAWN, by=by, actor=actor, now=now)
    WindowRequest.objects.filter(case=case).update(notes="")


def _is_untreated(case: Case) -> bool:
    return not case.appointments.filter(state=AppointmentState.COMPLETED).exists()
