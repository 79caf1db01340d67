"""Any value in any place of a resource: it is read or refused, and never an error of ours."""

import copy
from decimal import Decimal
from types import SimpleNamespace

import pytest

from medtour.lib.errors import Refusal
from payments import fhir_words as words
from payments.fhir import decisions, eligibility, reading, views

pytestmark = pytest.mark.long
DAY = "2026-12-01"
GARBAGE = (
    *(None, True, -1, "", "x" * 300, "\x00", [], {}, [None], [[]], [{}], {"a": 1}, ["x"]),
    *(Decimal("1e30"), Decimal("1e300"), Decimal("0.0000001"), {"coding": [None]}),
)


def coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


def named(system, value):
    return {"identifier": {"system": system, "value": value}}


ITEM = {
    "category": coded(words.CATEGORY_SYSTEM, "inpatient"),
    "productOrService": coded(words.PROCEDURE_SYSTEM, "8151"),
    "modifier": [coded(words.SETTING_SYSTEM, "inpatient")],
}
ASKED = {
    "status": "active",
    "contained": [{"resourceType": "Patient", "id": "member", "birthDate": "1980-05-17"}],
    "patient": {"reference": "#member"},
    "created": DAY,
    "insurer": named(words.INSURER_SYSTEM, "example"),
    "extension": [
        {"url": f"{words.FACTS}-service-start", "valueInstant": f"{DAY}T09:00:00+08:00"},
        {"url": f"{words.FACTS}-condition-onset-on", "valueDate": DAY},
    ],
}
MONEY = {"value": Decimal("200.50"), "currency": "CNY"}
DIAGNOSIS = {"diagnosisCodeableConcept": coded(words.DIAGNOSIS_SYSTEM, "M16.1")}
QUESTION = ASKED | {
    "resourceType": "CoverageEligibilityRequest",
    "purpose": ["benefits"],
    "facility": named(words.HOSPITAL_SYSTEM, "hospital"),
    "insurance": [{"coverage": named(words.MEMBER_SYSTEM, "AB1"), "focal": True}],
    "item": [ITEM | {"unitPrice": MONEY, "diagnosis": [DIAGNOSIS]}],
}
CLAIM = ASKED | {
    "resourceType": "Claim",
    "type": {"text": "institutional"},
    "use": "preauthorization",
    "provider": named(words.HOSPITAL_SYSTEM, "hospital"),
    "priority": coded("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
    "insurance": [{"sequence": 1, "focal": True, "coverage": named(words.MEMBER_SYSTEM, "AB1")}],
    "diagnosis": [{"sequence": 1, **DIAGNOSIS}],
    "item": [ITEM | {"sequence": 1, "net": MONEY}],
    "total": MONEY,
}
BEGUN = CLAIM | {
    "identifier": [{"system": decisions.CASE_SYSTEM, "value": "case1"}],
    "billablePeriod": {"start": DAY, "end": DAY},
    "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/c1"}}],
}
PROMISE = {
    "resourceType": "ClaimResponse",
    "meta": {"versionId": "1"},
    "extension": [{"url": decisions.DECISION, "valueCode": "approved"}],
    "status": "active",
    "type": {"text": "institutional"},
    "use": "preauthorization",
    "patient": {"display": "the member"},
    "created": DAY,
    "insurer": {"display": "the insurer"},
    "request": {"reference": "Claim/abc"},
    "outcome": "complete",
    "preAuthRef": "GOP-77",
    "preAuthPeriod": {"start": DAY, "end": DAY},
    "total": [{"category": coded(decisions.ADJUDICATION, "benefit"), "amount": MONEY}],
}
DENIAL = PROMISE | {
    "extension": [{"url": decisions.DECISION, "valueCode": "denied"}],
    "error": [{"code": coded(decisions.REFUSAL, "not_necessary")}],
    "disposition": "The treatment is not needed.",
}
DOUBT = PROMISE | {
    "extension": [{"url": decisions.DECISION, "valueCode": "queued"}],
    "outcome": "queued",
    "processNote": [{"text": "Which treatment was tried before?"}],
}


def read_claim(found):
    return decisions.begun_of(found) if views._case_of(found) else views._claim_question(found)


def read_question(found):
    eligibility.insurer_of(found)
    return eligibility.question_of(found)


READERS = {
    "question": (QUESTION, read_question),
    "claim": (CLAIM, read_claim),
    "claim with a case": (BEGUN, read_claim),
    "promise": (PROMISE, decisions.decision_of),
    "denial": (DENIAL, decisions.decision_of),
    "doubt": (DOUBT, decisions.decision_of),
}


def places(value, path=()):
    """Return the path of everything inside a resource, itself left out."""
    found = [path] if path else []
    if isinstance(value, dict):
        return found + [each for key in value for each in places(value[key], (*path, key))]
    if isinstance(value, list):
        return found + [each for n, one in enumerate(value) for each in places(one, (*path, n))]
    return found


def put(body, path, value):
    changed = target = copy.deepcopy(body)
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    return changed


def read(body, reader):
    request = SimpleNamespace(body=words.dumps(body).encode())
    return reader(reading.read(request, body["resourceType"]))


@pytest.mark.parametrize("kind", READERS)
def test_the_resources_are_read_as_they_stand(kind):
    body, reader = READERS[kind]
    assert read(body, reader)


@pytest.mark.parametrize("kind", READERS)
def test_garbage_in_any_place_is_read_or_refused(kind):
    body, reader = READERS[kind]
    refused = 0
    for path in places(body):
        if path == ("resourceType",):
            continue
        for value in GARBAGE:
            try:
                read(put(body, path, value), reader)
            except Refusal:
                refused += 1
    assert refused > 300


@pytest.mark.parametrize("number", ["1e99999999999999999999", "1e999999999", "-1e-999999999"])
@pytest.mark.parametrize("kind", ["question", "claim", "promise"])
def test_a_number_beyond_all_sums_is_refused_at_once(kind, number):
    body, reader = READERS[kind]
    text = words.dumps(body).replace("200.50", number)
    with pytest.raises(Refusal):
        reader(reading.read(SimpleNamespace(body=text.encode()), body["resourceType"]))
