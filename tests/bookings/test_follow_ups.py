"""Questions after a discharge: asked once and on time, reminded, missed, answered, called."""

import datetime as dt

import pytest

from bookings.models import CaseEvent, FollowUpAnswer, FollowUpTask
from bookings.refusals import CallFirst, NotAskedNow, TranslatorNotNamed
from bookings.services import follow_ups
from bookings.services.discharges import close_case, give_hand_back
from bookings.services.follow_up_answers import add_translation, send_answers
from medtour.lib import clock
from messaging.models import Message
from tests.factories.follow_up import EMERGENCY, FEVER, WELL, asked_task, discharged

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def discharge(frozen, patient, hospital, coordinator):
    return discharged(patient, hospital, coordinator)


@pytest.fixture
def task(frozen, patient, hospital, coordinator) -> FollowUpTask:
    return asked_task(patient, hospital, coordinator)


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def history(task):
    return list(task.events.order_by("pk").values_list("before", "after", "actor"))


def state(task):
    task.refresh_from_db()
    return task.state, task.level


def answer(task, answers, by=None, now=None):
    return send_answers(task, answers=answers, locale="en", by=by, now=now)


def test_a_discharge_plans_the_default_days_at_ten_in_moscow(discharge):
    planned = list(discharge.follow_ups.values_list("day", "due_on", "is_yearly", "next_at"))
    assert [each[0] for each in planned] == [1, 3, 7, 14, 30, 90, 365, 730, 1095]
    assert planned[0] == (
        1,
        dt.date(2026, 11, 24),
        False,
        dt.datetime(2026, 11, 24, 7, tzinfo=dt.UTC),
    )
    assert planned[6][1:3] == (dt.date(2027, 11, 23), True)
    assert kinds() == ["bookings.discharge_pack"]


def test_nothing_is_asked_before_its_time(discharge):
    first = discharge.follow_ups.get(day=1)
    assert follow_ups.advance_due(now=first.next_at - dt.timedelta(seconds=1)) == 0
    assert state(first) == ("planned", "")


def test_asked_once_even_when_the_task_runs_twice(discharge):
    first = discharge.follow_ups.get(day=1)
    assert follow_ups.advance_due(now=first.next_at) == 1
    assert follow_ups.advance_due(now=first.next_at) == 0
    assert state(first) == ("asked", "")
    assert kinds() == ["bookings.discharge_pack", "bookings.follow_up_questions"]
    assert history(first) == [
        ("", "planned", "hospital"),
        ("planned", "due", "system"),
        ("due", "asked", "system"),
    ]


def test_a_patient_who_has_moved_is_asked_at_ten_of_the_new_place(discharge, user):
    first = discharge.follow_ups.get(day=1)
    user.time_zone = "America/New_York"
    user.save()
    follow_ups.advance_due(now=first.next_at)
    first.refresh_from_db()
    assert (first.state, first.next_at) == (
        "planned",
        dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC),
    )
    follow_ups.advance_due(now=first.next_at)
    assert state(first) == ("asked", "")


def test_after_a_stop_of_the_machine_only_the_latest_questions_are_asked(discharge):
    seventh = discharge.follow_ups.get(day=7)
    follow_ups.advance_due(now=seventh.next_at)
    states = dict(discharge.follow_ups.values_list("day", "state"))
    assert (states[1], states[3], states[7], states[14]) == ("closed", "closed", "asked", "planned")
    assert kinds().count("bookings.follow_up_questions") == 1
    assert CaseEvent.objects.filter(action="follow_up_overtaken").count() == 2


def test_the_yearly_questions_are_a_recall(discharge):
    discharge.follow_ups.filter(day__lt=365).update(state="closed", next_at=None)
    follow_ups.advance_due(now=discharge.follow_ups.get(day=365).next_at)
    assert kinds()[-1] == "bookings.annual_recall"


def test_no_answer_is_reminded_once_then_missed_then_called(task):
    asked = task.asked_at
    assert follow_ups.advance_due(now=asked + DAY) == 1
    assert follow_ups.advance_due(now=asked + DAY) == 0
    assert state(task) == ("asked", "")
    assert kinds()[-1] == "bookings.follow_up_reminder"
    at = asked + 3 * DAY
    assert follow_ups._advance_some(at) >= 1
    assert state(task) == ("escalated", "missed")
    assert task.target_at == at + 48 * HOUR
    assert history(task)[-2:] == [
        ("asked", "missed", "system"),
        ("missed", "escalated", "system"),
    ]
    assert kinds().count("bookings.follow_up_reminder") == 1


def test_an_account_that_is_closed_is_not_asked_but_called(discharge, user):
    user.is_active = False
    user.save()
    first = discharge.follow_ups.get(day=1)
    follow_ups.advance_due(now=first.next_at)
    assert state(first) == ("due", "")
    assert kinds() == ["bookings.discharge_pack"]
    follow_ups.advance_due(now=first.next_at)
    assert state(first) == ("escalated", "missed")


def test_a_green_answer_needs_nobody(task, user):
    sent = answer(task, WELL, by=user)
    assert (sent.level, sent.reasons) == ("green", [])
    assert state(task) == ("answered", "green")
    assert (task.next_at, task.target_at) == (None, None)
    assert history(task)[-1] == ("asked", "answered", "patient")
    assert kinds()[-1] == "bookings.follow_up_questions"


def test_a_fever_makes_a_task_to_call_at_once(task, frozen):
    now = clock.now()
    answer(task, FEVER)
    assert state(task) == ("escalated", "amber")
    assert task.target_at == now + 24 * HOUR
    assert history(task)[-2:] == [
        ("asked", "answered", "patient"),
        ("answered", "escalated", "patient"),
    ]
    assert kinds()[-1] == "bookings.follow_up_amber"


def test_an_emergency_is_to_be_called_within_the_hour(task):
    answer(task, EMERGENCY)
    assert state(task) == ("escalated", "red")
    assert task.target_at == clock.now() + HOUR
    assert kinds()[-1] == "bookings.follow_up_red"


def test_a_better_correction_never_ends_a_call(task):
    answer(task, EMERGENCY)
    answer(task, WELL, now=clock.now() + HOUR)
    assert state(task) == ("escalated", "red")
    assert list(task.answers.values_list("level", flat=True)) == ["red", "green"]


def test_a_worse_correction_brings_the_call_forward(task):
    answer(task, FEVER)
    answer(task, EMERGENCY)
    assert state(task) == ("escalated", "red")
    assert task.target_at == clock.now() + HOUR


def test_a_worse_correction_opens_a_closed_task_again(task, coordinator):
    answer(task, WELL)
    follow_ups.close_task(task, outcome="Well", by=coordinator)
    answer(task, FEVER)
    assert state(task) == ("escalated", "amber")
    assert task.closed_at is None


def test_a_late_green_answer_ends_a_call_that_silence_had_caused(task):
    for days in (1, 3):
        follow_ups._advance_some(task.asked_at + days * DAY)
    assert state(task) == ("escalated", "missed")
    answer(task, WELL)
    assert state(task) == ("answered", "green")
    assert task.target_at is None


def test_nothing_can_be_answered_before_it_is_asked(discharge):
    first = discharge.follow_ups.get(day=1)
    with pytest.raises(NotAskedNow):
        answer(first, WELL)
    assert state(first) == ("planned", "")
    assert FollowUpAnswer.objects.count() == 0


def test_a_red_task_is_closed_only_after_a_call(task, coordinator):
    answer(task, EMERGENCY)
    with pytest.raises(CallFirst):
        follow_ups.close_task(task, outcome="Fine", by=coordinator)
    assert state(task) == ("escalated", "red")
    follow_ups.record_call(task, has_reached=True, note="Is with a doctor", by=coordinator)
    follow_ups.close_task(task, outcome="Seen by a doctor", by=coordinator)
    assert state(task) == ("closed", "red")
    assert (task.outcome, task.target_at) == ("Seen by a doctor", None)
    assert history(task)[-1] == ("escalated", "closed", "hospital")


def test_a_case_that_has_ended_is_asked_nothing_more(task, coordinator):
    answer(task, WELL)
    give_hand_back(task.discharge, given_to="The patient", by=coordinator)
    close_case(task.case, by=coordinator)
    assert set(task.case.follow_ups.values_list("state", "next_at")) == {("closed", None)}
    assert follow_ups.advance_due(now=clock.now() + 2000 * DAY) == 0
    with pytest.raises(NotAskedNow):
        answer(task, FEVER)
    assert task.answers.count() == 1


def test_answers_and_plans_are_never_rewritten(task, coordinator):
    from django.db import IntegrityError, transaction

    answer(task, WELL)
    follow_ups.record_call(task, has_reached=True, note="Well", by=coordinator)
    for row in (task.answers.get(), task.plan, task.discharge, task.calls.get()):
        for change in (row.save, row.delete):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


def test_health_is_nowhere_readable_in_the_database(task, coordinator):
    from django.db import connection

    sent = answer(task, FEVER | {"words": "My knee is hot"})
    follow_ups.record_call(task, has_reached=True, note="Knee is hot", by=coordinator)
    add_translation(
        sent, language="zh-hans", text="膝盖发热", status="human", translator_name="Li Wei",
        by=coordinator,
    )  # fmt: skip
    tables = ("followupanswer", "followuptask", "followupcall", "answertranslation", "discharge")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM bookings_{table} t")  # noqa: S608
            (text,) = cursor.fetchone()
            for secret in ("knee", "Knee", "38.4", "膝", "paracetamol", "Haemoglobin", "calf"):
                assert secret not in text, (table, secret)


def test_a_translation_by_a_person_names_the_person(task, coordinator):
    sent = answer(task, WELL | {"words": "Хорошо"})
    with pytest.raises(TranslatorNotNamed):
        add_translation(
            sent, language="en", text="Good", status="clinician", translator_name=" ",
            by=coordinator,
        )  # fmt: skip
    assert sent.translations.count() == 0


def test_one_press_too_many_is_one_answer_and_one_message(task):
    first = answer(task, FEVER)
    told = len(kinds())
    assert answer(task, FEVER) == first
    assert (FollowUpAnswer.objects.count(), len(kinds())) == (1, told)
    later = first.sent_at + dt.timedelta(minutes=10)
    assert answer(task, FEVER, now=later) != first
    assert answer(task, EMERGENCY, now=later).level == "red"
