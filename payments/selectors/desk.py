"""What the desk's lists of money need beside the rows themselves, in one query a list."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from accounts.models import User
from hospitals.access import hospitals_of_staff
from hospitals.models import Hospital
from medtour.lib.money import Money
from payments.access import (
    MONEY_ROLES,
    alerts_of_staff,
    deposit_gaps_of_staff,
    disputes_of_staff,
    fapiao_requests_of_staff,
    obligations_of_staff,
    payee_accounts_of_staff,
    refund_claims_of_staff,
    refunds_of_staff,
)
from payments.models import Account, Dispute, FapiaoRequest, LedgerEntry, Obligation, RefundClaim
from payments.models import RefundRoute as Route
from payments.selectors.deposit_gaps import to_decide
from payments.selectors.due import room_for_transfer
from payments.transitions import RefundState

WAITS_FOR_APPROVAL = Q(needs_approval=True, approved_by=None, state=RefundState.CREATED)
WAITS_FOR_CASHIER = Q(route=Route.BANK_TRANSFER, state=RefundState.CREATED) & ~WAITS_FOR_APPROVAL


def with_paid_in(dues: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """Add `paid_minor`: what the ledger says came in and did not go back, in the own currency."""
    entries = (
        LedgerEntry.objects.filter(
            account=Account.PATIENT,
            posting__payment__obligation=OuterRef("pk"),
            currency=OuterRef("currency"),
        )
        .order_by()
        .values("posting__payment__obligation")
        .annotate(total=Sum("amount_minor"))
    )
    return dues.annotate(paid_minor=-Coalesce(Subquery(entries.values("total")[:1]), 0))


def due_states(now: dt.datetime) -> dict[str, Q]:
    """Return each state of what is due as a condition; every amount is in exactly one.

    Needs `with_paid_in`.
    """
    is_open = Q(settled_at=None, closed_at=None)
    is_late = Q(due_at__lt=now)
    return {
        "closed": Q(closed_at__isnull=False),
        "paid": Q(closed_at=None, settled_at__isnull=False),
        "overdue": is_open & is_late,
        "partly": is_open & ~is_late & Q(paid_minor__gt=0),
        "running": is_open & ~is_late & Q(paid_minor__lte=0, claimed_minor__gt=0),
        "open": is_open & ~is_late & Q(paid_minor__lte=0, claimed_minor=0),
    }


def state_of_due(due: Obligation, now: dt.datetime) -> str:
    """Return the state of one amount due; the same rule as `due_states`."""
    if due.closed_at:
        return "closed"
    if due.settled_at:
        return "paid"
    if due.due_at and due.due_at < now:
        return "overdue"
    if due.paid_minor > 0:  # type: ignore[attr-defined]
        return "partly"
    return "running" if due.claimed_minor else "open"


@dataclass(frozen=True, slots=True)
class MoneyCounts:
    """What waits for somebody at the desk."""

    alerts: int
    refunds_to_approve: int
    refunds_to_pay: int
    claims: int
    disputes: int
    gaps: int
    fapiaos: int


def money_counts(user: User) -> MoneyCounts | None:
    """Return them in one query; None for people who have nothing to do with money."""
    refunds = refunds_of_staff(user)
    waiting: list[QuerySet[Any]] = [
        alerts_of_staff(user).filter(resolved_at=None),
        refunds.filter(WAITS_FOR_APPROVAL),
        refunds.filter(WAITS_FOR_CASHIER),
        refund_claims_of_staff(user).filter(state=RefundClaim.State.ASKED),
        disputes_of_staff(user).filter(state=Dispute.State.OPEN),
        to_decide(deposit_gaps_of_staff(user)),
        fapiao_requests_of_staff(user).filter(state=FapiaoRequest.State.REQUESTED),
    ]
    may_see = Exists(hospitals_of_staff(user, MONEY_ROLES))
    row = User.objects.filter(pk=user.pk).values_list(may_see, *map(_count, waiting)).get()
    return MoneyCounts(*row[1:]) if row[0] else None


def _count(rows: QuerySet[Any]) -> Subquery:
    counted = rows.order_by().annotate(rows_counted=Func(F("pk"), function="COUNT"))
    return Subquery(counted.values("rows_counted"), output_field=IntegerField())


def hospitals_with_money(user: User) -> QuerySet[Hospital]:
    """The hospitals of this person that take money here or ever did."""
    return Hospital.objects.filter(
        Q(pk__in=payee_accounts_of_staff(user).values("hospital"))
        | Q(pk__in=obligations_of_staff(user).values("hospital"))
    ).order_by("slug")


@dataclass(frozen=True, slots=True)
class TransferOutcome:
    """What a transfer would do: how much of it counts, what is too much, what is due after it."""

    counts: Money
    surplus: Money
    still_due: Money


def transfer_outcome(due: Obligation, amount: Money) -> TransferOutcome:
    """Return what recording a transfer would do now; running attempts make room for it."""
    room = room_for_transfer(due).minor
    counts = min(amount.minor, room)
    return TransferOutcome(
        counts=Money(counts, due.currency),
        surplus=Money(amount.minor - counts, due.currency),
        still_due=Money(room - counts, due.currency),
    )
