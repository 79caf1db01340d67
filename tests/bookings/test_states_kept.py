"""States that two people work on at once: nobody writes over the step of another."""

import datetime as dt

import pytest

from accounts.services.consents import GivenConsent
from bookings.models import Appointment, Case
from bookings.refusals import SlotGone
from bookings.services import appointments, attendance, cases, insured, release, windows
from bookings.services.expiry import expire_stale_holds
from bookings.services.paid import keep_for_payment
from medtour.lib import clock
from medtour.lib.states import MoveRefused
from messaging.models import Message
from payments.services import quotes
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, CaseFactory, SlotFactory, WindowRequestFactory
from tests.factories.guarantees import waiting_appointment
from tests.factories.quotes import issued_quote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR = dt.timedelta(hours=1)


def state_of(case):
    return Case.objects.get(pk=case.pk).state


def test_a_case_that_went_on_meanwhile_is_not_written_over(coordinator, frozen):
    case = CaseFactory(state="in_treatment")
    Case.objects.filter(pk=case.pk).update(state="in_follow_up")

    with pytest.raises(MoveRefused):
        cases.move(case, "discharged", by=coordinator, actor="hospital", now=frozen)

    assert (state_of(case), case.events.count()) == ("in_follow_up", 0)


@pytest.fixture
def request_(patient, hospital):
    return WindowRequestFactory(
        offer__hospital=hospital, case__patient=patient, case__hospital=hospital
    )


@pytest.fixture
def times(request_, coordinator):
    first = SlotFactory(offer=request_.offer)
    second = SlotFactory(offer=request_.offer, starts_at=first.starts_at + HOUR)
    return windows.offer_times(request_, slots=[first, second], by=coordinator)


def test_a_case_becomes_quoted_and_accepted_while_no_time_is_kept(
    request_, times, coordinator, user
):
    quote = issued_quote(request_.case, coordinator)
    assert state_of(request_.case) == "quoted"

    quotes.accept_quote(quote, by=user, version=1)

    assert state_of(request_.case) == "accepted"


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_time_offered_beside_a_quote_can_be_taken(
    request_, times, coordinator, user, is_accepted
):
    quote = issued_quote(request_.case, coordinator)
    if is_accepted:
        quotes.accept_quote(quote, by=user, version=1)

    agreed = GivenConsent("hospital_transfer", "first-hospital", "I agree", "en")
    taken = windows.accept_time(times[0], by=user, consents=[agreed])

    assert (taken.state, state_of(request_.case)) == ("confirmed", "scheduled")


def test_lapsed_times_never_withdraw_a_case_with_an_accepted_quote(
    request_, times, coordinator, user, frozen
):
    quotes.accept_quote(issued_quote(request_.case, coordinator), by=user, version=1)

    with clock.freeze(frozen + 48 * HOUR):
        expire_stale_holds()

    request_.refresh_from_db()
    assert (request_.state, state_of(request_.case)) == ("expired", "accepted")


def test_a_request_that_was_sent_again_is_not_closed_by_its_old_times(
    request_, times, user, frozen
):
    windows.decline_times(request_, by=user)

    release.close_requests_without_times([request_.pk], now=frozen)

    request_.refresh_from_db()
    assert (request_.state, state_of(request_.case)) == ("requested", "submitted")
    assert not Message.objects.filter(kind="bookings.request_expired").exists()


def test_a_hospital_that_cancels_after_arrival_leaves_no_open_case(coordinator):
    booked = AppointmentFactory()
    with clock.freeze(booked.slot.starts_at):
        arrived = attendance.mark_arrived(booked, by=coordinator)
        appointments.cancel_appointment(
            arrived, by=coordinator, actor="hospital", version=arrived.version
        )
    assert state_of(booked.case) == "withdrawn"


def test_a_patient_who_was_treated_before_stays_in_treatment(coordinator):
    booked = AppointmentFactory()
    AppointmentFactory(
        completed=True,
        case=booked.case,
        patient=booked.patient,
        slot=SlotFactory(starts_at=booked.slot.starts_at - 2 * HOUR),
    )
    with clock.freeze(booked.slot.starts_at):
        arrived = attendance.mark_arrived(booked, by=coordinator)
        appointments.cancel_appointment(
            arrived, by=coordinator, actor="hospital", version=arrived.version
        )
    assert state_of(booked.case) == "in_treatment"


def withdrawn(appointment, frozen):
    appointment.slot.withdrawn_at = frozen
    appointment.slot.save()
    return appointment


def test_the_insurers_yes_does_not_confirm_a_time_taken_off_sale(frozen):
    appointment = withdrawn(waiting_appointment(), frozen)
    for share in (True, False):
        same = insured.confirm_guaranteed(appointment, now=frozen, pays_share=share)
        assert same.state == "awaiting_guarantee"
    with pytest.raises(SlotGone):
        insured.release_to_self_pay(appointment, by=appointment.booker, now=frozen)
    assert Message.objects.count() == 0


def test_nobody_pays_for_a_time_taken_off_sale(frozen):
    appointment = withdrawn(AppointmentFactory(awaiting_payment=True, confirmed_at=None), frozen)
    before = snapshot()
    with pytest.raises(SlotGone):
        keep_for_payment(appointment, until=frozen + HOUR, now=frozen)
    assert snapshot() == before


def test_an_overdue_hold_does_not_stop_taking_back_a_no_show(coordinator):
    missed = AppointmentFactory()
    at = missed.slot.starts_at + HOUR
    with clock.freeze(at):
        attendance.mark_no_show(missed, by=coordinator)
        hold = AppointmentFactory(held=True, slot=missed.slot, held_until=at)
        undone = attendance.undo_no_show(missed, by=coordinator, reason="Sat in room 2")
    assert undone.state == "confirmed"
    assert Appointment.objects.get(pk=hold.pk).state == "expired"
