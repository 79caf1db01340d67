import datetime as dt
from decimal import Decimal

import pytest
from currency_converter import CurrencyConverter

from medtour.lib import clock, exchange
from medtour.lib.money import Money


@pytest.fixture(scope="module")
def converter() -> CurrencyConverter:
    return CurrencyConverter(decimal=True)


@pytest.mark.parametrize("currency", ["CAD", "JPY", "IDR", "EUR", "USD"])
def test_estimates_agree_with_the_librarys_own_conversion(converter, currency: str):
    money = Money(193_500, "CNY")
    found = exchange.estimate(money, currency)
    assert found.rate_date == converter.bounds["CNY"].last_date
    expected = converter.convert(Decimal("1935.00"), "CNY", currency)
    assert found.money == Money.from_major(expected, currency)
    assert found.source == "European Central Bank"


def test_yen_have_no_minor_units():
    found = exchange.estimate(Money(100, "CNY"), "JPY")
    assert found.money.minor == found.money.major


@pytest.mark.parametrize("currency", ["CNY", "MNT", "XXX", ""])
def test_no_estimate_without_a_rate_or_into_the_same_currency(currency: str):
    assert exchange.estimate(Money(100, "CNY"), currency) is None


def test_no_estimate_from_an_unknown_currency():
    assert exchange.estimate(Money(100, "MNT"), "EUR") is None


def test_an_estimate_is_stale_after_seven_days():
    found = exchange.estimate(Money(100, "CNY"), "EUR")
    noon = dt.datetime.combine(found.rate_date, dt.time(12), tzinfo=dt.UTC)
    with clock.freeze(noon + dt.timedelta(days=7)):
        assert not found.is_stale
    with clock.freeze(noon + dt.timedelta(days=8)):
        assert found.is_stale


def test_currencies_are_listed_once_in_order():
    listed = exchange.currencies()
    assert listed == sorted(set(listed))
    assert {"CAD", "CNY", "EUR", "IDR"} <= set(listed)
