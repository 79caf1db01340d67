import datetime as dt

import pytest

from accounts.models import Consent
from accounts.services.consents import GivenConsent
from bookings.models import Appointment, Case, Slot
from bookings.refusals import (
    AlreadyBooked,
    HoldExpired,
    NoShowStands,
    NotToday,
    ReasonMissing,
    RepeatedWithOtherBody,
    SlotFull,
    StaleVersion,
    TooEarly,
    TooLate,
)
from bookings.services import appointments, attendance, holds
from medtour.lib import clock
from medtour.lib.states import MoveRefused
from messaging.models import Message
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, OfferFactory, SlotFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SECOND, MINUTE, HOUR, DAY = (
    dt.timedelta(seconds=seconds) for seconds in (1, 60, 60 * 60, 24 * 60 * 60)
)
TRANSFER = GivenConsent("hospital_transfer", "first-hospital", "I agree", "en")


@pytest.fixture
def slot(hospital):
    return SlotFactory(offer=OfferFactory(hospital=hospital))


@pytest.fixture
def held(slot, user):
    hold = holds.place_hold(slot, holder=holds.Holder(f"user:{user.pk}", user), language="en")
    return holds.save_intake(hold, intake={"passport_name": "ANNA TEST", "notes": "knee"})


def kinds():
    return sorted(Message.objects.values_list("kind", flat=True))


def history(appointment):
    return list(appointment.events.values_list("action", "before", "after"))


def test_confirming_opens_the_case_records_consent_and_queues_messages(held, user, patient, frozen):
    done = appointments.confirm_hold(held, by=user, patient=patient, consents=[TRANSFER])

    done.refresh_from_db()
    assert (done.state, done.held_until, done.confirmed_at) == ("confirmed", None, frozen)
    assert (done.case.state, done.case.patient, done.intake) == (
        "scheduled",
        patient,
        {"notes": "knee"},
    )
    assert history(done) == [("hold", "", "held"), ("confirm", "held", "confirmed")]
    assert list(Consent.objects.values_list("patient", "purpose", "recipient")) == [
        (patient.pk, "hospital_transfer", "first-hospital")
    ]
    assert kinds() == [
        "bookings.appointment_confirmed",
        "bookings.pre_visit",
        "bookings.reminder_24h",
        "bookings.reminder_2d",
        "bookings.reminder_day",
    ]


def test_confirming_twice_changes_nothing_more(held, user, patient):
    appointments.confirm_hold(held, by=user, patient=patient)
    before = snapshot()

    again = appointments.confirm_hold(held, by=user, patient=patient)

    assert (again.pk, snapshot()) == (held.pk, before)


def test_an_expired_hold_is_not_confirmed(held, user, patient, frozen):
    before = snapshot()

    with clock.freeze(frozen + 15 * MINUTE), pytest.raises(HoldExpired):
        appointments.confirm_hold(held, by=user, patient=patient, consents=[TRANSFER])

    assert snapshot() == before


def test_one_person_cannot_be_in_two_places_at_once(held, user, patient, slot):
    AppointmentFactory(
        slot=SlotFactory(starts_at=slot.starts_at + 15 * MINUTE), patient=patient, booker=user
    )
    before = snapshot()

    with pytest.raises(AlreadyBooked):
        appointments.confirm_hold(held, by=user, patient=patient, consents=[TRANSFER])

    assert snapshot() == before


def test_a_deposit_offer_waits_for_payment_and_keeps_its_place(slot, held, user, patient, frozen):
    slot.offer.asks_deposit_online = True
    slot.offer.save()

    waiting = appointments.confirm_hold(held, by=user, patient=patient)

    slot.refresh_from_db()
    assert (waiting.state, waiting.held_until) == ("awaiting_payment", frozen + 35 * MINUTE)
    assert (slot.booked, kinds()) == (1, [])


def test_booking_in_one_step(slot, user, patient):
    booked = appointments.book_slot(slot, patient=patient, by=user, language="en")

    slot.refresh_from_db()
    assert (booked.state, booked.case.state, slot.booked) == ("confirmed", "scheduled", 1)
    assert [event.action for event in booked.case.events.all()] == ["open", "book"]
    assert kinds()[0] == "bookings.appointment_confirmed"


def test_booking_in_one_step_takes_few_statements(
    slot, user, patient, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):  # BEGIN and COMMIT of the test's savepoints included
        appointments.book_slot(slot, patient=patient, by=user, language="en")


def test_repeating_a_booking_returns_the_first(slot, user, patient):
    first = appointments.book_slot(
        slot, patient=patient, by=user, language="en", idempotency_key="k"
    )
    before = snapshot()

    again = appointments.book_slot(
        slot, patient=patient, by=user, language="en", idempotency_key="k"
    )
    with pytest.raises(RepeatedWithOtherBody):
        appointments.book_slot(
            SlotFactory(), patient=patient, by=user, language="en", idempotency_key="k"
        )

    assert again.pk == first.pk
    assert {**snapshot(), "Slot": None} == {**before, "Slot": None}


def test_a_refused_booking_leaves_no_case_and_no_message(slot, user, patient):
    AppointmentFactory(slot=slot)
    before = snapshot()

    with pytest.raises(SlotFull):
        appointments.book_slot(slot, patient=patient, by=user, language="en")

    assert snapshot() == before


def test_cancelling_frees_the_place_tells_the_booker_and_withdraws_the_case(user, patient):
    booked = AppointmentFactory(patient=patient, booker=user)

    done = appointments.cancel_appointment(
        booked, by=user, actor="patient", version=1, reason="plans changed"
    )

    done.slot.refresh_from_db()
    assert (done.state, done.ended_by, done.ended_reason) == (
        "cancelled",
        "patient",
        "plans changed",
    )
    assert (done.slot.booked, done.calendar_sequence, done.version) == (0, 1, 2)
    assert Case.objects.get(pk=booked.case_id).state == "withdrawn"
    assert kinds() == ["bookings.appointment_cancelled"]


def test_a_stale_form_cannot_cancel(user, patient):
    booked = AppointmentFactory(patient=patient, booker=user)
    before = snapshot()

    with pytest.raises(StaleVersion):
        appointments.cancel_appointment(booked, by=user, actor="patient", version=7)

    assert snapshot() == before


def test_a_patient_cannot_cancel_what_has_begun_but_the_hospital_can(user, patient, coordinator):
    booked = AppointmentFactory(patient=patient, booker=user)

    with clock.freeze(booked.slot.starts_at):
        with pytest.raises(TooLate):
            appointments.cancel_appointment(booked, by=user, actor="patient", version=1)
        done = appointments.cancel_appointment(
            booked, by=coordinator, actor="hospital", version=1, reason="doctor ill"
        )

    assert (done.state, done.ended_by) == ("cancelled", "hospital")


def test_the_day_at_the_desk(coordinator):
    booked = AppointmentFactory()

    with clock.freeze(booked.slot.starts_at):
        arrived = attendance.mark_arrived(booked, by=coordinator)
        assert (arrived.state, arrived.case.state) == ("arrived", "in_treatment")
        done = attendance.mark_completed(booked, by=coordinator)

    assert (done.state, done.case.state) == ("completed", "discharged")
    assert [action for action, _before, _after in history(booked)] == ["arrive", "complete"]


def test_marks_that_come_too_early_or_out_of_order_are_refused(coordinator):
    booked = AppointmentFactory()
    before = snapshot()

    with pytest.raises(NotToday):
        attendance.mark_arrived(booked, by=coordinator)
    with clock.freeze(booked.slot.starts_at + 14 * MINUTE), pytest.raises(TooEarly):
        attendance.mark_no_show(booked, by=coordinator)
    with pytest.raises(TooEarly):
        attendance.mark_completed(booked, by=coordinator)
    with clock.freeze(booked.slot.starts_at), pytest.raises(MoveRefused):
        attendance.mark_completed(booked, by=coordinator)

    assert snapshot() == before


@pytest.fixture
def missed(coordinator):
    """Return an appointment of which it was just noted, after the grace, that nobody came."""
    booked = AppointmentFactory()
    with clock.freeze(booked.slot.starts_at + 15 * MINUTE):
        return attendance.mark_no_show(booked, by=coordinator)


def places_taken(appointment):
    return Slot.objects.values_list("booked", flat=True).get(pk=appointment.slot_id)


def test_no_show_after_the_grace_and_arrival_after_all(missed, coordinator):
    assert (missed.state, places_taken(missed)) == ("no_show", 0)
    with clock.freeze(missed.slot.starts_at + HOUR):
        undone = attendance.undo_no_show(missed, by=coordinator, reason=" Sat in room 2 ")
        assert (undone.state, places_taken(missed)) == ("confirmed", 1)
        assert attendance.mark_arrived(missed, by=coordinator).state == "arrived"
    assert history(missed) == [
        ("no_show", "confirmed", "no_show"),
        ("undo_no_show", "no_show", "confirmed"),
        ("arrive", "confirmed", "arrived"),
    ]
    undoing = missed.events.get(action="undo_no_show")
    assert (undoing.reason, undoing.by, undoing.actor) == ("Sat in room 2", coordinator, "hospital")


def test_a_no_show_is_taken_back_within_a_day_only(missed, coordinator):
    noted = missed.slot.starts_at + 15 * MINUTE
    before = snapshot()
    with pytest.raises(NoShowStands):
        attendance.undo_no_show(missed, by=coordinator, reason="x", now=noted + DAY + SECOND)
    with pytest.raises(ReasonMissing):
        attendance.undo_no_show(missed, by=coordinator, reason="  ", now=noted)
    with pytest.raises(MoveRefused):
        attendance.mark_arrived(missed, by=coordinator, now=noted)
    assert snapshot() == before
    assert attendance.undo_no_show(missed, by=coordinator, reason="x", now=noted + DAY)
    with pytest.raises(MoveRefused):
        attendance.undo_no_show(missed, by=coordinator, reason="x", now=noted + DAY)


def test_a_no_show_is_not_taken_back_when_the_patient_was_elsewhere(missed, coordinator):
    """The database has the last word: nobody is in two places at once."""
    elsewhere = AppointmentFactory(
        patient=missed.patient, booker=missed.booker, slot__starts_at=missed.slot.starts_at
    )
    noted = missed.slot.starts_at + 15 * MINUTE
    with pytest.raises(AlreadyBooked):
        attendance.undo_no_show(missed, by=coordinator, reason="x", now=noted)
    missed.refresh_from_db()
    assert (missed.state, elsewhere.state) == ("no_show", "confirmed")


def test_every_state_has_its_occupation_counted_right():
    from bookings.transitions import OCCUPYING

    for trait in ("confirmed", "arrived", "completed", "no_show", "cancelled", "offered", "held"):
        row = AppointmentFactory(**{trait: True})
        row.slot.refresh_from_db()
        assert row.slot.booked == (1 if row.state in OCCUPYING else 0), trait
    assert Appointment.objects.count() == 7
