"""How dates, times, places and languages are written in each of our languages.

Digits are Western everywhere, months stand in letters where the language has them, times are 24 h.
"""

import datetime as dt
from functools import lru_cache

from babel.core import get_global
from babel.dates import format_date, format_skeleton
from django.utils.translation import gettext

from medtour.lib import clock
from medtour.lib.money import locale_of

BEIJING_ZONE = "Asia/Shanghai"
OLD_ZONE_NAMES = {
    "Asia/Ho_Chi_Minh": "Asia/Saigon",
    "Asia/Kolkata": "Asia/Calcutta",
    "Asia/Yangon": "Asia/Rangoon",
    "Asia/Kathmandu": "Asia/Katmandu",
    "Europe/Kyiv": "Europe/Kiev",
    "America/Argentina/Buenos_Aires": "America/Buenos_Aires",
}
MINUS = "\N{MINUS SIGN}"
SKELETONS = {"short": "MMMEd", "day": "yMMMd", "month": "yMMMM", "day_month": "MMMd"}
PATTERNS = {
    ("en", "short"): "EEE d MMM",
    ("en", "day"): "d MMM y",
    ("en", "long"): "EEEE d MMMM y",
    ("mn", "short"): "MMM'ын' d, EEE",
    ("vi", "short"): "EEE, d MMM",
    ("vi", "day"): "d MMM, y",
    ("mn", "day"): "y 'оны' MMM d",
}


def language_tag(language: str) -> str:
    """Return the tag for `lang` attributes: zh-hans becomes zh-Hans."""
    head, _separator, script = language.partition("-")
    return f"{head}-{script.title()}" if script else head


@lru_cache(maxsize=8192)
def written_date(day: dt.date, language: str, form: str = "day") -> str:
    """Return a date in words; `form` is short, day, long, month or day_month."""
    pattern = PATTERNS.get((language, form))
    if pattern:
        return format_date(day, pattern, locale=locale_of(language))
    if form == "long":
        return format_date(day, "full", locale=locale_of(language))
    moment = dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)
    return format_skeleton(SKELETONS[form], moment, tzinfo=dt.UTC, locale=locale_of(language))


def written_days(first: dt.date, last: dt.date, language: str) -> str:
    """Return a stretch of days in words."""
    return gettext("%(first)s to %(last)s") % {
        "first": written_date(first, language),
        "last": written_date(last, language),
    }


@lru_cache(maxsize=2048)
def date_part(day: dt.date, language: str, pattern: str) -> str:
    """Return one part of a date by CLDR pattern, such as EEE or LLL."""
    return format_date(day, pattern, locale=locale_of(language))


def written_time(instant: dt.datetime, zone_name: str) -> str:
    """Return 13:30 on the wall clock of a zone."""
    return clock.local(instant, zone_name).strftime("%H:%M")


def written_offset(instant: dt.datetime, zone_name: str) -> str:
    """Return UTC+8, UTC+5:30 or UTC−5: the offset of a zone at that instant."""
    offset = clock.local(instant, zone_name).utcoffset() or dt.timedelta()
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = MINUS if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def city_of_zone(zone_name: str, language: str) -> str:
    """Return the city a zone is known by; China's single time is called after Beijing."""
    if zone_name == BEIJING_ZONE:
        return gettext("Beijing")
    if zone_name == "UTC":
        return "UTC"
    return _exemplar_city(zone_name, language)


@lru_cache(maxsize=4096)
def _exemplar_city(zone_name: str, language: str) -> str:
    canonical = get_global("zone_aliases").get(zone_name, zone_name)
    for locale in (locale_of(language), locale_of("en")):
        for name in (zone_name, canonical, OLD_ZONE_NAMES.get(zone_name, "")):
            if city := (locale.time_zones.get(name) or {}).get("city"):
                return city
    return zone_name.rsplit("/", 1)[-1].replace("_", " ")


@lru_cache(maxsize=2048)
def language_name(code: str, language: str) -> str:
    """Return the name of a language in another; an unknown code comes back in capitals."""
    key = code.split("-")[0]
    name = locale_of(language).languages.get(key) or locale_of("en").languages.get(key)
    return name or code.upper()


def written_as_of(stated: str, language: str) -> str:
    """Return the date of a fact as precisely as its source gave it: a day, a month, a year."""
    parts = stated.split("-")
    if not all(part.isdigit() for part in parts) or len(parts[0]) != 4:
        return gettext("date not known") if stated.startswith("undated") else stated
    try:
        day = dt.date(*(int(part) for part in (parts + ["1", "1"])[:3]))
    except ValueError:
        return stated
    if len(parts) == 1:
        return parts[0]
    return written_date(day, language, "month" if len(parts) == 2 else "day")
