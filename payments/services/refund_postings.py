"""What giving money back writes into the ledger; signs and keys are listed in docs/payments.md."""

import datetime as dt

from accounts.models import User
from medtour.lib.money import Money
from payments.models import Account, Dispute, Payment, PostingKind, Refund, RefundCause, RefundRoute
from payments.refund_rules import Left, contract_part
from payments.selectors.refundable import credit_of
from payments.services import ledger, postings

Leg = tuple[Account, Money]


def counterpart(payment: Payment, amount: Money, *, cause: str, left: Left) -> Money:
    """Return what a part of a payment counts for in the contract's currency.

    Money beyond what was owed went into the ledger apart, so it leaves it as the same sum.
    """
    parts = postings.charge_parts(payment)
    surplus = Money(payment.surplus_minor, payment.obligation.currency)
    if cause == RefundCause.PAID_TWICE and amount == parts.surplus:
        return min(surplus, left.contract)
    if not parts.applied.minor:
        return contract_part(amount, charged=parts.surplus, counted=surplus, left=left)
    return contract_part(amount, charged=parts.applied, counted=payment.contract, left=left)


def post_begun(refund: Refund, *, by: User | None, at: dt.datetime) -> None:
    """Post that money is on its way back; the payment is locked, so what it holds stands still."""
    payment = refund.payment
    counted = Money(refund.contract_minor, payment.obligation.currency)
    legs = _taken_back(payment, counted, is_surplus=refund.cause == RefundCause.PAID_TWICE)
    legs += [(Account.REFUND_PAYABLE, refund.amount * -1), *_exchange(counted, refund.amount)]
    _post(f"refund:{refund.public_id}:begun", PostingKind.REFUND, refund, legs, by=by, at=at)


def post_sent(refund: Refund, *, by: User | None = None, at: dt.datetime) -> None:
    """Post that the money left the processor or the bank."""
    account = Account.PROCESSOR if refund.route == RefundRoute.ORIGINAL else Account.BANK
    legs = [(Account.REFUND_PAYABLE, refund.amount), (account, refund.amount * -1)]
    _post(f"refund:{refund.public_id}:sent", PostingKind.REFUND_SENT, refund, legs, by=by, at=at)


def post_failed(refund: Refund, *, at: dt.datetime) -> None:
    """Undo what was posted of a refund, also its being sent; nothing for one that never began."""
    key = f"refund:{refund.public_id}"
    failed = PostingKind.REFUND_FAILED
    ledger.reverse(f"{key}:returned", failed, of=f"{key}:sent", note=refund.failure_code, at=at)
    ledger.reverse(f"{key}:failed", failed, of=f"{key}:begun", note=refund.failure_code, at=at)


def post_dispute_opened(dispute: Dispute, amount: Money, *, at: dt.datetime) -> None:
    legs = [(Account.DISPUTED, amount), (Account.PROCESSOR, amount * -1)]
    _post_dispute("opened", PostingKind.DISPUTE, dispute, legs, at=at)


def post_dispute_fee(dispute: Dispute, line: str, fee: Money, *, at: dt.datetime) -> None:
    """Post what the processor took for a dispute, or gave back of it, once for each movement."""
    legs = [(Account.FEES, fee), (Account.PROCESSOR, fee * -1)]
    _post_dispute(f"fee:{line}", PostingKind.FEE, dispute, legs, at=at)


def post_dispute_won(dispute: Dispute, *, at: dt.datetime) -> None:
    key = f"dispute:{dispute.gateway_id}"
    ledger.reverse(f"{key}:won", PostingKind.DISPUTE_WON, of=f"{key}:opened", at=at)


def post_dispute_lost(dispute: Dispute, amount: Money, *, left: Left, at: dt.datetime) -> None:
    """Post that the payer has the money back: it no longer counts towards what was owed."""
    payment = dispute.payment
    counted = counterpart(payment, amount, cause="", left=left)
    legs = _taken_back(payment, counted, is_surplus=False)
    legs += [(Account.DISPUTED, amount * -1), *_exchange(counted, amount)]
    _post_dispute("lost", PostingKind.DISPUTE_LOST, dispute, legs, at=at)


def _taken_back(payment: Payment, counted: Money, *, is_surplus: bool) -> list[Leg]:
    """Return the legs on the patient's side: what counted first, then what was beyond it.

    A refund of what was paid beyond takes that first; what neither holds, the patient owes.
    """
    credit = credit_of(payment)
    beyond = max(credit[Account.UNAPPLIED].minor, 0)
    over = counted.minor - max(credit[Account.PATIENT].minor, 0)
    surplus = Money(min(counted.minor if is_surplus else max(over, 0), beyond), counted.currency)
    return [(Account.PATIENT, counted - surplus), (Account.UNAPPLIED, surplus)]


def _exchange(counted: Money, amount: Money) -> list[Leg]:
    """Return the legs between two currencies; within one, what differs is rounding."""
    if counted.currency == amount.currency:
        return [(Account.ROUNDING, amount - counted)]
    return [(Account.EXCHANGE, counted * -1), (Account.EXCHANGE, amount)]


def _post(
    key: str,
    kind: PostingKind,
    refund: Refund,
    legs: list[Leg],
    *,
    by: User | None,
    at: dt.datetime,
) -> None:
    payment = refund.payment
    ledger.post(
        key,
        kind,
        case=payment.obligation.case,
        hospital=payment.obligation.hospital,
        entries=legs,
        payment=payment,
        refund=refund,
        rate=payment.rate,
        rate_on=payment.rate_on,
        by=by,
        at=at,
    )


def _post_dispute(
    step: str, kind: PostingKind, dispute: Dispute, legs: list[Leg], *, at: dt.datetime
) -> None:
    payment = dispute.payment
    ledger.post(
        f"dispute:{dispute.gateway_id}:{step}",
        kind,
        case=payment.obligation.case,
        hospital=payment.obligation.hospital,
        entries=legs,
        payment=payment,
        rate=payment.rate,
        rate_on=payment.rate_on,
        at=at,
    )
