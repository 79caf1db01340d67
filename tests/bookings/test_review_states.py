"""Symptoms found by reading: wrong states, unfair lines, words and notes kept too long."""

import datetime as dt

import pytest

from bookings.models import Appointment, CaseEvent
from bookings.services import appointments, attendance, holds, moves, slots, waiting, windows
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from medtour.lib.errors import Refusal
from messaging.delivery import deliver_all_due
from messaging.models import DevelopmentMail, Message
from tests.factories import (
    AppointmentFactory,
    ConsentFactory,
    HospitalFactory,
    InterpreterFactory,
    OfferFactory,
    SlotFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
)
from tests.factories.bookings import in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DAY = dt.timedelta(days=1)


def test_a_place_whose_confirmation_is_old_is_not_offered_to_the_line(frozen):
    slot = SlotFactory(last_confirmed_at=frozen - 15 * DAY)
    WaitingEntryFactory(offer=slot.offer)
    assert waiting.offer_waiting() == 0


def test_a_place_of_an_offer_off_sale_is_not_offered_to_the_line():
    slot = SlotFactory(offer__is_published=False)
    WaitingEntryFactory(offer=slot.offer)
    assert waiting.offer_waiting() == 0


def test_twenty_who_cannot_be_served_do_not_block_the_line():
    slot = SlotFactory()
    for _number in range(20):
        WaitingEntryFactory(offer=slot.offer, language="kk")
    served = WaitingEntryFactory(offer=slot.offer)
    assert waiting.offer_waiting() == 1
    served.refresh_from_db()
    assert served.state == "offered"


def test_many_free_times_on_other_days_do_not_hide_the_wanted_day(monkeypatch):
    monkeypatch.setattr(waiting, "SWEEP", 3, raising=False)
    offer = OfferFactory()
    for number in range(3):
        SlotFactory(offer=offer, starts_at=in_days(2, 9 + number))
    wanted = SlotFactory(offer=offer, starts_at=in_days(9))
    day = in_days(9).date()
    WaitingEntryFactory(offer=offer, first_on=day, last_on=day)
    assert waiting.offer_waiting() == 1
    assert Appointment.objects.get().slot_id == wanted.pk


def test_an_added_place_goes_to_the_line_first(user):
    taken = AppointmentFactory(slot__offer__hospital=HospitalFactory(overbooking_places=1))
    entry = WaitingEntryFactory(offer=taken.slot.offer)
    slots.add_place(taken.slot, by=user, reason="Twins")
    entry.refresh_from_db()
    assert entry.state == "offered"


def test_a_case_whose_deposit_never_came_is_withdrawn(patient):
    unpaid = AppointmentFactory(awaiting_payment=True, patient=patient)
    with clock.freeze(clock.now() + dt.timedelta(minutes=36)):
        expire_stale_holds()
    unpaid.case.refresh_from_db()
    assert unpaid.case.state == "withdrawn"


def test_times_freed_because_the_hospital_declined_were_not_ended_by_the_patient(coordinator):
    asked = WindowRequestFactory()
    slot = SlotFactory(offer=asked.offer)
    (offered,) = windows.offer_times(asked, slots=[slot], by=coordinator)
    windows.decline_request(asked, by=coordinator, reason="No place")
    offered.refresh_from_db()
    assert offered.ended_by == "hospital"
    assert CaseEvent.objects.filter(appointment=offered).last().actor == "hospital"


def test_the_interpreter_of_a_stale_hold_is_free_for_the_next_booker(hospital):
    slot = SlotFactory(offer__hospital=hospital)
    interpreter = InterpreterFactory(hospital=hospital, languages=["kk"])
    holds.place_hold(slot, holder=holds.Holder("visitor:a"), language="kk")
    with clock.freeze(clock.now() + dt.timedelta(minutes=16)):
        taken = holds.place_hold(slot, holder=holds.Holder("visitor:b"), language="kk")
    assert (taken.state, taken.interpreter_id) == ("held", interpreter.pk)


def test_a_note_about_health_goes_when_the_visit_is_cancelled():
    kept = AppointmentFactory(intake={"notes": "Nut allergy"})
    appointments.cancel_appointment(kept, by=kept.booker, actor="patient", version=1)
    kept.refresh_from_db()
    assert kept.intake is None


@pytest.mark.parametrize("end", ["withdraw", "decline", "expire"])
def test_a_note_about_health_goes_when_the_request_ends(coordinator, end):
    asked = WindowRequestFactory(notes="Nut allergy", answer_by=clock.now() + DAY)
    if end == "withdraw":
        windows.withdraw_request(asked, by=asked.booker)
    elif end == "decline":
        windows.decline_request(asked, by=coordinator, reason="No place")
    else:
        windows.expire_requests(now=clock.now() + 2 * DAY)
    asked.refresh_from_db()
    assert asked.notes == ""


def test_a_reminder_follows_the_language_and_clock_and_address_of_its_reader(settings, patient):
    settings.EMAIL_BACKEND = "messaging.channels.development_mail.EmailBackend"
    booked = appointments.book_slot(
        SlotFactory(), patient=patient, by=patient.account, language="en"
    )
    deliver_all_due()
    user = patient.account
    user.locale, user.time_zone, user.email = "zh-hans", "Asia/Tokyo", "new@patient.example"
    user.save()
    with clock.freeze(booked.slot.starts_at - dt.timedelta(hours=24)):
        deliver_all_due()
    mail = DevelopmentMail.objects.latest("pk")
    assert mail.to == "new@patient.example"
    assert "预约" in mail.subject


def test_an_appointment_moved_there_and_back_is_still_reminded(patient):
    slot = SlotFactory()
    other = SlotFactory(offer=slot.offer, starts_at=in_days(9))
    booked = appointments.book_slot(slot, patient=patient, by=patient.account, language="en")
    for target in (other, slot):
        booked = moves.move_appointment(
            booked, to_slot=target, by=patient.account, actor="patient", version=booked.version
        )
    with clock.freeze(slot.starts_at - dt.timedelta(hours=24)):
        deliver_all_due()
    assert list(
        Message.objects.filter(kind="bookings.reminder_24h", status="sent").values_list("status")
    ) == [("sent",)]


def test_a_wrong_no_show_of_a_withdrawn_time_is_refused_and_not_a_fault(frozen, coordinator):
    missed = AppointmentFactory(no_show=True)
    type(missed.slot).objects.filter(pk=missed.slot_id).update(withdrawn_at=frozen)
    with clock.freeze(missed.slot.starts_at + DAY), pytest.raises(Refusal):
        attendance.mark_arrived(missed, by=coordinator)


def test_a_note_with_a_request_goes_when_the_accepted_visit_is_cancelled(coordinator):
    asked = WindowRequestFactory(notes="Nut allergy")
    ConsentFactory(
        patient=asked.case.patient,
        purpose="hospital_transfer",
        recipient=asked.offer.hospital.slug,
    )
    (offered,) = windows.offer_times(asked, slots=[SlotFactory(offer=asked.offer)], by=coordinator)
    kept = windows.accept_time(offered, by=asked.booker)
    asked.refresh_from_db()
    assert asked.notes == "Nut allergy"
    appointments.cancel_appointment(kept, by=asked.booker, actor="patient", version=kept.version)
    asked.refresh_from_db()
    assert asked.notes == ""
