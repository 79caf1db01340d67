"""Telling the search index when each offer is free next."""

import datetime as dt

from bookings.selectors.availability import next_openings
from hospitals.models import Offer
from hospitals.services import search_index


def refresh_next_openings(*, now: dt.datetime | None = None) -> int:
    """Write every published offer's next opening into the search index; returns how many offers."""
    offers = list(Offer.objects.filter(is_published=True).values_list("pk", flat=True))
    found = next_openings(offers, now=now)
    search_index.set_next_openings(
        {offer: found[offer].starts_at if offer in found else None for offer in offers}
    )
    return len(offers)
