"""Where a message is read: behind signing in, under an id that says nothing."""

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from messaging.models import Message


def letter_path(message: Message) -> str:
    """Return the path of the message in My care, in its own language, without a leading slash."""
    with translation.override(message.locale):
        return reverse("messaging:message", args=[message.public_id]).lstrip("/")


def letter_address(message: Message) -> str:
    """Return the whole address of the message in My care."""
    return urljoin(settings.SITE_URL.rstrip("/") + "/", letter_path(message))
