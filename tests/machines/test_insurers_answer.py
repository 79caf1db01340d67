"""An insurer that answers itself may be slow, wrong or down: the question waits, is asked again,
and the patient is told once."""

import datetime as dt
import time
from dataclasses import replace

import pytest

from accounts.models import Consent
from medtour.lib.money import Money
from messaging.models import Message
from messaging.rendering import render
from payments.gateways import insurer as gateway
from payments.gateways.insurer import HttpInsurer, InsurerSilent, Secrets
from payments.insurance_questions import Question
from payments.insurance_refusals import TooManyAttempts
from payments.models import (
    AskedThrough,
    EligibilityCheck,
    EligibilityRetry,
    InsurerConnection,
    Outcome,
)
from payments.presenters.insurance_answers import answer_of
from payments.services.insurance import asking, checks, retries
from payments.services.insurance.checks import Asking
from payments.services.insurance.patient_questions import CardDetails, Need, ask_insurers
from tests.conftest import MONDAY_MORNING
from tests.factories.guarantees import agrees_to_insurer
from tests.factories.hospitals import InsurerFactory, OfferFactory
from tests.factories.insurance import BORN, TreatmentCodingFactory
from tests.machines.insurer_server import FakeInsurer, insurer_server

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NOW = MONDAY_MORNING


@pytest.fixture
def server(settings, monkeypatch):
    with insurer_server() as running:
        settings.INSURER_SCHEMES = ("http",)
        settings.INSURER_HOSTS = [f"127.0.0.1:{running.server_port}"]
        settings.INSURER_SECRETS = {"PAPER": "a-secret"}
        settings.INSURER_ANSWER_SECONDS = settings.INSURER_CONNECT_SECONDS = 0.3
        monkeypatch.setattr(gateway.time, "sleep", lambda _seconds: None)
        running.url = f"http://127.0.0.1:{running.server_port}/fhir"
        yield running


@pytest.fixture
def own_insurer(db):
    return InsurerFactory()


@pytest.fixture
def way(server, own_insurer):
    return InsurerConnection.objects.create(
        insurer=own_insurer, base_url=server.url, secret_name="PAPER"
    )


@pytest.fixture
def question(own_insurer, hospital):
    return Question(
        insurer=own_insurer,
        hospital=hospital,
        member_number="OUTSIDE-1",
        date_of_birth=dt.date.fromisoformat(BORN),
        service_start=NOW + dt.timedelta(days=8),
        category="inpatient",
        setting="inpatient",
        amount=Money(2_000_000, "CNY"),
    )


@pytest.fixture
def ask(question, user, patient):
    agrees_to_insurer(patient, question.insurer)

    def send(now=NOW):
        return asking.ask_insurer(
            question, now=now, through=AskedThrough.PATIENT, by=user, patient=patient
        )

    return send


@pytest.fixture(params=["fake", "http"])
def anybody(request, server):
    """The fake and the client over HTTP, each with the switch that says how the insurer behaves."""
    if request.param == "fake":
        fake = FakeInsurer()
        return fake, fake
    client = HttpInsurer(Secrets(server.url, "a-secret"), pause=lambda _s: None)
    return client, server


def test_both_give_the_same_answer_in_the_engines_form(anybody, question):
    door, _switch = anybody
    assert door.ask(question, request_id="r1", now=NOW) == {
        "outcome": "ELIGIBLE",
        "reason_codes": [],
        "currency": "CNY",
        "estimate": "20000.00",
        "covered_amount": "18000.00",
        "patient_share": "2000.00",
        "direct_pay_amount": "18000.00",
        "patient_pays_hospital": "2000.00",
        "breakdown": None,
    }


@pytest.mark.parametrize("mode", ["down", "broken", "garbage", "other", "huge", "redirect", "slow"])
def test_both_fall_silent_in_one_way(anybody, question, mode):
    door, switch = anybody
    switch.mode = mode
    with pytest.raises(InsurerSilent):
        door.ask(question, request_id="r1", now=NOW)


@pytest.mark.parametrize("mode", ["drip headers", "drip body"])
def test_a_byte_now_and_then_holds_nobody(server, question, mode):
    """Each byte comes within the time-out; the exchange as a whole must end all the same."""
    server.mode = mode
    started = time.monotonic()
    with pytest.raises(InsurerSilent):
        HttpInsurer(Secrets(server.url, "s"), pause=lambda _s: None).ask(
            question, request_id="r1", now=NOW
        )
    assert time.monotonic() - started < 5
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "number", ["1e999999999", "1e99999999999999999999", "NaN", "1e400000", "-1", "0.001"]
)
def test_a_number_that_is_no_sum_is_no_answer(server, question, number):
    server.value = number
    with pytest.raises(InsurerSilent):
        HttpInsurer(Secrets(server.url, "s"), pause=lambda _s: None).ask(
            question, request_id="r1", now=NOW
        )


def test_a_sum_above_the_estimate_is_no_answer(anybody, question):
    door, _switch = anybody
    with pytest.raises(InsurerSilent, match="unusable: value"):
        door.ask(replace(question, amount=Money(1_799_999, "CNY")), request_id="r1", now=NOW)


def test_what_is_sent_identifies_one_member_and_one_service(server, question):
    HttpInsurer(Secrets(server.url, "a-secret")).ask(question, request_id="r1", now=NOW)
    [(headers, body)] = server.asked
    assert headers["Authorization"] == "Bearer a-secret"
    assert headers["Idempotency-Key"] == "r1"
    assert body["contained"][0]["birthDate"] == BORN
    assert body["item"][0]["unitPrice"] == {"value": 20000.00, "currency": "CNY"}
    assert set(body) == {
        "resourceType", "identifier", "status", "purpose", "contained", "patient", "created",
        "servicedDate", "insurer", "facility", "insurance", "item", "extension",
    }  # fmt: skip


def test_a_passing_fault_is_tried_once_more(server, question):
    server.modes = ["down"]
    HttpInsurer(Secrets(server.url, "s"), pause=lambda _s: None).ask(
        question, request_id="r1", now=NOW
    )
    assert len(server.asked) == 2


def test_a_refusal_is_not_tried_again(server, question):
    server.mode = "forbidden"
    with pytest.raises(InsurerSilent, match="status 403"):
        HttpInsurer(Secrets(server.url, "s")).ask(question, request_id="r1", now=NOW)
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed(server, question):
    server.mode = "redirect"
    with pytest.raises(InsurerSilent, match="status 302"):
        HttpInsurer(Secrets(server.url, "s")).ask(question, request_id="r1", now=NOW)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/fhir",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "http://user:word@127.0.0.1/fhir",
        "http://127.0.0.1:99999/fhir",
        "http://[::1/fhir",
    ],
)
def test_a_host_off_the_list_is_never_asked(server, question, address):
    with pytest.raises(InsurerSilent):
        HttpInsurer(Secrets(address, "s")).ask(question, request_id="r1", now=NOW)
    assert server.asked == []


def test_without_a_connection_our_engine_answers(ask, server):
    assert ask().outcome == Outcome.REJECTED
    assert server.asked == []


def test_an_insurers_own_answer_is_kept_as_evidence(ask, way, patient):
    check = EligibilityCheck.objects.get(pk=ask().pk)
    assert (check.outcome, check.patient) == (Outcome.ELIGIBLE, patient)
    assert check.output["covered_amount"] == "18000.00"
    assert not EligibilityRetry.objects.exists()


@pytest.mark.parametrize("mode", ["down", "broken", "garbage", "slow"])
def test_the_question_waits_then_is_answered_and_the_patient_told_once(
    ask, way, server, mode, user
):
    server.mode = mode
    first = ask()
    assert first.outcome == Outcome.WAITING
    retry = EligibilityRetry.objects.get(waiting_check=first)
    assert retries.ask_again_due(now=NOW) == 0
    later = retry.next_attempt_at + dt.timedelta(seconds=1)
    assert retries.ask_again_due(now=later) == 0
    server.mode = "right"
    assert retries.ask_again_due(now=NOW + dt.timedelta(hours=1)) == 1
    answer = EligibilityCheck.objects.get(answers=first)
    assert (answer.outcome, answer.asked_through) == (Outcome.ELIGIBLE, AskedThrough.RETRY)
    assert retries.ask_again_due(now=NOW + dt.timedelta(hours=9)) == 0
    message = Message.objects.get(kind="payments.eligibility_answered")
    assert (message.recipient, message.context) == (user, {"check": answer.public_id})
    first.refresh_from_db()
    assert first.outcome == Outcome.WAITING


def test_a_row_that_cannot_be_asked_stops_no_other(ask, way, server, question, user, caplog):
    server.mode = "down"
    broken = checks.unanswered(question, Asking(through=AskedThrough.PATIENT, by=user), now=NOW)
    broken.input = {"presented": {"member_id": "OUTSIDE-1"}}
    checks.store(broken)
    EligibilityRetry.objects.create(waiting_check=broken, next_attempt_at=NOW)
    ask()
    server.mode = "right"
    assert retries.ask_again_due(now=NOW + dt.timedelta(hours=1)) == 1
    row = EligibilityRetry.objects.get(waiting_check=broken)
    assert (row.ended_at, row.last_error) == (None, "KeyError")
    assert row.next_attempt_at > NOW + dt.timedelta(hours=1)
    assert "insurer_retry_failed" in caplog.text
    assert "OUTSIDE-1" not in caplog.text


def test_only_the_row_that_is_being_asked_is_claimed(ask, way, server, monkeypatch):
    """Else the lease of the last row would be over before its turn came, and two would ask it."""

    class Looking(FakeInsurer):
        claimed = []

        def ask(self, question, *, request_id, now):
            rows = EligibilityRetry.objects.filter(ended_at=None, next_attempt_at__gt=now)
            self.claimed.append(rows.count())
            return super().ask(question, request_id=request_id, now=now)

    server.mode = "down"
    ask()
    ask()
    monkeypatch.setattr(asking, "gateway_of", lambda *_parts: Looking())
    assert retries.ask_again_due(now=NOW + dt.timedelta(hours=1)) == 2
    assert Looking.claimed == [1, 1]


def test_who_guessed_too_often_is_not_led_to_the_insurer(ask, way, server):
    server.mode = "unknown"
    assert [ask().outcome for _try in range(10)] == [Outcome.REJECTED] * 10
    server.asked.clear()
    kept = EligibilityCheck.objects.count()
    with pytest.raises(TooManyAttempts):
        ask()
    assert server.asked == []
    assert EligibilityCheck.objects.count() == kept


def test_a_withdrawn_consent_ends_the_waiting(ask, way, server, patient):
    server.mode = "down"
    ask()
    Consent.objects.filter(patient=patient).update(withdrawn_at=NOW)
    server.asked.clear()
    assert retries.ask_again_due(now=NOW + dt.timedelta(hours=1)) == 0
    assert server.asked == []
    assert EligibilityRetry.objects.get().ended_at is not None


def test_five_failures_pause_the_asking_and_one_caller_tries_again(ask, way, server):
    server.mode = "forbidden"
    for _time in range(5):
        ask()
    way.refresh_from_db()
    assert (way.failures, way.open_until) == (5, NOW + asking.PAUSE)
    server.asked.clear()
    assert ask().outcome == Outcome.WAITING
    assert server.asked == []
    server.mode = "right"
    assert ask(now=NOW + asking.PAUSE).outcome == Outcome.ELIGIBLE
    way.refresh_from_db()
    assert (way.failures, way.open_until) == (0, None)


def test_a_missing_secret_is_silence(ask, way, settings, server):
    settings.INSURER_SECRETS = {}
    assert ask().outcome == Outcome.WAITING
    assert server.asked == []


def test_the_message_names_neither_answer_nor_illness(ask, way, server, patient):
    server.mode = "down"
    ask()
    server.mode = "right"
    retries.ask_again_due(now=NOW + dt.timedelta(hours=1))
    rendered = render(Message.objects.get(kind="payments.eligibility_answered"))
    answer = EligibilityCheck.objects.get(asked_through=AskedThrough.RETRY)
    assert rendered.subject == "Your insurer has answered"
    assert f"/care/insurance/{answer.public_id}/" in rendered.text
    words = rendered.subject + rendered.text + rendered.html
    told = ("inpatient", "OUTSIDE-1", "18000", "20,000", "ELIGIBLE", patient.passport_name)
    assert [each for each in told if each in words] == []


def test_the_patients_page_goes_on_while_the_insurer_is_down(way, server, user, patient, question):
    server.mode = "down"
    offer = OfferFactory(hospital=question.hospital)
    need = Need(
        offer=offer,
        hospital=question.hospital,
        coding=TreatmentCodingFactory(treatment=offer.treatment),
        service_start=question.service_start,
        amount=question.amount,
    )
    agrees_to_insurer(patient, question.insurer)
    card = CardDetails(question.insurer, question.member_number, question.date_of_birth)
    [check] = ask_insurers(patient, cards=[card], need=need, by=user, now=NOW)
    assert (check.outcome, answer_of(check).kind) == (Outcome.WAITING, "unknown")
    assert EligibilityRetry.objects.get().waiting_check == check


def test_logs_hold_nothing_of_the_member(ask, way, server, caplog, client):
    server.mode = "garbage"
    with caplog.at_level("DEBUG"):
        ask()
        client.post(
            "/api/v1/eligibility",
            b'{"member_number": "OUTSIDE-1"}',
            content_type="application/json",
            HTTP_AUTHORIZATION="Bearer CANARY-TOKEN",
        )
    assert "machine_refused" in caplog.text
    assert "insurer_silent" in caplog.text
    told = ("OUTSIDE-1", BORN, "CANARY-TOKEN", "a-secret")
    assert [each for each in told if each in caplog.text] == []
