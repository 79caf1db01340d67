"""Money by bank transfer: the cashier writes down what the bank credited (PY-16).

A part is a payment of a part, the obligation stays open. What is too much counts for nothing: it
goes back, which is a task for the cashier.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.models import User
from bookings.models import Appointment
from bookings.models.case import Actor
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.locks import lock_row, lock_rows
from medtour.lib.money import Money
from payments.models import Gateway, MoneyAlert, Obligation, PayeeAccount, Payment
from payments.refund_refusals import (
    NothingReceived,
    ReceiptKnown,
    ReceivedLater,
    ReferenceMissing,
)
from payments.refusals import CurrencyNotTaken, refusals_of_the_database
from payments.selectors.due import asked_instead
from payments.services import arrivals, attempts
from payments.services.alerts import raise_alert
from payments.services.payees import payee_for
from payments.transitions import LIVE_PAYMENT, PaymentState

KNOWN_RECEIPT = "payments_payment_bank_reference"
METHOD = "bank_transfer"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bank statement says: how much, on which day, from whom, under which reference."""

    amount: Money
    received_on: dt.date
    remitter: str
    bank_reference: str


def record_receipt(
    obligation: Obligation,
    *,
    amount: Money,
    received_on: dt.date,
    remitter: str,
    bank_reference: str,
    by: User,
    now: dt.datetime | None = None,
) -> Payment:
    """Count a transfer towards an obligation, in the contract's currency.

    When another amount asks for the money by now, it counts towards that one.

    Running attempts to pay the same online are given up as far as the money is needed. Raises
    CurrencyNotTaken, NothingReceived, ReferenceMissing, ReceivedLater, ReceiptKnown, NoPayee or
    PayeeMismatch; a refused receipt changes nothing.
    """
    now = now or clock.now()
    receipt = Receipt(amount, received_on, remitter.strip(), bank_reference.strip())
    _check(obligation, receipt, now)
    account = payee_for(obligation.hospital, Gateway.BANK_TRANSFER)
    try:
        with refusals_of_the_database(), transaction.atomic():
            return _record(obligation, receipt, account, by=by, now=now)
    except IntegrityError as error:
        if constraint_name(error) != KNOWN_RECEIPT:
            raise
        raise ReceiptKnown from error


def _check(obligation: Obligation, receipt: Receipt, now: dt.datetime) -> None:
    if receipt.amount.currency != obligation.currency:
        raise CurrencyNotTaken
    if receipt.amount.minor <= 0:
        raise NothingReceived
    if not receipt.bank_reference:
        raise ReferenceMissing
    if receipt.received_on > clock.local(now, obligation.hospital.time_zone).date():
        raise ReceivedLater


def _record(
    obligation: Obligation,
    receipt: Receipt,
    account: PayeeAccount,
    *,
    by: User,
    now: dt.datetime,
) -> Payment:
    due = _lock_what_asks_now(obligation)
    counts = _counts(due, receipt.amount, now=now)
    payment = Payment.objects.create(
        obligation=due,
        payee_account=account,
        attempt=_next_attempt(due),
        gateway=Gateway.BANK_TRANSFER,
        state=PaymentState.SUCCEEDED,
        contract_minor=counts,
        surplus_minor=receipt.amount.minor - counts,
        charge_minor=receipt.amount.minor,
        charge_currency=receipt.amount.currency,
        payer_name=receipt.remitter,
        method=METHOD,
        bank_reference=receipt.bank_reference,
        received_on=receipt.received_on,
        recorded_by=by,
        created_at=now,
        settled_at=now,
    )
    attempts.record(payment, "", by=by, actor=Actor.HOSPITAL, now=now)
    arrivals.money_is_in(payment, now=now)
    if payment.surplus_minor:
        raise_alert(
            MoneyAlert.Kind.OVERPAID,
            f"overpaid:{payment.public_id}",
            payment=payment,
            hospital=due.hospital,
            obligation=due.public_id,
        )
    return payment


def _counts(obligation: Obligation, amount: Money, *, now: dt.datetime) -> int:
    """Return how much of a transfer is owed, once running attempts made room for it."""
    if obligation.closed_at:
        return 0
    _give_up_running(obligation, amount, now=now)
    obligation.refresh_from_db(fields=["claimed_minor"])
    return min(amount.minor, obligation.unclaimed.minor)


def _lock_what_asks_now(obligation: Obligation) -> Obligation:
    """Lock the amount due, or what took its place while the transfer was under way."""
    due = _lock(obligation)
    while (instead := asked_instead(due)) is not None:
        due = _lock(instead)
    return due


def _lock(obligation: Obligation) -> Obligation:
    """Lock as settling does: the appointment, then what is due for it."""
    if obligation.appointment_id:
        lock_row(Appointment.objects.only("pk"), obligation.appointment_id)
    return lock_row(
        Obligation.objects.select_related("hospital", "case", "appointment"), obligation.pk
    )


def _give_up_running(obligation: Obligation, amount: Money, *, now: dt.datetime) -> None:
    """Cancel running attempts, newest first, until what came by bank finds room.

    Should one of them be paid all the same, that is money too much, and goes back.
    """
    running = obligation.payments.filter(state__in=LIVE_PAYMENT).exclude(
        gateway=Gateway.BANK_TRANSFER
    )
    free = obligation.unclaimed.minor
    locked = lock_rows(
        Payment.objects.select_related("obligation__case"), running.values_list("pk", flat=True)
    )
    for payment in reversed(locked):
        if free >= amount.minor:
            return
        if payment.state in LIVE_PAYMENT:
            attempts.move(payment, PaymentState.CANCELLED, now=now, reason=METHOD)
            free += payment.contract_minor


def _next_attempt(obligation: Obligation) -> int:
    last = obligation.payments.order_by("-attempt").values_list("attempt", flat=True).first()
    return (last or 0) + 1
