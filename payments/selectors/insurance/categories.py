"""Which categories of care an insurer's plans know."""

from hospitals.models import Insurer
from payments.models import Benefit


def categories_of(insurer: Insurer) -> list[str]:
    """Return the categories that any terms of the insurer's plans name, in their own order."""
    found = Benefit.objects.filter(terms__plan__insurer=insurer)
    return list(found.order_by("category").values_list("category", flat=True).distinct())
