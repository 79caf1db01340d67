"""Stripe's minor units are not always ours; what it cannot write is refused, never bent."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from medtour.lib.money import Money, exponent
from payments.gateways.minor_units import LARGEST, from_stripe, stripe_exponent, to_stripe
from payments.gateways.protocol import GatewayRefused
from payments.policies import convert
from payments.refund_rules import part_back

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


def test_eight_digits_are_the_most():
    assert to_stripe(Money(99_999_999, "CNY")) == 99_999_999
    with pytest.raises(GatewayRefused) as refused:
        to_stripe(Money(100_000_000, "CNY"))
    assert refused.value.code == "amount_too_large"


@given(
    minor=st.integers(min_value=100, max_value=9_999_999),
    rate=st.decimals(min_value="0.01", max_value=90, places=6),
    percent=st.integers(min_value=1, max_value=100),
    currency=st.sampled_from(CURRENCIES),
)
def test_what_we_ask_for_and_give_back_can_always_be_written(minor, rate, percent, currency):
    """Our own rules for sums, of a charge by a rate and of a part that comes back, fit Stripe's."""
    charge = convert(Money(minor, "CNY"), currency, rate)
    assume(to_stripe_units(charge) <= LARGEST)
    assert from_stripe(to_stripe(charge), currency) == charge
    back = part_back(charge, percent)
    assert from_stripe(to_stripe(back), currency) == back


def to_stripe_units(amount):
    return amount.minor * 10 ** (stripe_exponent(amount.currency) - exponent(amount.currency))
