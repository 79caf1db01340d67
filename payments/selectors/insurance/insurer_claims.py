"""Claims with what their insurer may read of them: nothing else of the case."""

import datetime as dt

from django.db.models import F, Prefetch, QuerySet

from payments.models import Appeal, ClaimDocument, InsuranceClaim
from payments.selectors.insurance.claim_ageing import age_bucket


def for_claim_list(
    claims: QuerySet[InsuranceClaim], *, age: int | None = None, now: dt.datetime
) -> QuerySet[InsuranceClaim]:
    """Return claims as an insurer works through them: the one sent first comes first.

    `age` keeps one bucket of the ageing report.
    """
    if age is not None:
        claims = claims.annotate(age=age_bucket(now)).filter(age=age)
    found = claims.select_related("hospital__city", "guarantee__member")
    return found.order_by(F("submitted_at").asc(), "pk")


def for_claim_page(claims: QuerySet[InsuranceClaim]) -> QuerySet[InsuranceClaim]:
    """Return claims with everything that the page of one shows."""
    return claims.select_related(
        "hospital__city",
        "insurer",
        "guarantee__member",
        "guarantee__coverage__plan",
        "guarantee__insurer",
        "guarantee__hospital",
        "bill__quote__case__patient",
    ).prefetch_related(
        "lines",
        Prefetch("documents", ClaimDocument.objects.select_related("document__patient")),
        Prefetch("appeals", Appeal.objects.order_by("pk")),
        "events",
    )
