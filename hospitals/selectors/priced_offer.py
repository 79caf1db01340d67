"""One published offer with its prices, read with one statement where it has a price."""

from hospitals.access import published_offers
from hospitals.models import Offer, PriceLine
from hospitals.selectors.pages import lines_today

SHOWN = ("hospital__city", "treatment")


def priced_offer(public_id: str) -> tuple[Offer, list[PriceLine]] | None:
    """Return the offer and its prices of today in their order; None when it is not published."""
    lines = list(
        lines_today()
        .filter(offer__public_id=public_id, offer__is_published=True)
        .select_related(None)
        .select_related(*(f"offer__{name}" for name in SHOWN))
        .order_by("position", "pk")
    )
    if lines:
        return lines[0].offer, lines
    offer = published_offers().select_related(*SHOWN).filter(public_id=public_id).first()
    return (offer, []) if offer else None


def prices_of(offer: Offer) -> list[PriceLine]:
    """Return the prices of an offer that are valid today, in their order."""
    return list(lines_today().select_related(None).filter(offer=offer).order_by("position", "pk"))
