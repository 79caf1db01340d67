"""Prices begin and end on their own days; a search must not wait until an offer is saved."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Q

from hospitals.models import Offer, PriceLine, SearchDocument
from hospitals.services.search_documents import cost_today, offers_to_index
from hospitals.services.search_index import index_offer, rebuild_index
from medtour.lib import clock
from medtour.lib.wording import BEIJING_ZONE

# Days on which nothing ran are made up for.
LOOK_BACK = dt.timedelta(days=14)
# From so many on, the whole index is built anew: cheaper than one offer after the other.
MANY = 500


def refresh_prices() -> int:
    """Put offers right in the index whose lowest price or tier is another one today.

    Returns how many they were. A second run finds nothing left.
    """
    stale = list(_stale_offers())
    if len(stale) >= MANY:
        rebuild_index()
        return len(stale)
    for offer in stale:
        index_offer(offer.pk)
    return len(stale)


def _stale_offers() -> Iterator[Offer]:
    today = clock.today(BEIJING_ZONE)
    changed = PriceLine.objects.filter(
        Q(valid_from__gt=today - LOOK_BACK, valid_from__lte=today)
        | Q(valid_until__gte=today - LOOK_BACK, valid_until__lt=today)
    )
    offers = offers_to_index().filter(pk__in=changed.values("offer"))
    documents = SearchDocument.objects.filter(offer__in=changed.values("offer"))
    shown = {
        offer: (price, tuple(cost))
        for offer, price, cost in documents.values_list("offer", "price_minor", "cost__lexemes")
    }
    for offer in offers.iterator(chunk_size=2000):
        if shown.get(offer.pk) != cost_today(offer):
            yield offer
