"""Guesses at members that come at the same time are counted one after the other (DP-03)."""

import datetime as dt
import threading
import time
from dataclasses import replace

import pytest
from django.db import connection, transaction

from medtour.lib import clock
from medtour.lib.money import Money
from payments.insurance_questions import Question
from payments.insurance_refusals import TooManyAttempts
from payments.models import AskedThrough, EligibilityCheck, Outcome
from payments.services.insurance import checks
from tests.factories import UserFactory
from tests.factories.hospitals import HospitalFactory
from tests.factories.insurance import (
    BORN,
    AgreementFactory,
    BenefitFactory,
    CoverageFactory,
    NetworkHospitalFactory,
    PlanTermsFactory,
)
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
BODY = "SELECT pg_get_functiondef('payments_may_ask'::regproc)"


@pytest.fixture
def question():
    hospital, cover = HospitalFactory(), CoverageFactory(valid_until=None)
    terms = PlanTermsFactory(plan=cover.plan)
    BenefitFactory(terms=terms, category="inpatient")
    NetworkHospitalFactory(network=terms.network, hospital=hospital)
    AgreementFactory(insurer=cover.plan.insurer, hospital=hospital)
    return Question(
        insurer=cover.plan.insurer,
        hospital=hospital,
        member_number=cover.member.number,
        date_of_birth=dt.date.fromisoformat(BORN),
        service_start=clock.now() + dt.timedelta(days=9),
        category="inpatient",
        setting="inpatient",
        amount=Money(2_000_000, "CNY"),
    )


@pytest.fixture
def guess(question):
    return replace(question, member_number="no")


@pytest.fixture
def guesser():
    return UserFactory()


def ask(question, guesser):
    return checks.ask(question, through=AskedThrough.PATIENT, by=guesser)


def test_of_twenty_guesses_at_once_ten_are_answered(guess, guesser):
    results = together(20, lambda _number: ask(guess, guesser))
    assert tally(results) == {"EligibilityCheck": 10, "TooManyAttempts": 10}
    assert EligibilityCheck.objects.filter(outcome=Outcome.REJECTED).count() == 10


def right_one_beside_the_tenth_guess(question, guess, guesser, *, waits):
    """Ask rightly while the tenth guess is not finished; return the answer or the refusal."""
    for _number in range(9):
        ask(guess, guesser)
    found = []
    right = threading.Thread(
        target=lambda: found.extend(together(1, lambda _number: ask(question, guesser)))
    )
    with transaction.atomic():
        ask(guess, guesser)
        right.start()
        if waits:
            wait_until_somebody_waits()
        else:
            right.join(60)
    right.join(60)
    return found[0]


def wait_until_somebody_waits():
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waited")


def test_the_right_guess_beside_nine_wrong_ones_is_not_told(question, guess, guesser):
    result = right_one_beside_the_tenth_guess(question, guess, guesser, waits=True)
    assert isinstance(result, TooManyAttempts)
    assert not EligibilityCheck.objects.exclude(outcome=Outcome.REJECTED).exists()


def test_without_taking_turns_the_right_guess_slips_past(question, guess, guesser):
    """Negative control: the same, with the locks taken out of the function."""
    with connection.cursor() as cursor:
        cursor.execute(BODY)
        (body,) = cursor.fetchone()
        assert body.count("PERFORM") == 2
        cursor.execute(body.replace("PERFORM", "--"))
    try:
        result = right_one_beside_the_tenth_guess(question, guess, guesser, waits=False)
        assert result.outcome == Outcome.ELIGIBLE
    finally:
        with connection.cursor() as cursor:
            cursor.execute(body)
