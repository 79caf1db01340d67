"""When each reminder goes and what it says, in five zones across both changes of the clocks (MS-08).

Every appointment is at 09:00 in Shanghai, which is 01:00 UTC all the year.
"""

import datetime as dt

import pytest

from bookings.services import appointments
from medtour.lib import clock
from messaging.delivery import deliver_all_due
from messaging.enums import DUE_STATUSES
from messaging.models import Message
from tests.factories import SlotFactory

pytestmark = [pytest.mark.long, pytest.mark.django_db]
BOOKED_BEFORE = dt.timedelta(days=10)
REMINDERS = ("bookings.reminder_7d", "bookings.reminder_2d", "bookings.reminder_24h")


@pytest.fixture(autouse=True)
def _development_mail(settings):
    settings.EMAIL_BACKEND = "messaging.channels.development_mail.EmailBackend"


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def booked(day, account, hospital):
    """Return an appointment at 09:00 in Shanghai on a day, booked ten days before."""
    starts_at = utc(f"{day}T01:00")
    with clock.freeze(starts_at - BOOKED_BEFORE):
        slot = SlotFactory(offer__hospital=hospital, starts_at=starts_at)
        return appointments.book_slot(
            slot, patient=account.patients.get(), by=account, language="en"
        )


def live_until(instant):
    """Let the worker look whenever something falls due, up to an instant."""
    while True:
        waiting = Message.objects.filter(status__in=DUE_STATUSES).order_by("next_attempt_at")
        due = waiting.values_list("next_attempt_at", flat=True).first()
        if due is None or due > instant:
            return
        with clock.freeze(due):
            deliver_all_due()


def sent_at(kind):
    return Message.objects.get(kind=kind, status="sent").sent_at


def text_of(kind):
    return Message.objects.get(kind=kind).body.replace("\r\n", "\n")


# Zone, day in Shanghai, the three reminders in UTC, and the reader's own clock in the text. A day
# before the appointment people are in China by their itinerary, where it is nine in the morning.
TABLE = [
    ("America/New_York", "2026-10-31", ("10-24T12:00", "10-29T12:00", "10-30T01:00"),
     "Friday 30 October 2026, 21:00 (New York, UTC−4)"),
    ("America/New_York", "2026-11-02", ("10-26T12:00", "10-31T12:00", "11-01T01:00"),
     "Sunday 1 November 2026, 20:00 (New York, UTC−5)"),
    ("America/New_York", "2027-03-14", ("03-07T01:00", "03-12T01:00", "03-13T01:00"),
     "Saturday 13 March 2027, 20:00 (New York, UTC−5)"),
    ("America/New_York", "2027-03-15", ("03-08T01:00", "03-13T01:00", "03-14T01:00"),
     "Sunday 14 March 2027, 21:00 (New York, UTC−4)"),
    ("Pacific/Auckland", "2026-09-26", ("09-19T01:00", "09-24T01:00", "09-25T01:00"),
     "Saturday 26 September 2026, 13:00 (Auckland, UTC+12)"),
    ("Pacific/Auckland", "2026-09-27", ("09-20T01:00", "09-25T01:00", "09-26T01:00"),
     "Sunday 27 September 2026, 14:00 (Auckland, UTC+13)"),
    ("Pacific/Auckland", "2027-04-03", ("03-27T01:00", "04-01T01:00", "04-02T01:00"),
     "Saturday 3 April 2027, 14:00 (Auckland, UTC+13)"),
    ("Pacific/Auckland", "2027-04-04", ("03-28T01:00", "04-02T01:00", "04-03T01:00"),
     "Sunday 4 April 2027, 13:00 (Auckland, UTC+12)"),
    ("Australia/Lord_Howe", "2026-10-03", ("09-26T01:00", "10-01T01:00", "10-02T01:00"),
     "Saturday 3 October 2026, 11:30 (Lord Howe Island, UTC+10:30)"),
    ("Australia/Lord_Howe", "2026-10-04", ("09-27T01:00", "10-02T01:00", "10-03T01:00"),
     "Sunday 4 October 2026, 12:00 (Lord Howe Island, UTC+11)"),
    ("Australia/Lord_Howe", "2027-04-04", ("03-28T01:00", "04-02T01:00", "04-03T01:00"),
     "Sunday 4 April 2027, 11:30 (Lord Howe Island, UTC+10:30)"),
    ("Asia/Kathmandu", "2026-10-31", ("10-24T02:15", "10-29T02:15", "10-30T01:00"),
     "Saturday 31 October 2026, 06:45 (Kathmandu, UTC+5:45)"),
    ("Asia/Kathmandu", "2027-03-28", ("03-21T02:15", "03-26T02:15", "03-27T01:00"),
     "Sunday 28 March 2027, 06:45 (Kathmandu, UTC+5:45)"),
    ("Pacific/Honolulu", "2026-11-02", ("10-26T01:00", "10-31T01:00", "11-01T01:00"),
     "Sunday 1 November 2026, 15:00 (Honolulu, UTC−10)"),
    ("Pacific/Honolulu", "2027-03-15", ("03-08T01:00", "03-13T01:00", "03-14T01:00"),
     "Sunday 14 March 2027, 15:00 (Honolulu, UTC−10)"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "day", "instants", "own_clock"), TABLE)
def test_each_reminder_goes_at_its_instant_and_says_both_clocks(
    user, patient, hospital, zone, day, instants, own_clock
):
    user.time_zone = zone
    user.save()
    appointment = booked(day, user, hospital)
    live_until(appointment.slot.starts_at)
    for kind, instant in zip(REMINDERS, instants, strict=True):
        assert sent_at(kind) == utc(f"{day[:4]}-{instant}"), kind
        text = text_of(kind)
        assert f"Your time: {own_clock}\n" in text, kind
        assert ", 09:00 (Shanghai, UTC+8)\n" in text, kind


def test_a_traveller_reads_each_reminder_on_the_clock_of_that_day(user, patient, hospital):
    """From New York by Kathmandu to Shanghai: there the second clock is left out."""
    appointment = booked("2026-11-02", user, hospital)
    start = appointment.slot.starts_at
    clocks = {}
    for zone, days, kind in (
        ("America/New_York", 7, REMINDERS[0]),
        ("Asia/Kathmandu", 2, REMINDERS[1]),
        ("Asia/Shanghai", 1, REMINDERS[2]),
    ):
        user.time_zone = zone
        user.save()
        live_until(start - dt.timedelta(days=days) + dt.timedelta(hours=12))
        text = text_of(kind)
        own = [line for line in text.splitlines() if line.startswith("Your time")]
        clocks[kind] = (sent_at(kind), own)
    assert clocks == {
        REMINDERS[0]: (
            utc("2026-10-26T12:00"),
            ["Your time: Sunday 1 November 2026, 20:00 (New York, UTC−5)"],
        ),
        REMINDERS[1]: (
            utc("2026-10-31T02:15"),
            ["Your time: Monday 2 November 2026, 06:45 (Kathmandu, UTC+5:45)"],
        ),
        REMINDERS[2]: (utc("2026-11-01T01:00"), []),
    }
