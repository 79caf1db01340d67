"""What an insurer's word does to an appointment; booking knows nothing else of insurance (DP-07).

An appointment that waits for a guarantee keeps its place until a stated time. The insurer's yes
confirms it, or leaves the patient's own share to pay; without one the patient pays all, takes
another time, or cancels free of charge.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from bookings import policies
from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.refusals import HoldExpired, SlotGone
from bookings.services import history, notices
from bookings.services.paid import KEPT, WITH_ALL
from bookings.transitions import APPOINTMENT, TIMED, AppointmentState
from medtour.lib.locks import lock_row
from medtour.lib.states import check_move


@dataclass(frozen=True, slots=True)
class PaidByOthers:
    """Somebody else pays the hospital, so no deposit is asked; until `decided_by` they decide."""

    decided_by: dt.datetime | None = None


def keep_for_guarantee(
    appointment: Appointment, *, until: dt.datetime, now: dt.datetime
) -> Appointment:
    """Keep the place until `until` while an insurer is asked; never shorter than it is kept now.

    One that is confirmed already stays so. Raises HoldExpired when the place is no longer kept,
    MoveRefused for one that ended.
    """
    with transaction.atomic():
        fresh = _locked(appointment)
        if fresh.state in KEPT:
            return fresh
        if fresh.state in TIMED and not fresh.is_live_claim(now):
            raise HoldExpired
        before = fresh.state
        if before != AppointmentState.AWAITING_GUARANTEE:
            check_move(APPOINTMENT, before, AppointmentState.AWAITING_GUARANTEE)
        kept_before = fresh.held_until or now
        fresh.held_until = min(max(kept_before, until), fresh.slot.starts_at)
        if before == AppointmentState.AWAITING_GUARANTEE and fresh.held_until == kept_before:
            return fresh
        _move(fresh, AppointmentState.AWAITING_GUARANTEE, "keep_for_guarantee", now=now)
    return fresh


def confirm_guaranteed(
    appointment: Appointment, *, now: dt.datetime, pays_share: bool = False
) -> Appointment:
    """Confirm an appointment whose insurer promised to pay; one that is kept stays as it is.

    With `pays_share` the patient has a deposit for their own share to pay first, and a day to do
    so. One that ended is returned unchanged: its place is gone. So is one whose time the hospital
    took off sale: it stays on the desk's list of those to be moved or cancelled.
    """
    with transaction.atomic():
        fresh = _locked(appointment)
        if fresh.state != AppointmentState.AWAITING_GUARANTEE or fresh.slot.withdrawn_at:
            return fresh
        if pays_share:
            last = fresh.slot.starts_at - policies.LAST_ANSWER_BEFORE_START
            shortest = now + policies.PAYMENT_HOLD
            fresh.held_until = max(min(now + policies.SHARE_HOLD, last), shortest)
            _move(fresh, AppointmentState.AWAITING_PAYMENT, "guarantee", now=now)
        else:
            _confirm(fresh, "guarantee", by=None, now=now)
    return fresh


def release_to_self_pay(appointment: Appointment, *, by: User, now: dt.datetime) -> Appointment:
    """Let the patient pay without the insurer: the deposit first where the offer asks one.

    Raises HoldExpired when the place is no longer kept, SlotGone when the hospital took the time
    off sale, MoveRefused when it does not wait for an insurer.
    """
    with transaction.atomic():
        fresh = _locked(appointment)
        check_move(
            {AppointmentState.AWAITING_GUARANTEE: frozenset({AppointmentState.AWAITING_PAYMENT})},
            fresh.state,
            AppointmentState.AWAITING_PAYMENT,
        )
        if not fresh.is_live_claim(now):
            raise HoldExpired
        if fresh.slot.withdrawn_at:
            raise SlotGone
        if fresh.slot.offer.asks_deposit_online:
            fresh.held_until = now + policies.PAYMENT_HOLD
            _move(fresh, AppointmentState.AWAITING_PAYMENT, "self_pay", by=by, now=now)
        else:
            _confirm(fresh, "self_pay", by=by, now=now)
    return fresh


def wait_for_guarantee_again(
    appointment: Appointment, *, until: dt.datetime, now: dt.datetime
) -> Appointment:
    """Take a confirmed appointment back to waiting: its guarantee no longer fits (BK-13).

    The place is kept until `until`. One in any other state is returned unchanged.
    """
    with transaction.atomic():
        fresh = _locked(appointment)
        if fresh.state != AppointmentState.CONFIRMED or fresh.slot.starts_at <= now:
            return fresh
        fresh.held_until, fresh.confirmed_at = min(until, fresh.slot.starts_at), None
        _move(fresh, AppointmentState.AWAITING_GUARANTEE, "guarantee_lost", now=now)
    return fresh


def _locked(appointment: Appointment) -> Appointment:
    return lock_row(Appointment.objects.select_related(*WITH_ALL), appointment.pk)


def _confirm(appointment: Appointment, action: str, *, by: User | None, now: dt.datetime) -> None:
    appointment.held_until, appointment.confirmed_at = None, now
    _move(appointment, AppointmentState.CONFIRMED, action, by=by, now=now)
    notices.confirmed(appointment, booker=appointment.kept_booker, now=now)


def _move(
    appointment: Appointment,
    state: str,
    action: str,
    *,
    now: dt.datetime,
    by: User | None = None,
) -> None:
    before, appointment.state = appointment.state, state
    appointment.version += 1
    appointment.save(update_fields=["state", "held_until", "confirmed_at", "version"])
    actor = Actor.PATIENT if by else Actor.SYSTEM
    event = history.appointment_event(
        appointment, action, before=before, by=by, actor=actor, at=now
    )
    history.record([event])
