"""The outcomes and reason codes of the direct-pay eligibility rules, in their normative order.

`docs/eligibility.md` says which text they follow and how to read the engine.
"""

from enum import StrEnum, auto

SPEC_VERSION = "1.0"


class _Named(StrEnum):
    """A word of the specification: its value is its name."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:
        return name


class Outcome(_Named):
    """What the desk does next (section 4)."""

    ELIGIBLE = auto()
    PREAUTH_REQUIRED = auto()
    PAY_AND_CLAIM = auto()
    NOT_COVERED = auto()
    REVIEW = auto()
    REJECTED = auto()


class Reason(_Named):
    """Why; an answer lists its reasons in the order of this class (section 7)."""

    INVALID_DATETIME = auto()
    INVALID_TIMEZONE = auto()
    INVALID_SETTING = auto()
    INVALID_CURRENCY = auto()
    INVALID_AMOUNT = auto()
    POLICY_NOT_FOUND = auto()
    MEMBER_NOT_FOUND = auto()
    MEMBER_MISMATCH = auto()
    FX_RATE_MISSING = auto()
    FX_RATE_STALE = auto()
    POLICY_NOT_ACTIVE = auto()
    POLICY_NOT_STARTED = auto()
    POLICY_EXPIRED = auto()
    MEMBER_NOT_YET_COVERED = auto()
    MEMBER_TERMINATED = auto()
    OUT_OF_AREA = auto()
    OUT_OF_AREA_EMERGENCY = auto()
    BENEFIT_NOT_COVERED = auto()
    EXCLUDED_CODE = auto()
    WAITING_PERIOD = auto()
    WAITING_WAIVED_ACCIDENT = auto()
    PREEXISTING_EXCLUDED = auto()
    PREEXISTING_MORATORIUM = auto()
    PREEXISTING_REVIEW = auto()
    PREEXISTING_ACCEPTED = auto()
    PREAUTH_DECLINED = auto()
    HIGH_COST_EXCLUDED = auto()
    HIGH_COST_SURCHARGE = auto()
    HIGH_COST_EMERGENCY = auto()
    OUT_OF_NETWORK_EXCLUDED = auto()
    OUT_OF_NETWORK = auto()
    OUT_OF_NETWORK_EMERGENCY = auto()
    VISIT_LIMIT_REACHED = auto()
    SUBLIMIT_EXHAUSTED = auto()
    ANNUAL_LIMIT_EXHAUSTED = auto()
    PREAUTH_OK = auto()
    PREAUTH_PENDING = auto()
    EMERGENCY_NOTIFY_INSURER = auto()
    EMERGENCY_NOTIFIED = auto()
    EMERGENCY_LATE_NOTICE = auto()
    PREAUTH_HOSPITAL_MISMATCH = auto()
    PREAUTH_PROCEDURE_MISMATCH = auto()
    PREAUTH_NOT_YET_VALID = auto()
    PREAUTH_EXPIRED = auto()
    PREAUTH_WITHDRAWN = auto()
    PREAUTH_MISSING = auto()
    DEDUCTIBLE_APPLIED = auto()
    COPAY_APPLIED = auto()
    COINSURANCE_APPLIED = auto()
    OOP_MAX_APPLIED = auto()
    PREAUTH_PENALTY = auto()
    SUBLIMIT_APPLIED = auto()
    ANNUAL_LIMIT_APPLIED = auto()
    GOP_CAP_APPLIED = auto()
    PLAN_NO_DIRECT_PAY = auto()
    HOSPITAL_NO_AGREEMENT = auto()
    CASE_BY_CASE_GOP = auto()
    NOTHING_PAYABLE = auto()
    HOSPITAL_REQUIRES_ZERO_SHARE = auto()
    COVERED_IN_FULL = auto()


RANK = {reason: rank for rank, reason in enumerate(Reason)}


def in_order(reasons: set[Reason]) -> list[str]:
    """Return the reasons as plain strings in the order of section 7."""
    return [reason.value for reason in sorted(reasons, key=RANK.__getitem__)]
