"""Machines that ask the same questions, and answers that arrive together."""

import threading

import pytest

from bookings.models import CaseEvent, FollowUpAnswer, FollowUpTask
from bookings.services import follow_ups
from bookings.services.follow_up_answers import send_answers
from messaging.models import Message
from tests.factories import HospitalFactory, MembershipFactory, PatientFactory
from tests.factories.follow_up import EMERGENCY, FEVER, asked_task, discharged
from tests.race.together import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WORKERS, CASES = 4, 6


@pytest.fixture
def hospital():
    return HospitalFactory()


@pytest.fixture
def coordinator(hospital):
    return MembershipFactory(hospital=hospital).user


@pytest.fixture
def due(hospital, coordinator):
    """Return an instant at which the first questions of several cases are due."""
    discharges = [discharged(PatientFactory(), hospital, coordinator) for _ in range(CASES)]
    return max(discharge.follow_ups.get(day=1).next_at for discharge in discharges)


def told():
    """Return how many questions were sent, and how many lines say that they were asked."""
    sent = Message.objects.filter(kind="bookings.follow_up_questions").count()
    return sent, CaseEvent.objects.filter(action="follow_up_asked").count()


def test_several_machines_ask_each_patient_once(due):
    steps = together(WORKERS, lambda _number: follow_ups.advance_due(now=due))

    assert sum(steps) == CASES
    assert told() == (CASES, CASES)


def test_without_the_claim_the_questions_are_written_twice_but_sent_once(due, monkeypatch):
    """The negative control: all see the same rows; the outbox's key is the second wall."""
    meet = threading.Barrier(WORKERS)

    def all_take_the_same(queryset, limit):
        rows = list(queryset[:limit])
        meet.wait(timeout=20)
        return rows

    monkeypatch.setattr(follow_ups, "claim_rows", all_take_the_same)
    together(WORKERS, lambda _number: follow_ups._advance_some(due))

    assert told() == (CASES, CASES * WORKERS)


def test_answers_that_arrive_together_leave_the_worst(hospital, coordinator):
    task = asked_task(PatientFactory(), hospital, coordinator)
    answers = (EMERGENCY, FEVER, FEVER | {"pain": 3}, EMERGENCY | {"pain": 3})

    together(4, lambda number: send_answers(task, answers=answers[number], locale="en", by=None))

    task.refresh_from_db()
    assert (task.state, task.level) == ("escalated", "red")
    assert FollowUpAnswer.objects.count() == 4
    assert FollowUpTask.objects.filter(state="escalated").count() == 1
    asked = task.events.filter(action="follow_up_answered")
    assert asked.count() == 1
