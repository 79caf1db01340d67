"""How old unfinished money is: what is still due, and refunds that have not reached the payer."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from medtour.lib.money import Money
from payments.models import Obligation, Refund
from payments.transitions import LIVE_REFUND

# Whole days, first and last of each bucket; the last bucket has no end.
BUCKETS: tuple[tuple[int, int | None], ...] = ((0, 7), (8, 30), (31, 60), (61, 90), (91, None))


@dataclass(frozen=True, slots=True)
class Bucket:
    """How much has waited from `first_day` to `last_day` days; None is without end."""

    first_day: int
    last_day: int | None
    count: int
    totals: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Ageing:
    """Due: what nobody paid yet. Going back: refunds begun, approved or not, and not settled."""

    due: tuple[Bucket, ...]
    going_back: tuple[Bucket, ...]


def ageing(
    obligations: QuerySet[Obligation], refunds: QuerySet[Refund], *, now: dt.datetime
) -> Ageing:
    """Return both by age, out of the rows that a person may see."""
    unpaid = obligations.filter(settled_at=None, closed_at=None)
    waiting = refunds.filter(state__in=LIVE_REFUND).select_related("payment")
    return Ageing(
        due=_buckets(((now - row.opened_at).days, row.unclaimed) for row in unpaid),
        going_back=_buckets(((now - row.created_at).days, row.amount) for row in waiting),
    )


def _buckets(rows: Iterable[tuple[int, Money]]) -> tuple[Bucket, ...]:
    by_bucket: dict[int, list[Money]] = {number: [] for number in range(len(BUCKETS))}
    for days, money in rows:
        by_bucket[_bucket_of(days)].append(money)
    return tuple(
        Bucket(first, last, len(by_bucket[number]), _totals(by_bucket[number]))
        for number, (first, last) in enumerate(BUCKETS)
    )


def _bucket_of(days: int) -> int:
    return max(number for number, (first, _last) in enumerate(BUCKETS) if first <= max(days, 0))


def _totals(amounts: list[Money]) -> tuple[Money, ...]:
    sums: dict[str, int] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    return tuple(Money(sums[currency], currency) for currency in sorted(sums))
