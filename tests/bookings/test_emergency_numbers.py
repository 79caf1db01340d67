"""The numbers to call: sourced, really emergency numbers there, and honest where unknown."""

import pytest
from phonenumbers.shortnumberinfo import is_emergency_number

from bookings.emergency_numbers import all_numbers, country_of, numbers_for


@pytest.mark.parametrize("country", sorted(all_numbers()))
def test_every_number_is_sourced_and_known_to_libphonenumber(country):
    each = all_numbers()[country]
    assert each.country == country
    assert each.source
    assert each.as_of
    assert is_emergency_number(each.number, country), each.number


@pytest.mark.parametrize(
    ("phone", "zone", "country"),
    [
        ("+97699112233", "Asia/Shanghai", "MN"),
        ("+79161234567", "Asia/Ulaanbaatar", "RU"),
        ("", "Asia/Ulaanbaatar", "MN"),
        ("", "Asia/Shanghai", ""),
        ("", "UTC", ""),
        ("not a number", "Europe/Moscow", "RU"),
    ],
)
def test_home_is_where_the_telephone_is_from_else_the_clock(phone, zone, country):
    assert country_of(phone=phone, zone_name=zone) == country


def test_china_comes_first_and_an_unknown_country_adds_nothing():
    assert [(n.country, n.number) for n in numbers_for(["MN"])] == [("CN", "120"), ("MN", "103")]
    assert [n.number for n in numbers_for([""])] == ["120"]
    assert [n.number for n in numbers_for(["SO"])] == ["120"]
    assert [n.number for n in numbers_for(["CN"])] == ["120"]


def test_a_country_is_named_in_the_language_of_the_reader():
    (_china, home) = numbers_for(["RU"])
    assert home.place("en") == "Russia"
    assert home.place("zh-hans") == "俄罗斯"
