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
from medtour.lib.places import country_of_number, zones_of_country
from medtour.lib.wording import BEIJING_ZONE
from messaging.enums import Place
from messaging.models import ContactPoint, ReachPreference

Source = Callable[[User, datetime], str]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """In mainland China or not, and the clocks that may hang on the wall there."""

    in_china: bool
    zone_names: tuple[str, ...]


def whereabouts(
    user: User, preference: ReachPreference | None, contact: ContactPoint | None, now: datetime
) -> Whereabouts:
    """Return where the person is; what they said themselves counts before what we assume (M19)."""
    said = preference.place if preference else Place.AUTOMATIC
    there = "" if said == Place.ABROAD else _source(settings.WHEREABOUTS)(user, now)
    if said == Place.CHINA:
        there = there or BEIJING_ZONE
    return Whereabouts(bool(there), (there,) if there else zones_at_home(user, contact))


def zones_at_home(user: User, contact: ContactPoint | None) -> tuple[str, ...]:
    """Return the clock that the account chose, or else all of its number's country (MS-08).

    Everybody has Beijing's until they choose: of somebody who is not in China it says nothing.
    """
    if contact is None or user.time_zone != BEIJING_ZONE:
        return (user.time_zone,)
    return zones_of_country(country_of_number(contact.number)) or (user.time_zone,)


@lru_cache
def _source(path: str) -> Source:
    return import_string(path)
