"""The only way into the ledger: one posting a fact, never twice, always adding up (M7, PY-13)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction

from accounts.models import User
from bookings.models import Case
from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Account, LedgerEntry, LedgerPosting, Payment, PostingKind, Refund


class PostingDoesNotAddUp(ValueError):
    """The entries of a posting do not sum to zero in each currency, or there are none."""


class About(TypedDict, total=False):
    """What else a posting says: its payment or refund, the rate between currencies, who, when."""

    payment: Payment | None
    refund: Refund | None
    rate: Decimal | None
    rate_on: dt.date | None
    note: str
    by: User | None
    at: dt.datetime


def post(
    key: str,
    kind: PostingKind,
    *,
    case: Case,
    hospital: Hospital,
    entries: Iterable[tuple[Account, Money]],
    **about: Unpack[About],
) -> bool:
    """Record a fact under its key; False when it is on record already and nothing was written.

    A debit is positive, a credit negative; entries of nothing are left out. Two callers with one
    key meet at the unique constraint: the second waits for the first and then posts nothing.
    Raises PostingDoesNotAddUp.
    """
    legs = [(account, money) for account, money in entries if money.minor]
    _check_adds_up(key, legs)
    posting = LedgerPosting(key=key, kind=kind, case=case, hospital=hospital, **about)
    with transaction.atomic():
        LedgerPosting.objects.bulk_create([posting], ignore_conflicts=True)
        written = LedgerPosting.objects.filter(public_id=posting.public_id).first()
        if written is None:
            return False
        LedgerEntry.objects.bulk_create(
            LedgerEntry(
                posting=written,
                account=account,
                amount_minor=money.minor,
                currency=money.currency,
            )
            for account, money in legs
        )
    return True


def _check_adds_up(key: str, legs: list[tuple[Account, Money]]) -> None:
    sums: dict[str, int] = defaultdict(int)
    for _account, money in legs:
        sums[money.currency] += money.minor
    if not legs or any(sums.values()):
        raise PostingDoesNotAddUp(key)


def reverse(
    key: str,
    kind: PostingKind,
    *,
    of: str,
    note: str = "",
    by: User | None = None,
    at: dt.datetime | None = None,
) -> bool:
    """Post the opposite of the posting known as `of`, once; False when there is nothing to undo."""
    undone = LedgerPosting.objects.filter(key=of).prefetch_related("entries").first()
    if undone is None:
        return False
    return post(
        key,
        kind,
        case=undone.case,
        hospital=undone.hospital,
        entries=[(Account(entry.account), entry.amount * -1) for entry in undone.entries.all()],
        payment=undone.payment,
        refund=undone.refund,
        rate=undone.rate,
        rate_on=undone.rate_on,
        note=note[:300],
        by=by,
        at=at or clock.now(),
    )
