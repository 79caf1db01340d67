"""The rules of money as plain functions; no database, no network, no request."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from hospitals.policies import WHOLE, Band, Ladder
from medtour.lib.money import Money, exponent

SESSION_LENGTH = dt.timedelta(minutes=31)
HOLD_GRACE = dt.timedelta(minutes=4)
# The processor refuses a page that would close in less than half an hour.
SHORTEST_SESSION = dt.timedelta(minutes=30, seconds=10)
# However often somebody tries, a place is not kept longer than this without money.
LONGEST_PAYMENT_HOLD = dt.timedelta(hours=2)
CONTRACT_CURRENCY = "CNY"
MAX_EVENT_ATTEMPTS = 8
EVENT_BACKOFF = dt.timedelta(seconds=20)
LONGEST_BACKOFF = dt.timedelta(hours=1)
UNANSWERED_AFTER = dt.timedelta(minutes=2)
SHARE_LENGTH = dt.timedelta(days=7)
# A card keeps a reservation for about seven days; nearer than one day it is collected at once.
CARD_HOLD = dt.timedelta(days=6)
COLLECT_AHEAD = dt.timedelta(hours=24)
COLLECT_MARGIN = dt.timedelta(hours=6)
# Processors take three-decimal currencies only in steps of ten minor units.
CHARGE_STEP = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}


class DepositNotNamed(ValueError):
    """An offer asks for a deposit but neither a sum nor a price to take a part of is known."""


class Policy(Protocol):
    """A hospital's cancellation policy."""

    @property
    def ladder(self) -> Ladder: ...


class CancellationRule(Protocol):
    """What an offer says about cancelling: a policy with bands, or only hours of notice."""

    cancellation_notice_hours: int

    @property
    def cancellation_policy(self) -> Policy | None: ...


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """A deposit rule and the lowest price it may be a part of."""

    deposit_minor: int | None
    deposit_percent: int | None
    lowest_price: Money | None

    @property
    def currency(self) -> str:
        return self.lowest_price.currency if self.lowest_price else CONTRACT_CURRENCY


def deposit_amount(facts: OfferFacts) -> Money:
    """Return the deposit: the fixed sum, or a percentage of the lowest price, half to even.

    Raises DepositNotNamed when the offer names neither.
    """
    if facts.deposit_minor:
        return Money(facts.deposit_minor, facts.currency)
    if not facts.deposit_percent or facts.lowest_price is None:
        raise DepositNotNamed
    part = Decimal(facts.lowest_price.minor) * facts.deposit_percent / WHOLE
    whole = int(part.to_integral_value(rounding=ROUND_HALF_EVEN))
    if whole <= 0:
        raise DepositNotNamed
    return Money(whole, facts.currency)


def ladder_of(offer: CancellationRule) -> Ladder:
    """Return an offer's ladder: its policy's, or everything until the notice and then nothing."""
    policy = offer.cancellation_policy
    if policy is not None:
        return policy.ladder
    return Ladder((Band(offer.cancellation_notice_hours, WHOLE),))


def convert(money: Money, currency: str, rate: Decimal) -> Money:
    """Return `money` in `currency` by `rate` (units for one unit), as a sum that can be charged.

    Rounded half to even, to the currency's own step.
    """
    if currency == money.currency:
        return money
    step = CHARGE_STEP.get(currency, 1)
    steps = (money.major * rate).scaleb(exponent(currency)) / step
    return Money(int(steps.to_integral_value(rounding=ROUND_HALF_EVEN)) * step, currency)


def payee_matches(holder: str, payee: str) -> bool:
    """Tell whether two names are one payee: letters and digits count, case and signs do not (M23).

    A blank name matches nothing.
    """
    return bool(_letters(holder)) and _letters(holder) == _letters(payee)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def event_retry_at(now: dt.datetime, attempts: int) -> dt.datetime:
    """Return when to work on an event again after `attempts` tries: twice as long each time."""
    return now + min(EVENT_BACKOFF * 2 ** min(attempts, 12), LONGEST_BACKOFF)


@dataclass(frozen=True, slots=True)
class ChargeParts:
    """How a charge divides: towards what was owed, and beyond it; both in the charge currency."""

    applied: Money
    surplus: Money


def charge_parts(charge: Money, *, contract: Money, surplus: Money, rate: Decimal) -> ChargeParts:
    """Divide a charge by what of it counted; the parts are the charge to the minor unit.

    `contract` and `surplus` are in the contract's currency, `rate` charge units for one of it.
    """
    nothing = Money(0, charge.currency)
    if not surplus.minor:
        return ChargeParts(charge, nothing)
    if not contract.minor:
        return ChargeParts(nothing, charge)
    applied = min(convert(contract, charge.currency, rate), charge)
    return ChargeParts(applied, charge - applied)


def is_reserved_first(starts_at: dt.datetime, *, now: dt.datetime) -> bool:
    """Tell whether an appointment is so near that a card can keep the money until it (PY-03)."""
    return COLLECT_AHEAD < starts_at - now <= CARD_HOLD


def collect_at(starts_at: dt.datetime, *, capture_before: dt.datetime | None) -> dt.datetime:
    """Return when reserved money is collected: a day before the start, or before the card lets go.

    Whichever is earlier (PY-03).
    """
    day_before = starts_at - COLLECT_AHEAD
    return (
        day_before if capture_before is None else min(day_before, capture_before - COLLECT_MARGIN)
    )
