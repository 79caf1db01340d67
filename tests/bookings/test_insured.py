"""What an insurer's word does to an appointment."""

import datetime as dt

import pytest

from bookings.models import Appointment, CaseEvent
from bookings.refusals import HoldExpired
from bookings.services import expiry, insured
from bookings.transitions import AppointmentState as A
from medtour.lib.states import MoveRefused
from messaging.models import Message
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory
from tests.factories.guarantees import waiting_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR = dt.timedelta(hours=1)


def actions(appointment):
    return list(
        CaseEvent.objects.filter(appointment=appointment)
        .order_by("pk")
        .values_list("action", "before", "after")
    )


def kinds():
    return sorted(Message.objects.values_list("kind", flat=True))


def test_a_waiting_place_is_kept_longer_and_never_shorter(frozen):
    appointment = waiting_appointment()
    longer = frozen + 40 * HOUR
    kept = insured.keep_for_guarantee(appointment, until=longer, now=frozen)
    assert (kept.state, kept.held_until, kept.version) == (A.AWAITING_GUARANTEE, longer, 2)
    assert actions(appointment) == [
        ("keep_for_guarantee", A.AWAITING_GUARANTEE, A.AWAITING_GUARANTEE)
    ]
    same = insured.keep_for_guarantee(appointment, until=frozen + HOUR, now=frozen)
    assert (same.held_until, same.version) == (longer, 2)
    late = insured.keep_for_guarantee(appointment, until=frozen + 900 * HOUR, now=frozen)
    assert late.held_until == late.slot.starts_at


def test_who_was_to_pay_may_wait_for_the_insurer_instead(frozen):
    appointment = AppointmentFactory(awaiting_payment=True, confirmed_at=None)
    kept = insured.keep_for_guarantee(appointment, until=frozen + 24 * HOUR, now=frozen)
    assert (kept.state, kept.held_until) == (A.AWAITING_GUARANTEE, frozen + 24 * HOUR)


def test_a_confirmed_appointment_stays_confirmed_while_an_insurer_is_asked(frozen):
    appointment = AppointmentFactory()
    kept = insured.keep_for_guarantee(appointment, until=frozen + HOUR, now=frozen)
    assert (kept.state, kept.version) == (A.CONFIRMED, 1)


@pytest.mark.parametrize("trait", ["expired", "cancelled", "declined"])
def test_one_that_ended_is_not_kept(frozen, trait):
    appointment = AppointmentFactory(**{trait: True})
    before = snapshot()
    with pytest.raises(MoveRefused):
        insured.keep_for_guarantee(appointment, until=frozen + HOUR, now=frozen)
    assert snapshot() == before


def test_a_hold_that_is_over_is_not_kept(frozen):
    appointment = waiting_appointment()
    before = snapshot()
    with pytest.raises(HoldExpired):
        insured.keep_for_guarantee(appointment, until=frozen + 60 * HOUR, now=frozen + 24 * HOUR)
    assert snapshot() == before


def test_the_insurers_yes_confirms(frozen):
    appointment = waiting_appointment()
    confirmed = insured.confirm_guaranteed(appointment, now=frozen)
    assert (confirmed.state, confirmed.held_until) == (A.CONFIRMED, None)
    assert confirmed.confirmed_at == frozen
    assert "bookings.appointment_confirmed" in kinds()
    again = insured.confirm_guaranteed(appointment, now=frozen)
    assert again.version == confirmed.version


def test_the_patients_share_is_paid_first(frozen):
    appointment = waiting_appointment()
    waiting = insured.confirm_guaranteed(appointment, now=frozen, pays_share=True)
    assert (waiting.state, waiting.held_until) == (A.AWAITING_PAYMENT, frozen + 24 * HOUR)
    assert kinds() == []


def test_the_share_is_paid_two_hours_before_the_start_at_the_latest(frozen):
    appointment = waiting_appointment(slot__starts_at=frozen + 10 * HOUR)
    waiting = insured.confirm_guaranteed(appointment, now=frozen, pays_share=True)
    assert waiting.held_until == frozen + 8 * HOUR


@pytest.mark.parametrize("trait", ["expired", "cancelled", "awaiting_payment"])
def test_a_yes_that_finds_nothing_waiting_changes_nothing(frozen, trait):
    appointment = AppointmentFactory(**{trait: True})
    before = snapshot()
    assert insured.confirm_guaranteed(appointment, now=frozen).state == appointment.state
    assert snapshot() == before


@pytest.mark.parametrize(("asks", "state"), [(False, A.CONFIRMED), (True, A.AWAITING_PAYMENT)])
def test_paying_without_the_insurer(frozen, asks, state):
    deposit = {"slot__offer__asks_deposit_online": asks}
    if asks:
        deposit["slot__offer__deposit_minor"] = 160_000
    appointment = waiting_appointment(**deposit)
    released = insured.release_to_self_pay(appointment, by=appointment.booker, now=frozen)
    assert released.state == state
    (event,) = CaseEvent.objects.filter(appointment=appointment)
    assert (event.action, event.by, event.actor) == ("self_pay", appointment.booker, "patient")
    if asks:
        assert released.held_until == frozen + dt.timedelta(minutes=35)


@pytest.mark.parametrize("trait", ["confirmed", "expired", "awaiting_payment", "offered"])
def test_only_who_waits_for_an_insurer_turns_to_self_pay(frozen, trait):
    appointment = AppointmentFactory(**{trait: True})
    before = snapshot()
    with pytest.raises(MoveRefused):
        insured.release_to_self_pay(appointment, by=appointment.booker, now=frozen)
    assert snapshot() == before


def test_self_pay_comes_too_late_when_the_place_is_gone(frozen):
    appointment = waiting_appointment()
    before = snapshot()
    with pytest.raises(HoldExpired):
        insured.release_to_self_pay(appointment, by=appointment.booker, now=frozen + 24 * HOUR)
    assert snapshot() == before


def test_a_lost_guarantee_takes_the_appointment_back_to_waiting(frozen):
    appointment = AppointmentFactory()
    waiting = insured.wait_for_guarantee_again(appointment, until=frozen + 24 * HOUR, now=frozen)
    assert (waiting.state, waiting.held_until) == (A.AWAITING_GUARANTEE, frozen + 24 * HOUR)
    assert waiting.confirmed_at is None
    assert actions(appointment) == [("guarantee_lost", A.CONFIRMED, A.AWAITING_GUARANTEE)]


def test_an_appointment_that_has_begun_is_left_alone(frozen):
    appointment = AppointmentFactory()
    later = appointment.slot.starts_at
    kept = insured.wait_for_guarantee_again(appointment, until=later + HOUR, now=later)
    assert kept.state == A.CONFIRMED


def test_a_place_that_waited_in_vain_is_given_up_and_the_patient_told(frozen):
    appointment = waiting_appointment()
    assert expiry.expire(Appointment.objects.all(), now=frozen + 24 * HOUR) == 1
    appointment.refresh_from_db()
    assert appointment.state == A.EXPIRED
    message = Message.objects.get()
    assert message.kind == "bookings.guarantee_lapsed"
    assert message.recipient == appointment.booker
