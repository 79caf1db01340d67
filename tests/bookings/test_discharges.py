"""Discharge: complete papers, a named translator for medicines, no end without tests (M17, M18)."""

import datetime as dt

import pytest

from bookings.models import CaseEvent, Discharge, FollowUpTask, HandBack
from bookings.refusals import (
    CallsAreOpen,
    DischargeMissing,
    HandBackNotGiven,
    NoTestsNamed,
    OnlyADoctorStatesThis,
    TranslatorNotNamed,
)
from bookings.services import attendance
from bookings.services.discharges import close_case, give_hand_back, record_discharge
from bookings.services.follow_up_answers import send_answers
from hospitals.models.staff import Role
from medtour.lib.states import MoveRefused
from messaging.models import Message
from tests.factories import AppointmentFactory, MembershipFactory, SlotFactory
from tests.factories.bookings import CaseFactory
from tests.factories.follow_up import EMERGENCY, asked_task, discharged, facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(hospital):
    return MembershipFactory(
        hospital=hospital, role=Role.DOCTOR, user__email="doctor@first.example"
    ).user


@pytest.fixture
def case(frozen, patient, hospital):
    return CaseFactory(patient=patient, hospital=hospital, state="in_treatment")


def state(case):
    case.refresh_from_db()
    return case.state


def moves(case):
    rows = case.events.filter(follow_up=None).order_by("pk")
    return list(rows.values_list("action", "before", "after"))


def nothing_written(case, was):
    assert state(case) == was
    assert (
        Discharge.objects.count() == FollowUpTask.objects.count() == HandBack.objects.count() == 0
    )
    assert CaseEvent.objects.count() == Message.objects.count() == 0


def test_papers_bring_the_case_to_follow_up(case, coordinator):
    discharge = record_discharge(case, facts=facts(), by=coordinator)
    assert state(case) == "in_follow_up"
    assert moves(case) == [
        ("discharge", "in_treatment", "discharged"),
        ("move", "discharged", "in_follow_up"),
    ]
    assert (discharge.version, discharge.medicines[0]["inn"]) == (1, "paracetamol")
    assert len(discharge.hand_back.code) == 8


@pytest.mark.parametrize("was", ["scheduled", "quoted", "closed", "withdrawn"])
def test_a_case_outside_treatment_is_not_discharged(case, coordinator, was):
    case.state = was
    case.save()
    with pytest.raises(MoveRefused):
        record_discharge(case, facts=facts(), by=coordinator)
    nothing_written(case, was)


@pytest.mark.parametrize(
    "changes",
    [
        {"translation_status": "machine", "translator_name": ""},
        {"translation_status": "machine", "translator_name": "Li Wei"},
        {"translation_status": "human", "translator_name": " "},
        {"translation_status": "clinician", "translator_name": "", "medicines": []},
    ],
)
def test_medicines_never_rest_on_a_machine(case, coordinator, changes):
    with pytest.raises(TranslatorNotNamed):
        record_discharge(case, facts=facts(**changes), by=coordinator)
    nothing_written(case, "in_treatment")


def test_a_machine_may_translate_where_there_are_no_medicines(case, coordinator):
    record_discharge(
        case,
        facts=facts(translation_status="machine", translator_name="", medicines=[]),
        by=coordinator,
    )
    assert state(case) == "in_follow_up"


def test_only_a_doctor_states_that_no_tests_are_needed(case, coordinator, doctor, other_hospital):
    wanted = facts(tests=[], no_tests_needed=True)
    elsewhere = MembershipFactory(hospital=other_hospital, role=Role.DOCTOR).user
    for person in (coordinator, elsewhere):
        with pytest.raises(OnlyADoctorStatesThis):
            record_discharge(case, facts=wanted, by=person)
    nothing_written(case, "in_treatment")
    assert record_discharge(case, facts=wanted, by=doctor).no_tests_needed is True


def test_a_case_does_not_close_with_an_empty_test_list(patient, hospital, coordinator, doctor):
    discharge = discharged(patient, hospital, coordinator, tests=[])
    give_hand_back(discharge, given_to="The patient", by=coordinator)
    with pytest.raises(NoTestsNamed):
        close_case(discharge.case, by=coordinator)
    assert state(discharge.case) == "in_follow_up"
    newer = record_discharge(discharge.case, facts=facts(tests=[], no_tests_needed=True), by=doctor)
    with pytest.raises(HandBackNotGiven):
        close_case(discharge.case, by=coordinator)
    give_hand_back(newer, given_to="The patient", by=coordinator)
    close_case(discharge.case, by=coordinator)
    assert state(discharge.case) == "closed"
    assert moves(discharge.case)[-1] == ("close_case", "in_follow_up", "closed")


def test_a_case_does_not_close_without_papers(case, coordinator):
    case.state = "discharged"
    case.save()
    with pytest.raises(DischargeMissing):
        close_case(case, by=coordinator)
    assert state(case) == "discharged"


def test_a_case_does_not_close_while_somebody_has_to_call(patient, hospital, coordinator, frozen):
    task = asked_task(patient, hospital, coordinator)
    give_hand_back(task.discharge, given_to="The patient", by=coordinator)
    send_answers(task, answers=EMERGENCY, locale="en", by=None)
    with pytest.raises(CallsAreOpen):
        close_case(task.case, by=coordinator)
    assert state(task.case) == "in_follow_up"


def test_a_correction_is_a_new_version_and_plans_nothing_twice(case, coordinator):
    first = record_discharge(case, facts=facts(), by=coordinator)
    second = record_discharge(case, facts=facts(flying="Not before 21 days"), by=coordinator)
    assert (second.version, second.flying) == (2, "Not before 21 days")
    assert (first.follow_ups.count(), second.follow_ups.count()) == (9, 0)
    assert second.hand_back.given_at is None
    assert moves(case)[-1] == ("amend_discharge", "in_follow_up", "in_follow_up")
    first.refresh_from_db()
    assert first.flying == "Not before 14 days"


def test_the_letter_is_recorded_once_and_its_way_is_sent(case, coordinator, doctor, frozen):
    discharge = record_discharge(case, facts=facts(), by=coordinator)
    give_hand_back(discharge, given_to="Dr Home", by=coordinator)
    letter = give_hand_back(discharge, given_to="Somebody else", by=doctor)
    assert (letter.given_to, letter.given_at, letter.given_by) == ("Dr Home", frozen, coordinator)
    sent = Message.objects.filter(kind="bookings.hand_back")
    assert [message.context for message in sent] == [{"hand_back": letter.public_id}]


def test_a_second_visit_leaves_the_case_in_treatment(offer_of_today, patient, coordinator, frozen):
    first, second = offer_of_today
    attendance.mark_arrived(first, by=coordinator)
    attendance.mark_completed(first, by=coordinator)
    assert state(first.case) == "in_treatment"
    attendance.mark_arrived(second, by=coordinator)
    attendance.mark_completed(second, by=coordinator)
    assert state(first.case) == "discharged"


@pytest.fixture
def offer_of_today(frozen, patient, hospital):
    """Return two appointments of one case that have begun."""
    slots = [
        SlotFactory(
            offer__hospital=hospital, starts_at=frozen - dt.timedelta(minutes=minutes),
            ends_at=frozen - dt.timedelta(minutes=minutes - 20),
        )
        for minutes in (60, 30)
    ]  # fmt: skip
    first = AppointmentFactory(slot=slots[0], patient=patient)
    return first, AppointmentFactory(slot=slots[1], patient=patient, case=first.case)


def test_a_corrected_date_moves_what_is_still_planned(frozen, patient, hospital, coordinator):
    task = asked_task(patient, hospital, coordinator)
    was = task.due_on
    later = task.discharge.discharged_on + dt.timedelta(days=2)
    record_discharge(task.case, facts=facts(discharged_on=later), by=coordinator)
    task.refresh_from_db()
    assert (task.state, task.due_on) == ("asked", was)
    third = task.case.follow_ups.get(day=3)
    assert third.due_on == later + dt.timedelta(days=3)
    assert third.next_at == dt.datetime(2026, 11, 28, 7, tzinfo=dt.UTC)
    yearly = task.case.follow_ups.get(day=365)
    assert yearly.due_on == dt.date(2027, 11, 25)


def test_a_coordinator_who_corrects_keeps_the_doctors_word_on_tests(case, coordinator, doctor):
    record_discharge(case, facts=facts(tests=[], no_tests_needed=True), by=doctor)
    corrected = record_discharge(case, facts=facts(tests=[], contact="Ward 8"), by=coordinator)
    assert (corrected.no_tests_needed, corrected.contact) == (True, "Ward 8")
    assert record_discharge(case, facts=facts(), by=coordinator).no_tests_needed is False


def test_a_doctor_takes_back_that_no_tests_are_needed(case, doctor):
    record_discharge(case, facts=facts(tests=[], no_tests_needed=True), by=doctor)
    assert record_discharge(case, facts=facts(tests=[]), by=doctor).no_tests_needed is False
