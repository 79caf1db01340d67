"""Stripe's own minor units: they differ from ours by currency, and not every amount is possible.

Source: https://docs.stripe.com/currencies (zero-decimal, three-decimal and special cases).
"""

from decimal import ROUND_HALF_EVEN, Decimal

from medtour.lib.money import Money, exponent
from payments.gateways.protocol import GatewayRefused

ZERO_DECIMAL = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
# Three decimals are written, but the last digit must be nought.
THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# Whole units only, written with two decimals for old times' sake. HUF and TWD are not here: only
# payouts of theirs must be whole, a charge may have two decimals.
WHOLE_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
LARGEST = 99_999_999


def stripe_exponent(currency: str) -> int:
    """Return how many decimals Stripe writes: JPY 0, KWD 3, ISK and nearly all others 2."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def step(currency: str) -> int:
    """Return of what, in Stripe's minor units, an amount must be a multiple."""
    if currency in THREE_DECIMAL:
        return 10
    return 100 if currency in WHOLE_IN_HUNDREDTHS else 1


def to_stripe(amount: Money) -> int:
    """Return Stripe's minor units; refuses what Stripe cannot write exactly."""
    scaled = Decimal(amount.minor).scaleb(
        stripe_exponent(amount.currency) - exponent(amount.currency)
    )
    if scaled != scaled.to_integral_value() or scaled % step(amount.currency):
        raise GatewayRefused("amount_not_chargeable")
    if scaled > LARGEST:
        raise GatewayRefused("amount_too_large")
    return int(scaled)


def from_stripe(minor: int, currency: str) -> Money:
    """Return our amount for Stripe's minor units; its currency codes are small letters.

    A digit that we do not keep is rounded half to even: only a fee can have one.
    """
    code = currency.upper()
    scaled = Decimal(minor).scaleb(exponent(code) - stripe_exponent(code))
    return Money(int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN)), code)
