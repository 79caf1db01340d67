"""Files of questions and the checks that answer them."""

from collections.abc import Collection

from django.db.models import QuerySet

from payments.models import EligibilityBatch, EligibilityCheck


def for_batch_list(batches: QuerySet[EligibilityBatch]) -> QuerySet[EligibilityBatch]:
    """Return files, the newest first, without reading their answers."""
    return batches.select_related("asked_by").defer("results").order_by("-pk")


def checks_in(batch: EligibilityBatch, named: Collection[str]) -> list[EligibilityCheck]:
    """Return the checks of a file with these public ids."""
    return list(batch.checks.filter(public_id__in=named).select_related("hospital__city"))
