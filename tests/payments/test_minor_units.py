"""Stripe's minor units are not always ours; what it cannot write is refused, never bent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtour.lib.money import Money
from payments.gateways.minor_units import chargeable, from_stripe, to_stripe
from payments.gateways.protocol import GatewayRefused

CURRENCIES = ["CNY", "USD", "JPY", "KRW", "VND", "KWD", "BHD", "OMR", "JOD", "TND", "ISK", "UGX"]
CURRENCIES += ["HUF", "TWD", "IDR", "MNT", "RUB", "AED", "HKD", "CLP", "XOF", "MGA"]


@pytest.mark.parametrize(
    ("amount", "stripe"),
    [
        (Money(193_500, "CNY"), 193_500),
        (Money(5_000, "JPY"), 5_000),
        (Money(1_234_560, "VND"), 1_234_560),
        (Money(1_230, "KWD"), 1_230),
        (Money(5, "ISK"), 500),
        (Money(5, "UGX"), 500),
        (Money(1_050, "HUF"), 1_050),
        (Money(1_050, "TWD"), 1_050),
    ],
)
def test_each_currency_in_stripes_own_units(amount, stripe):
    assert to_stripe(amount) == stripe
    assert from_stripe(stripe, amount.currency.lower()) == amount


def test_a_third_decimal_other_than_nought_is_refused():
    with pytest.raises(GatewayRefused) as refused:
        to_stripe(Money(1_234, "KWD"))
    assert refused.value.code == "amount_not_chargeable"


@pytest.mark.parametrize(
    ("asked", "nearest"), [(1_234, 1_230), (1_235, 1_240), (1_245, 1_240), (1_236, 1_240)]
)
def test_the_nearest_amount_that_can_be_charged(asked, nearest):
    assert chargeable(Money(asked, "KWD")) == Money(nearest, "KWD")


def test_eight_digits_are_the_most():
    assert to_stripe(Money(99_999_999, "CNY")) == 99_999_999
    with pytest.raises(GatewayRefused) as refused:
        to_stripe(Money(100_000_000, "CNY"))
    assert refused.value.code == "amount_too_large"


@given(minor=st.integers(min_value=10, max_value=999_999), currency=st.sampled_from(CURRENCIES))
def test_what_can_be_charged_comes_back_as_it_went(minor, currency):
    amount = chargeable(Money(minor, currency))
    assert from_stripe(to_stripe(amount), currency) == amount
    assert abs(amount.minor - minor) <= 5
