"""The offer a page is about, as far as the public may see it."""

from bookings.views.pages import found_or_404
from hospitals.access import published_offers


def offer_or_404(public_id):
    """Return a published offer with all that the booking pages show of it, in one statement."""
    offers = published_offers().select_related(
        "hospital__city", "treatment", "department__specialty"
    )
    return found_or_404(offers, public_id=public_id)
