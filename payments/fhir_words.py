"""The eligibility answer in the words of FHIR R4, there and back; specification section 10.

No database. What an insurer writes is checked here, since the resource classes check no codes.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from medtour.lib.money import Money
from payments.eligibility_codes import Outcome, Reason
from payments.eligibility_values import MINOR_UNITS
from payments.insurance_questions import Question

KIND = "application/fhir+json"
SYSTEM = "https://medtour.example/fhir"
INSURER_SYSTEM, HOSPITAL_SYSTEM = f"{SYSTEM}/insurer", f"{SYSTEM}/hospital"
MEMBER_SYSTEM, CATEGORY_SYSTEM = f"{SYSTEM}/member-number", f"{SYSTEM}/category-of-care"
PROCEDURE_SYSTEM, REASON_SYSTEM = f"{SYSTEM}/procedure", f"{SYSTEM}/reason"
SETTING_SYSTEM, DIAGNOSIS_SYSTEM = f"{SYSTEM}/setting", "http://hl7.org/fhir/sid/icd-10"
BENEFIT_SYSTEM = "http://terminology.hl7.org/CodeSystem/benefit-type"
NETWORK_SYSTEM = "http://terminology.hl7.org/CodeSystem/benefit-network"
ESTIMATE, COVERED = f"{SYSTEM}/estimate", f"{SYSTEM}/covered-amount"
FACTS = f"{SYSTEM}/facts"
# Section 5, stage 4: the answer is "no" because nothing is in force.
NOT_IN_FORCE = frozenset(
    {
        Reason.POLICY_NOT_ACTIVE,
        Reason.POLICY_NOT_STARTED,
        Reason.POLICY_EXPIRED,
        Reason.MEMBER_NOT_YET_COVERED,
        Reason.MEMBER_TERMINATED,
    }
)
OUT_OF_NETWORK = frozenset(
    {Reason.OUT_OF_NETWORK, Reason.OUT_OF_NETWORK_EXCLUDED, Reason.OUT_OF_NETWORK_EMERGENCY}
)
# X12's AAA03; one code for everybody who is not identified (DP-03).
ERRORS = {Reason.MEMBER_NOT_FOUND.value: "75"}
OTHER_ERROR = "42"
LARGEST_EXPONENT = 20
ERROR_SYSTEM = "https://x12.org/codes/reject-reason-codes"
BENEFITS = {
    "deductible": "deductible",
    "copay": "copay",
    "coinsurance": "copay-percent",
}


NUMBER = re.compile(r'"\\u0000([0-9]+(?:\.[0-9]+)?)\\u0000"')


def dumps(body: Any) -> str:
    """Return JSON in which a Decimal is a number with all its digits, never by way of a float."""
    text = json.dumps(body, default=_marked)
    return NUMBER.sub(r"\1", text)


def _marked(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    return f"\x00{value:f}\x00"


class Unusable(ValueError):
    """An insurer's answer that cannot be read; the text holds no value from it."""


def fhir_outcome(outcome: str) -> str:
    """Return the outcome of a response: `queued` until a person or the insurer has decided."""
    if outcome == Outcome.REJECTED:
        return "error"
    return "queued" if outcome in (Outcome.REVIEW, "WAITING") else "complete"


def is_in_force(outcome: str, reasons: list[str]) -> bool:
    return not (outcome == Outcome.NOT_COVERED and NOT_IN_FORCE & set(reasons))


def coding(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def fhir_money(text: str, currency: str) -> dict[str, Any]:
    """Return an amount; a Decimal keeps its trailing zeros, and never becomes a float."""
    return {"value": Decimal(text), "currency": currency}


def item_of(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return insurance.item of an answer (section 10)."""
    outcome, reasons = output["outcome"], output["reason_codes"]
    is_excluded = outcome == Outcome.NOT_COVERED and is_in_force(outcome, reasons)
    item: dict[str, Any] = {
        "excluded": is_excluded,
        "authorizationRequired": outcome == Outcome.PREAUTH_REQUIRED,
        "benefit": benefits_of(output),
    }
    if outcome == Outcome.PREAUTH_REQUIRED:
        item["authorizationSupporting"] = [{"text": "Medical report and cost estimate"}]
    if outcome != Outcome.NOT_COVERED:
        network = "out" if OUT_OF_NETWORK & set(reasons) else "in"
        item["network"] = coding(NETWORK_SYSTEM, network)
    if not item["benefit"]:
        del item["benefit"]
    return item


def benefits_of(output: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return item.benefit: what is paid of the estimate, and the parts that the member pays."""
    currency, covered = output.get("currency"), output.get("covered_amount")
    if not currency or covered is None:
        return []
    whole = fhir_money(output["estimate"], currency)
    found = [
        {
            "type": coding(BENEFIT_SYSTEM, "benefit"),
            "allowedMoney": fhir_money(covered, currency),
            "usedMoney": whole,
        }
    ]
    for name, code in BENEFITS.items():
        part = (output.get("breakdown") or {}).get(name)
        if part is not None and Decimal(part):
            found.append(
                {
                    "type": coding(BENEFIT_SYSTEM, code),
                    "allowedMoney": fhir_money(part, currency),
                }
            )
    return found


def reason_extensions(output: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the reason codes beside the outcome, since FHIR has no place for them."""
    return [
        {"url": REASON_SYSTEM, "valueCode": code.lower().replace("_", "-")}
        for code in output["reason_codes"]
    ]


def request_to_fhir(question: Question, *, request_id: str, now: dt.datetime) -> dict[str, Any]:
    """Return a CoverageEligibilityRequest with only what identifies one member and one service."""
    item: dict[str, Any] = {
        "category": coding(CATEGORY_SYSTEM, question.category),
        "modifier": [coding(SETTING_SYSTEM, question.setting)],
        "unitPrice": {"value": question.amount.major, "currency": question.amount.currency},
    }
    if question.procedure_code:
        item["productOrService"] = coding(PROCEDURE_SYSTEM, question.procedure_code)
    if question.diagnosis_code:
        item["diagnosis"] = [
            {"diagnosisCodeableConcept": coding(DIAGNOSIS_SYSTEM, question.diagnosis_code)}
        ]
    member = {"system": MEMBER_SYSTEM, "value": question.member_number}
    return {
        "resourceType": "CoverageEligibilityRequest",
        "identifier": [{"system": f"{SYSTEM}/check", "value": request_id}],
        "status": "active",
        "purpose": ["benefits", "auth-requirements"],
        "contained": [
            {
                "resourceType": "Patient",
                "id": "member",
                "identifier": [member],
                "birthDate": question.date_of_birth.isoformat(),
            }
        ],
        "patient": {"reference": "#member"},
        "created": now.isoformat(),
        "servicedDate": question.service_on.isoformat(),
        "insurer": {"identifier": {"system": INSURER_SYSTEM, "value": question.insurer.slug}},
        "facility": {"identifier": {"system": HOSPITAL_SYSTEM, "value": question.hospital.slug}},
        "insurance": [{"coverage": {"identifier": member}, "focal": True}],
        "item": [item],
        "extension": _facts(question),
    }


def _facts(question: Question) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"url": f"{FACTS}-service-start", "valueInstant": question.service_start.isoformat()},
        {"url": f"{FACTS}-emergency", "valueBoolean": question.emergency},
        {"url": f"{FACTS}-accident", "valueBoolean": question.accident},
    ]
    for name, day in (
        ("condition-onset-on", question.condition_onset_on),
        ("last-treated-on", question.last_treated_on),
    ):
        if day is not None:
            facts.append({"url": f"{FACTS}-{name}", "valueDate": day.isoformat()})
    return facts


def answer_from_fhir(found: Any, question: Question) -> dict[str, Any]:
    """Return an insurer's CoverageEligibilityResponse as an answer of the engine's form.

    Raises Unusable for anything that is not a usable answer to this question, so that nobody
    decides about somebody's cover by guessing.
    """
    if not isinstance(found, dict) or found.get("resourceType") != "CoverageEligibilityResponse":
        raise Unusable("resourceType")
    if found.get("status") != "active":
        raise Unusable("status")
    outcome = found.get("outcome")
    if outcome == "error":
        return _answer(Outcome.REJECTED, [Reason.MEMBER_NOT_FOUND.value], None, None, question)
    if outcome in ("queued", "partial"):
        raise Unusable("still open")
    if outcome != "complete":
        raise Unusable("outcome")
    insurance = _only(found.get("insurance"), "insurance")
    if _boolean(insurance, "inforce") is False:
        return _answer(Outcome.NOT_COVERED, [Reason.POLICY_NOT_ACTIVE.value], None, None, question)
    item = _only(insurance.get("item"), "item")
    if _boolean(item, "excluded"):
        return _answer(
            Outcome.NOT_COVERED, [Reason.BENEFIT_NOT_COVERED.value], None, None, question
        )
    return _payable(item, question)


def _payable(item: dict[str, Any], question: Question) -> dict[str, Any]:
    covered = _covered(item, question)
    estimate = question.amount
    if _boolean(item, "authorizationRequired"):
        code = Reason.PREAUTH_MISSING
        return _answer(Outcome.PREAUTH_REQUIRED, [code.value], estimate, covered, question)
    network = item.get("network")
    codes = network.get("coding") if isinstance(network, dict) else None
    if isinstance(codes, list) and any(
        isinstance(c, dict) and c.get("code") == "out" for c in codes
    ):
        code = Reason.OUT_OF_NETWORK
        return _answer(Outcome.PAY_AND_CLAIM, [code.value], estimate, covered, question)
    reasons = [Reason.COVERED_IN_FULL.value] if covered == estimate else []
    return _answer(Outcome.ELIGIBLE, reasons, estimate, covered, question)


def _covered(item: dict[str, Any], question: Question) -> Money:
    """Return the benefit's allowed sum; it must be in the estimate's currency and not above it."""
    benefits = item.get("benefit")
    for benefit in benefits if isinstance(benefits, list) else []:
        kind = benefit.get("type") if isinstance(benefit, dict) else None
        codes = kind.get("coding") if isinstance(kind, dict) else None
        if isinstance(codes, list) and any(
            isinstance(each, dict) and each.get("code") == "benefit" for each in codes
        ):
            return _money(benefit.get("allowedMoney"), question.amount)
    raise Unusable("benefit")


def _money(found: Any, estimate: Money) -> Money:
    if not isinstance(found, dict) or found.get("currency") != estimate.currency:
        raise Unusable("currency")
    value = found.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unusable("value")
    exact = Decimal(str(value))
    # The exponent first: numbers of a million digits must not be worked out.
    if not exact.is_finite() or abs(exact.adjusted()) > LARGEST_EXPONENT:
        raise Unusable("value")
    try:
        scaled = exact.scaleb(MINOR_UNITS[estimate.currency])
    except KeyError:
        raise Unusable("value") from None
    if scaled != scaled.to_integral_value():
        raise Unusable("value")
    if not 0 <= int(scaled) <= estimate.minor:
        raise Unusable("value")
    return Money(int(scaled), estimate.currency)


def _only(found: Any, name: str) -> dict[str, Any]:
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
        raise Unusable(name)
    return found[0]


def _boolean(found: dict[str, Any], name: str) -> bool | None:
    value = found.get(name)
    if value is not None and not isinstance(value, bool):
        raise Unusable(name)
    return value


def _answer(
    outcome: Outcome,
    reasons: list[str],
    estimate: Money | None,
    covered: Money | None,
    question: Question,
) -> dict[str, Any]:
    """Return the engine's shape; direct pay is for ELIGIBLE alone (section 6)."""
    sums: dict[str, str | None] = dict.fromkeys(
        (
            "currency",
            "estimate",
            "covered_amount",
            "patient_share",
            "direct_pay_amount",
            "patient_pays_hospital",
        )
    )
    if outcome == Outcome.NOT_COVERED:
        estimate, covered = question.amount, Money(0, question.amount.currency)
    if estimate is not None and covered is not None:
        nothing = Money(0, estimate.currency)
        direct = covered if outcome == Outcome.ELIGIBLE else nothing
        told = (estimate, covered, estimate - covered, direct, estimate - direct)
        names = [name for name in sums if name != "currency"]
        sums |= {name: f"{money.major:f}" for name, money in zip(names, told, strict=True)}
        sums["currency"] = estimate.currency
    return {"outcome": outcome.value, "reason_codes": reasons, **sums, "breakdown": None}
