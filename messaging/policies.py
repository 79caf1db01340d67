"""When a message is tried again and when it is given up; pure functions of counts and times."""

from datetime import datetime, timedelta

MAX_TRIES = 12
LONGEST_LEASE = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=6)
FIRST_WAIT = timedelta(seconds=30)
# Longer than the hard time limit of a task: when it is over, nobody is sending any more.
SENDING_LIMIT = timedelta(seconds=330)
KEEP_TEXT = timedelta(days=365)
KEEP_SECRETS = timedelta(days=1)


def lease(claims: int, first: timedelta) -> timedelta:
    """How long one claim keeps others away; doubles, for when the queue is long."""
    return min(first * 2 ** min(claims, 10), LONGEST_LEASE)


def next_try_at(now: datetime, failures: int) -> datetime:
    """When to try again after the `failures`-th failure: 30 s, 1 min, 2 min … 6 h."""
    return now + min(FIRST_WAIT * 2 ** min(max(failures, 1) - 1, 12), LONGEST_WAIT)


def is_given_up(failures: int) -> bool:
    """Twelve failures, over about fourteen hours, end it; staff sees it as given up."""
    return failures >= MAX_TRIES
