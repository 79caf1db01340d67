"""After a visit: who did not come is closed in the end, and notes for the visit are forgotten."""

import datetime as dt

import pytest

from bookings.models import Appointment, Case, CaseEvent, WindowRequest
from bookings.services import attendance
from bookings.services.after_visits import close_no_shows, forget_notes
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, CaseFactory, WindowRequestFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NOTES = {"notes": "I use a wheelchair"}


@pytest.fixture
def missed(coordinator):
    appointment = AppointmentFactory()
    at = appointment.slot.starts_at + HOUR
    return attendance.mark_no_show(appointment, by=coordinator, now=at)


@pytest.fixture
def noted_at(missed):
    return missed.slot.starts_at + HOUR


def case_state(appointment):
    return Case.objects.get(appointments=appointment).state


def test_a_missed_case_is_withdrawn_once_the_note_stands(missed, noted_at):
    before = snapshot()
    assert close_no_shows(now=noted_at + DAY) == 0
    assert snapshot() == before, "it can still be taken back"

    assert close_no_shows(now=noted_at + DAY + HOUR) == 1
    assert case_state(missed) == "withdrawn"
    event = CaseEvent.objects.latest("pk")
    assert (event.before, event.after, event.actor, event.by) == (
        "scheduled", "withdrawn", "system", None,
    )  # fmt: skip
    assert close_no_shows(now=noted_at + 2 * DAY) == 0


def test_a_case_with_another_appointment_goes_on(missed, noted_at):
    AppointmentFactory(case=missed.case, patient=missed.patient, booker=missed.booker)
    assert close_no_shows(now=noted_at + 2 * DAY) == 0
    assert case_state(missed) == "scheduled"


def test_a_case_with_an_accepted_quote_is_the_hospitals_to_close(missed, noted_at):
    CaseEvent.objects.create(case=missed.case, action="quote_accepted", actor="patient")
    assert close_no_shows(now=noted_at + 2 * DAY) == 0
    assert case_state(missed) == "scheduled"


@pytest.mark.parametrize(("state", "stays"), [("completed", None), ("confirmed", NOTES)])
def test_notes_for_a_visit_go_thirty_days_after_it(state, stays):
    visit = AppointmentFactory(intake=NOTES)
    Appointment.objects.filter(pk=visit.pk).update(state=state)
    assert forget_notes(now=visit.slot.ends_at + 30 * DAY) == 0
    assert Appointment.objects.get(pk=visit.pk).intake == NOTES

    forget_notes(now=visit.slot.ends_at + 30 * DAY + HOUR)
    assert Appointment.objects.get(pk=visit.pk).intake == stays


def test_notes_of_a_request_go_with_its_visit(hospital, patient):
    case = CaseFactory(patient=patient, hospital=hospital, state="discharged")
    request = WindowRequestFactory(
        offer__hospital=hospital, case=case, notes="I cannot climb stairs"
    )
    visit = AppointmentFactory(case=case, patient=patient, slot__offer=request.offer)
    Appointment.objects.filter(pk=visit.pk).update(state="completed")
    untouched = WindowRequestFactory(notes="Still to come")

    assert forget_notes(now=visit.slot.ends_at + 30 * DAY) == 0
    assert forget_notes(now=visit.slot.ends_at + 30 * DAY + HOUR) == 1
    assert WindowRequest.objects.get(pk=request.pk).notes == ""
    assert WindowRequest.objects.get(pk=untouched.pk).notes == "Still to come"
