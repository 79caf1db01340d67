"""Keeping photos of a direct-pay card: encrypted, scanned, never needed for an answer."""

import datetime as dt
from collections.abc import Mapping, Sequence

from accounts.models import User
from accounts.services.consents import GivenConsent, give_consents
from accounts.services.documents import Readable, store_document
from medtour.lib import clock
from payments.models import DirectPayCard

SIDES = ("front", "back")


def keep_card_photos(
    card: DirectPayCard,
    *,
    photos: Mapping[str, Readable],
    by: User,
    consents: Sequence[GivenConsent] = (),
    now: dt.datetime | None = None,
) -> DirectPayCard:
    """Keep the photos of a card's sides ("front", "back"); a newer one takes the older's place.

    Call it outside a transaction: the scanner is asked in between. A refused photo leaves the card
    as it was; raises the refusals of `store_document`.
    """
    now = now or clock.now()
    give_consents(card.patient, consents, now=now)
    for side in SIDES:
        if side in photos:
            # The name a telephone gives a photo says nothing, and may say too much.
            name = f"card-{side}"
            document = store_document(card.patient, by=by, name=name, upload=photos[side], now=now)
            DirectPayCard.objects.filter(pk=card.pk).update(**{side: document})
            setattr(card, side, document)
    return card
