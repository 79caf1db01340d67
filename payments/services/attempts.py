"""Every change of a payment's state, with its line of history."""

import datetime as dt

from accounts.models import User
from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.services import history
from medtour.lib.locks import lock_row
from medtour.lib.states import check_move
from payments.models import Obligation, Payment
from payments.transitions import PAYMENT

WITH_ALL = ("obligation__case", "obligation__hospital", "payee_account", "share")


def lock_payment(payment: Payment) -> Payment:
    """Lock a payment and what it belongs to, always in this order, so that nobody deadlocks:

    appointment, amount due, payment. Whoever cancels an appointment locks it first as well.
    """
    lock_owner(payment)
    return lock_row(Payment.objects.select_related(*WITH_ALL), payment.pk)


def lock_owner(payment: Payment) -> None:
    """Lock the appointment and the amount due that a payment belongs to, before the payment."""
    obligation = Obligation.objects.only("appointment_id").get(pk=payment.obligation_id)
    if obligation.appointment_id:
        lock_row(Appointment.objects.only("pk"), obligation.appointment_id)
    lock_row(Obligation.objects.only("pk"), payment.obligation_id)


def move(payment: Payment, state: str, *, now: dt.datetime, reason: str = "") -> None:
    """Move a locked payment, save all of it, and record who moved what; raises MoveRefused."""
    before = payment.state
    check_move(PAYMENT, before, state)
    payment.state = state
    payment.save()
    record(payment, before, by=None, actor=Actor.SYSTEM, now=now, reason=reason)


def record(
    payment: Payment,
    before: str,
    *,
    by: User | None,
    actor: str,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Write a line of history; it names the attempt by its public id and nobody by name."""
    event = history.case_event(
        payment.obligation.case,
        "payment",
        before=before,
        by=by,
        actor=actor,
        at=now,
        payment=payment.public_id,
    )
    event.after, event.reason = payment.state, reason[:300]
    event.appointment_id = payment.obligation.appointment_id
    history.record([event])
