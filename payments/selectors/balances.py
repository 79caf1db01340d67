"""What the ledger says: every balance is a sum of entries, kept nowhere else (M7)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from bookings.models import Case
from hospitals.models import Hospital
from medtour.lib.money import Money
from payments.models import Account, LedgerEntry, LedgerPosting, Obligation


def balance(
    account: Account, *, case: Case | None = None, hospital: Hospital | None = None
) -> dict[str, Money]:
    """Return an account's balance by currency, debit positive; a balance of nothing is left out."""
    entries = LedgerEntry.objects.filter(account=account)
    if case is not None:
        entries = entries.filter(posting__case=case)
    if hospital is not None:
        entries = entries.filter(posting__hospital=hospital)
    sums = entries.order_by().values_list("currency").annotate(total=Sum("amount_minor"))
    return {currency: Money(int(total), currency) for currency, total in sums if total}


def paid_beyond_the_bill(case: Case, currency: str) -> Money:
    """Return what a patient paid in beyond the final bill and did not get back; never negative."""
    owed = balance(Account.PATIENT, case=case).get(currency)
    return Money(max(-owed.minor, 0) if owed else 0, currency)


def paid_in(obligation: Obligation) -> Money:
    """Return what was paid towards an obligation and not given back, in its own currency."""
    entries = LedgerEntry.objects.filter(
        account=Account.PATIENT,
        currency=obligation.currency,
        posting__payment__obligation=obligation,
    )
    total = entries.aggregate(total=Sum("amount_minor"))["total"] or 0
    return Money(-int(total), obligation.currency)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line of a patient's account: what came in is positive, `balance` is what stands then.

    `is_surplus` marks money beyond what was owed; it is not part of the balance.
    """

    posting: LedgerPosting
    amount: Money
    balance: Money
    is_surplus: bool


PATIENT_SIDE = (Account.PATIENT, Account.UNAPPLIED)


def case_account(case: Case) -> list[AccountLine]:
    """Return every movement on a patient's account for one case, oldest first."""
    standing: dict[str, int] = defaultdict(int)
    lines = []
    for entry in _patient_entries(case):
        is_surplus = entry.account == Account.UNAPPLIED
        amount = entry.amount * -1
        if not is_surplus:
            standing[entry.currency] += amount.minor
        lines.append(
            AccountLine(
                entry.posting, amount, Money(standing[entry.currency], entry.currency), is_surplus
            )
        )
    return lines


def _patient_entries(case: Case) -> QuerySet[LedgerEntry]:
    return (
        LedgerEntry.objects.filter(posting__case=case, account__in=PATIENT_SIDE)
        .select_related("posting__payment", "posting__refund")
        .order_by("posting_id", "pk")
    )
