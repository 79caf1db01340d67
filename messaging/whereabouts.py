"""Where a person is at an instant: bookings knows their trips and registers here by a setting.

`WHEREABOUTS` names a function that takes an account and an instant and returns the time zone of
the hospital's place while the person is in mainland China, and nothing while they are not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User
from medtour.lib.wording import BEIJING_ZONE
from messaging.enums import Place
from messaging.models import ReachPreference

Source = Callable[[User, datetime], str]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """In mainland China or not, and the clock on the wall there."""

    in_china: bool
    time_zone: str


def whereabouts(user: User, preference: ReachPreference | None, now: datetime) -> Whereabouts:
    """Return where the person is; what they said themselves counts before what we assume (M19)."""
    said = preference.place if preference else Place.AUTOMATIC
    if said == Place.ABROAD:
        return Whereabouts(False, user.time_zone)
    there = _source(settings.WHEREABOUTS)(user, now)
    if said == Place.CHINA:
        return Whereabouts(True, there or BEIJING_ZONE)
    return Whereabouts(bool(there), there or user.time_zone)


@lru_cache
def _source(path: str) -> Source:
    return import_string(path)
