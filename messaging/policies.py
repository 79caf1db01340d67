"""When a message is tried again and when it is given up; pure functions of counts and times."""

from datetime import datetime, timedelta

from messaging.enums import Channel

# Over about fourteen hours; staff sees it as given up.
MAX_TRIES = 12
# A phone rings now or not at all: after these, a mail (MS-05).
PHONE_TRIES = 3
LONGEST_LEASE = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=6)
FIRST_WAIT = timedelta(seconds=30)
# Longer than the hard time limit of a task: when it is over, nobody is sending any more.
SENDING_LIMIT = timedelta(seconds=330)
# WhatsApp takes free words so long after the person last wrote to us, and templates always (MS-01).
WINDOW = timedelta(hours=24)
# Not read by then, a mail says the same; one that has only just left gets an hour.
UNREAD_BEFORE_EVENT = timedelta(hours=24)
UNREAD_GRACE = timedelta(hours=1)
KEEP_TEXT = timedelta(days=365)
KEEP_SECRETS = timedelta(days=1)


def lease(claims: int, first: timedelta) -> timedelta:
    """How long one claim keeps others away; doubles, for when the queue is long."""
    return min(first * 2 ** min(claims, 10), LONGEST_LEASE)


def next_try_at(now: datetime, failures: int) -> datetime:
    """When to try again after the `failures`-th failure: 30 s, 1 min, 2 min … 6 h."""
    return now + min(FIRST_WAIT * 2 ** min(max(failures, 1) - 1, 12), LONGEST_WAIT)


def tries_on(channel: str) -> int:
    """How often one message is tried on a channel before the next one is taken."""
    return MAX_TRIES if channel == Channel.EMAIL else PHONE_TRIES


def window_is_open(last_inbound_at: datetime | None, now: datetime) -> bool:
    """Tell whether WhatsApp takes free words: open for 24 hours, closed at their end (MS-01)."""
    return last_inbound_at is not None and now - last_inbound_at < WINDOW
