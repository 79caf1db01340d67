"""Stage 13 of the eligibility rules: who bears what of the estimate, in exact arithmetic.

The patient's percentage is rounded and the insurer gets the rest, so parts always add up.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from payments import eligibility_values as read
from payments.eligibility_case import Amounts, Authorisation, Case, Guarantee
from payments.eligibility_codes import Reason
from payments.eligibility_values import ZERO


def shared_amounts(case: Case) -> Amounts:
    """Return who bears what: cost sharing, then penalty, then what caps the insurer's part."""
    estimate = case.estimate
    deductible = _deductible(case)
    rest = estimate - deductible
    copay = min(rest, read.money(case.benefit, "copay"))
    coinsurance = read.part_of(rest - copay, case.coinsurance_pct, case.currency)
    copay, coinsurance = _within_out_of_pocket_max(case, copay, coinsurance)
    insurer = estimate - deductible - copay - coinsurance
    penalty = ZERO
    if case.authorisation in (Authorisation.LATE, Authorisation.MISSED):
        pct = read.percent(case.policy, "preauth_penalty_pct")
        penalty = read.part_of(insurer, pct, case.currency)
    uncapped = insurer - penalty
    covered = _within_limits(case, uncapped)
    over = uncapped - covered
    for reason, amount in (
        (Reason.DEDUCTIBLE_APPLIED, deductible),
        (Reason.COPAY_APPLIED, copay),
        (Reason.COINSURANCE_APPLIED, coinsurance),
        (Reason.PREAUTH_PENALTY, penalty),
    ):
        if amount > ZERO:
            case.reasons.add(reason)
    return Amounts(covered, deductible, copay, coinsurance, penalty, over)


def _deductible(case: Case) -> Decimal:
    """Step 1: the deductible, where it counts in this setting."""
    rule = read.section(case.policy, "deductible")
    if case.request["setting"] not in read.entries(rule, "settings"):
        return ZERO
    amount = read.money(rule, "amount")
    if read.choice(rule, "scope", "annual", "per_visit") == "annual":
        amount = max(ZERO, amount - read.money(rule, "met"))
    return min(case.estimate, amount)


def _within_out_of_pocket_max(
    case: Case, copay: Decimal, coinsurance: Decimal
) -> tuple[Decimal, Decimal]:
    """Step 4: co-pay and co-insurance fit into the room that is left; co-insurance goes first."""
    if case.policy.get("out_of_pocket_max") is None or Reason.OUT_OF_NETWORK in case.reasons:
        return copay, coinsurance
    rule = read.section(case.policy, "out_of_pocket_max")
    room = max(ZERO, read.money(rule, "amount") - read.money(rule, "met"))
    if copay + coinsurance <= room:
        return copay, coinsurance
    case.reasons.add(Reason.OOP_MAX_APPLIED)
    copay = min(copay, room)
    return copay, room - copay


def _within_limits(case: Case, insurer: Decimal) -> Decimal:
    """Step 7: sub-limit, annual limit and guarantee, in this order, cap the insurer's part."""
    guaranteed = None
    if case.guarantee is Guarantee.USABLE:
        preauth = read.section(case.document, "preauth")
        guaranteed = read.optional_money(preauth, "approved_amount")
    for reason, most in (
        (Reason.SUBLIMIT_APPLIED, sublimit_remaining(case)),
        (Reason.ANNUAL_LIMIT_APPLIED, annual_remaining(case)),
        (Reason.GOP_CAP_APPLIED, guaranteed),
    ):
        if most is not None and most < insurer:
            case.reasons.add(reason)
            insurer = most
    return insurer


def _remaining(source: Mapping[str, Any], limit: str, used: str) -> Decimal | None:
    """Return what is left of a limit, None without one; the used figure is not read then."""
    most = read.optional_money(source, limit)
    return None if most is None else most - read.money(source, used)


def sublimit_remaining(case: Case) -> Decimal | None:
    return _remaining(case.benefit, "annual_sublimit", "sublimit_used")


def annual_remaining(case: Case) -> Decimal | None:
    return _remaining(case.policy, "annual_limit", "annual_used")
