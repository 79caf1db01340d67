"""What of a case's bill is an insurer's, by the guarantee in force and the check behind it (M3)."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from bookings.models import Case
from medtour.lib import exchange
from medtour.lib.money import Money
from payments.claim_rules import insurer_part, sharing_of
from payments.models import Guarantee
from payments.transitions import GuaranteeState

SAME = Decimal(1)


@dataclass(frozen=True, slots=True)
class Parts:
    """Both parts of a bill in its currency; `rate` of `rate_on` leads to the plan's currency."""

    insurer: Money
    patient: Money
    rate: Decimal | None = None
    rate_on: dt.date | None = None


def approved_for(case: Case) -> Guarantee | None:
    """Return the approved guarantee that will pay for a case; the oldest when two insurers do."""
    rows = Guarantee.objects.filter(case=case, state=GuaranteeState.APPROVED)
    return rows.select_related("eligibility_check").order_by("pk").first()


def parts_of_bill(guarantee: Guarantee, billed: Money) -> Parts | None:
    """Divide a bill between insurer and patient; None when no rate to the plan's money is known."""
    rate = None
    if billed.currency != guarantee.currency:
        rate = exchange.reference_rate(billed.currency, guarantee.currency)
        if rate is None:
            return None
    part = insurer_part(
        billed,
        sharing=sharing_of(guarantee.eligibility_check.output, guarantee.currency),
        approved=guarantee.approved,
        rate=rate.value if rate else SAME,
    )
    return Parts(
        insurer=part,
        patient=billed - part,
        rate=rate.value if rate else None,
        rate_on=rate.day if rate else None,
    )


def promised_of_bill(case: Case, billed: Money) -> Money:
    """Return what of a bill an approved guarantee pays; nothing without one."""
    guarantee = approved_for(case)
    parts = parts_of_bill(guarantee, billed) if guarantee else None
    return parts.insurer if parts else Money(0, billed.currency)
