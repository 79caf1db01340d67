"""Where somebody is likely at home, from a telephone number or a clock; a guess, never a fact."""

import phonenumbers
from babel.core import get_global

from medtour.lib import clock
from medtour.lib.wording import BEIJING_ZONE


def country_of_number(number: str) -> str:
    """Return the country (ISO code) of a telephone number in E.164, "" where it tells none."""
    try:
        parsed = phonenumbers.parse(number) if number else None
    except phonenumbers.NumberParseException:
        parsed = None
    return (phonenumbers.region_code_for_number(parsed) if parsed else None) or ""


def country_of_clock(zone_name: str) -> str:
    """Return the country of a clock that somebody chose, "" for the one everybody begins with."""
    return "" if zone_name == BEIJING_ZONE else get_global("zone_territories").get(zone_name, "")


def zones_of_country(country: str) -> tuple[str, ...]:
    """Return every clock of a country, in a fixed order; none for one that is not known."""
    return tuple(sorted(filter(clock.is_zone, get_global("territory_zones").get(country, ()))))
