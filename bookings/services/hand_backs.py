"""The letter to the home doctor: noting that it was opened."""

import datetime as dt

from bookings.models import HandBack
from medtour.lib import clock


def note_opened(letter: HandBack, *, now: dt.datetime | None = None) -> None:
    """Note the first time that somebody opened the letter with its code."""
    HandBack.objects.filter(pk=letter.pk, opened_at=None).update(opened_at=now or clock.now())
