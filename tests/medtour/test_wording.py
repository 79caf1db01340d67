import datetime as dt

import pytest
from django.conf import settings
from django.utils import translation

from medtour.lib import wording

TUESDAY = dt.date(2026, 12, 1)
NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
CODES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize(
    ("language", "short", "long"),
    [
        ("en", "Tue 1 Dec", "Tuesday 1 December 2026"),
        ("zh-hans", "12月1日周二", "2026年12月1日星期二"),
        ("ar", "الثلاثاء، 1 ديسمبر", "الثلاثاء، 1 ديسمبر 2026"),
        ("ru", "вт, 1 дек.", "вторник, 1 декабря 2026\u202fг."),
        ("fr", "mar. 1 déc.", "mardi 1 décembre 2026"),
    ],
)
def test_dates_are_written_in_words(language: str, short: str, long: str):
    assert wording.written_date(TUESDAY, language, "short") == short
    assert wording.written_date(TUESDAY, language, "long") == long


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize("form", ["short", "day", "long", "month", "day_month"])
def test_digits_are_western_in_every_language(language: str, form: str):
    text = wording.written_date(TUESDAY, language, form)
    assert not [sign for sign in text if sign.isdigit() and not sign.isascii()]


@pytest.mark.parametrize(
    ("zone_name", "expected"),
    [
        ("Asia/Shanghai", "UTC+8"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/Toronto", "UTC−5"),
        ("UTC", "UTC+0"),
    ],
)
def test_offsets_have_a_true_minus_and_minutes_when_needed(zone_name: str, expected: str):
    assert wording.written_offset(NOON, zone_name) == expected


def test_offset_follows_summer_time():
    summer = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    assert wording.written_offset(summer, "America/Toronto") == "UTC−4"


def test_time_is_the_wall_clock_of_the_zone():
    assert wording.written_time(NOON, "Asia/Shanghai") == "20:00"
    assert wording.written_time(NOON, "Asia/Kathmandu") == "17:45"


@pytest.mark.parametrize(
    ("zone_name", "language", "expected"),
    [
        ("America/Toronto", "ru", "Торонто"),
        ("Asia/Ho_Chi_Minh", "vi", "TP Hồ Chí Minh"),
        ("Asia/Ho_Chi_Minh", "en", "Ho Chi Minh City"),
        ("Asia/Dubai", "ar", "دبي"),
        ("Europe/London", "fr", "Londres"),
    ],
)
def test_a_zone_is_known_by_its_city(zone_name: str, language: str, expected: str):
    assert wording.city_of_zone(zone_name, language) == expected


def test_chinas_single_time_is_called_after_beijing():
    with translation.override("en"):
        assert wording.city_of_zone("Asia/Shanghai", "en") == "Beijing"


def test_a_language_has_a_name_in_another():
    assert wording.language_name("zh-hans", "en") == "Chinese"
    assert wording.language_name("mn", "ar") == "المنغولية"
    assert wording.language_name("qqq", "en") == "QQQ"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2024", "2024"),
        ("2024-03", "March 2024"),
        ("2024-03-26", "26 Mar 2024"),
        ("undated page", "date not known"),
        ("about 2020", "about 2020"),
        ("2024-13-45", "2024-13-45"),
    ],
)
def test_the_date_of_a_fact_is_never_more_precise_than_its_source(stated: str, expected: str):
    assert wording.written_as_of(stated, "en") == expected


def test_language_tags_follow_bcp_47():
    assert wording.language_tag("zh-hans") == "zh-Hans"
    assert wording.language_tag("ar") == "ar"
