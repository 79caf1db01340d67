"""Signed links that open only with a second thing their reader knows; guessing is slow, then over.

Every refusal is the same "no": a forged link, a wrong answer and a locked door cannot be told
apart. The failures of one link are counted in the database, those of one address in the cache.
"""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from bookings.models import FollowUpTask, HandBack
from medtour.lib import clock
from medtour.lib.counts import count_one_more
from medtour.lib.locks import lock_row

D = TypeVar("D", FollowUpTask, HandBack)

TRIES = 5
TRIES_OF_AN_ADDRESS = 30
# How long a link stays shut after so many failures in all; fifteen end it for its lifetime.
LOCKS = ((3 * TRIES, dt.timedelta(days=180)), (2 * TRIES, dt.timedelta(days=1)))
FIRST_LOCK = dt.timedelta(hours=1)
AN_HOUR = dt.timedelta(hours=1)


def try_door(
    door: D | None,
    *,
    is_right: Callable[[D], bool],
    address_mark: str,
    now: dt.datetime | None = None,
) -> bool:
    """Tell whether the door opens; counts what was wrong and locks after five wrong tries.

    `door` is None for a forged or old link. `address_mark` is a short mark of the visitor's
    address. Nobody is let in while the door is locked, not even with the right answer.
    """
    now = now or clock.now()
    if _too_many_from(address_mark, now=now) or door is None:
        return False
    with transaction.atomic():
        fresh = lock_row(type(door).objects.all(), door.pk)
        if fresh.locked_until and fresh.locked_until > now:
            return False
        opens = is_right(door)
        fresh.failures = 0 if opens else fresh.failures + 1
        if fresh.failures and fresh.failures % TRIES == 0:
            fresh.locked_until = now + _lock_length(fresh.failures)
        fresh.save(update_fields=["failures", "locked_until"])
    return opens


def _lock_length(failures: int) -> dt.timedelta:
    return next((length for least, length in LOCKS if failures >= least), FIRST_LOCK)


def _too_many_from(mark: str, *, now: dt.datetime) -> bool:
    tries = count_one_more(f"doors:{mark}:{now:%Y%m%d%H}", AN_HOUR.total_seconds())
    return tries > TRIES_OF_AN_ADDRESS
