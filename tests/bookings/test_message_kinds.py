"""Every booking message reads the truth at sending, shows both clocks and stays silent otherwise."""

import datetime as dt
import re
from email import message_from_bytes
from email.policy import default

import pytest

from bookings.models.case import Actor
from messaging import delivery, kinds
from messaging.models import DevelopmentMail, Status
from tests.bookings.calendar_reader import values
from tests.factories.bookings import (
    AppointmentFactory,
    SlotFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
)
from tests.factories.messaging import MessageFactory

HOUR = dt.timedelta(hours=1)
REMINDERS = ["bookings.reminder_7d", "bookings.reminder_2d", "bookings.reminder_24h"]
UPCOMING = ["bookings.appointment_confirmed", "bookings.appointment_moved", *REMINDERS]
LANGUAGES = ["en", "zh-hans", "ru", "id", "vi", "mn", "ar", "fr"]


@pytest.fixture(autouse=True)
def _development_mail(settings):
    settings.EMAIL_BACKEND = "messaging.channels.development_mail.EmailBackend"
    settings.SITE_URL = "https://medtour.example"


@pytest.fixture
def appointment(frozen, hospital, patient):
    return AppointmentFactory(
        patient=patient,
        slot__offer__hospital=hospital,
        slot__starts_at=frozen + dt.timedelta(days=8),
        reference="ABCDE23456",
        calendar_sequence=2,
    )


def about(appointment, **more):
    return {
        "appointment": appointment.public_id,
        "starts_at": appointment.slot.starts_at.isoformat(),
        "from_starts_at": (appointment.slot.starts_at - 24 * HOUR).isoformat(),
        "version": "1",
    } | more


def send(kind, context, recipient, **fields):
    recipient.save()
    message = MessageFactory(kind=kind, context=context, recipient=recipient, **fields)
    delivery.deliver(message.public_id)
    message.refresh_from_db()
    return message


def wire():
    return message_from_bytes(bytes(DevelopmentMail.objects.get().source), policy=default)


def words(recipient, kind, context, **fields):
    """Send and return the text part."""
    message = send(kind, context, recipient, **fields)
    assert message.status == Status.SENT, message.status_reason
    return wire().get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_a_confirmation_shows_both_clocks_reference_hospital_and_link(appointment, user):
    text = words(user, "bookings.appointment_confirmed", about(appointment))
    assert "Time at the hospital: Tuesday 1 December 2026, 09:00 (Shanghai, UTC+8)\n" in text
    assert "Your time: Tuesday 1 December 2026, 04:00 (Moscow, UTC+3)\n" in text
    assert "Reference: ABCDE23456\n" in text
    assert "Hospital: First Hospital\n" in text
    assert "Name in Chinese, to show to a driver: 第一医院\n" in text
    assert re.search(r":\nhttps://medtour\.example/en/a/[\w:.-]+/\n", text)
    assert wire()["Subject"] == "Your appointment is confirmed (ABCDE23456)"


def test_a_recipient_on_the_hospitals_clock_sees_one_time(appointment, user):
    user.time_zone = "Asia/Shanghai"
    text = words(user, "bookings.appointment_confirmed", about(appointment))
    assert "09:00 (Shanghai, UTC+8)" in text
    assert "Your time" not in text


def test_the_clock_of_the_recipient_may_be_on_another_day(appointment, user):
    user.time_zone = "Pacific/Honolulu"
    text = words(user, "bookings.reminder_7d", about(appointment))
    assert "Your time: Monday 30 November 2026, 15:00 (Honolulu, UTC−10)\n" in text


def test_a_move_shows_the_old_and_the_new_time(appointment, user):
    text = words(user, "bookings.appointment_moved", about(appointment))
    assert "New time at the hospital: Tuesday 1 December 2026, 09:00 (Shanghai, UTC+8)\n" in text
    assert "Old time at the hospital: Monday 30 November 2026, 09:00 (Shanghai, UTC+8)\n" in text


@pytest.mark.parametrize(
    ("actor", "sentence"),
    [
        (Actor.PATIENT, "You cancelled this appointment."),
        (Actor.HOSPITAL, "The hospital cancelled this appointment. We are sorry."),
        (Actor.SYSTEM, "This appointment was cancelled by the booking system."),
    ],
)
def test_a_cancellation_says_who_and_not_why(appointment, user, actor, sentence):
    appointment.state, appointment.ended_by = "cancelled", actor
    appointment.ended_reason = "Doctor has the flu"
    appointment.save()
    text = words(user, "bookings.appointment_cancelled", about(appointment))
    assert sentence in text
    assert "flu" not in text


def test_a_lapsed_deposit_says_that_nothing_was_taken(appointment, user):
    appointment.state = "expired"
    appointment.save()
    text = words(user, "bookings.deposit_lapsed", about(appointment))
    assert wire()["Subject"] == "Your time was not kept (ABCDE23456)"
    assert "The time was not kept, and you have no appointment." in text
    assert "Nothing was taken. Any payment that still reaches us will be returned in full." in text
    assert "Time at the hospital: Tuesday 1 December 2026, 09:00 (Shanghai, UTC+8)\n" in text


def test_a_deposit_that_came_after_all_is_not_called_lapsed(appointment, user):
    sent = send("bookings.deposit_lapsed", about(appointment), user)
    assert sent.status_reason == "appointment is confirmed"


@pytest.mark.parametrize(
    ("kind", "state", "method"),
    [
        ("bookings.appointment_confirmed", "confirmed", "REQUEST"),
        ("bookings.appointment_moved", "confirmed", "REQUEST"),
        ("bookings.appointment_cancelled", "cancelled", "CANCEL"),
    ],
)
def test_the_calendar_file_comes_along(appointment, user, kind, state, method):
    appointment.state = state
    appointment.save()
    words(user, kind, about(appointment))
    (part,) = wire().iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert (part.get_param("method"), part.get_param("charset")) == (method, "UTF-8")
    assert part.get_filename() == "appointment.ics"
    found = values(part.get_payload(decode=True))
    assert (found["METHOD"], found["SEQUENCE"]) == (method, "2")


@pytest.mark.parametrize("kind", UPCOMING)
def test_it_is_suppressed_when_the_appointment_is_no_longer_confirmed(appointment, user, kind):
    appointment.state = "cancelled"
    appointment.save()
    message = send(kind, about(appointment), user)
    assert (message.status, message.status_reason) == ("suppressed", "appointment is cancelled")
    assert DevelopmentMail.objects.count() == 0


@pytest.mark.parametrize("kind", UPCOMING)
def test_it_is_suppressed_when_the_appointment_has_moved(appointment, user, kind):
    context = about(appointment)
    appointment.slot = SlotFactory(
        offer=appointment.slot.offer, starts_at=appointment.slot.starts_at + HOUR
    )
    appointment.save()
    message = send(kind, context, user)
    assert (message.status, message.status_reason) == ("suppressed", "appointment has moved")
    assert DevelopmentMail.objects.count() == 0


@pytest.mark.parametrize("kind", UPCOMING)
def test_it_is_suppressed_when_the_appointment_has_begun(frozen, hospital, patient, user, kind):
    appointment = AppointmentFactory(
        patient=patient, slot__offer__hospital=hospital, slot__starts_at=frozen
    )
    message = send(kind, about(appointment), user)
    assert (message.status, message.status_reason) == ("suppressed", "appointment has begun")
    assert DevelopmentMail.objects.count() == 0


def test_offered_times_are_listed_while_they_are_held(frozen, hospital, user):
    request = WindowRequestFactory(offer__hospital=hospital, state="offered")
    for days in (15, 16):
        AppointmentFactory(
            offered=True,
            request=request,
            slot__offer=request.offer,
            slot__starts_at=frozen + dt.timedelta(days=days),
            patient=request.case.patient,
            case=request.case,
        )
    text = words(user, "bookings.times_offered", {"request": request.public_id})
    assert text.count("Time at the hospital: ") == 2
    assert "Tuesday 8 December 2026, 09:00 (Shanghai, UTC+8)" in text
    assert "Until, your time: Wednesday 25 November 2026, 04:00 (Moscow, UTC+3)" in text
    assert f"https://medtour.example/en/care/requests/{request.public_id}/" in text


def test_offered_times_that_ran_out_are_not_told(frozen, user):
    request = WindowRequestFactory(state="offered")
    message = send("bookings.times_offered", {"request": request.public_id}, user)
    assert message.status_reason == "no offered time is left"


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("bookings.request_received", "requested"),
        ("bookings.request_declined", "declined"),
        ("bookings.request_expired", "expired"),
    ],
)
def test_a_request_is_told_of_in_its_own_state_only(frozen, user, kind, state):
    context = {"request": WindowRequestFactory(state=state).public_id}
    assert send(kind, context, user).status == Status.SENT
    context = {"request": WindowRequestFactory(state="withdrawn").public_id}
    assert send(kind, context, user).status_reason == "request is withdrawn"


@pytest.mark.parametrize(
    ("kind", "state"),
    [("bookings.waiting_joined", "waiting"), ("bookings.waiting_ended", "expired")],
)
def test_waiting_is_told_of_in_its_own_state_only(frozen, user, kind, state):
    context = {"waiting_entry": WaitingEntryFactory(state=state).public_id}
    assert send(kind, context, user).status == Status.SENT
    context = {"waiting_entry": WaitingEntryFactory(state="left").public_id}
    assert send(kind, context, user).status_reason == "waiting entry is left"


def test_a_free_place_is_offered_while_it_is_held(frozen, hospital, user):
    entry = WaitingEntryFactory(offer__hospital=hospital, state="offered")
    offered = AppointmentFactory(
        offered=True, waiting_entry=entry, slot__offer=entry.offer, patient=entry.patient
    )
    text = words(user, "bookings.place_offered", about(offered))
    assert f"https://medtour.example/en/care/waiting/{entry.public_id}/" in text
    offered.held_until = frozen
    offered.save()
    message = send("bookings.place_offered", about(offered), user)
    assert message.status_reason == "place is no longer held"


def _context_of(kind, appointment, frozen):
    """A true context for every kind."""
    if "request" in kind or "times" in kind:
        state = {"received": "requested", "offered": "offered"}.get(kind.split("_")[-1])
        request = WindowRequestFactory(state=state or kind.split("_")[-1])
        if state == "offered":
            AppointmentFactory(offered=True, request=request, slot__offer=request.offer)
        return {"request": request.public_id}
    if "waiting" in kind:
        state = "waiting" if kind.endswith("joined") else "expired"
        return {"waiting_entry": WaitingEntryFactory(state=state).public_id}
    if kind.endswith("place_offered"):
        entry = WaitingEntryFactory(state="offered")
        return about(AppointmentFactory(offered=True, waiting_entry=entry, slot__offer=entry.offer))
    if kind.endswith(("cancelled", "lapsed")):
        appointment.state = "cancelled" if kind.endswith("cancelled") else "expired"
        appointment.save()
    return about(appointment)


AFTER = ("follow_up", "recall", "discharge", "hand_back")  # tests/bookings/test_follow_up_kinds.py
HERE = sorted(
    kind
    for kind in kinds.all_kinds()
    if kind.startswith("bookings.") and not any(word in kind for word in AFTER)
)


@pytest.mark.parametrize("kind", HERE)
def test_every_kind_speaks_every_language(appointment, user, kind, frozen):
    """No brace, no missing variable, no treatment, an address in the recipient's language."""
    context = _context_of(kind, appointment, frozen)
    user.time_zone = "Asia/Tokyo"  # it is day there, so that nothing waits
    for locale in LANGUAGES:
        DevelopmentMail.objects.all().delete()
        user.locale = locale
        text = words(user, kind, context)
        html = wire().get_body(("html",)).get_content()
        for part in (text, html, wire()["Subject"]):
            assert "{" not in re.sub(r"<style>.*?</style>", "", part, flags=re.DOTALL)
            assert "undefined template variable" not in part
            assert appointment.slot.offer.treatment.name_en not in part
        assert f"https://medtour.example/{locale}/" in text
