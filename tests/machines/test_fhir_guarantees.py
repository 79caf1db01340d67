"""A program reads the requests sent to its insurer, decides about them, and begins its own."""

import datetime as dt
import json

import fhirkit
import pytest

from accounts.models import AuditEntry
from payments.fhir.decisions import CASE_SYSTEM
from payments.fhir.guarantees import ADJUDICATION, DECISION, REFUSAL
from payments.fhir_words import (
    CATEGORY_SYSTEM,
    DIAGNOSIS_SYSTEM,
    FACTS,
    HOSPITAL_SYSTEM,
    INSURER_SYSTEM,
    MEMBER_SYSTEM,
    PROCEDURE_SYSTEM,
    SETTING_SYSTEM,
)
from payments.models import EligibilityCheck, Guarantee, GuaranteeEvent
from tests.conftest import MONDAY_MORNING
from tests.factories.guarantees import (
    agrees_to_insurer,
    check_of,
    covered,
    submitted,
    waiting_appointment,
)
from tests.factories.hospitals import InsurerFactory
from tests.factories.insurance import BORN, BenefitFactory, CoverageFactory
from tests.factories.machines import bearer, machine_of, token_of

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def sent(db):
    return submitted()


@pytest.fixture
def machine(sent):
    return machine_of(sent.insurer)


@pytest.fixture
def auth(machine):
    return bearer(token_of(machine))


@pytest.fixture
def post(client, auth):
    def send(address, body, **headers):
        return client.post(
            address, json.dumps(body), content_type="application/fhir+json", **auth | headers
        )

    return send


def decision(guarantee, word, **more):
    body = {
        "resourceType": "ClaimResponse",
        "meta": {"versionId": str(guarantee.row_version)},
        "extension": [{"url": DECISION, "valueCode": word}],
        "status": "active",
        "type": {"text": "institutional"},
        "use": "preauthorization",
        "patient": {"display": "the member"},
        "created": MONDAY_MORNING.isoformat(),
        "insurer": {"display": "the insurer"},
        "request": {"reference": f"Claim/{guarantee.public_id}"},
        "outcome": "queued" if word == "queued" else "complete",
    }
    return body | more


def approval(guarantee, value=27000.00, **more):
    days = {
        "start": guarantee.service_from.isoformat(),
        "end": guarantee.service_until.isoformat(),
    }
    benefit = {"coding": [{"system": ADJUDICATION, "code": "benefit"}]}
    total = [{"category": benefit, "amount": {"value": value, "currency": "CNY"}}]
    return decision(
        guarantee, "approved", preAuthRef="GOP-77", preAuthPeriod=days, total=total, **more
    )


def test_a_sent_request_is_read_without_name_or_document(client, sent, auth):
    answer = client.get(f"/fhir/Claim/{sent.public_id}", **auth)
    body = answer.json()
    assert fhirkit.validate(answer.content) == []
    assert body["use"] == "preauthorization"
    assert body["total"] == {"value": 30000.0, "currency": "CNY"}
    assert body["item"][0]["net"] == {"value": 27000.0, "currency": "CNY"}
    assert body["diagnosis"][0]["diagnosisCodeableConcept"]["coding"][0]["code"] == "M16.1"
    assert sent.case.patient.passport_name not in answer.content.decode()
    entry = AuditEntry.objects.get(action="insurance.machine_read")
    assert entry.target == f"payments.guarantee:{sent.public_id}"


@pytest.mark.parametrize(("outcome", "total"), [("queued", 1), ("complete", 0), ("guess", None)])
def test_open_requests_are_found(client, auth, outcome, total):
    for kind in ("Claim", "ClaimResponse"):
        answer = client.get(f"/fhir/{kind}?outcome={outcome}", **auth)
        assert fhirkit.validate(answer.content) == []
        assert answer.json().get("total") == total


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_as_many_statements_for_one_as_for_three(
    client, sent, auth, count, django_assert_num_queries
):
    for _more in range(count - 1):
        other = submitted(coverage=covered_by(sent.insurer))
        assert other.insurer == sent.insurer
    client.get("/fhir/Claim", **auth)
    with django_assert_num_queries(4):
        assert client.get("/fhir/Claim", **auth).json()["total"] == count


def covered_by(insurer):
    cover = CoverageFactory(member__insurer=insurer)
    BenefitFactory(terms__plan=cover.plan)
    return cover


def test_an_approval_promises_and_reads_the_same_afterwards(post, client, sent, auth, machine):
    answer = post("/fhir/ClaimResponse", approval(sent))
    assert answer.status_code == 201, answer.content
    assert fhirkit.validate(answer.content) == []
    sent.refresh_from_db()
    assert (sent.state, sent.approved_minor, sent.insurer_reference) == (
        "approved",
        2_700_000,
        "GOP-77",
    )
    event = GuaranteeEvent.objects.get(guarantee=sent, action="approve")
    assert (event.by, event.client_id) == (None, machine.client_id)
    again = client.get(f"/fhir/ClaimResponse/{sent.public_id}", **auth)
    assert again.content == answer.content
    assert again.json()["extension"] == [{"url": DECISION, "valueCode": "approved"}]
    assert again.json()["total"][0]["amount"] == {"value": 27000.0, "currency": "CNY"}


def test_a_refusal_needs_code_and_words(post, sent):
    error = [{"code": {"coding": [{"system": REFUSAL, "code": "not_necessary"}]}}]
    without = post("/fhir/ClaimResponse", decision(sent, "denied", error=error))
    assert without.status_code == 422
    answer = post(
        "/fhir/ClaimResponse",
        decision(sent, "denied", error=error, disposition="The treatment is not needed."),
    )
    assert answer.status_code == 201
    assert answer.json()["disposition"] == "The treatment is not needed."
    sent.refresh_from_db()
    assert (sent.state, sent.refusal_code) == ("declined", "not_necessary")


def test_a_question_keeps_the_request_open(post, sent):
    note = [{"text": "Which treatment was tried before?"}]
    answer = post("/fhir/ClaimResponse", decision(sent, "queued", processNote=note))
    assert answer.json()["processNote"][0]["text"] == "Which treatment was tried before?"
    sent.refresh_from_db()
    assert sent.state == "more_info"


def test_a_decision_about_an_old_version_changes_nothing(post, sent):
    body = approval(sent) | {"meta": {"versionId": "999"}}
    answer = post("/fhir/ClaimResponse", body)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (409, "conflict")
    sent.refresh_from_db()
    assert sent.state == "submitted"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"outcome": "partial"}, "outcome: queued or complete expected"),
        ({"use": "claim"}, "use: preauthorization expected"),
        ({"meta": {}}, "meta.versionId: that of the Claim expected"),
        ({"extension": []}, f"extension {DECISION}"),
        ({"preAuthRef": None}, "preAuthRef: your reference expected"),
        ({"preAuthPeriod": {"start": "2026-12-01"}}, "preAuthPeriod: two dates expected"),
        ({"request": {"reference": "Patient/1"}}, "request: Claim/… expected"),
    ],
)
def test_an_unfit_decision_changes_nothing(post, sent, change, told):
    body = {key: value for key, value in (approval(sent) | change).items() if value is not None}
    answer = post("/fhir/ClaimResponse", body)
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["details"]["text"].startswith(told)
    sent.refresh_from_db()
    assert sent.state == "submitted"


def test_a_repeated_decision_is_answered_from_memory(post, sent):
    first = post("/fhir/ClaimResponse", approval(sent), HTTP_IDEMPOTENCY_KEY="decision-1")
    again = post("/fhir/ClaimResponse", approval(sent), HTTP_IDEMPOTENCY_KEY="decision-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert GuaranteeEvent.objects.filter(guarantee=sent, action="approve").count() == 1


def test_a_refused_decision_keeps_no_answer_for_its_key(post, sent):
    old = approval(sent) | {"meta": {"versionId": "999"}}
    assert post("/fhir/ClaimResponse", old, HTTP_IDEMPOTENCY_KEY="decision-1").status_code == 409
    good = post("/fhir/ClaimResponse", approval(sent), HTTP_IDEMPOTENCY_KEY="decision-1")
    assert good.status_code == 201


def test_another_insurer_decides_nothing(client, sent):
    other = bearer(token_of(machine_of(InsurerFactory())))
    answer = client.post(
        "/fhir/ClaimResponse",
        json.dumps(approval(sent)),
        content_type="application/fhir+json",
        **other,
    )
    assert answer.status_code == 404
    sent.refresh_from_db()
    assert sent.state == "submitted"


# --- an insurer's own request


@pytest.fixture
def own_case(sent):
    """A case about which the insurer was asked, with consent, and no request yet."""
    appointment = waiting_appointment()
    coverage = covered()
    coverage.member.insurer = coverage.plan.insurer = sent.insurer
    coverage.member.save()
    coverage.plan.save()
    check_of(appointment, coverage)
    agrees_to_insurer(appointment.patient, sent.insurer)
    return appointment, coverage


def claim(appointment, coverage, insurer, *, case=True, **more):
    def coded(system, code):
        return {"coding": [{"system": system, "code": code}]}

    day = MONDAY_MORNING.date() + dt.timedelta(days=30)
    number = {"identifier": {"system": MEMBER_SYSTEM, "value": coverage.member.number}}
    reference = {"reference": f"Coverage/{coverage.public_id}"} if case else number
    body = {
        "resourceType": "Claim",
        "status": "active",
        "type": {"text": "institutional"},
        "use": "preauthorization",
        "contained": [{"resourceType": "Patient", "id": "member", "birthDate": BORN}],
        "patient": {"reference": "#member"},
        "created": MONDAY_MORNING.isoformat(),
        "insurer": {"identifier": {"system": INSURER_SYSTEM, "value": insurer.slug}},
        "provider": {"identifier": {"system": HOSPITAL_SYSTEM, "value": appointment.hospital.slug}},
        "priority": coded("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
        "billablePeriod": {"start": day.isoformat(), "end": day.isoformat()},
        "insurance": [{"sequence": 1, "focal": True, "coverage": reference}],
        "diagnosis": [
            {"sequence": 1, "diagnosisCodeableConcept": coded(DIAGNOSIS_SYSTEM, "M16.1")}
        ],
        "item": [
            {
                "sequence": 1,
                "category": coded(CATEGORY_SYSTEM, "inpatient"),
                "productOrService": coded(PROCEDURE_SYSTEM, "8151"),
                "modifier": [coded(SETTING_SYSTEM, "inpatient")],
                "net": {"value": 27000, "currency": "CNY"},
            }
        ],
        "total": {"value": 30000, "currency": "CNY"},
        "extension": [{"url": f"{FACTS}-service-start", "valueInstant": f"{day}T09:00:00+08:00"}],
    }
    if case:
        body["identifier"] = [{"system": CASE_SYSTEM, "value": appointment.case.public_id}]
    return body | more


def test_a_claim_with_a_case_draws_up_a_request_that_the_hospital_completes(
    post, client, sent, own_case, auth, machine
):
    answer = post("/fhir/Claim", claim(*own_case, sent.insurer))
    assert answer.status_code == 201, answer.content
    assert fhirkit.validate(answer.content) == []
    body = answer.json()
    assert body["outcome"] == "queued"
    assert body["disposition"] == "The hospital completes this request and sends it."
    guarantee = Guarantee.objects.get(public_id=body["id"])
    assert (guarantee.state, guarantee.estimate_minor, guarantee.requested_minor) == (
        "draft",
        3_000_000,
        2_700_000,
    )
    assert guarantee.events.get().client_id == machine.client_id
    assert client.get(f"/fhir/Claim/{body['id']}", **auth).status_code == 200


def test_an_urgent_claim_with_a_case_is_sent_at_once(post, sent, own_case):
    urgent = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/processpriority", "code": "stat"}
        ]
    }
    answer = post("/fhir/Claim", claim(*own_case, sent.insurer, priority=urgent))
    assert answer.status_code == 201, answer.content
    assert Guarantee.objects.get(public_id=answer.json()["id"]).state == "submitted"


def test_the_same_key_begins_one_request(post, sent, own_case):
    body = claim(*own_case, sent.insurer)
    first, again = (
        post("/fhir/Claim", body, HTTP_IDEMPOTENCY_KEY="claim-0001") for _time in range(2)
    )
    assert first.content == again.content
    assert Guarantee.objects.exclude(pk=sent.pk).count() == 1


def test_a_case_nobody_asked_this_insurer_about_is_not_there(post, sent, own_case):
    stranger = waiting_appointment()
    appointment, coverage = own_case
    body = claim(appointment, coverage, sent.insurer)
    body["identifier"][0]["value"] = stranger.case.public_id
    answer = post("/fhir/Claim", body)
    assert answer.status_code == 404
    assert Guarantee.objects.exclude(pk=sent.pk).count() == 0


@pytest.mark.parametrize("use", ["claim", "predetermination"])
def test_only_preauthorisations_are_taken(post, sent, own_case, use):
    answer = post("/fhir/Claim", claim(*own_case, sent.insurer, use=use))
    assert answer.status_code == 422
    text = answer.json()["issue"][0]["details"]["text"]
    assert text == "use: preauthorization expected"


def test_a_claim_without_a_case_is_answered_by_the_rules_and_promises_nothing(post, sent, own_case):
    appointment, coverage = own_case
    BenefitFactory(terms=coverage.plan.terms.get(), preauth="always")
    body = claim(appointment, coverage, sent.insurer, case=False)
    answer = post("/fhir/Claim", body)
    assert answer.status_code == 200, answer.content
    assert fhirkit.validate(answer.content) == []
    check = EligibilityCheck.objects.get(asked_through="api")
    assert answer.json()["id"] == check.public_id
    assert "preAuthRef" not in answer.json()
    assert Guarantee.objects.exclude(pk=sent.pk).count() == 0
