"""What is still due of an obligation, and who is about to pay which part of it."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Obligation, Payment, PaymentShare
from payments.transitions import CLAIMING_PAYMENT, LIVE_PAYMENT

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
