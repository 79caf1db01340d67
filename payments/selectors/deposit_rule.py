"""What deposit an offer asks for, said before anybody books."""

from collections.abc import Iterable
from dataclasses import dataclass

from hospitals.models import Offer, PriceLine
from medtour.lib.money import Money
from payments.policies import CONTRACT_CURRENCY, DepositNotNamed, OfferFacts, deposit_amount


@dataclass(frozen=True, slots=True)
class DepositRule:
    """A deposit in words: `percent` of `price`, or a fixed `amount`; None while not known."""

    percent: int | None
    price: Money | None
    amount: Money | None


def deposit_rule(offer: Offer, lines: Iterable[PriceLine]) -> DepositRule | None:
    """Return the rule of an offer with these price lines, None when it asks for no deposit."""
    if not offer.asks_deposit_online:
        return None
    prices = [line.amount for line in lines if line.currency == CONTRACT_CURRENCY]
    lowest = min(prices, default=None)
    percent = None if offer.deposit_minor else offer.deposit_percent
    try:
        amount = deposit_amount(OfferFacts(offer.deposit_minor, percent, lowest))
    except DepositNotNamed:
        amount = None
    return DepositRule(percent, lowest if percent else None, amount)
