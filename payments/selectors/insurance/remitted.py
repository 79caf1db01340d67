"""Transfers of insurers with how many claims each paid."""

from django.db.models import Count, QuerySet

from payments.models import Remittance


def for_remittance_list(remittances: QuerySet[Remittance]) -> QuerySet[Remittance]:
    """Return transfers, the newest first, each with `claim_count`."""
    counted = remittances.annotate(claim_count=Count("lines__claim_line__claim", distinct=True))
    return counted.select_related("hospital__city", "recorded_by").order_by("-pk")
