"""Making and revoking the address of a personal calendar; its secret is told once (BK-09)."""

import datetime as dt
import secrets

from django.db import transaction

from accounts.models import User
from accounts.services import audit
from bookings.models import CalendarFeed
from bookings.selectors.calendar_feeds import hash_of
from medtour.lib import clock
from medtour.lib.locks import lock_row

SECRET_BYTES = 32


def make_feed(account: User, *, now: dt.datetime | None = None) -> str:
    """Make a new address and return its secret; an address that was made before stops working."""
    now = now or clock.now()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        lock_row(User.objects.all(), account.pk)
        _revoke(account, now=now)
        CalendarFeed.objects.create(account=account, token_hash=hash_of(secret), created_at=now)
        _note(account, "calendar_feed.make")
    return secret


def revoke_feed(account: User, *, now: dt.datetime | None = None) -> bool:
    """End the address; returns whether there was one."""
    with transaction.atomic():
        lock_row(User.objects.all(), account.pk)
        was_live = _revoke(account, now=now or clock.now())
        if was_live:
            _note(account, "calendar_feed.revoke")
    return was_live


def _revoke(account: User, *, now: dt.datetime) -> bool:
    live = CalendarFeed.objects.filter(account=account, revoked_at=None)
    return bool(live.update(revoked_at=now))


def _note(account: User, action: str) -> None:
    audit.record(by=account, action=action, target=f"accounts.user:{account.pk}")
