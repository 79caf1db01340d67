"""What paying does to an appointment; booking knows nothing else of money.

The only place that confirms an appointment whose hold had run out: money came late, and the time
is still free.
"""

import datetime as dt

from django.db import transaction

from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.refusals import HoldExpired, SlotGone
from bookings.services import cases, claims, history, notices
from bookings.transitions import APPOINTMENT, AppointmentState, CaseState
from medtour.lib.errors import Refusal
from medtour.lib.locks import Busy, lock_row
from medtour.lib.states import check_move

WITH_ALL = ("slot__offer__treatment", "booker", "case", "interpreter")
KEPT = (AppointmentState.CONFIRMED, AppointmentState.ARRIVED, AppointmentState.COMPLETED)


def keep_for_payment(
    appointment: Appointment, *, until: dt.datetime, now: dt.datetime
) -> Appointment:
    """Keep the place while somebody is on the payment page; a hold is never made shorter.

    Raises HoldExpired when the hold is over, or would last past the start; SlotGone for a time that
    the hospital took off sale: nobody pays for it.
    """
    with transaction.atomic():
        fresh = lock_row(Appointment.objects.select_related(*WITH_ALL), appointment.pk)
        is_over = fresh.state != AppointmentState.AWAITING_PAYMENT or not fresh.is_live_claim(now)
        if is_over or until > fresh.slot.starts_at:
            raise HoldExpired
        if fresh.slot.withdrawn_at:
            raise SlotGone
        if fresh.held_until is None or fresh.held_until < until:
            fresh.held_until = until
            fresh.save(update_fields=["held_until"])
            _record(fresh, "extend", before=fresh.state, now=now)
    return fresh


def confirm_paid(appointment: Appointment, *, now: dt.datetime) -> Appointment:
    """Confirm an appointment whose deposit is paid in full; one that is kept stays as it is.

    So does one to which nobody came: a card that pays late does not undo that.

    A place that waits for payment is taken all the while, so this never fails for want of one, also
    when `held_until` is past but nobody ended the hold yet. Raises MoveRefused.
    """
    with transaction.atomic():
        fresh = lock_row(Appointment.objects.select_related(*WITH_ALL), appointment.pk)
        if fresh.state in (*KEPT, AppointmentState.NO_SHOW):
            return fresh
        check_move(APPOINTMENT, fresh.state, AppointmentState.CONFIRMED)
        _confirm(fresh, before=fresh.state, version=fresh.version + 1, now=now)
    return fresh


def reclaim(appointment: Appointment, *, now: dt.datetime) -> bool:
    """Take the lapsed place again for money that came late; False when that is not possible.

    The place, the patient and the interpreter must be free, and the time still bookable. Raises
    Busy when somebody else is just working on the place: ask again.
    """
    with transaction.atomic():
        fresh = lock_row(Appointment.objects.select_related(*WITH_ALL), appointment.pk)
        if fresh.state in KEPT:
            return True
        if fresh.state != AppointmentState.EXPIRED:
            return False
        before, version = fresh.state, fresh.version + 1
        try:
            claims.check_bookable(fresh.slot, now=now)
            claims.claim(
                fresh,
                save=lambda row: _confirm(row, before=before, version=version, now=now),
                interpreter_wanted=fresh.interpreter_id is not None,
                now=now,
            )
        except Busy:
            raise
        except Refusal:
            return False
        _reopen_case(fresh, now=now)
    return True


def _confirm(appointment: Appointment, *, before: str, version: int, now: dt.datetime) -> None:
    appointment.state, appointment.version = AppointmentState.CONFIRMED, version
    appointment.held_until, appointment.confirmed_at = None, now
    appointment.ended_by = appointment.ended_reason = ""
    appointment.save(
        update_fields=[
            "state",
            "held_until",
            "confirmed_at",
            "ended_by",
            "ended_reason",
            "version",
            "interpreter",
        ]
    )
    _record(appointment, "confirm", before=before, now=now)
    notices.confirmed(appointment, booker=appointment.kept_booker, now=now)


def _reopen_case(appointment: Appointment, *, now: dt.datetime) -> None:
    """Undo the withdrawal that the lapse of the hold brought with it."""
    case = appointment.kept_case
    if case.state != CaseState.WITHDRAWN:
        return
    before = case.state
    cases.set_state(case, CaseState.SCHEDULED)
    history.record(
        [history.case_event(case, "move", before=before, by=None, actor=Actor.SYSTEM, at=now)]
    )


def _record(appointment: Appointment, action: str, *, before: str, now: dt.datetime) -> None:
    history.record(
        [
            history.appointment_event(
                appointment, action, before=before, by=None, actor=Actor.SYSTEM, at=now
            )
        ]
    )
