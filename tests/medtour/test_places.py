"""Where somebody is likely at home: told by a number or a chosen clock, never by the first clock."""

import pytest

from medtour.lib.places import country_of_clock, country_of_number, zones_of_country


@pytest.mark.parametrize(
    ("number", "country"),
    [("+97699112233", "MN"), ("+77011234567", "KZ"), ("+15550001111", ""), ("abc", ""), ("", "")],
)
def test_the_country_of_a_number(number, country):
    assert country_of_number(number) == country


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Asia/Ulaanbaatar", "MN"), ("Asia/Shanghai", ""), ("UTC", ""), ("", "")],
)
def test_the_country_of_a_clock(zone, country):
    assert country_of_clock(zone) == country


def test_the_clocks_of_a_country():
    assert zones_of_country("MN") == ("Asia/Hovd", "Asia/Ulaanbaatar")
    assert {"Pacific/Honolulu", "America/New_York"} <= set(zones_of_country("US"))
    assert zones_of_country("") == ()
