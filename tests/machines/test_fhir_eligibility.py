"""Section 10 of the specification, line by line; answers are checked by R4's own definitions too.

fhirkit is generated from the published R4 (4.0.1) and shares nothing with what writes the answers.
"""

import copy
import datetime as dt
import json
from decimal import Decimal

import fhirkit
import pytest

from hospitals.models import Insurer
from medtour.lib.money import Money
from payments import fhir_words as words
from payments.fhir.eligibility import response_of
from payments.insurance_questions import Question
from payments.models import EligibilityCheck
from tests.conftest import MONDAY_MORNING
from tests.factories.insurance import BORN

NOW = MONDAY_MORNING
SUMS = {
    "currency": "CNY",
    "estimate": "20000.00",
    "covered_amount": "18000.00",
    "patient_share": "2000.00",
    "direct_pay_amount": "18000.00",
    "patient_pays_hospital": "2000.00",
    "breakdown": {
        "deductible": "500.00",
        "copay": "0.00",
        "coinsurance": "1500.00",
        "penalty": "0.00",
        "over_limit": "0.00",
    },
}
NONE = dict.fromkeys(SUMS)


def response(outcome, *reasons, **sums):
    output = {"outcome": outcome, "reason_codes": list(reasons), **(sums or SUMS)}
    check = EligibilityCheck(
        public_id="abc123",
        insurer=Insurer(slug="example"),
        asked_at=NOW,
        service_on=dt.date(2026, 12, 1),
        outcome=outcome,
        reason_codes=list(reasons),
        output=output,
    )
    body = response_of(check)
    assert fhirkit.validate(words.dumps(body)) == []
    return body


def item(*args, **sums):
    body = response(*args, **sums)
    assert body["outcome"] == "complete"
    [insurance] = body["insurance"]
    assert insurance["inforce"] is True
    return insurance["item"][0]


def code(concept):
    return concept["coding"][0]["code"]


def test_eligible_is_complete_in_force_not_excluded_and_needs_no_authorisation():
    found = item("ELIGIBLE", "COINSURANCE_APPLIED")
    assert (found["excluded"], found["authorizationRequired"]) == (False, False)
    assert code(found["network"]) == "in"
    assert "authorizationSupporting" not in found


def test_preauth_required_says_so_and_what_supports_it():
    found = item("PREAUTH_REQUIRED", "PREAUTH_MISSING")
    assert (found["excluded"], found["authorizationRequired"]) == (False, True)
    assert found["authorizationSupporting"] == [{"text": "Medical report and cost estimate"}]


@pytest.mark.parametrize(
    ("reason", "network"), [("OUT_OF_NETWORK", "out"), ("PLAN_NO_DIRECT_PAY", "in")]
)
def test_pay_and_claim_is_in_force_and_names_the_network_as_the_reason(reason, network):
    found = item("PAY_AND_CLAIM", reason)
    assert (found["excluded"], found["authorizationRequired"]) == (False, False)
    assert code(found["network"]) == network


@pytest.mark.parametrize(
    "reason",
    [
        "POLICY_NOT_ACTIVE",
        "POLICY_NOT_STARTED",
        "POLICY_EXPIRED",
        "MEMBER_NOT_YET_COVERED",
        "MEMBER_TERMINATED",
    ],
)
def test_not_covered_by_the_rules_of_force_is_not_in_force(reason):
    body = response("NOT_COVERED", reason)
    assert body["outcome"] == "complete"
    assert body["insurance"] == [
        {"coverage": {"display": "the coverage of the request"}, "inforce": False}
    ]


@pytest.mark.parametrize("reason", ["BENEFIT_NOT_COVERED", "EXCLUDED_CODE", "WAITING_PERIOD"])
def test_not_covered_otherwise_is_in_force_and_excluded(reason):
    assert item("NOT_COVERED", reason)["excluded"] is True


@pytest.mark.parametrize("outcome", ["REVIEW", "WAITING"])
def test_an_open_answer_is_queued_with_a_disposition(outcome):
    body = response(outcome, *(["FX_RATE_MISSING"] if outcome == "REVIEW" else []), **NONE)
    assert body["outcome"] == "queued"
    assert body["disposition"] == "A person or the insurer has to decide; this is no answer yet."
    assert "insurance" not in body


@pytest.mark.parametrize("reason", ["POLICY_NOT_FOUND", "MEMBER_NOT_FOUND", "MEMBER_MISMATCH"])
def test_nobody_identified_is_one_error_for_all(reason):
    body = response("REJECTED", reason, **NONE)
    assert body["outcome"] == "error"
    assert [code(each["code"]) for each in body["error"]] == ["75"]
    assert body == response("REJECTED", "MEMBER_NOT_FOUND", **NONE)
    assert "insurance" not in body


def test_a_question_that_cannot_be_read_is_another_error():
    assert code(response("REJECTED", "INVALID_AMOUNT", **NONE)["error"][0]["code"]) == "42"


def test_the_parts_are_benefits_with_exact_sums():
    money = {"currency": "CNY"}
    assert [
        (code(each["type"]), each["allowedMoney"], each.get("usedMoney"))
        for each in item("ELIGIBLE")["benefit"]
    ] == [
        (
            "benefit",
            {"value": Decimal("18000.00"), **money},
            {"value": Decimal("20000.00"), **money},
        ),
        ("deductible", {"value": Decimal("500.00"), **money}, None),
        ("copay-percent", {"value": Decimal("1500.00"), **money}, None),
    ]


def test_amounts_are_numbers_with_all_their_decimals():
    text = words.dumps(response("ELIGIBLE"))
    assert '"value": 18000.00' in text
    assert json.loads(text)["insurance"][0]["inforce"] is True


def test_reasons_stand_beside_the_outcome():
    assert response("ELIGIBLE", "COPAY_APPLIED", "COVERED_IN_FULL")["extension"] == [
        {"url": words.REASON_SYSTEM, "valueCode": "copay-applied"},
        {"url": words.REASON_SYSTEM, "valueCode": "covered-in-full"},
    ]


def test_the_checker_sees_a_fault():
    """The negative control: fhirkit does refuse what R4 has not."""
    body = response("ELIGIBLE")
    del body["outcome"]
    assert [str(issue) for issue in fhirkit.validate(words.dumps(body))] != []


# --- asked over the interface


@pytest.fixture
def request_body(insurer, hospital):
    question = Question(
        insurer=insurer,
        hospital=hospital,
        member_number="AB-12 345c",
        date_of_birth=dt.date.fromisoformat(BORN),
        service_start=NOW + dt.timedelta(days=8),
        category="inpatient",
        setting="inpatient",
        amount=Money(2_000_000, "CNY"),
        procedure_code="81.51",
        diagnosis_code="M16.1",
    )
    body = words.request_to_fhir(question, request_id="r1", now=NOW)
    assert fhirkit.validate(words.dumps(body)) == []
    return json.loads(words.dumps(body), parse_float=Decimal)


@pytest.fixture
def post(client, auth):
    def send(body, **headers):
        return client.post(
            "/fhir/CoverageEligibilityRequest",
            body if isinstance(body, bytes) else words.dumps(body),
            content_type="application/fhir+json",
            **auth | headers,
        )

    return send


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen")
class TestAsking:
    def test_what_we_would_send_is_what_we_take(self, post, request_body, client, auth):
        answer = post(request_body)
        body = answer.json()
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "application/fhir+json"
        assert body["outcome"] == "complete"
        check = EligibilityCheck.objects.get()
        assert check.input["request"]["diagnosis_code"] == "M16.1"
        assert check.input["request"]["amount"] == "20000.00"
        again = client.get(f"/fhir/CoverageEligibilityResponse/{body['id']}", **auth)
        assert again.content == answer.content

    def test_two_statements_when_warm(self, post, request_body, django_assert_num_queries):
        post(request_body)
        with django_assert_num_queries(2):
            assert post(request_body).status_code == 200

    def test_unknown_and_mismatched_are_the_same_but_for_the_name(self, post, request_body):
        unknown, mismatched = copy.deepcopy(request_body), copy.deepcopy(request_body)
        unknown["insurance"][0]["coverage"]["identifier"]["value"] = "NOBODY1"
        mismatched["contained"][0]["birthDate"] = "1999-09-09"
        bodies = []
        for body in (unknown, mismatched):
            found = post(body).json()
            name = found.pop("id")
            found["request"]["identifier"]["value"] = found["request"]["identifier"][
                "value"
            ].replace(name, "")
            bodies.append(found)
        assert bodies[0] == bodies[1]
        assert bodies[0]["outcome"] == "error"

    @pytest.mark.parametrize(
        ("path", "value", "told"),
        [
            (("status",), "draft", "status: active expected"),
            (("purpose",), ["guess"], "purpose: auth-requirements or benefits"),
            (("item",), [], "item: exactly one expected"),
            (("item", 0, "unitPrice", "currency"), "XYZ", "currency: literal_error"),
            (("item", 0, "unitPrice", "value"), Decimal("1.001"), "amount: above zero"),
            (("insurer", "identifier", "value"), "other", "insurer: the client's own expected"),
            (("foo",), "bar", "CoverageEligibilityRequest: extra_forbidden"),
            (("resourceType",), "Claim", "resourceType: CoverageEligibilityRequest expected"),
        ],
    )
    def test_a_wrong_element_is_an_operation_outcome(self, post, request_body, path, value, told):
        target = request_body
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = value
        answer = post(request_body)
        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/fhir+json"
        body = answer.json()
        assert fhirkit.validate(answer.content) == []
        assert body["issue"][0]["details"]["text"].startswith(told)
        assert b"AB-12" not in answer.content
        assert not EligibilityCheck.objects.exists()

    @pytest.mark.parametrize("body", [b"[]", b"{", b'{"a": NaN}', b"\xff", b"[" * 50_000])
    def test_no_json_is_told(self, post, body):
        answer = post(body)
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (400, "structure")

    def test_the_capabilities_are_open(self, client):
        answer = client.get("/fhir/metadata")
        assert answer.status_code == 200
        assert fhirkit.validate(answer.content) == []
        assert answer.json()["fhirVersion"] == "4.0.1"
