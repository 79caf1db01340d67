"""What follows from money that came in, in the transaction that marks the payment paid."""

import datetime as dt

from bookings.models import Appointment
from bookings.services import paid
from bookings.transitions import AppointmentState
from medtour.lib.money import Money
from payments.gateways.protocol import Charge
from payments.models import MoneyAlert, Obligation, ObligationKind, Payment, RefundCause
from payments.selectors.balances import paid_in
from payments.services import attempts, payment_notices, postings, receipts, refunds
from payments.services.alerts import raise_alert
from payments.services.reservation_ends import want_release
from payments.transitions import CLAIMING_PAYMENT, LIVE_PAYMENT, PaymentState

# Why a deposit is no longer due: money came for a place that was gone, or none came in time.
PLACE_LOST, LAPSED = "place_lost", "lapsed"
LOST = (AppointmentState.EXPIRED, AppointmentState.CANCELLED, AppointmentState.DECLINED)


def receive(payment: Payment, charge: Charge, *, now: dt.datetime) -> None:
    """Mark a locked payment paid, post it, and do what its obligation then calls for."""
    payment.method, payment.failure_code = charge.method[:40], ""
    payment.intent_id, payment.settled_at = charge.intent_id, now
    count(payment)
    attempts.move(payment, PaymentState.SUCCEEDED, now=now)
    money_is_in(payment, now=now)


def count(payment: Payment) -> None:
    """Divide a payment into what counts and what is too much, before it succeeds.

    A running payment has its part reserved. One that we gave up on counts as far as nobody else
    pays or paid; the rest goes back.
    """
    counts = min(payment.contract_minor, _room(payment))
    payment.surplus_minor += payment.contract_minor - counts
    payment.contract_minor = counts


def has_room(payment: Payment) -> bool:
    """Tell whether all of a payment that did not succeed yet can count."""
    return _room(payment) >= payment.contract_minor


def _room(payment: Payment) -> int:
    obligation = Obligation.objects.get(pk=payment.obligation_id)
    if obligation.closed_at and obligation.appointment_id is None:
        return 0
    if payment.state in (*LIVE_PAYMENT, PaymentState.RESERVED):
        return payment.contract_minor
    if payment.share_id and _share_is_taken(payment):
        return 0
    return obligation.unclaimed.minor


def _share_is_taken(payment: Payment) -> bool:
    others = Payment.objects.filter(
        share=payment.share_id, state__in=CLAIMING_PAYMENT, surplus_minor=0
    )
    return others.exclude(pk=payment.pk).exists()


def money_is_in(payment: Payment, *, now: dt.datetime) -> None:
    """Post a payment that just succeeded, and settle, confirm or give back; also for transfers."""
    postings.post_payment(payment, at=now)
    if payment.share and not payment.surplus_minor:
        payment.share.paid_at = now
        payment.share.save(update_fields=["paid_at"])
        payment_notices.share_paid(payment)
    if payment.surplus_minor:
        refunds.refund_surplus(payment, now=now)
    obligation = Obligation.objects.select_related("appointment", "hospital", "case").get(
        pk=payment.obligation_id
    )
    if obligation.kind == ObligationKind.DEPOSIT and obligation.appointment is not None:
        _settle_deposit(obligation, payment, now=now)
    elif _is_paid(obligation):
        _mark_settled(obligation, now=now)
    receipts.promise_receipt(payment, now=now)


def _settle_deposit(obligation: Obligation, payment: Payment, *, now: dt.datetime) -> None:
    appointment = obligation.appointment
    assert appointment is not None  # noqa: S101
    if payment.wanted:
        _keep_the_ladders_part(obligation, payment, now=now)
        return
    is_first = obligation.settled_at is None
    if _is_paid(obligation) and is_first:
        if place_is_ours(appointment, now=now):
            _mark_settled(obligation, now=now)
            payment_notices.deposit_paid(obligation)
        else:
            give_back(obligation, now=now)
    elif is_first and appointment.state in LOST:
        give_back(obligation, now=now)


def _keep_the_ladders_part(obligation: Obligation, payment: Payment, *, now: dt.datetime) -> None:
    """Send back what the ladder gives of money that was collected after its appointment ended.

    One that should have been let go, but was collected by somebody else's hand, goes back whole.
    """
    if payment.wanted == Payment.Wanted.RELEASE:
        refunds.refund_all(payment, cause=RefundCause.PLACE_LOST, now=now)
    elif payment.back_minor:
        back = Money(payment.back_minor, payment.charge_currency)
        refunds.request_refund(payment, amount=back, cause=RefundCause.PATIENT_CANCELLED, now=now)
    payment.wanted = ""
    payment.save(update_fields=["wanted"])
    obligation.settled_at = now
    obligation.save(update_fields=["settled_at"])


def _is_paid(obligation: Obligation) -> bool:
    return paid_in(obligation).minor >= obligation.amount_minor


def place_is_ours(appointment: Appointment, *, now: dt.datetime) -> bool:
    """Confirm the appointment, or take its lapsed place again; False when it is gone for good."""
    if appointment.state in LOST:
        return paid.reclaim(appointment, now=now)
    paid.confirm_paid(appointment, now=now)
    return True


def _mark_settled(obligation: Obligation, *, now: dt.datetime) -> None:
    obligation.settled_at, obligation.closed_at, obligation.closed_reason = now, None, ""
    obligation.save(update_fields=["settled_at", "closed_at", "closed_reason"])


def reopen(obligation: Obligation) -> None:
    """Undo that an amount was closed: its place was taken again."""
    obligation.closed_at, obligation.closed_reason = None, ""
    obligation.save(update_fields=["closed_at", "closed_reason"])


def give_back(obligation: Obligation, *, now: dt.datetime) -> None:
    """Send all money for a lost place back, close the obligation, tell the person and the desk.

    One for which nothing was ever paid has merely lapsed.
    """
    paid_ones = obligation.payments.filter(state=PaymentState.SUCCEEDED).order_by("pk")
    for kept in obligation.payments.filter(state=PaymentState.RESERVED, wanted=""):
        want_release(kept)
    for payment in paid_ones:
        if refunds.refund_all(payment, cause=RefundCause.PLACE_LOST, now=now) is None:
            continue
        payment_notices.place_lost(payment)
        raise_alert(
            MoneyAlert.Kind.PLACE_LOST,
            f"place_lost:{payment.public_id}",
            hospital=obligation.hospital,
            payment=payment,
            obligation=obligation.public_id,
        )
    reason = PLACE_LOST if paid_ones else LAPSED
    if obligation.closed_at is None or obligation.closed_reason == LAPSED != reason:
        obligation.closed_at = obligation.closed_at or now
        obligation.closed_reason = reason
        obligation.save(update_fields=["closed_at", "closed_reason"])
