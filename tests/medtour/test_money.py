from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtour.lib.money import CurrencyMismatch, Money, exponent


@pytest.mark.parametrize(
    ("currency", "digits", "minor", "text"),
    [
        ("CNY", 2, 193_500, "CNY 1,935.00"),
        ("JPY", 0, 1_935, "JPY 1,935"),
        ("KWD", 3, 1_935_125, "KWD 1,935.125"),
        ("HUF", 2, 193_550, "HUF 1,935.50"),
    ],
)
def test_each_currency_has_its_own_minor_units(currency, digits, minor, text):
    amount = Money(minor, currency)

    assert exponent(currency) == digits
    assert amount.formatted("en").replace("\xa0", " ") == text
    assert Money.from_major(amount.major, currency) == amount


@pytest.mark.parametrize(
    ("language", "number"),
    [("en", "193,500.25"), ("ru", "193 500,25"), ("vi", "193.500,25"), ("ar", "193,500.25")],
)
def test_numbers_follow_the_language_with_western_digits(language, number):
    shown = Money(19_350_025, "CNY").number(language)

    assert shown.replace("\xa0", " ").replace("\u202f", " ") == number


def test_halves_are_rounded_to_even():
    assert Money.from_major("0.125", "CNY") == Money(12, "CNY")
    assert Money.from_major("0.135", "CNY") == Money(14, "CNY")
    assert Money.from_major(Decimal("2.5"), "JPY") == Money(2, "JPY")


def test_floats_and_mixed_currencies_are_refused():
    with pytest.raises(TypeError):
        Money(1.5, "CNY")
    with pytest.raises(ValueError, match="not a currency"):
        Money(1, "yuan")
    with pytest.raises(CurrencyMismatch):
        Money(1, "CNY") + Money(1, "USD")


@given(st.integers(-(10**15), 10**15), st.sampled_from(["CNY", "JPY", "KWD", "USD", "HUF"]))
def test_major_and_minor_are_the_same_amount(minor, currency):
    amount = Money(minor, currency)

    assert Money.from_major(amount.major, currency) == amount
    assert (amount + amount - amount) * 1 == amount
