"""What the eligibility stages know while they work, and the answer made of it (section 4)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Never

from payments.eligibility_codes import Outcome, Reason, in_order
from payments.eligibility_values import ZERO, flag, section, shown

# What the insurer's guarantee is worth for this request (stage 9); an unusable one is NONE here and
# its fault is kept beside it.
Guarantee = Enum("Guarantee", "NONE USABLE PENDING")
# How authorisation stands (stage 12).
Authorisation = Enum("Authorisation", "CLEAR OPEN LATE MISSED")


class Terminal(Exception):  # noqa: N818 - an end, not an error
    """A terminal rule has spoken: its code is the whole answer (section 5)."""

    def __init__(self, outcome: Outcome, reason: Reason) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Amounts:
    """Who bears what of the estimate (stage 13); all in policy currency."""

    covered: Decimal
    deductible: Decimal
    copay: Decimal
    coinsurance: Decimal
    penalty: Decimal
    over_limit: Decimal


@dataclass(slots=True)
class Case:
    """One document, and what the stages have found so far; each field is named by its stage."""

    document: Mapping[str, Any]
    policy: Mapping[str, Any]
    member: Mapping[str, Any]
    hospital: Mapping[str, Any]
    request: Mapping[str, Any]
    reasons: set[Reason] = field(default_factory=set)
    service_date: dt.date = dt.date.min  # stage 1
    checked_date: dt.date = dt.date.min
    amount: Decimal = ZERO
    currency: str = ""  # stage 3
    estimate: Decimal = ZERO
    is_estimated: bool = False
    joined_on: dt.date = dt.date.min  # stage 4
    benefit: Mapping[str, Any] = field(default_factory=dict)  # stage 6
    guarantee: Guarantee = Guarantee.NONE  # stage 9
    guarantee_fault: Reason | None = None
    is_in_network: bool = False  # stage 10
    coinsurance_pct: Decimal = ZERO
    authorisation: Authorisation = Authorisation.CLEAR  # stage 12
    amounts: Amounts = Amounts(*[ZERO] * 6)  # stage 13
    is_direct_pay: bool = False  # stage 14

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Case":
        return cls(
            document=document,
            policy=section(document, "policy"),
            member=section(document, "member"),
            hospital=section(document, "hospital"),
            request=section(document, "request"),
        )

    @property
    def is_emergency(self) -> bool:
        return flag(self.request, "emergency")


def not_covered(reason: Reason) -> Never:
    raise Terminal(Outcome.NOT_COVERED, reason)


def rejected(reason: Reason) -> Never:
    raise Terminal(Outcome.REJECTED, reason)


def terminal_answer(case: Case, end: Terminal) -> dict[str, Any]:
    """Return the answer of a terminal rule: one code, whatever was collected before."""
    sums: tuple[str | None, ...] = (None, None, None, None, None)
    if end.outcome is Outcome.NOT_COVERED:
        estimate = shown(case.estimate, case.currency)
        nothing = shown(ZERO, case.currency)
        sums = (estimate, nothing, estimate, nothing, estimate)
    elif case.is_estimated:
        sums = (shown(case.estimate, case.currency), None, None, None, None)
    currency = None if end.outcome is Outcome.REJECTED else case.currency
    return _answer(end.outcome, [end.reason.value], currency, sums, None)


def full_answer(case: Case, outcome: Outcome) -> dict[str, Any]:
    """Return the answer when every stage was passed; direct pay is for ELIGIBLE alone."""
    amounts, currency = case.amounts, case.currency
    estimate, covered = case.estimate, amounts.covered
    share = estimate - covered
    direct = (covered, share) if outcome is Outcome.ELIGIBLE else (ZERO, estimate)
    sums = tuple(shown(each, currency) for each in (estimate, covered, share, *direct))
    breakdown = {
        "deductible": shown(amounts.deductible, currency),
        "copay": shown(amounts.copay, currency),
        "coinsurance": shown(amounts.coinsurance, currency),
        "penalty": shown(amounts.penalty, currency),
        "over_limit": shown(amounts.over_limit, currency),
    }
    return _answer(outcome, in_order(case.reasons), currency, sums, breakdown)


def _answer(
    outcome: Outcome,
    reasons: list[str],
    currency: str | None,
    sums: tuple[str | None, ...],
    breakdown: dict[str, str] | None,
) -> dict[str, Any]:
    estimate, covered, share, direct, at_hospital = sums
    return {
        "outcome": outcome.value,
        "reason_codes": reasons,
        "currency": currency,
        "estimate": estimate,
        "covered_amount": covered,
        "patient_share": share,
        "direct_pay_amount": direct,
        "patient_pays_hospital": at_hospital,
        "breakdown": breakdown,
    }
