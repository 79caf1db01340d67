"""What a personal calendar shows: an account's appointments, the cancelled ones as cancelled."""

import datetime as dt
import hashlib

from django.db.models import OuterRef, Subquery

from accounts.models import User
from bookings.access import appointments_for
from bookings.models import Appointment, CalendarFeed, CaseEvent
from bookings.transitions import AppointmentState

A = AppointmentState
# A hold or an offered time is nobody's appointment yet.
SHOWN = (
    A.AWAITING_GUARANTEE,
    A.AWAITING_PAYMENT,
    A.CONFIRMED,
    A.ARRIVED,
    A.COMPLETED,
    A.NO_SHOW,
    A.CANCELLED,
    A.EXPIRED,
)
# Old entries leave the calendar; whoever wants to keep them keeps the mail.
LOOKS_BACK = dt.timedelta(days=90)
MOST_SHOWN = 300


def hash_of(secret: str) -> str:
    """Return what is kept of a secret; 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def account_of_feed(secret: str) -> User | None:
    """Return whose calendar a secret opens; None when unknown, revoked, or the account is shut."""
    live = CalendarFeed.objects.filter(token_hash=hash_of(secret), revoked_at=None)
    feed = live.filter(account__is_active=True).select_related("account").first()
    return feed.account if feed else None


def live_feed(account: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(account=account, revoked_at=None).first()


def feed_appointments(account: User, *, now: dt.datetime) -> list[Appointment]:
    """Return the appointments of the last 90 days and all ahead, soonest first; one query.

    `changed_at` is the instant of the newest line of each one's history.
    """
    newest = CaseEvent.objects.filter(appointment=OuterRef("pk")).order_by("-pk").values("at")
    rows = (
        appointments_for(account)
        .filter(state__in=SHOWN, case__isnull=False, slot__starts_at__gte=now - LOOKS_BACK)
        .select_related("slot", "hospital__city")
        .annotate(changed_at=Subquery(newest[:1]))
        .order_by("slot__starts_at", "pk")
    )
    return list(rows[:MOST_SHOWN])
