"""Beginning a refund: the row, what it takes from the payment, the ledger and the message."""

import datetime as dt
from dataclasses import dataclass

from accounts.models import User
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from payments.models import Payment, Refund, RefundRoute
from payments.refund_refusals import AmountNotPayable, NothingToRefund, RefundTooLarge
from payments.refund_rules import can_be_paid_out
from payments.selectors.refundable import goes_by_bank, left_of
from payments.services import refund_notices, refund_postings
from payments.transitions import PaymentState

WITH_CASE = ("obligation__case__patient__account", "obligation__hospital", "payee_account", "payer")


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall go back and why. `by` is the person who decided it, None for a frozen rule.

    `place` is what becomes of a confirmed appointment that the money was for. `replaces` is a
    refund that failed: this one takes its place, by bank transfer.
    """

    amount: Money
    cause: str
    reason: str = ""
    by: User | None = None
    needs_approval: bool = False
    place: str = ""
    replaces: Refund | None = None


def lock_payment(pk: int) -> Payment:
    """Lock a payment; everything about its refunds and disputes waits for this lock."""
    return lock_row(Payment.objects.select_related(*WITH_CASE), pk)


def lock_refund(refund: Refund) -> Refund:
    """Lock a refund behind its payment, and return it with the payment as it is now."""
    payment = lock_payment(refund.payment_id)
    locked = lock_row(Refund.objects.select_related("requested_by"), refund.pk)
    locked.payment = payment
    return locked


def begin(payment: Payment, wish: Wish, *, now: dt.datetime) -> Refund:
    """Write a refund of a locked payment; unless it waits for approval, it is on its way.

    Raises NothingToRefund, AmountNotPayable or RefundTooLarge.
    """
    left = left_of(payment)
    if payment.state != PaymentState.SUCCEEDED or left.charge.minor <= 0:
        raise NothingToRefund
    if wish.amount.currency != payment.charge_currency or not can_be_paid_out(wish.amount):
        raise AmountNotPayable
    if wish.amount.minor > left.charge.minor:
        raise RefundTooLarge
    contract = refund_postings.counterpart(payment, wish.amount, cause=wish.cause, left=left)
    before = wish.replaces
    by_bank = before is not None or goes_by_bank(payment)
    refund = Refund.objects.create(
        payment=payment,
        amount_minor=wish.amount.minor,
        contract_minor=contract.minor,
        cause=wish.cause,
        reason=wish.reason[:300],
        place=wish.place,
        route=RefundRoute.BANK_TRANSFER if by_bank else RefundRoute.ORIGINAL,
        needs_approval=wish.needs_approval,
        requested_by=wish.by,
        approved_by=before.approved_by if before else None,
        approved_at=before.approved_at if before else None,
        replaces=before,
        next_attempt_at=now,
        created_at=now,
    )
    payment.refresh_from_db(fields=["refunded_minor"])
    if refund.approved_by_id or not refund.needs_approval:
        set_off(refund, by=wish.by, now=now)
    return refund


def set_off(refund: Refund, *, by: User | None, now: dt.datetime) -> None:
    """Post a decided refund; tell whoever paid, unless they know it from the one it replaces."""
    refund_postings.post_begun(refund, by=by, at=now)
    if refund.replaces_id is None:
        refund_notices.begun(refund)
