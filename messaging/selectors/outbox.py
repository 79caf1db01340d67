"""What is known about the outbox without reading a message, and the mails of a laptop."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from medtour.lib import clock
from messaging import policies
from messaging.models import DevelopmentMail, Message, Status


def has_overdue_message(limit: timedelta, *, now: datetime | None = None) -> bool:
    """Tell whether a message has waited longer than `limit` without ever being sent or refused.

    A lease moves `next_attempt_at` by at most LONGEST_LEASE, which keeps this on the index of due
    rows and away from reminders that lie months ahead.
    """
    now = now or clock.now()
    return Message.objects.filter(
        status=Status.QUEUED,
        next_attempt_at__lte=now + policies.LONGEST_LEASE,
        not_before__lt=now - limit,
    ).exists()


def development_mails(*, to: str = "") -> QuerySet[DevelopmentMail]:
    """Return the mails kept on this machine, newest first; `to` narrows to an address."""
    mails = DevelopmentMail.objects.order_by("-pk")
    return mails.filter(to__icontains=to) if to else mails
