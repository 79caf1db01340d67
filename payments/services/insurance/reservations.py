"""Benefits reserved by guarantees, so that two promises never spend one limit (DP-08).

A balance is changed by one conditional statement each, in the order of their keys; the constraint
`payments_balance_not_overspent` has the last word.
"""

import datetime as dt

from django.db.models import F, Q

from accounts.models import User
from payments.guarantee_refusals import BenefitExhausted, NoTermsInForce
from payments.models import (
    BalanceChange,
    BalanceEntry,
    BenefitBalance,
    BenefitReservation,
    Guarantee,
    PlanTerms,
    ReservationState,
)
from payments.selectors.insurance.guarantees import coverage_on, terms_on


def reserve(guarantee: Guarantee, *, by: User | None, now: dt.datetime) -> None:
    """Keep the promised sum of the year's limit and of the category's for a guarantee.

    An open guarantee keeps what was asked. Call it inside the move that approves. Raises
    BenefitExhausted when a limit does not hold it, NoTermsInForce without a cover on the first day.
    """
    amount = guarantee.promised.minor
    for balance in _balances(guarantee):
        if not take(balance, amount):
            raise BenefitExhausted
        BenefitReservation.objects.create(guarantee=guarantee, balance=balance, amount_minor=amount)
        _enter(guarantee, balance, BalanceChange.RESERVED, by=by, now=now, reserved_minor=amount)


def take(balance: BenefitBalance, amount: int) -> bool:
    """Raise the reserved sum where the limit holds it; False when it does not."""
    holds = Q(limit_minor=None) | Q(limit_minor__gte=F("used_minor") + F("reserved_minor") + amount)
    found = BenefitBalance.objects.filter(holds, pk=balance.pk)
    return found.update(reserved_minor=F("reserved_minor") + amount) == 1


def release(guarantee: Guarantee, *, by: User | None, now: dt.datetime) -> None:
    """Give back what a guarantee still keeps; twice is once."""
    for kept in _live(guarantee, ReservationState.RELEASED):
        back = kept.amount_minor
        BenefitBalance.objects.filter(pk=kept.balance_id).update(
            reserved_minor=F("reserved_minor") - back
        )
        _enter(
            guarantee, kept.balance, BalanceChange.RELEASED, by=by, now=now, reserved_minor=-back
        )


def use_reservation(
    guarantee: Guarantee, *, used_minor: int, by: User | None, now: dt.datetime, visits: int = 0
) -> None:
    """Turn what a guarantee keeps into what a claim used of the benefit; twice is once.

    `used_minor` may be less than was kept: the rest is free again. Raises ValueError for a negative
    sum, BenefitExhausted when more was used than the limit holds (through `one_move`).
    """
    if used_minor < 0:
        raise ValueError("a claim cannot use less than nothing")
    for kept in _live(guarantee, ReservationState.USED):
        BenefitBalance.objects.filter(pk=kept.balance_id).update(
            reserved_minor=F("reserved_minor") - kept.amount_minor,
            used_minor=F("used_minor") + used_minor,
            visits_used=F("visits_used") + visits,
        )
        _enter(
            guarantee,
            kept.balance,
            BalanceChange.USED,
            by=by,
            now=now,
            reserved_minor=-kept.amount_minor,
            used_minor=used_minor,
            visits=visits,
        )


def _live(guarantee: Guarantee, becomes: str) -> list[BenefitReservation]:
    """Return the live reservations, each moved by this very call, in the order of the balances."""
    rows = guarantee.reservations.filter(state=ReservationState.LIVE).select_related("balance")
    return [
        kept
        for kept in rows.order_by("balance_id")
        if BenefitReservation.objects.filter(pk=kept.pk, state=ReservationState.LIVE).update(
            state=becomes
        )
    ]


def _balances(guarantee: Guarantee) -> list[BenefitBalance]:
    """Return the year's balance and the category's, with their limits on the first day.

    The member's cover of that day counts: the one that was asked about may have been replaced
    since, and the balances have followed the newer one.
    """
    coverage = coverage_on(guarantee.member, guarantee.service_from)
    terms = terms_on(coverage, guarantee.service_from) if coverage else None
    if coverage is None or terms is None or coverage.plan.currency != guarantee.currency:
        raise NoTermsInForce
    limits = _limits(terms, guarantee.category)
    BenefitBalance.objects.bulk_create(
        [
            BenefitBalance(coverage=coverage, category=category, limit_minor=limit)
            for category, limit in limits.items()
        ],
        ignore_conflicts=True,
    )
    found = BenefitBalance.objects.filter(coverage=coverage, category__in=limits).order_by("pk")
    for balance in (balances := list(found)):
        limit = limits[balance.category]
        if balance.limit_minor != limit:
            BenefitBalance.objects.filter(pk=balance.pk).update(limit_minor=limit)
    return balances


def _limits(terms: PlanTerms, category: str) -> dict[str, int | None]:
    benefit = terms.benefits.filter(category=category).first()
    return {
        "": terms.annual_limit_minor,
        category: benefit.annual_sublimit_minor if benefit else None,
    }


def _enter(
    guarantee: Guarantee,
    balance: BenefitBalance,
    change: str,
    *,
    by: User | None,
    now: dt.datetime,
    **sums: int,
) -> None:
    BalanceEntry.objects.create(
        balance=balance,
        change=change,
        key=f"guarantee:{guarantee.public_id}:{change}:{balance.pk}",
        at=now,
        by=by,
        **sums,
    )
