"""The rules of giving money back, as plain functions; no database, no network, no request."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from hospitals.policies import WHOLE, Ladder
from medtour.lib.money import Money
from payments.policies import CHARGE_STEP

# What we promise: how many days it takes until the payer sees the money, by route.
# A card that only kept the money is let go: nothing was taken, and nothing has to come back.
RELEASED = "released"
REFUND_DAYS = {"original": (5, 10), "bank_transfer": (5, 14), RELEASED: (0, 7)}
SEND_LEASE = dt.timedelta(minutes=2)
SHORTEST_RETRY = dt.timedelta(minutes=1)
LONGEST_RETRY = dt.timedelta(hours=1)
FOLLOW_UP_AFTER = dt.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Move:
    """One change of an appointment's time, and whether the patient or the hospital made it."""

    at: dt.datetime
    by_patient: bool
    from_starts_at: dt.datetime
    to_starts_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The start that counts for the ladder, and the most that may still come back, in percent."""

    starts_at: dt.datetime
    cap: int = WHOLE


def standing(ladder: Ladder, *, starts_at: dt.datetime, moves: Iterable[Move] = ()) -> Standing:
    """Return what the ladder is read against after all moves, oldest first.

    Moving away just before a step gains a patient nothing: what the ladder gave at that instant
    stays the most there is. A hospital that moves a time forward takes nothing away either: the
    later start goes on counting.
    """
    cap, counted = WHOLE, starts_at
    for number, move in enumerate(moves):
        counted = move.from_starts_at if number == 0 else counted
        if move.by_patient:
            cap = min(cap, ladder.percent_at(move.at, counted))
            counted = move.to_starts_at
        else:
            counted = max(counted, move.to_starts_at)
    return Standing(counted, cap)


def percent_back(ladder: Ladder, stands: Standing, at: dt.datetime) -> int:
    """Return what percentage comes back to a patient who cancels at this instant."""
    return min(stands.cap, ladder.percent_at(at, stands.starts_at))


def steps_ahead(
    ladder: Ladder, stands: Standing, *, now: dt.datetime, begins_at: dt.datetime
) -> list[tuple[dt.datetime, int]]:
    """Return (last instant, percent) of each step that can still be reached, best first.

    Steps that give the same because of an earlier move are one; none ends after the beginning.
    """
    last_of: dict[int, dt.datetime] = {}
    for until, percent in ladder.steps(stands.starts_at):
        if until >= now:
            last_of[min(percent, stands.cap)] = min(until, begins_at)
    return [(until, percent) for percent, until in last_of.items() if percent]


def part_back(held: Money, percent: int) -> Money:
    """Return a percentage of what we hold, rounded up to a sum that can be paid out.

    Rounding goes to the payer, and never above what we hold.
    """
    step = CHARGE_STEP.get(held.currency, 1)
    steps = (Decimal(held.minor) * percent / WHOLE / step).to_integral_value(ROUND_CEILING)
    return Money(min(int(steps) * step, held.minor), held.currency)


def can_be_paid_out(amount: Money) -> bool:
    """Tell whether a processor can send this sum: more than nothing, in the currency's steps."""
    return amount.minor > 0 and amount.minor % CHARGE_STEP.get(amount.currency, 1) == 0


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one payment: in its charge currency and in the contract's currency."""

    charge: Money
    contract: Money


def contract_part(amount: Money, *, charged: Money, counted: Money, left: Left) -> Money:
    """Return the contract's counterpart of a part of a payment.

    `charged` counted as `counted` when it was paid. Each part is rounded down; whoever takes the
    last of the charge takes the rest of the contract, so that the parts always add up (PY-12).
    """
    if amount == left.charge:
        return left.contract
    if amount.currency == counted.currency:
        return amount
    part = amount.minor * counted.minor // charged.minor
    return Money(min(part, left.contract.minor), counted.currency)


def needs_second_person(amount: Money, thresholds: Mapping[str, int]) -> bool:
    """Tell whether a refund that a person decided is above the threshold of its currency (PY-09).

    A currency without a threshold always needs a second person.
    """
    return amount.minor > thresholds.get(amount.currency, 0)


def retry_at(now: dt.datetime, since: dt.datetime) -> dt.datetime:
    """Return when to send again what could not be sent: longer waits the older it is."""
    return now + min(max((now - since) / 2, SHORTEST_RETRY), LONGEST_RETRY)
