"""A program asks in plain JSON: strict, answered once for a key, in two statements, no leak."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from payments.models import EligibilityCheck, IdempotentAnswer
from tests.factories.hospitals import InsurerFactory
from tests.factories.insurance import MemberFactory
from tests.factories.machines import bearer, machine_of, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
ADDRESS = "/api/v1/eligibility"


@pytest.fixture
def post(client, auth):
    def send(body, **headers):
        raw = body if isinstance(body, bytes | str) else json.dumps(body)
        return client.post(ADDRESS, raw, **{"content_type": "application/json"} | auth | headers)

    return send


def test_a_covered_member_is_answered_with_sums_and_evidence(post, asked, machine, insurer):
    response = post(asked)
    check = EligibilityCheck.objects.get()
    assert response.status_code == 200
    assert response.json() == {
        "id": check.public_id,
        "outcome": "ELIGIBLE",
        "answer": "direct_pay",
        "reason_codes": ["COINSURANCE_APPLIED"],
        "amounts": {
            "currency": "CNY",
            "estimate": "20000.00",
            "covered_amount": "18000.00",
            "patient_share": "2000.00",
            "direct_pay_amount": "18000.00",
            "patient_pays_hospital": "2000.00",
        },
        "service_on": "2026-12-01",
        "as_of": "2026-11-23T01:00:00+00:00",
        "spec_version": "1.0",
    }
    assert response["Cache-Control"] == "no-store"
    assert (check.insurer, check.client_id, check.asked_through) == (
        insurer,
        machine.client_id,
        "api",
    )
    entry = AuditEntry.objects.get(target=f"payments.eligibilitycheck:{check.public_id}")
    assert entry.reason == f"client:{machine.client_id}"
    assert entry.request_id == response["X-Request-Id"]


@pytest.mark.parametrize("headers", [{}, {"HTTP_IDEMPOTENCY_KEY": "first-key-{}"}])
def test_a_warm_call_takes_two_statements_token_and_key_included(post, asked, headers):
    def keyed(number):
        return {name: value.format(number) for name, value in headers.items()}

    post(asked, **keyed(1))
    with CaptureQueriesContext(connection) as statements:
        assert post(asked, **keyed(2)).status_code == 200
    assert len(statements) == 2


def test_unknown_and_mismatched_get_the_same_answer(post, asked, insurer):
    MemberFactory.create_batch(3, insurer=insurer)
    unknown = post({**asked, "member_number": "NOBODY1"}).json()
    mismatched = post({**asked, "date_of_birth": "1999-09-09"}).json()
    for answer in (unknown, mismatched):
        assert answer.pop("id")
    assert unknown == mismatched
    assert unknown["reason_codes"] == ["MEMBER_NOT_FOUND"]
    assert unknown["amounts"]["currency"] is None


def test_the_same_key_brings_the_first_answer_and_no_second_check(post, asked):
    first = post(asked, HTTP_IDEMPOTENCY_KEY="0123456789")
    again = post(asked, HTTP_IDEMPOTENCY_KEY="0123456789")
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert EligibilityCheck.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(post, asked):
    post(asked, HTTP_IDEMPOTENCY_KEY="0123456789")
    response = post({**asked, "amount": "1.00"}, HTTP_IDEMPOTENCY_KEY="0123456789")
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert EligibilityCheck.objects.count() == 1


def test_another_clients_key_is_another_key(client, post, asked, insurer):
    post(asked, HTTP_IDEMPOTENCY_KEY="0123456789")
    other = bearer(token_of(machine_of(insurer)))
    client.post(
        ADDRESS, asked, content_type="application/json", HTTP_IDEMPOTENCY_KEY="0123456789", **other
    )
    assert EligibilityCheck.objects.count() == IdempotentAnswer.objects.count() == 2


def test_the_kept_answer_is_unreadable_in_the_database(post, asked):
    post(asked, HTTP_IDEMPOTENCY_KEY="0123456789")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM payments_idempotentanswer")
        assert "ELIGIBLE" not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": 20000}, "amount: string_type"),
        ({"amount": "2e4"}, "amount: string_pattern_mismatch"),
        ({"amount": "0.00"}, "amount: above zero, decimals as the currency"),
        ({"amount": "1.001"}, "amount: above zero, decimals as the currency"),
        ({"currency": "XYZ"}, "currency: literal_error"),
        ({"date_of_birth": "1980-02-30"}, "date_of_birth: value_error"),
        ({"date_of_birth": 1}, "date_of_birth: string_type"),
        ({"service_start": "2026-12-01T09:00:00"}, "service_start: value_error"),
        ({"emergency": "yes"}, "emergency: bool_type"),
        ({"name": "Anna"}, "name: extra_forbidden"),
        ({"member_number": "A\u0000B"}, "member_number: string_pattern_mismatch"),
    ],
)
def test_a_wrong_field_is_named_but_never_repeated(post, asked, change, told):
    response = post({**asked, **change})
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    [error] = response.json()["errors"]
    assert error.removeprefix("question.") == told
    assert "AB-12" not in response.content.decode()
    assert not EligibilityCheck.objects.exists()


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "not_json"),
        (b"[]", {}, 400, "not_json"),
        (b"\xff\xfe", {}, 400, "not_json"),
        (b"{}", {"content_type": "text/plain"}, 415, "media_type"),
        (b" " * 70_000, {}, 413, "too_large"),
        (b"{}", {"HTTP_IDEMPOTENCY_KEY": "short"}, 422, "invalid_request"),
    ],
)
def test_an_unfit_body_is_a_problem(post, body, headers, status, code):
    response = post(body, **headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["request_id"] == response["X-Request-Id"]


def test_a_hospital_that_is_not_there_is_told(post, asked):
    response = post({**asked, "hospital": "nowhere"})
    assert (response.status_code, response.json()["code"]) == (422, "hospital_unknown")


def test_a_check_is_read_again_by_the_same_insurer_only(client, post, asked, auth):
    answer = post(asked).json()
    address = f"/api/v1/checks/{answer['id']}"
    assert client.get(address, **auth).json() == answer
    other = bearer(token_of(machine_of(InsurerFactory())))
    response = client.get(address, **other)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_ten_strangers_in_an_hour_lock_the_client(post, asked):
    for number in range(10):
        assert post({**asked, "member_number": f"NOBODY{number}"}).status_code == 200
    response = post(asked, HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert (response.status_code, response.json()["code"]) == (429, "too_many_attempts")
    assert response.json()["title"].startswith("Too many member details")
    assert response["Retry-After"] == "60"


def test_the_description_is_open_and_names_every_error(client):
    schema = client.get("/api/v1/openapi.json").json()
    answers = schema["paths"]["/api/v1/eligibility"]["post"]["responses"]
    assert set(answers) == {*("200", "400", "401", "403", "405", "413", "415", "422", "429", "503")}
    assert set(answers["422"]["content"]) == {"application/problem+json"}
    assert schema["paths"]["/api/v1/eligibility"]["post"]["security"] == [
        {"token": ["eligibility.check"]}
    ]


def test_an_unknown_fields_name_is_repeated_only_if_it_could_be_one_of_ours(post, asked):
    response = post({**asked, "Anna Schmidt 1980": 1, "x" * 200: 1})
    assert response.json()["errors"] == ["(not a field): extra_forbidden"]


def test_another_method_is_refused_after_the_token(client, auth):
    assert client.get(ADDRESS).status_code == 401
    response = client.get(ADDRESS, **auth)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response.json()["code"] == "method"
