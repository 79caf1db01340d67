"""How many times visitors without an account may hold behind one internet address (SE-13).

An account holds one time by a constraint of the database, so it needs no limit here.
"""

import datetime as dt

from django.conf import settings

from bookings.models import Appointment
from bookings.refusals import TooManyHolds
from bookings.transitions import AppointmentState
from medtour.lib import clock
from medtour.lib.counts import count_one_more

VISITOR = "visitor"
AN_HOUR = dt.timedelta(hours=1)


def check_hold_limits(holder_key: str, *, now: dt.datetime | None = None) -> None:
    """Raise TooManyHolds when this visitor's address holds, or has held, too many times.

    The key of a visitor is "visitor:<mark of the address>:<random>". What is held now is read from
    the database; the count of the hour is kept in the cache and passes when the cache is away.
    """
    kind, _colon, rest = holder_key.partition(":")
    mark, _colon, own = rest.partition(":")
    if kind != VISITOR or not own:
        return
    now = now or clock.now()
    at_once, per_hour = settings.HOLDS_AT_ONCE_PER_ADDRESS, settings.HOLDS_PER_HOUR_PER_ADDRESS
    if at_once and _held_by_others(mark, holder_key, now=now) >= at_once:
        raise TooManyHolds
    if per_hour and _count_one_more(mark, now=now) > per_hour:
        raise TooManyHolds


def _held_by_others(mark: str, holder_key: str, *, now: dt.datetime) -> int:
    held = Appointment.objects.filter(
        state=AppointmentState.HELD,
        holder_key__startswith=f"{VISITOR}:{mark}:",
        held_until__gt=now,
    )
    return held.exclude(holder_key=holder_key).count()


def _count_one_more(mark: str, *, now: dt.datetime) -> int:
    """Count this try in its hour; 0 when nothing can be counted."""
    return count_one_more(f"holds:{mark}:{now:%Y%m%d%H}", AN_HOUR.total_seconds())
