"""How a bill divides between insurer and patient, and who bears what an insurer refuses.

Pure rules in whole minor units: docs/insurance.md and decision 011 say why.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Any

from medtour.lib.money import Money, exponent

# Reasons that lie in the patient's own policy, in the engine's words; the patient knew the worst
# case before booking (M3). Every other reason, and one we do not know, is the hospital's to bear.
PATIENT_BEARS = frozenset(
    {
        "ANNUAL_LIMIT_EXHAUSTED",
        "BENEFIT_NOT_COVERED",
        "COINSURANCE_APPLIED",
        "COPAY_APPLIED",
        "DEDUCTIBLE_APPLIED",
        "EXCLUDED_CODE",
        "MEMBER_TERMINATED",
        "POLICY_EXPIRED",
        "POLICY_NOT_ACTIVE",
        "PREEXISTING_EXCLUDED",
        "SUBLIMIT_EXHAUSTED",
        "VISIT_LIMIT_REACHED",
        "WAITING_PERIOD",
    }
)


@dataclass(frozen=True, slots=True)
class Sharing:
    """What the check said a member bears: fixed sums first, then a part of what is left.

    Amounts in the plan's currency. `part` of `whole` is the share of the rest; what lies over a
    limit is no part of it, because the guarantee is the limit.
    """

    fixed: Money
    part: int
    whole: int


def sharing_of(output: Mapping[str, Any], currency: str) -> Sharing:
    """Return how a check's answer shares costs; an answer without amounts leaves all to insurers.

    Without a breakdown the whole share of the patient is taken for a part of the estimate.
    """
    estimate = _minor(output.get("estimate"), currency)
    found = output.get("breakdown")
    if not found:
        return Sharing(
            Money(0, currency), _minor(output.get("patient_share"), currency), max(estimate, 1)
        )
    amounts = {name: _minor(text, currency) for name, text in found.items()}
    fixed = amounts.get("deductible", 0) + amounts.get("copay", 0)
    part = amounts.get("coinsurance", 0) + amounts.get("penalty", 0)
    return Sharing(Money(fixed, currency), part, max(estimate - fixed, 1))


def insurer_part(
    billed: Money, *, sharing: Sharing, approved: Money | None, rate: Decimal
) -> Money:
    """Return what of a bill the insurer owes, in the bill's currency; the rest is the patient's.

    `rate` is units of the plan's currency for one of the bill's. The patient's part of the rest is
    rounded half to even; the promise is rounded down, so that it is never exceeded.
    """
    fixed = _through(sharing.fixed, billed.currency, rate, ROUND_HALF_EVEN)
    rest = max(billed.minor - fixed, 0)
    own = Decimal(rest * sharing.part) / sharing.whole
    covered = rest - int(own.to_integral_value(rounding=ROUND_HALF_EVEN))
    if approved is not None:
        covered = min(covered, _through(approved, billed.currency, rate, ROUND_DOWN))
    return Money(max(covered, 0), billed.currency)


def taken_of_benefit(amount: Money, currency: str, rate: Decimal) -> Money:
    """Return what a claimed sum takes of a benefit that is counted in `currency`.

    `rate` is how many units of `currency` make one of the sum's. Rounded down to the minor unit, so
    that rounding never takes more than was promised.
    """
    if amount.currency == currency:
        return amount
    return Money(_minor_of(amount.major * rate, currency, ROUND_DOWN), currency)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Divide a sum by weights to the minor unit; largest remainders first, then earlier places.

    No place gets more than its weight as long as `total` is not more than all weights together.
    """
    whole = sum(weights)
    if not whole:
        return [0 for _weight in weights]
    parts = [total * weight // whole for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for place in by_rest[: total - sum(parts)]:
        parts[place] += 1
    return parts


def payable(*, insurer_minor: int, billed_minor: int, allowed_minor: int) -> int:
    """Return what a decided line pays: the insurer's part in the proportion that was allowed."""
    return insurer_minor * allowed_minor // billed_minor if billed_minor else 0


def patient_bears(denial_code: str) -> bool:
    """Tell whether a reason lies in the patient's policy; in doubt the hospital bears it."""
    return denial_code.strip().upper().replace("-", "_").replace(" ", "_") in PATIENT_BEARS


def due_on(discharged_on: dt.date, within_days: int) -> dt.date:
    """Return the last day on which a claim arrives in time."""
    return discharged_on + dt.timedelta(days=within_days)


def _minor(text: object, currency: str) -> int:
    return Money.from_major(str(text), currency).minor if text else 0


def _through(money: Money, currency: str, rate: Decimal, rounding: str) -> int:
    """Return minor units of `currency`, of which `rate` units of the money's own make one."""
    if money.currency == currency:
        return money.minor
    return _minor_of(money.major / rate, currency, rounding)


def _minor_of(major: Decimal, currency: str, rounding: str) -> int:
    return int(major.scaleb(exponent(currency)).to_integral_value(rounding=rounding))
