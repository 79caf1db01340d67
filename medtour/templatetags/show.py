"""Filters that write money, dates, times, places and languages the way the page's language does."""

import datetime as dt
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from modeltranslation.utils import build_localized_fieldname

from medtour.lib import clock, wording
from medtour.lib.money import Money

register = template.Library()


def page_language() -> str:
    return get_language() or "en"


@register.filter
def money_text(amount: Money | None, whole: bool = False) -> str:
    """CNY 1,935.00 as plain text that never breaks, for attributes; nothing for None."""
    if amount is None:
        return ""
    return amount.formatted(page_language(), whole=whole).replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def money(amount: Money | None) -> str:
    """CNY 1,935.00, kept together whichever way the page runs."""
    return _together(money_text(amount))


@register.filter
def money_whole(amount: Money | None) -> str:
    """CNY 1,935: for cards and lists, without minor units."""
    return _together(money_text(amount, whole=True))


def _together(text: str) -> str:
    return format_html('<bdi class="num">{}</bdi>', text) if text else ""


@register.filter
def spoken_language(code: str, language: str = "") -> str:
    """The name of a language in the page's language (Django's `language_name` is English only)."""
    return wording.language_name(code, language or page_language())


@register.filter
def own_language_name(code: str) -> str:
    """The name of one of our languages in that language: Русский."""
    return dict(settings.LANGUAGES).get(code, code)


@register.filter
def language_tag(code: str) -> str:
    """The value of a `lang` attribute for one of our language codes."""
    return wording.language_tag(code)


def _date(value: dt.date | dt.datetime | None) -> dt.date | None:
    return value.date() if isinstance(value, dt.datetime) else value


@register.filter
def day(value: dt.date | None) -> str:
    """1 Dec 2026."""
    return wording.written_date(_date(value), page_language()) if value else ""


@register.filter
def day_short(value: dt.date | None) -> str:
    """Tue 1 Dec."""
    return wording.written_date(_date(value), page_language(), "short") if value else ""


@register.filter
def day_long(value: dt.date | None) -> str:
    """Tuesday 1 December 2026."""
    return wording.written_date(_date(value), page_language(), "long") if value else ""


@register.filter
def weekday_short(value: dt.date) -> str:
    """Tue."""
    return wording.date_part(_date(value), page_language(), "EEE")


@register.filter
def month_short(value: dt.date) -> str:
    """Dec."""
    return wording.date_part(_date(value), page_language(), "LLL")


@register.filter
def as_of(stated: str) -> str:
    """The date of a fact, only as precise as its source."""
    return wording.written_as_of(stated, page_language())


@register.filter
def local_day(instant: dt.datetime, zone_name: str) -> dt.date:
    """The calendar date of an instant in a zone."""
    return clock.local(instant, zone_name).date()


@register.filter
def wall_time(instant: dt.datetime | None, zone_name: str) -> str:
    """09:30 on the wall clock of a zone."""
    return _wall_time(instant.replace(second=0, microsecond=0), zone_name) if instant else ""


@lru_cache(maxsize=1024)
def _wall_time(minute: dt.datetime, zone_name: str) -> SafeString:
    return format_html("<bdi>{}</bdi>", wording.written_time(minute, zone_name))


@register.filter
def offset(instant: dt.datetime | None, zone_name: str) -> str:
    """UTC+8."""
    return (
        format_html("<bdi>{}</bdi>", wording.written_offset(instant, zone_name)) if instant else ""
    )


@register.filter
def city_of(zone_name: str) -> str:
    """The city a zone is known by, in the page's language."""
    return wording.city_of_zone(zone_name, page_language())


@register.simple_tag
def instant(moment: dt.datetime, zone_name: str, with_place: bool = False) -> SafeString:
    """09:30 · Tue 1 Dec as a `time` element; `with_place` puts the city in front."""
    minute = moment.replace(second=0, microsecond=0)
    return _instant(minute, zone_name, with_place, page_language())


@lru_cache(maxsize=4096)
def _instant(moment: dt.datetime, zone_name: str, with_place: bool, language: str) -> SafeString:
    place = wording.city_of_zone(zone_name, language) + " " if with_place else ""
    return format_html(
        '<time datetime="{}">{}<bdi>{}</bdi> · {}</time>',
        clock.local(moment, zone_name).isoformat(timespec="minutes"),
        place,
        wording.written_time(moment, zone_name),
        day_short(clock.local(moment, zone_name).date()),
    )


@register.simple_tag
def translated(thing: Any, field: str = "name") -> SafeString | str:
    """A catalogue text in the page's language, or in English and marked as English."""
    language = page_language()
    if own := getattr(thing, build_localized_fieldname(field, language), ""):
        return own
    english = getattr(thing, f"{field}_en", "") or ""
    if not english or language == "en":
        return english
    return format_html('<bdi lang="en">{}</bdi>', english)


@register.simple_tag
def chinese_name(thing: Any, field: str = "name") -> SafeString | str:
    """The Chinese form, marked as Chinese; nothing on the Chinese site or when it is unknown."""
    chinese = getattr(thing, f"{field}_zh_hans", "")
    if not chinese or page_language() == "zh-hans":
        return ""
    return format_html('<bdi lang="zh-Hans">{}</bdi>', chinese)
