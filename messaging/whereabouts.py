"""Where a person is at an instant: bookings knows their trips and registers here by a setting.

`WHEREABOUTS` names a function that takes the keys of accounts and an instant and returns, for each
who is in mainland China then, the time zone of the hospital's place.
"""

from collections.abc import Callable, Collection, Mapping
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

Source = Callable[[Collection[int], datetime], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """In mainland China or not, and the clocks that may hang on the wall there."""

    in_china: bool
    zone_names: tuple[str, ...]


def whereabouts(
    user: User, preference: ReachPreference | None, contact: ContactPoint | None, now: datetime
) -> Whereabouts:
    """Return where the person is; one query."""
    return place_of(user, preference, contact, zones_in_china([user.pk], now).get(user.pk, ""))


def zones_in_china(accounts: Collection[int], now: datetime) -> Mapping[int, str]:
    """Return the time zone of each of these accounts that is in mainland China; one query."""
    return _source(settings.WHEREABOUTS)(accounts, now) if accounts else {}


def place_of(
    user: User, preference: ReachPreference | None, contact: ContactPoint | None, travels_in: str
) -> Whereabouts:
    """Return where the person is; what they said themselves counts before what we assume (M19).

    `travels_in` is the zone in mainland China where their appointments say that they are, or "".
    """
    said = preference.place if preference else Place.AUTOMATIC
    there = "" if said == Place.ABROAD else travels_in
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
