"""Appointments as iCalendar files (BK-09, RFC 5545 and 5546).

Calendars are shared with employers and families: nothing here names a treatment or department.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext
from icalendar import Calendar, Event, vCalAddress, vText

from bookings.models import Appointment
from bookings.transitions import TIMED, AppointmentState
from medtour.lib import clock

METHODS = ("REQUEST", "CANCEL", "PUBLISH")
PRODUCT = "-//Medtour//Appointments//EN"
# Not the site's address: an appointment keeps its UID when the site moves.
UID_HOST = "appointments.medtour"
FEED_NAME = "Medtour"
READ_AGAIN = timedelta(hours=6)
GONE = (AppointmentState.CANCELLED, AppointmentState.EXPIRED, AppointmentState.DECLINED)


def appointment_calendar(appointment: Appointment, *, method: str) -> bytes:
    """Return the appointment as one calendar file in the active language, UTF-8 and CRLF.

    REQUEST and CANCEL go to the booker by mail and name organiser and attendee; PUBLISH is for
    a download by whoever holds the link, so it names nobody.
    """
    if method not in METHODS:
        raise ValueError(f"not an iTIP method of ours: {method!r}")
    calendar = _calendar(method)
    calendar.add_component(_event(appointment, method, clock.now()))
    return calendar.to_ical()


def feed_calendar(appointments: Iterable[Appointment]) -> bytes:
    """Return an account's appointments as the calendar that a program subscribes to.

    Each one has the UID and SEQUENCE of its mails, and is stamped with its last change
    (`changed_at`): the same facts give the same bytes.
    """
    calendar = _calendar("PUBLISH")
    calendar.add("name", FEED_NAME)
    calendar.add("x-wr-calname", FEED_NAME)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    for each in appointments:
        stamp = getattr(each, "changed_at", None) or each.confirmed_at or each.created_at
        calendar.add_component(_event(each, "PUBLISH", stamp))
    return calendar.to_ical()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(appointment: Appointment, method: str, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{appointment.public_id}@{UID_HOST}")
    event.add("sequence", appointment.calendar_sequence)
    event.add("dtstamp", _utc(stamp))
    event.add("dtstart", _utc(appointment.slot.starts_at))
    event.add("dtend", _utc(appointment.slot.ends_at))
    event.add("summary", _one_line(_title(appointment)))
    event.add("location", _one_line(_place(appointment)))
    event.add("description", _description(appointment))
    ended = method == "CANCEL" or appointment.state in GONE
    event.add("status", "CANCELLED" if ended else _standing(appointment))
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if ended else "OPAQUE")
    if method != "PUBLISH":
        _add_people(event, appointment)
    return event


def _standing(appointment: Appointment) -> str:
    """Return how sure the appointment is: one that waits for an answer or money is not yet."""
    return "TENTATIVE" if appointment.state in TIMED else "CONFIRMED"


def _title(appointment: Appointment) -> str:
    return gettext("Appointment at %(hospital)s") % {"hospital": appointment.hospital.name}


def _place(appointment: Appointment) -> str:
    """Return the hospital's names and address, so that a driver in China can read it too."""
    hospital = appointment.hospital
    parts = [hospital.name, hospital.name_zh_hans, hospital.address, hospital.city.name]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _description(appointment: Appointment) -> str:
    local = clock.local(appointment.slot.starts_at, appointment.hospital.time_zone)
    facts = {"time": f"{local:%H:%M}", "reference": appointment.reference}
    return "\n".join(
        [
            gettext("%(time)s local time at the hospital.") % facts,
            gettext("Reference: %(reference)s") % facts,
        ]
    )


def _add_people(event: Event, appointment: Appointment) -> None:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = vText(name or address)
    event.add("organizer", organizer)
    if appointment.booker is not None:
        attendee = vCalAddress(f"mailto:{appointment.booker.email}")
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        attendee.params["RSVP"] = vText("FALSE")
        event.add("attendee", attendee)


def _one_line(text: str) -> str:
    """Collapse white space; control characters cannot reach the file."""
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text).split())


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(clock.UTC)
