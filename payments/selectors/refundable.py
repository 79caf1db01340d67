"""What is left of a payment: by the ledger and by the refunds that still wait for approval."""

from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from medtour.lib.money import Money
from payments.models import Account, Dispute, Gateway, LedgerEntry, Obligation, Payment, Refund
from payments.refund_rules import Left
from payments.transitions import PaymentState, RefundState

PATIENT_SIDE = (Account.PATIENT, Account.UNAPPLIED)


def credit_of(payment: Payment) -> dict[str, Money]:
    """Return what the ledger still holds of one payment by account, in the contract's currency.

    `patient` counts towards what was owed, `unapplied` is beyond it; both positive.
    """
    currency = payment.obligation.currency
    entries = LedgerEntry.objects.filter(
        posting__payment=payment, account__in=PATIENT_SIDE, currency=currency
    )
    sums = dict(entries.order_by().values_list("account").annotate(total=Sum("amount_minor")))
    return {account: Money(-int(sums.get(account, 0)), currency) for account in PATIENT_SIDE}


def left_of(payment: Payment) -> Left:
    """Return what of a payment can still be refunded; a refund that waits is not left any more.

    A dispute that was lost took its part already; one that is open did not yet.
    """
    lost = payment.disputes.filter(state=Dispute.State.LOST).aggregate(total=Sum("amount_minor"))
    waiting = waiting_for_approval(payment).aggregate(total=Sum("contract_minor"))
    credit = sum(money.minor for money in credit_of(payment).values())
    return Left(
        charge=payment.refundable - Money(int(lost["total"] or 0), payment.charge_currency),
        contract=Money(credit - int(waiting["total"] or 0), payment.obligation.currency),
    )


def waiting_for_approval(payment: Payment) -> QuerySet[Refund]:
    return payment.refunds.filter(needs_approval=True, approved_by=None, state=RefundState.CREATED)


def undecided_of(payments: Iterable[Payment]) -> dict[int, Money]:
    """Return what of each payment waits for somebody's agreement, by its key; where nothing does
    it is left out. Where everything goes back by a rule, this does as well."""
    found = {payment.pk: payment.charge_currency for payment in payments}
    waiting = Refund.objects.filter(
        payment__in=found, needs_approval=True, approved_by=None, state=RefundState.CREATED
    )
    sums = waiting.order_by().values_list("payment").annotate(total=Sum("amount_minor"))
    return {pk: Money(int(total), found[pk]) for pk, total in sums}


def is_frozen(payment: Payment) -> bool:
    """Tell whether an open dispute forbids sending money of this payment back (PY-10)."""
    return payment.disputes.filter(state=Dispute.State.OPEN).exists()


def goes_by_bank(payment: Payment) -> bool:
    """Tell whether money of this payment can only go back by bank transfer.

    It came so, or the gateway sends nothing back any more because a dispute was lost.
    """
    if payment.gateway == Gateway.BANK_TRANSFER:
        return True
    return payment.disputes.filter(state=Dispute.State.LOST).exists()


def paid_payments(obligations: Iterable[Obligation]) -> QuerySet[Payment]:
    """Return the payments of these obligations that brought money, in the order of their keys."""
    return (
        Payment.objects.filter(obligation__in=list(obligations), state=PaymentState.SUCCEEDED)
        .select_related("obligation__case", "obligation__hospital", "payer")
        .order_by("pk")
    )
