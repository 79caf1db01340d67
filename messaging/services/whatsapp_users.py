"""Knowing a person on WhatsApp again who has hidden their number behind a user name.

WhatsApp then posts its own id of the person for this business in the number's place, or beside it
while it still tells the number (Meta, "Business-scoped user IDs", 5 November 2026).
"""

from django.db.models import QuerySet

from messaging.addresses import address_fingerprint
from messaging.models import ContactPoint


def note_whatsapp_user(fingerprint: str, whatsapp_user: str) -> None:
    """Remember which WhatsApp user a number belongs to; `fingerprint` is the number's."""
    found = address_fingerprint(whatsapp_user)
    live = ContactPoint.objects.filter(fingerprint=fingerprint, removed_at=None)
    live.exclude(whatsapp_user=found).update(whatsapp_user=found)


def contacts_of_user(whatsapp_user: str) -> QuerySet[ContactPoint]:
    """Return the live numbers that are known to belong to a WhatsApp user."""
    return ContactPoint.objects.filter(
        whatsapp_user=address_fingerprint(whatsapp_user), removed_at=None
    )
