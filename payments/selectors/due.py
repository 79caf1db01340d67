"""What is still due of an obligation, and who is about to pay which part of it."""

import datetime as dt

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Sum, Value, When

from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Obligation, Payment, PaymentShare
from payments.transitions import ASKED_ANEW, CLAIMING_PAYMENT, LIVE_PAYMENT, PaymentState

TAKEN = CLAIMING_PAYMENT


def open_shares(
    obligation: Obligation, *, now: dt.datetime | None = None
) -> QuerySet[PaymentShare]:
    """The shares that somebody may still pay and nobody is paying yet."""
    taken = Payment.objects.filter(share=OuterRef("pk"), state__in=TAKEN, surplus_minor=0)
    return obligation.shares.filter(
        Q(expires_at=None) | Q(expires_at__gt=now or clock.now()),
        ~Exists(taken),
        withdrawn_at=None,
        paid_at=None,
    )


def own_part(obligation: Obligation, *, now: dt.datetime | None = None) -> Money:
    """Return what is left for the patient: due, not being paid, and not offered to others."""
    offered = open_shares(obligation, now=now).aggregate(total=Sum("amount_minor"))["total"] or 0
    left = obligation.amount_minor - obligation.claimed_minor - int(offered)
    return Money(max(left, 0), obligation.currency)


def live_payment(obligation: Obligation, share: PaymentShare | None = None) -> Payment | None:
    """Return the payment that runs at this moment for the obligation, or for one share of it."""
    return (
        Payment.objects.filter(obligation=obligation, share=share, state__in=LIVE_PAYMENT)
        .select_related("obligation__hospital", "payee_account")
        .first()
    )


def asked_instead(due: Obligation) -> Obligation | None:
    """Return what asks now for the money that a closed amount asked for before, if anything does.

    One of the same kind comes first: a transfer written with the old reference code is meant for
    it (PY-16).
    """
    if due.closed_at is None or due.closed_reason not in ASKED_ANEW:
        return None
    same_kind = Case(When(kind=due.kind, then=Value(0)), default=Value(1))
    return (
        Obligation.objects.filter(
            case=due.case_id,
            appointment=due.appointment_id,
            currency=due.currency,
            closed_at=None,
            settled_at=None,
        )
        .select_related("hospital", "case", "appointment")
        .order_by(same_kind, "pk")
        .first()
    )


def room_for_transfer(due: Obligation) -> Money:
    """Return how much of a transfer can count: attempts give way, money on a card does not."""
    kept = due.payments.filter(state__in=(PaymentState.RESERVED, PaymentState.SUCCEEDED))
    taken = kept.aggregate(total=Sum("contract_minor"))["total"] or 0
    room = 0 if due.closed_at else due.amount_minor - int(taken)
    return Money(max(room, 0), due.currency)
