"""What an offer costs as an insurer is asked about it: likely, and at the most (M3)."""

from collections.abc import Iterable
from dataclasses import dataclass

from hospitals.models import Offer, PriceLine
from hospitals.models.offer import Tier
from medtour.lib.money import Money
from payments.models import TreatmentCoding
from payments.policies import CONTRACT_CURRENCY

# Foreign patients are treated in the international department where there is one.
FIRST = (Tier.PACKAGE, Tier.INTERNATIONAL, Tier.BASIC)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The price an insurer is asked about, and the highest price that the offer names."""

    likely: Money
    high: Money


def estimate_of(lines: Iterable[PriceLine]) -> Estimate | None:
    """Return an offer's estimate from its price lines in CNY; None while it has no price."""
    known = [line for line in lines if line.currency == CONTRACT_CURRENCY and line.amount_minor]
    if not known:
        return None
    chosen = min(known, key=lambda line: FIRST.index(Tier(line.tier)))
    high = max(line.high_minor or line.amount_minor for line in known)
    return Estimate(chosen.amount, Money(high, CONTRACT_CURRENCY))


def coding_of(offer: Offer) -> TreatmentCoding | None:
    """Return how an offer's treatment is named to insurers."""
    return TreatmentCoding.objects.filter(treatment=offer.treatment_id).first()
