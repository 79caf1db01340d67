"""The bodies of the plain JSON interface; strict: nothing is guessed from a wrong type (DP-13)."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from medtour.lib.money import Money
from payments.eligibility_codes import SPEC_VERSION, Outcome, Reason
from payments.eligibility_values import MINOR_UNITS, decimals, instant
from payments.insurance_questions import UNIDENTIFIED, Wanted

DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CODE = r"[A-Za-z0-9][A-Za-z0-9. ]{0,19}"
SLUG = "[a-z0-9][a-z0-9-]{0,119}"
CHECK_ID = "[A-Za-z0-9]{1,32}"
WORDS = {
    "ELIGIBLE": "direct_pay",
    "PREAUTH_REQUIRED": "authorisation_needed",
    "PAY_AND_CLAIM": "pay_and_claim",
    "NOT_COVERED": "not_covered",
}
UNDETERMINED = "not_determined"
CURRENCIES = tuple(sorted(MINOR_UNITS))
OUTCOMES = (*(outcome.value for outcome in Outcome), "WAITING")
# Which of an unknown member's details was wrong is never told (DP-03).
REASONS = tuple(
    reason.value
    for reason in Reason
    if reason not in UNIDENTIFIED or reason == Reason.MEMBER_NOT_FOUND
)


def _is_day(text: str) -> str:
    dt.date.fromisoformat(text)
    return text


def _is_instant(text: str) -> str:
    if instant(text) is None:
        raise ValueError("not a moment with its distance from UTC")
    return text


def _text(pattern: str, most: int) -> Any:
    return Annotated[str, StringConstraints(pattern=f"^{pattern}$", max_length=most)]


Day = Annotated[
    str,
    StringConstraints(pattern=f"^{DAY}$"),
    AfterValidator(_is_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{DAY}$"}),
]
Instant = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_is_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": 40}),
]
Amount = _text(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?", 16)


class EligibilityQuestion(BaseModel):
    """What is asked about one member of the client's own insurer, one hospital and one service."""

    model_config = ConfigDict(extra="forbid", strict=True)

    hospital: _text(SLUG, 120) = Field(description="the hospital's name in the network")
    member_number: _text(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}", 40)
    date_of_birth: Day
    service_start: Instant = Field(description="RFC 3339, with its distance from UTC")
    category: _text("[a-z0-9][a-z0-9_-]{0,39}", 40) = Field(description="category of care")
    setting: Literal["inpatient", "daycase", "outpatient"]
    amount: Amount = Field(description="the whole estimate; decimals as the currency has")
    currency: Literal[CURRENCIES]  # type: ignore[valid-type]
    procedure_code: _text(CODE, 20) | None = None
    diagnosis_code: _text(CODE, 20) | None = None
    emergency: bool = False
    accident: bool = False
    condition_onset_on: Day | None = None
    last_treated_on: Day | None = None
    emergency_notified_after_hours: Annotated[int, Field(ge=0, le=8760)] | None = None

    def wanted(self) -> Wanted:
        """Return the question without the hospital; raises ValueError for a wrong amount."""
        start = instant(self.service_start)
        if start is None or decimals(self.amount) > MINOR_UNITS[self.currency]:
            raise ValueError("amount")
        money = Money.from_major(self.amount, self.currency)
        if money.minor <= 0:
            raise ValueError("amount")
        return Wanted(
            member_number=self.member_number,
            date_of_birth=dt.date.fromisoformat(self.date_of_birth),
            service_start=start,
            category=self.category,
            setting=self.setting,
            amount=money,
            procedure_code=self.procedure_code or "",
            diagnosis_code=self.diagnosis_code or "",
            emergency=self.emergency,
            accident=self.accident,
            condition_onset_on=_day(self.condition_onset_on),
            last_treated_on=_day(self.last_treated_on),
            emergency_notified_after_hours=self.emergency_notified_after_hours,
        )


class Amounts(BaseModel):
    """Plain decimal strings in the plan's currency; null where the rules give no sum."""

    model_config = ConfigDict(extra="forbid")

    currency: str | None
    estimate: str | None
    covered_amount: str | None
    patient_share: str | None
    direct_pay_amount: str | None
    patient_pays_hospital: str | None


class EligibilityAnswer(BaseModel):
    """The answer of that moment; never a promise until a guarantee is issued."""

    model_config = ConfigDict(extra="forbid")

    id: str
    outcome: Literal[OUTCOMES]  # type: ignore[valid-type]
    answer: Literal[(*WORDS.values(), UNDETERMINED)]  # type: ignore[valid-type]
    reason_codes: list[Literal[REASONS]]  # type: ignore[valid-type]
    amounts: Amounts
    service_on: Day
    as_of: Instant
    spec_version: Literal[SPEC_VERSION]  # type: ignore[valid-type]


class Problem(BaseModel):
    """What went wrong (RFC 9457); it never repeats what was sent."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: str
    request_id: str
    errors: list[str] = []


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
