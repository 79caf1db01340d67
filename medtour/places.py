"""The places and currencies a visitor may choose for the second clock and the estimates."""

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from medtour.lib import clock, exchange, wording
from medtour.lib.money import babel_locale

ZONES_BY_REGION = """
Africa/Addis_Ababa Africa/Algiers Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos
Africa/Nairobi America/Argentina/Buenos_Aires America/Bogota America/Chicago America/Denver
America/Halifax America/Lima America/Los_Angeles America/Mexico_City America/New_York
America/Sao_Paulo America/Toronto America/Vancouver Asia/Almaty Asia/Amman Asia/Baghdad Asia/Baku
Asia/Bangkok Asia/Bishkek Asia/Colombo Asia/Dhaka Asia/Dubai Asia/Ho_Chi_Minh Asia/Hong_Kong
Asia/Jakarta Asia/Karachi Asia/Kathmandu Asia/Kolkata Asia/Kuala_Lumpur Asia/Kuwait Asia/Makassar
Asia/Manila Asia/Muscat Asia/Novosibirsk Asia/Phnom_Penh Asia/Qatar Asia/Riyadh Asia/Seoul
Asia/Shanghai Asia/Singapore Asia/Taipei Asia/Tashkent Asia/Tehran Asia/Tokyo Asia/Ulaanbaatar
Asia/Vientiane Asia/Vladivostok Asia/Yakutsk Asia/Yangon Asia/Yekaterinburg Asia/Irkutsk
Australia/Perth Australia/Sydney Europe/Berlin Europe/Istanbul Europe/London Europe/Madrid
Europe/Moscow Europe/Paris Europe/Rome Pacific/Auckland
"""

COMMON_ZONES = ZONES_BY_REGION.split()
Choices = list[tuple[str, str]]


def _in_order(choices: Choices) -> Choices:
    return sorted(choices, key=lambda one: unicodedata.normalize("NFKD", one[1]).casefold())


@lru_cache(maxsize=32)
def _common(language: str) -> Choices:
    return _in_order([(zone, wording.city_of_zone(zone, language)) for zone in COMMON_ZONES])


@lru_cache(maxsize=32)
def _all(language: str) -> Choices:
    territories = Locale.parse(babel_locale(language)).territories
    country_of = get_global("zone_territories")
    choices = []
    for zone in available_timezones():
        if not clock.is_zone(zone) or zone.startswith(("Etc/", "SystemV/", "US/")):
            continue
        country = territories.get(country_of.get(zone, ""), "")
        city = wording.city_of_zone(zone, language)
        choices.append((zone, f"{country}: {city}" if country else f"{city} ({zone})"))
    return _in_order(choices)


def _in_page_language(listed: Callable[[str], Choices]) -> Choices:
    return listed(get_language() or "en")


def common_zones() -> Choices:
    """Return about sixty zones by city, in the page's language."""
    return _in_page_language(_common)


def all_zones() -> Choices:
    """Return every IANA zone by country and city, in the page's language."""
    return _in_page_language(_all)


@lru_cache(maxsize=32)
def _currencies(language: str) -> Choices:
    names = Locale.parse(babel_locale(language)).currencies
    return [
        (code, f"{code} · {names.get(code, code)}")
        for code in exchange.currencies()
        if code != "CNY"
    ]


def home_currencies() -> Choices:
    """Return the currencies that estimates exist for."""
    return _in_page_language(_currencies)


@lru_cache(maxsize=32)
def _common_options(language: str) -> SafeString:
    return _options(_common(language))


@lru_cache(maxsize=32)
def _currency_options(language: str) -> SafeString:
    return _options(_currencies(language))


def _options(choices: Choices) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', choices)


def common_zone_options() -> SafeString:
    """Return the common zones as options, made once a language: every page carries them."""
    return _common_options(get_language() or "en")


def currency_options() -> SafeString:
    """Return the home currencies as options, made once a language."""
    return _currency_options(get_language() or "en")
