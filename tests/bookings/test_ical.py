"""Calendar files as strangers' calendars read them (BK-09)."""

import datetime as dt

import pytest
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from bookings.ical import appointment_calendar
from bookings.models import Appointment, Slot
from hospitals.models import City, Hospital
from tests.bookings.calendar_reader import read, values
from tests.factories.bookings import AppointmentFactory

NINE = dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC)


def unsaved(name: str = "First Hospital", *, address: str = "1 Long Road", **fields) -> Appointment:
    """An appointment that never touches the database."""
    hospital = Hospital(
        name_en=name,
        name_zh_hans="第一医院",
        address_en=address,
        city=City(name_en="Shanghai"),
        time_zone="Asia/Shanghai",
    )
    slot = Slot(starts_at=NINE, ends_at=NINE + dt.timedelta(minutes=30))
    fields = {"state": "confirmed", "calendar_sequence": 3, "reference": "ABCDE23456"} | fields
    return Appointment(
        public_id="q" * 26,
        hospital=hospital,
        slot=slot,
        booker=User(email="anna@patient.example"),
        **fields,
    )


def test_every_property_has_its_exact_value(frozen):
    assert values(appointment_calendar(unsaved(), method="REQUEST")) == {
        "VERSION": "2.0",
        "PRODID": "-//Medtour//Appointments//EN",
        "CALSCALE": "GREGORIAN",
        "METHOD": "REQUEST",
        "UID": "q" * 26 + "@appointments.medtour",
        "SEQUENCE": "3",
        "DTSTAMP": "20261123T010000Z",
        "DTSTART": "20261201T010000Z",
        "DTEND": "20261201T013000Z",
        "SUMMARY": "Appointment at First Hospital",
        "LOCATION": "First Hospital, 第一医院, 1 Long Road, Shanghai",
        "DESCRIPTION": "09:00 local time at the hospital.\nReference: ABCDE23456",
        "STATUS": "CONFIRMED",
        "CLASS": "PRIVATE",
        "TRANSP": "OPAQUE",
        "ORGANIZER": "mailto:care@medtour.example",
        "ATTENDEE": "mailto:anna@patient.example",
    }


def test_a_cancellation_says_so_in_method_and_status():
    appointment = unsaved(state="cancelled", calendar_sequence=4)
    found = values(appointment_calendar(appointment, method="CANCEL"))
    assert (found["METHOD"], found["STATUS"], found["TRANSP"]) == (
        "CANCEL",
        "CANCELLED",
        "TRANSPARENT",
    )
    assert (found["UID"], found["SEQUENCE"]) == ("q" * 26 + "@appointments.medtour", "4")


def test_a_download_names_nobody_and_knows_when_it_was_cancelled():
    found = values(appointment_calendar(unsaved(state="cancelled"), method="PUBLISH"))
    assert "ATTENDEE" not in found
    assert "ORGANIZER" not in found
    assert (found["METHOD"], found["STATUS"]) == ("PUBLISH", "CANCELLED")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("offered", "TENTATIVE"),
        ("held", "TENTATIVE"),
        ("awaiting_guarantee", "TENTATIVE"),
        ("awaiting_payment", "TENTATIVE"),
        ("confirmed", "CONFIRMED"),
        ("arrived", "CONFIRMED"),
        ("completed", "CONFIRMED"),
        ("expired", "CANCELLED"),
        ("declined", "CANCELLED"),
    ],
)
def test_only_a_confirmed_appointment_is_called_so(state, status):
    assert values(appointment_calendar(unsaved(state=state), method="PUBLISH"))["STATUS"] == status


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="REPLY"):
        appointment_calendar(unsaved(), method="REPLY")


@pytest.mark.django_db
def test_treatment_and_department_are_never_named():
    appointment = AppointmentFactory(
        slot__offer__treatment__name_en="Liver transplant",
        slot__offer__title_en="Liver day",
        hospital__name_en="First Hospital",
    )
    text = appointment_calendar(appointment, method="REQUEST").decode()
    assert "iver" not in text.replace("\r\n ", "")


def test_the_title_speaks_the_language_of_the_recipient():
    with translation.override("zh-hans"):
        found = values(appointment_calendar(unsaved(), method="REQUEST"))
    assert "第一医院" in found["SUMMARY"]


NASTY = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=300).filter(
    lambda text: text.strip()
)


@settings(max_examples=150, deadline=None)
@given(name=NASTY)
@example(name="Two\r\nLines\nBEGIN:VALARM\r\n")
@example(name="A,b;c\\n d:e\"f'g")
@example(name="👩‍⚕️🏥" * 30)
@example(name="المستشفى الأول\u200f في شنغهاي")
@example(name="ж" * 300)
@example(name="x" * 300)
def test_any_name_arrives_whole_in_lines_of_75_octets(name):
    found = values(appointment_calendar(unsaved(name), method="REQUEST"))
    kept = " ".join("".join(" " if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in name).split())
    assert found["SUMMARY"] == f"Appointment at {kept}".strip()
    assert (
        sum(
            1
            for line, _p, _v in read(appointment_calendar(unsaved(name), method="REQUEST"))
            if line == "BEGIN"
        )
        == 2
    )
