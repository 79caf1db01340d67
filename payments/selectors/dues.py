"""Amounts due with everything that their pages show, read with a fixed number of queries."""

from django.db.models import Prefetch, Q, QuerySet, Sum

from medtour.lib.money import Money
from payments.models import (
    FapiaoRequest,
    Obligation,
    Payment,
    PaymentShare,
    Quote,
    Refund,
    RefundClaim,
)

UNBEGUN_ADDITION = Q(is_voluntary=True, claimed_minor=0)

JOINED = (
    "case__patient",
    "case__hospital",
    "hospital__city",
    "quote",
    "appointment__slot__offer__treatment",
    "appointment__slot__doctor",
    "appointment__case",
)


def with_standing(dues: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """Join what the page of one amount shows, and its payments, refunds and shares."""
    return dues.select_related(*JOINED).prefetch_related(
        Prefetch("payments", queryset=_payments()),
        Prefetch("shares", queryset=PaymentShare.objects.order_by("pk")),
    )


def with_everything(dues: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """Join, beyond that, claims, disputes, receipts and fapiao requests: the money of a case."""
    fapiaos = FapiaoRequest.objects.order_by("pk")
    payments = (
        _payments()
        .select_related("receipt")
        .prefetch_related("disputes", Prefetch("fapiao_requests", queryset=fapiaos))
    )
    return dues.select_related(*JOINED).prefetch_related(
        Prefetch("payments", queryset=payments),
        Prefetch("shares", queryset=PaymentShare.objects.order_by("pk")),
        Prefetch("refund_claims", queryset=RefundClaim.objects.defer("proof").order_by("pk")),
    )


def due_of_share(share: PaymentShare) -> Obligation:
    """Return what a share is a part of, as it is now."""
    return with_standing(Obligation.objects.filter(pk=share.obligation_id)).get()


def asked_towards(quote: Quote) -> Money:
    """Return what was asked for towards a quote and its change orders, and is still meant.

    What the patient wants to add and nobody has begun to pay is left out: it can be changed.
    """
    asked = _of_quote(quote).exclude(UNBEGUN_ADDITION)
    return Money(int(asked.aggregate(total=Sum("amount_minor"))["total"] or 0), quote.currency)


def left_to_add(quote: Quote) -> Money:
    """Return what a patient may add at most: nothing once there is a bill."""
    left = 0 if hasattr(quote, "final_bill") else quote.likely.minor - asked_towards(quote).minor
    return Money(max(left, 0), quote.currency)


def unbegun_additions(quote: Quote) -> QuerySet[Obligation]:
    """Return what the patient wants to add to the deposit and nobody has begun to pay."""
    return _of_quote(quote).filter(UNBEGUN_ADDITION).order_by("pk")


def _of_quote(quote: Quote) -> QuerySet[Obligation]:
    dues = Obligation.objects.filter(quote__case=quote.case_id, closed_at=None)
    return dues.filter(currency=quote.currency)


def _payments() -> QuerySet[Payment]:
    refunds = Refund.objects.select_related("receipt", "payment").order_by("pk")
    return (
        Payment.objects.select_related("share", "payee_account", "obligation")
        .prefetch_related(Prefetch("refunds", queryset=refunds))
        .order_by("pk")
    )
