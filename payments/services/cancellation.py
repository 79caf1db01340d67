"""Cancelling an appointment together with what comes back: one transaction, one promise."""

import datetime as dt
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.services.appointments import cancel_appointment
from medtour.lib import clock
from medtour.lib.locks import busy_is_a_refusal
from payments.models import Obligation, RefundCause
from payments.selectors.refund_preview import BY_PATIENT, WHOLE, is_last, refund_preview
from payments.services.obligations import close_obligation
from payments.services.refund_begin import Wish, begin, lock_payment
from payments.services.refund_sending import give_up_undecided
from payments.services.reservation_ends import end_with
from payments.transitions import PaymentState

CANCELLED = "cancelled"


def cancel_with_refund(
    appointment: Appointment,
    *,
    by: User | None,
    actor: str,
    version: int,
    reason: str = "",
    cause: str | None = None,
    now: dt.datetime | None = None,
) -> Appointment:
    """End a booked appointment and begin the refunds that its frozen ladder gives.

    A patient may name a cause that needs proof: the ladder's part comes back at once, the rest
    when a claim is accepted. A hospital or the system gives everything back. Where nothing was paid
    it is `bookings`' own cancelling. Raises what that raises; a refused call changes nothing.
    """
    now = now or clock.now()
    cancel = partial(
        cancel_appointment, appointment, by=by, actor=actor, version=version, reason=reason, now=now
    )
    return _with_refund(cancel, cause=cause_of(actor, cause), now=now)


def cancel_proven(
    appointment: Appointment,
    *,
    by: User | None,
    version: int,
    cause: str,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Appointment:
    """End an appointment for a patient whose cause is proved by what we know: all comes back.

    Raises what bookings' cancelling raises; a refused call changes nothing.
    """
    now = now or clock.now()
    cancel = partial(
        cancel_appointment,
        appointment,
        by=by,
        actor=Actor.PATIENT,
        version=version,
        reason=reason,
        now=now,
    )
    return _with_refund(cancel, cause=cause_of(Actor.PATIENT, cause), is_proven=True, now=now)


def cancel_by_hospital(
    appointment: Appointment,
    *,
    by: User,
    version: int,
    reason: str = "",
    time_stays_usable: bool = True,
    now: dt.datetime | None = None,
) -> Appointment:
    """End an appointment for the hospital: everything comes back, and the time is kept or not.

    With `time_stays_usable` the place goes to whoever waits; without, nobody gets it. Raises what
    bookings' cancelling raises; a refused call changes nothing.
    """
    now = now or clock.now()
    cancel = partial(
        cancel_appointment,
        appointment,
        by=by,
        actor=Actor.HOSPITAL,
        version=version,
        reason=reason,
        time_stays_usable=time_stays_usable,
        now=now,
    )
    return _with_refund(cancel, cause=RefundCause.HOSPITAL_CANCELLED, now=now)


def _with_refund(
    cancel: Callable[[], Appointment], *, cause: str, now: dt.datetime, is_proven: bool = False
) -> Appointment:
    with busy_is_a_refusal(), transaction.atomic():
        cancelled = cancel()
        # Locked in the order that settling keeps: appointment, obligation, payment, refund.
        due = Q(appointment=cancelled)
        if is_last(cancelled):
            # Nothing more is due towards a treatment that does not take place.
            due |= Q(case=cancelled.case_id, appointment=None, settled_at=None)
        for obligation in Obligation.objects.filter(due, closed_at=None).order_by("pk"):
            close_obligation(obligation, reason=CANCELLED, now=now)
        _give_back(cancelled, cause=cause, is_proven=is_proven, now=now)
    return cancelled


def cause_of(actor: str, cause: str | None) -> str:
    """Return why the money goes back; only patients can choose, and only among their own causes."""
    if actor != Actor.PATIENT:
        return RefundCause.HOSPITAL_CANCELLED
    if cause is not None and cause not in BY_PATIENT:
        raise ValueError(f"a patient cannot cancel because of {cause}")
    return cause or RefundCause.PATIENT_CANCELLED


def _give_back(appointment: Appointment, *, cause: str, is_proven: bool, now: dt.datetime) -> None:
    """Do what the preview says; a payment that is disputed keeps its refund waiting."""
    preview = refund_preview(appointment, cause=cause, is_proven=is_proven, now=now)
    for line in preview.lines:
        if line.payment.state == PaymentState.RESERVED:
            end_with(lock_payment(line.payment.pk), line.amount)
        elif line.amount.minor:
            payment = lock_payment(line.payment.pk)
            if line.percent == WHOLE:
                give_up_undecided(payment, now=now)
            begin(payment, Wish(line.amount, cause), now=now)
