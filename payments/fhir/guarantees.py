"""A guarantee as Claim and ClaimResponse; amounts exact, no name, no document."""

from typing import Any

from fhir.resources.R4B.claim import Claim
from fhir.resources.R4B.claimresponse import ClaimResponse

from medtour.lib.money import Money
from payments import fhir_words as words
from payments.eligibility_codes import Outcome
from payments.insurance_questions import public_codes
from payments.models import EligibilityCheck, Guarantee, Urgency
from payments.transitions import GuaranteeState

G = GuaranteeState
DECISION, REFUSAL = f"{words.SYSTEM}/decision", f"{words.SYSTEM}/refusal"
APPROVED, DENIED, QUEUED = "approved", "denied", "queued"
DECISIONS = {
    G.APPROVED: APPROVED,
    G.TOPPED_UP: APPROVED,
    G.USED: APPROVED,
    G.DECLINED: DENIED,
}
ENDED = (G.WITHDRAWN, G.CANCELLED, G.EXPIRED)
CLAIM_TYPE = words.coding("http://terminology.hl7.org/CodeSystem/claim-type", "institutional")
ADJUDICATION = "http://terminology.hl7.org/CodeSystem/adjudication"
PRIORITY = "http://terminology.hl7.org/CodeSystem/processpriority"


def claim_of(guarantee: Guarantee) -> dict[str, Any]:
    """Return a request as its insurer may see it; `meta.versionId` is what a decision is about."""
    body: dict[str, Any] = {
        "resourceType": "Claim",
        "id": guarantee.public_id,
        "meta": {"versionId": str(guarantee.row_version)},
        "identifier": [{"system": f"{words.SYSTEM}/guarantee", "value": guarantee.reference}],
        "status": "cancelled" if guarantee.state in ENDED else "active",
        "type": CLAIM_TYPE,
        "use": "preauthorization",
        "patient": {"identifier": _member(guarantee)},
        "billablePeriod": {
            "start": guarantee.service_from.isoformat(),
            "end": guarantee.service_until.isoformat(),
        },
        "created": (guarantee.submitted_at or guarantee.created_at).isoformat(),
        "insurer": _insurer(guarantee.insurer.slug),
        "provider": _hospital(guarantee.hospital.slug),
        "priority": words.coding(PRIORITY, _priority(guarantee.urgency)),
        "insurance": [{"sequence": 1, "focal": True, "coverage": _coverage(guarantee)}],
        "item": [_item(guarantee)],
        "total": _money(guarantee.estimate),
    }
    if guarantee.diagnosis_code:
        concept = words.coding(words.DIAGNOSIS_SYSTEM, guarantee.diagnosis_code)
        body["diagnosis"] = [{"sequence": 1, "diagnosisCodeableConcept": concept}]
    if guarantee.clinical_note:
        note = {"sequence": 1, "category": {"text": "note"}, "valueString": guarantee.clinical_note}
        body["supportingInfo"] = [note]
    Claim.model_validate(body)
    return body


def claim_response_of(guarantee: Guarantee) -> dict[str, Any]:
    """Return how a request stands: queued, approved or denied (`decision`)."""
    decision = DECISIONS.get(guarantee.state, QUEUED)
    body = _response(guarantee.public_id, decision) | {
        "meta": {"versionId": str(guarantee.row_version)},
        "status": "cancelled" if guarantee.state in ENDED else "active",
        "patient": {"identifier": _member(guarantee)},
        "created": (guarantee.decided_at or guarantee.created_at).isoformat(),
        "insurer": _insurer(guarantee.insurer.slug),
        "requestor": _hospital(guarantee.hospital.slug),
        "request": {"reference": f"Claim/{guarantee.public_id}"},
    }
    if decision == APPROVED:
        _add_promise(body, guarantee)
    if decision == DENIED:
        body["disposition"] = guarantee.refusal_reason or guarantee.refusal_code
        body["error"] = [{"code": words.coding(REFUSAL, guarantee.refusal_code)}]
    if guarantee.question:
        body["processNote"] = [{"type": "display", "text": guarantee.question}]
    if guarantee.state == G.DRAFT:
        body["disposition"] = "The hospital completes this request and sends it."
    ClaimResponse.model_validate(body)
    return body


def response_of_check(check: EligibilityCheck) -> dict[str, Any]:
    """Return what the rules say about a Claim without a case: never a promise, so no preAuthRef."""
    decision, told = _of_outcome(str(check.outcome))
    body = _response(check.public_id, decision) | {
        "status": "active",
        "patient": {"display": "the patient of the request"},
        "created": check.asked_at.isoformat(),
        "insurer": _insurer(check.insurer.slug),
        "disposition": told,
    }
    if check.outcome == Outcome.REJECTED:
        body["outcome"] = "error"
        reason = public_codes(check.reason_codes)[0]
        code = words.ERRORS.get(reason, words.OTHER_ERROR)
        body["error"] = [{"code": words.coding(words.ERROR_SYSTEM, code)}]
    ClaimResponse.model_validate(body)
    return body


def _of_outcome(outcome: str) -> tuple[str, str]:
    if outcome in (Outcome.NOT_COVERED, Outcome.REJECTED):
        return DENIED, "Nothing is covered by these details."
    if outcome in (Outcome.ELIGIBLE, Outcome.PAY_AND_CLAIM):
        return APPROVED, "No authorisation is needed. Nothing is promised or reserved."
    return QUEUED, "The insurer has to decide. No request was begun, since no case was named."


def _response(identity: str, decision: str) -> dict[str, Any]:
    return {
        "resourceType": "ClaimResponse",
        "id": identity,
        "extension": [{"url": DECISION, "valueCode": decision}],
        "type": CLAIM_TYPE,
        "use": "preauthorization",
        "outcome": "queued" if decision == QUEUED else "complete",
    }


def _add_promise(body: dict[str, Any], guarantee: Guarantee) -> None:
    body["preAuthRef"] = guarantee.insurer_reference or guarantee.reference
    if guarantee.approved_from and guarantee.approved_until:
        body["preAuthPeriod"] = {
            "start": guarantee.approved_from.isoformat(),
            "end": guarantee.approved_until.isoformat(),
        }
    if guarantee.approved is not None:
        benefit = words.coding(ADJUDICATION, "benefit")
        body["total"] = [{"category": benefit, "amount": _money(guarantee.approved)}]


def _item(guarantee: Guarantee) -> dict[str, Any]:
    code = guarantee.procedure_code
    service = words.coding(words.PROCEDURE_SYSTEM, code) if code else {"text": guarantee.category}
    return {
        "sequence": 1,
        "category": words.coding(words.CATEGORY_SYSTEM, guarantee.category),
        "productOrService": service,
        "modifier": [words.coding(words.SETTING_SYSTEM, guarantee.setting)],
        "net": _money(guarantee.requested),
    }


def _priority(urgency: str) -> str:
    return "stat" if urgency in (Urgency.EMERGENCY, Urgency.URGENT) else "normal"


def _member(guarantee: Guarantee) -> dict[str, Any]:
    return {"system": words.MEMBER_SYSTEM, "value": guarantee.member.number}


def _coverage(guarantee: Guarantee) -> dict[str, Any]:
    return {"reference": f"Coverage/{guarantee.coverage.public_id}"}


def _insurer(slug: str) -> dict[str, Any]:
    return {"identifier": {"system": words.INSURER_SYSTEM, "value": slug}}


def _hospital(slug: str) -> dict[str, Any]:
    return {"identifier": {"system": words.HOSPITAL_SYSTEM, "value": slug}}


def _money(money: Money) -> dict[str, Any]:
    return {"value": money.major, "currency": money.currency}
