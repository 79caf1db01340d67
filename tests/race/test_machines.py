"""One Idempotency-Key at the same instant: one check is kept, and everybody gets its answer."""

import datetime as dt
from dataclasses import replace

import pytest

from accounts.models import AuditEntry
from medtour.lib import clock
from medtour.lib.money import Money
from payments.insurance_questions import Wanted
from payments.insurance_refusals import TooManyAttempts
from payments.machine_scopes import Scope
from payments.models import EligibilityCheck, EligibilityRetry, IdempotentAnswer, InsurerConnection
from payments.services.insurance import asking, retries
from payments.services.insurance.machine_calls import Call, ask_as_machine
from tests.factories.hospitals import HospitalFactory
from tests.factories.insurance import BORN, CoverageFactory, PlanTermsFactory
from tests.factories.machines import machine_of, token_of
from tests.machines.insurer_server import FakeInsurer
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
COUNT = 8


@pytest.fixture
def ask():
    cover = CoverageFactory(member__number="KNOWN1")
    PlanTermsFactory(plan=cover.plan)
    hospital = HospitalFactory()
    token = token_of(machine_of(cover.member.insurer))
    wanted = Wanted(
        member_number="KNOWN1",
        date_of_birth=dt.date.fromisoformat(BORN),
        service_start=clock.now(),
        category="inpatient",
        setting="inpatient",
        amount=Money(2_000_000, "CNY"),
    )

    def send(number, key="same-key-1", **changes):
        call = Call(
            token=token,
            scope=Scope.ELIGIBILITY,
            address=lambda: "127.0.0.1",
            key=key.format(number),
            fingerprint="f" * 64 if key else "",
        )
        return ask_as_machine(
            replace(wanted, **changes),
            call,
            hospital_slug=hospital.slug,
            render=lambda check: check.public_id,
        )

    return send


def test_one_key_at_once_keeps_one_check(ask):
    results = together(COUNT, ask)
    assert tally(results) == {"Reply": COUNT}
    assert {reply.body for reply in results} == {EligibilityCheck.objects.get().public_id}
    assert IdempotentAnswer.objects.count() == 1


def test_other_keys_at_once_are_other_questions(ask):
    """The negative control: what makes them one is the key, not the question."""
    results = together(COUNT, lambda number: ask(number, key="other-key-{}"))
    assert tally(results) == {"Reply": COUNT}
    assert EligibilityCheck.objects.count() == COUNT


@pytest.mark.parametrize("key", ["", "guess-{:04d}"])
def test_of_twenty_guesses_at_once_ten_are_answered(ask, key):
    """With a key and without, none slips past; what is refused keeps no answer for its key."""
    results = together(20, lambda number: ask(number, key=key, member_number=f"GUESS{number}"))
    assert tally(results) == {"Reply": 10, "TooManyAttempts": 10}
    assert EligibilityCheck.objects.filter(outcome="REJECTED").count() == 10
    assert IdempotentAnswer.objects.count() == (10 if key else 0)
    assert AuditEntry.objects.filter(action="insurance.check").count() == 10
    with pytest.raises(TooManyAttempts):
        ask(21, key="")


def test_workers_at_once_ask_a_waiting_question_once(ask, monkeypatch):
    fake = FakeInsurer()
    monkeypatch.setattr(asking, "gateway_of", lambda *_parts: fake)
    ask(0, key="")
    first = EligibilityCheck.objects.select_related("insurer", "hospital").get()
    InsurerConnection.objects.create(insurer=first.insurer, base_url="x", secret_name="x")
    fake.mode = "down"
    waiting = asking.ask_insurer(retries.question_of(first), through="portal")
    fake.mode = "right"
    fake.asked.clear()
    later = EligibilityRetry.objects.get().next_attempt_at
    results = together(4, lambda _number: retries.ask_again_due(now=later))
    assert sorted(map(str, results)) == ["0", "0", "0", "1"]
    assert len(fake.asked) == 1
    assert EligibilityCheck.objects.filter(answers=waiting).count() == 1
