import datetime as dt

import pytest

from medtour.lib import clock


def test_a_wall_time_that_happens_twice_means_the_first():
    twice = clock.at_wall_time(dt.date(2026, 10, 25), dt.time(1, 30), "Europe/London")

    assert twice == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", dt.date(2026, 3, 29), 24),
        ("Europe/London", dt.date(2026, 3, 29), 23),
        ("Europe/London", dt.date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", dt.date(2026, 10, 4), 23.5),
        ("America/Sao_Paulo", dt.date(2026, 10, 18), 24),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone, day, hours):
    start, end = clock.day_bounds(day, zone)

    assert end - start == dt.timedelta(hours=hours)


@pytest.mark.parametrize("name", ["CST", "UTC+8", "GMT+8", "Asia/Nowhere", "", "../etc/passwd"])
def test_offsets_and_abbreviations_are_not_zones(name):
    assert not clock.is_zone(name)


@pytest.mark.parametrize(
    "name", ["Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "America/Argentina/Ushuaia"]
)
def test_iana_names_are_zones(name):
    assert clock.is_zone(name)


def test_today_is_a_matter_of_place():
    with clock.freeze(dt.datetime(2026, 11, 21, 20, 0, tzinfo=dt.UTC)):
        assert clock.today("Asia/Shanghai") == dt.date(2026, 11, 22)
        assert clock.today("Pacific/Honolulu") == dt.date(2026, 11, 21)
