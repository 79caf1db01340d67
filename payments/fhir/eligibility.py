"""A CoverageEligibilityRequest as a question, and a check as its response (specification, 10)."""

from typing import Any

from fhir.resources.R4B.coverageeligibilityresponse import CoverageEligibilityResponse
from pydantic import ValidationError

from payments import fhir_words as words
from payments.api.shapes import EligibilityQuestion
from payments.eligibility_codes import Outcome
from payments.fhir import reading
from payments.insurance_questions import Wanted, public_output
from payments.machine_refusals import Unreadable
from payments.models import EligibilityCheck

PURPOSES = ("auth-requirements", "benefits", "discovery", "validation")
OPEN_WORDS = "A person or the insurer has to decide; this is no answer yet."
NO_PROMISE = "The answer of this moment; no promise until a guarantee is issued."
NOT_IDENTIFIED = "The details cannot be used."
FLAGS = ("emergency", "accident")
DAYS = {"condition-onset-on": "condition_onset_on", "last-treated-on": "last_treated_on"}


def question_of(found: dict[str, Any]) -> tuple[Wanted, str]:
    """Return what a request asks, and the hospital's name; raises Unreadable."""
    reading.must_be(found, "status", "active")
    if not found.get("purpose") or not set(found["purpose"]) <= set(PURPOSES):
        raise Unreadable(errors=(f"purpose: {' or '.join(PURPOSES)} expected",))
    hospital = reading.identifier_of(found.get("facility"), words.HOSPITAL_SYSTEM, "facility")
    item = reading.one(found, "item")
    return wanted_of(found, item, item.get("unitPrice"), hospital, _diagnosis(item))


def wanted_of(
    found: dict[str, Any], item: dict[str, Any], price: Any, hospital: str, diagnosis: str | None
) -> tuple[Wanted, str]:
    """Return a question from what a request and a Claim write alike; raises Unreadable."""
    coverage = reading.one(found, "insurance").get("coverage")
    procedure = reading.code_of(
        item.get("productOrService"), words.PROCEDURE_SYSTEM, "item.productOrService"
    )
    fields: dict[str, Any] = {
        "hospital": hospital,
        "member_number": reading.identifier_of(coverage, words.MEMBER_SYSTEM, "insurance.coverage"),
        "date_of_birth": reading.contained_patient(found).get("birthDate"),
        "category": reading.code_of(item.get("category"), words.CATEGORY_SYSTEM, "item.category"),
        "setting": _setting(item),
        "amount": reading.number_text((price or {}).get("value")),
        "currency": (price or {}).get("currency"),
        "procedure_code": procedure or None,
        "diagnosis_code": diagnosis,
    }
    return _checked(fields | _facts(found))


def insurer_of(found: dict[str, Any]) -> str:
    return reading.identifier_of(found.get("insurer"), words.INSURER_SYSTEM, "insurer")


def _checked(fields: dict[str, Any]) -> tuple[Wanted, str]:
    try:
        question = EligibilityQuestion.model_validate(fields)
        return question.wanted(), question.hospital
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False)
        names = dict.fromkeys(f"{each['loc'][0]}: {each['type']}" for each in told)
        raise Unreadable(errors=tuple(names)) from None
    except ValueError:
        raise Unreadable(errors=("amount: above zero, decimals as the currency",)) from None


def _setting(item: dict[str, Any]) -> str:
    return reading.code_of(reading.one(item, "modifier"), words.SETTING_SYSTEM, "item.modifier")


def _diagnosis(item: dict[str, Any]) -> str | None:
    if not item.get("diagnosis"):
        return None
    concept = reading.one(item, "diagnosis").get("diagnosisCodeableConcept")
    return reading.code_of(concept, words.DIAGNOSIS_SYSTEM, "item.diagnosis") or None


def _facts(found: dict[str, Any]) -> dict[str, Any]:
    """Return what FHIR has no element for; the service's beginning is needed, the rest is not."""
    values = reading.extensions(found)
    facts = {name: values.get(f"{words.FACTS}-{name}", False) for name in FLAGS}
    facts |= {field: values.get(f"{words.FACTS}-{name}") for name, field in DAYS.items()}
    return facts | {"service_start": values.get(f"{words.FACTS}-service-start")}


def response_of(check: EligibilityCheck) -> dict[str, Any]:
    """Return a check as a CoverageEligibilityResponse, exactly as section 10 maps it."""
    output = public_output(check.output)
    outcome = str(check.outcome)
    body: dict[str, Any] = {
        "resourceType": "CoverageEligibilityResponse",
        "id": check.public_id,
        "status": "active",
        "purpose": ["auth-requirements", "benefits"],
        "patient": {"display": "the patient of the request"},
        "servicedDate": check.service_on.isoformat(),
        "created": check.asked_at.isoformat(),
        "request": {"identifier": {"system": f"{words.SYSTEM}/check", "value": check.public_id}},
        "outcome": words.fhir_outcome(outcome),
        "disposition": _disposition(outcome),
        "insurer": {"identifier": {"system": words.INSURER_SYSTEM, "value": check.insurer.slug}},
    }
    if output["reason_codes"]:
        body["extension"] = words.reason_extensions(output)
    if outcome == Outcome.REJECTED:
        code = words.ERRORS.get(output["reason_codes"][0], words.OTHER_ERROR)
        body["error"] = [{"code": words.coding(words.ERROR_SYSTEM, code)}]
    elif body["outcome"] == "complete":
        body["insurance"] = [_insurance(outcome, output)]
    CoverageEligibilityResponse.model_validate(body)
    return body


def _insurance(outcome: str, output: dict[str, Any]) -> dict[str, Any]:
    in_force = words.is_in_force(outcome, output["reason_codes"])
    insurance: dict[str, Any] = {
        "coverage": {"display": "the coverage of the request"},
        "inforce": in_force,
    }
    if in_force:
        insurance["item"] = [words.item_of(output)]
    return insurance


def _disposition(outcome: str) -> str:
    if outcome == Outcome.REJECTED:
        return NOT_IDENTIFIED
    return OPEN_WORDS if words.fhir_outcome(outcome) == "queued" else NO_PROMISE
