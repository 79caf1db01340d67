"""Addresses that must not be used: they bounced, or their owner complained (MS-07)."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services import audit
from medtour.lib import clock
from messaging.addresses import address_fingerprint
from messaging.enums import OPTIONAL_CATEGORIES, Category, Channel
from messaging.models import Suppression

# An address that does not exist is no use for anything; somebody who complains still gets news of
# their own bookings, and staff sees that they complained.
CATEGORIES = {
    Suppression.Reason.BOUNCE: tuple(Category),
    Suppression.Reason.COMPLAINT: OPTIONAL_CATEGORIES,
    Suppression.Reason.STAFF: tuple(Category),
}


def suppress_address(
    address: str, *, reason: str, user: User | None = None, now: datetime | None = None
) -> None:
    """Use a mail address no more for the categories that the reason is about."""
    fingerprint = address_fingerprint(address)
    Suppression.objects.bulk_create(
        [
            Suppression(
                channel=Channel.EMAIL,
                fingerprint=fingerprint,
                category=category,
                reason=reason,
                created_at=now or clock.now(),
                user=user,
            )
            for category in CATEGORIES[Suppression.Reason(reason)]
        ],
        ignore_conflicts=True,
    )


def lift(suppression: Suppression, *, by: User, now: datetime | None = None) -> None:
    """Use the address again: its owner has put it right."""
    with transaction.atomic():
        rows = Suppression.objects.filter(pk=suppression.pk, lifted_at=None)
        if rows.update(lifted_at=now or clock.now()):
            audit.record(
                by=by,
                action="desk.address_used_again",
                target=f"messaging.suppression:{suppression.pk}",
            )
