"""In which currencies an amount can be charged, each with the exact sum and its rate (PY-12)."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from medtour.lib import exchange
from medtour.lib.errors import Refusal
from medtour.lib.money import Money
from payments.models import PayeeAccount
from payments.presenters.figures import rate_text
from payments.services.deposits import charge_for

RATE_DIGITS = Decimal("0.00001")


@dataclass(frozen=True, slots=True)
class Charge:
    """One choice: `value` names currency and sum, so that a form knows which sum was seen."""

    amount: Money
    rate_words: str = ""
    rate_on: dt.date | None = None
    source: str = ""
    is_stale: bool = False
    is_chosen: bool = False

    @property
    def value(self) -> str:
        return f"{self.amount.currency}-{self.amount.minor}"


def charges_of(
    amount: Money, account: PayeeAccount, *, chosen: str = "", home: str = ""
) -> list[Charge]:
    """Return the choices, the contract's own currency first, then the visitor's `home` currency.

    `chosen` is the currency picked before; without one it is the first of the list.
    """
    order = sorted(
        account.charge_currencies, key=lambda code: (code != amount.currency, code != home, code)
    )
    found = [charge for code in order if (charge := _charge(amount, code))]
    codes = [charge.amount.currency for charge in found]
    picked = codes.index(chosen) if chosen in codes else 0
    return [replace(each, is_chosen=number == picked) for number, each in enumerate(found)]


def _charge(amount: Money, currency: str) -> Charge | None:
    try:
        asked = charge_for(amount, currency)
    except Refusal:
        return None
    if asked.rate_on is None:
        return Charge(asked.charge)
    rate = asked.rate.quantize(RATE_DIGITS).normalize()
    return Charge(
        asked.charge,
        rate_words=rate_text(rate, amount.currency, currency),
        rate_on=asked.rate_on,
        source=asked.rate_source,
        is_stale=exchange.is_stale(asked.rate_on),
    )
