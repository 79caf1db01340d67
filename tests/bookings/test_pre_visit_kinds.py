"""Messages before a visit: queued with their cause, true at sending, silent about health."""

import datetime as dt
import re

import pytest

from bookings.models import Complaint, ConsultationLink, InvitationLetter, RecordsRequest
from bookings.models.case import Actor
from bookings.services import appointments, moves
from bookings.services.complaints import answer_complaint, file_complaint
from bookings.services.consultation_links import set_consultation_link
from bookings.services.invitations import issue_invitation
from bookings.services.records_requests import ask_for_records, close_records, say_sent
from messaging.models import DevelopmentMail, Message, ReachPreference, Status
from tests.bookings.test_invitations import facts
from tests.bookings.test_message_kinds import (
    LANGUAGES,
    _development_mail,
    about,
    send,
    wire,
    words,
)
from tests.factories.bookings import AppointmentFactory, SlotFactory

pytestmark = pytest.mark.usefixtures("frozen", "_development_mail")
__all__ = ["_development_mail"]
OF_APPOINTMENT = ["pre_visit", "visa_deadline", "admission_day", "reminder_day"]
OF_CAUSE = ["invitation_issued", "records_missing", "consultation_link", "complaint_answered"]
HEALTH = re.compile(r"knee|MRI|blood|rude|meet\.example|E1234567|Surgery", re.IGNORECASE)


@pytest.fixture
def appointment(frozen, hospital, patient):
    return AppointmentFactory(
        patient=patient,
        slot__offer__hospital=hospital,
        slot__offer__preparation_en="Take no blood thinners",
        slot__starts_at=frozen + dt.timedelta(days=40),
    )


def caused(kind, appointment, coordinator):
    """Let the cause of a kind happen; returns the true context."""
    case = appointment.case
    if kind == "invitation_issued":
        letter = issue_invitation(appointment, facts=facts(appointment), by=coordinator)
        return {"invitation": letter.public_id}
    if kind == "records_missing":
        day = appointment.slot.starts_at.date()
        asked = ask_for_records(
            case, items="MRI of the knee", how="By post", due_on=day, by=coordinator
        )
        return {"records": asked.public_id}
    if kind == "consultation_link":
        link = set_consultation_link(appointment, url="https://meet.example/k", by=coordinator)
        return {"link": link.public_id}
    filed = file_complaint(case, words="Rude", language="en", by=case.opened_by)
    answered = answer_complaint(filed, answer="We are sorry about the knee", by=coordinator)
    return {"complaint": answered.public_id}


@pytest.mark.parametrize("kind", OF_APPOINTMENT + OF_CAUSE)
def test_every_kind_speaks_every_language_and_says_nothing_of_health(
    appointment, user, coordinator, kind
):
    context = about(appointment)
    if kind in OF_CAUSE:
        context = caused(kind, appointment, coordinator)
    user.time_zone = "Asia/Tokyo"  # it is day there, so that nothing waits
    for locale in LANGUAGES:
        DevelopmentMail.objects.all().delete()
        user.locale = locale
        text = words(user, f"bookings.{kind}", context)
        html = wire().get_body(("html",)).get_content()
        for part in (text, html, wire()["Subject"]):
            assert "{" not in re.sub(r"<style>.*?</style>", "", part, flags=re.DOTALL)
            assert "undefined template variable" not in part
            assert not HEALTH.search(part)
            assert appointment.slot.offer.treatment.name_en not in part
            assert "ANNA" not in part
        assert f"https://medtour.example/{locale}/" in text


@pytest.mark.parametrize("kind", OF_CAUSE)
def test_the_row_is_written_with_its_cause_and_once(appointment, user, coordinator, kind):
    caused(kind, appointment, coordinator)
    message = Message.objects.get(kind=f"bookings.{kind}")
    assert message.recipient == user
    assert message.status == Status.QUEUED


# ---- reminders of a visit ------------------------------------------------------------------------


def kinds_of(appointment):
    rows = Message.objects.exclude(kind="bookings.appointment_confirmed").order_by("not_before")
    return [
        (row.kind.removeprefix("bookings."), appointment.slot.starts_at - row.not_before)
        for row in rows
    ]


def booked(patient, hospital, starts_at, **offer):
    slot = SlotFactory(
        starts_at=starts_at,
        offer__hospital=hospital,
        **{f"offer__{name}": value for name, value in offer.items()},
    )
    return appointments.book_slot(slot, patient=patient, by=patient.account, language="en")


def days(count):
    return dt.timedelta(days=count)


def hours(count):
    return dt.timedelta(hours=count)


def test_a_booking_far_ahead_queues_everything_at_its_hour(frozen, patient, hospital):
    row = booked(patient, hospital, frozen + days(40))
    assert kinds_of(row) == [
        ("visa_deadline", days(30)),
        ("reminder_7d", days(7)),
        ("pre_visit", days(3)),
        ("reminder_2d", days(2)),
        ("reminder_24h", days(1)),
        ("reminder_day", hours(3)),
    ]


def test_whoever_stays_the_night_reads_about_the_admission_instead(frozen, patient, hospital):
    row = booked(patient, hospital, frozen + days(5), inpatient_nights=3)
    assert kinds_of(row) == [
        ("pre_visit", days(3)),
        ("reminder_2d", days(2)),
        ("admission_day", days(1)),
        ("reminder_day", hours(3)),
    ]


def test_a_booking_for_today_gets_the_instructions_at_once(frozen, patient, hospital):
    row = booked(patient, hospital, frozen + hours(5))
    assert kinds_of(row) == [("pre_visit", hours(5)), ("reminder_day", hours(3))]


def test_the_card_for_the_driver_comes_along_on_the_day(appointment, user):
    words(user, "bookings.reminder_day", about(appointment))
    (part,) = wire().iter_attachments()
    assert part.get_content_type() == "application/pdf"
    assert part.get_filename() == "address-card.pdf"
    assert part.get_payload(decode=True).startswith(b"%PDF")


def test_a_card_that_cannot_be_set_never_holds_the_reminder_back(appointment, user, monkeypatch):
    from medtour.lib import papers

    def broken(*_args, **_how):
        raise papers.PaperBroken("template")

    monkeypatch.setattr(papers, "_set", broken)
    text = words(user, "bookings.reminder_day", about(appointment))
    assert "Your appointment is today." in text
    assert list(wire().iter_attachments()) == []


@pytest.mark.parametrize("kind", OF_APPOINTMENT)
def test_none_is_sent_for_an_appointment_that_is_cancelled_or_moved(appointment, user, kind):
    context = about(appointment)
    appointment.state = "cancelled"
    appointment.save()
    assert send(f"bookings.{kind}", context, user).status_reason == "appointment is cancelled"
    appointment.state = "confirmed"
    appointment.slot = SlotFactory(
        offer=appointment.slot.offer, starts_at=appointment.slot.starts_at + days(1)
    )
    appointment.save()
    assert send(f"bookings.{kind}", context, user).status_reason == "appointment has moved"


def test_a_real_move_leaves_the_old_rows_silent(frozen, patient, hospital, user):
    row = booked(patient, hospital, frozen + days(5))
    old = Message.objects.get(kind="bookings.pre_visit")
    later = SlotFactory(offer=row.slot.offer, starts_at=frozen + days(6))
    moves.move_appointment(row, to_slot=later, by=user, actor=Actor.PATIENT, version=row.version)
    assert Message.objects.filter(kind="bookings.pre_visit").count() == 2
    assert send("bookings.pre_visit", old.context, user).status_reason == "appointment has moved"


def test_without_instructions_nothing_is_sent(appointment, user):
    offer = appointment.slot.offer
    offer.preparation_en = ""
    offer.save()
    sent = send("bookings.pre_visit", about(appointment), user)
    assert sent.status_reason == "hospital gave no instructions"


def test_whoever_is_in_china_is_not_asked_about_a_visa(appointment, user):
    ReachPreference.objects.create(user=user, place="china")
    sent = send("bookings.visa_deadline", about(appointment), user)
    assert sent.status_reason == "is in China already"


# ---- truth that ends -----------------------------------------------------------------------------


def test_a_letter_that_was_replaced_is_not_told_of(appointment, user, coordinator):
    first = issue_invitation(appointment, facts=facts(appointment), by=coordinator)
    issue_invitation(appointment, facts=facts(appointment), by=coordinator)
    sent = send("bookings.invitation_issued", {"invitation": first.public_id}, user)
    assert sent.status_reason == "letter does not count any more"


def test_a_letter_of_a_cancelled_appointment_is_not_told_of(appointment, user, coordinator):
    letter = issue_invitation(appointment, facts=facts(appointment), by=coordinator)
    appointments.cancel_appointment(
        appointment, by=user, actor=Actor.PATIENT, version=appointment.version
    )
    sent = send("bookings.invitation_issued", {"invitation": letter.public_id}, user)
    assert sent.status_reason == "letter does not count any more"
    assert InvitationLetter.objects.count() == 1


def test_records_are_not_asked_for_once_they_are_there(appointment, user, coordinator):
    context = caused("records_missing", appointment, coordinator)
    asked = RecordsRequest.objects.get()
    say_sent(asked, by=user)
    kind = "bookings.records_missing"
    assert send(kind, context, user).status_reason == "patient has sent them"
    close_records(appointment.case, by=coordinator)
    assert send(kind, context, user).status_reason == "nothing is missing any more"


def test_records_say_until_when_on_both_clocks(appointment, user, coordinator):
    context = caused("records_missing", appointment, coordinator)
    text = words(user, "bookings.records_missing", context)
    assert "Until, time at the hospital: Saturday 2 January 2027, 23:59 (Shanghai, UTC+8)" in text
    assert "Until, your time: Saturday 2 January 2027, 18:59 (Moscow, UTC+3)" in text


def test_only_the_newest_link_is_told_of(appointment, user, coordinator):
    context = caused("consultation_link", appointment, coordinator)
    set_consultation_link(appointment, url="https://meet.example/other", by=coordinator)
    assert ConsultationLink.objects.count() == 2
    sent = send("bookings.consultation_link", context, user)
    assert sent.status_reason == "a newer link was set"


def test_an_answer_goes_to_whoever_complained(appointment, user, coordinator):
    caused("complaint_answered", appointment, coordinator)
    message = Message.objects.get(kind="bookings.complaint_answered")
    assert message.recipient == Complaint.objects.get().filed_by
