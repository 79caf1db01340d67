"""What each booking message shows, read again at the moment of sending (MS-05).

Every kind has a closed list of placeholders. No message names a treatment, a department or a
patient: mail travels in the open and calendars are shared.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from bookings.ical import appointment_calendar
from bookings.links import sign_appointment
from bookings.models import Appointment, WaitingEntry, WindowRequest
from bookings.models.case import Actor
from bookings.transitions import AppointmentState, RequestState, WaitingState
from hospitals.models import Hospital
from medtour.lib import clock, wording
from messaging.clock_faces import clock_face, recipient_face
from messaging.kinds import Attachment, Kind, Ready, Suppressed, register
from messaging.quiet_hours import Timing

Context = Mapping[str, str]

HOSPITAL = frozenset(
    {"reference", "hospital_name", "hospital_name_zh", "hospital_address", "hospital_city"}
)
APPOINTMENT = HOSPITAL | {"hospital_clock", "recipient_clock", "manage_url"}
REQUEST = HOSPITAL | {"first_day", "last_day", "page_url"}
ANSWER_BY = frozenset({"deadline_clock", "deadline_recipient_clock"})
WAITING = HOSPITAL - {"reference"} | {"first_day", "last_day", "page_url"}


def _absolute(view: str, *args: str) -> str:
    """Return the address of a page in the recipient's language."""
    return settings.SITE_URL.rstrip("/") + reverse(view, args=args)


def _hospital(hospital: Hospital) -> dict[str, Any]:
    return {
        "hospital_name": hospital.name,
        "hospital_name_zh": hospital.name_zh_hans or "",
        "hospital_address": hospital.address or "",
        "hospital_city": hospital.city.name,
    }


def _clocks(instant: datetime, hospital: Hospital) -> tuple[Any, Any]:
    """Return the hospital's clock and the recipient's, or None where both are one."""
    zone_name = hospital.time_zone
    at_hospital = clock_face(instant, zone_name, city=hospital.city.name)
    return at_hospital, recipient_face(instant, unless=zone_name)


def _appointment_values(appointment: Appointment, starts_at: datetime) -> dict[str, Any]:
    at_hospital, at_recipient = _clocks(starts_at, appointment.hospital)
    return {
        **_hospital(appointment.hospital),
        "reference": appointment.reference,
        "hospital_clock": at_hospital,
        "recipient_clock": at_recipient,
        "manage_url": _absolute("bookings:linked_appointment", sign_appointment(appointment)),
    }


def _appointment(context: Context) -> Appointment:
    return Appointment.objects.select_related(
        "hospital__city", "slot", "booker", "waiting_entry__offer__hospital__city"
    ).get(public_id=context["appointment"])


def _calendar(appointment: Appointment, method: str) -> Attachment:
    return Attachment(
        filename="appointment.ics",
        content_type="text/calendar",
        parameters=(("method", method), ("charset", "UTF-8")),
        content=appointment_calendar(appointment, method=method),
    )


def _why_untrue(appointment: Appointment, context: Context) -> str:
    """Return why an upcoming appointment is no longer as the message would say, or nothing."""
    if appointment.state != AppointmentState.CONFIRMED:
        return f"appointment is {appointment.state}"
    if appointment.slot.starts_at != datetime.fromisoformat(context["starts_at"]):
        return "appointment has moved"
    if appointment.slot.starts_at <= clock.now():
        return "appointment has begun"
    return ""


def confirmed(context: Context) -> Ready | Suppressed:
    appointment = _appointment(context)
    if reason := _why_untrue(appointment, context):
        return Suppressed(reason)
    values = _appointment_values(appointment, appointment.slot.starts_at)
    return Ready(values, (_calendar(appointment, "REQUEST"),))


def moved(context: Context) -> Ready | Suppressed:
    """Show the old and the new time."""
    appointment = _appointment(context)
    if reason := _why_untrue(appointment, context):
        return Suppressed(reason)
    values = _appointment_values(appointment, appointment.slot.starts_at)
    before = datetime.fromisoformat(context["from_starts_at"])
    old, old_recipient = _clocks(before, appointment.hospital)
    values |= {"old_hospital_clock": old, "old_recipient_clock": old_recipient}
    return Ready(values, (_calendar(appointment, "REQUEST"),))


def cancelled(context: Context) -> Ready | Suppressed:
    """Say who cancelled; why is only told behind the link."""
    appointment = _appointment(context)
    if appointment.state != AppointmentState.CANCELLED:
        return Suppressed(f"appointment is {appointment.state}")
    starts_at = appointment.slot.starts_at
    values = _appointment_values(appointment, starts_at)
    values["cancelled_by"] = appointment.ended_by
    is_near = starts_at - clock.now() < timedelta(days=1)
    is_urgent = is_near and appointment.ended_by != Actor.PATIENT
    return Ready(values, (_calendar(appointment, "CANCEL"),), is_urgent=is_urgent)


def not_kept(context: Context) -> Ready | Suppressed:
    """Say that the time was not kept, unless it was saved in the meantime."""
    appointment = _appointment(context)
    if appointment.state != AppointmentState.EXPIRED:
        return Suppressed(f"appointment is {appointment.state}")
    return Ready(_appointment_values(appointment, appointment.slot.starts_at))


def reminder(context: Context) -> Ready | Suppressed:
    appointment = _appointment(context)
    if reason := _why_untrue(appointment, context):
        return Suppressed(reason)
    starts_at = appointment.slot.starts_at
    values = _appointment_values(appointment, starts_at)
    return Ready(values, event_at=starts_at, useless_after=starts_at)


def _day(value: date) -> str:
    return wording.written_date(value, translation.get_language() or "en", "long")


def _request_values(request: WindowRequest) -> dict[str, Any]:
    return {
        **_hospital(request.offer.hospital),
        "reference": request.case.reference,
        "first_day": _day(request.first_on),
        "last_day": _day(request.last_on),
        "page_url": _absolute("bookings:request", request.public_id),
    }


def _deadline(instant: datetime, hospital: Hospital) -> dict[str, Any]:
    at_hospital, at_recipient = _clocks(instant, hospital)
    return {"deadline_clock": at_hospital, "deadline_recipient_clock": at_recipient}


def _request(context: Context) -> WindowRequest:
    return WindowRequest.objects.select_related("case", "offer__hospital__city").get(
        public_id=context["request"]
    )


def request_received(context: Context) -> Ready | Suppressed:
    request = _request(context)
    if request.state != RequestState.REQUESTED:
        return Suppressed(f"request is {request.state}")
    return Ready(_request_values(request) | _deadline(request.answer_by, request.offer.hospital))


def times_offered(context: Context) -> Ready | Suppressed:
    """List the times that are still held for the patient, and until when."""
    request = _request(context)
    if request.state != RequestState.OFFERED:
        return Suppressed(f"request is {request.state}")
    offered = list(
        request.offered_appointments.filter(
            state=AppointmentState.OFFERED, held_until__gt=clock.now()
        )
        .select_related("slot")
        .order_by("slot__starts_at", "pk")
    )
    if not offered:
        return Suppressed("no offered time is left")
    hospital = request.offer.hospital
    values = _request_values(request)
    values["times"] = [_clocks(appointment.slot.starts_at, hospital) for appointment in offered]
    held_until = min(appointment.held_until for appointment in offered)
    return Ready(values | _deadline(held_until, hospital), useless_after=held_until)


def request_ended(context: Context, *, state: str) -> Ready | Suppressed:
    request = _request(context)
    if request.state != state:
        return Suppressed(f"request is {request.state}")
    return Ready(_request_values(request))


def _waiting_entry(context: Context) -> WaitingEntry:
    return WaitingEntry.objects.select_related("offer__hospital__city").get(
        public_id=context["waiting_entry"]
    )


def _waiting_values(entry: WaitingEntry) -> dict[str, Any]:
    return {
        **_hospital(entry.offer.hospital),
        "first_day": _day(entry.first_on),
        "last_day": _day(entry.last_on),
        "page_url": _absolute("bookings:waiting_entry", entry.public_id),
    }


def waiting_in_state(context: Context, *, state: str) -> Ready | Suppressed:
    entry = _waiting_entry(context)
    if entry.state != state:
        return Suppressed(f"waiting entry is {entry.state}")
    return Ready(_waiting_values(entry))


def place_offered(context: Context) -> Ready | Suppressed:
    """Show the place that is held for this person, and until when."""
    appointment = _appointment(context)
    if appointment.state != AppointmentState.OFFERED:
        return Suppressed(f"place is {appointment.state}")
    if appointment.held_until <= clock.now():
        return Suppressed("place is no longer held")
    hospital = appointment.hospital
    at_hospital, at_recipient = _clocks(appointment.slot.starts_at, hospital)
    values = _waiting_values(appointment.waiting_entry)
    values |= _deadline(appointment.held_until, hospital)
    values |= {"hospital_clock": at_hospital, "recipient_clock": at_recipient}
    return Ready(values, useless_after=appointment.held_until)


def _kind(
    name: str,
    placeholders: frozenset[str],
    resolve: Callable[[Context], Ready | Suppressed],
    timing: Timing = Timing.PROMPT,
) -> Kind:
    return register(Kind(f"bookings.{name}", placeholders, resolve, timing=timing))


OLD_CLOCKS = frozenset({"old_hospital_clock", "old_recipient_clock"})
_kind("appointment_confirmed", APPOINTMENT, confirmed)
_kind("appointment_moved", APPOINTMENT | OLD_CLOCKS, moved)
_kind("appointment_cancelled", APPOINTMENT | {"cancelled_by"}, cancelled)
_kind("deposit_lapsed", APPOINTMENT, not_kept)
_kind("guarantee_lapsed", APPOINTMENT, not_kept)
_kind("reminder_7d", APPOINTMENT, reminder, Timing.AWAKE)
_kind("reminder_2d", APPOINTMENT, reminder, Timing.AWAKE)
_kind("reminder_24h", APPOINTMENT, reminder, Timing.AWAKE)
_kind("request_received", REQUEST | ANSWER_BY, request_received)
_kind("times_offered", REQUEST | ANSWER_BY | {"times"}, times_offered)
_kind("request_declined", REQUEST, partial(request_ended, state=RequestState.DECLINED))
_kind("request_expired", REQUEST, partial(request_ended, state=RequestState.EXPIRED))
_kind("waiting_joined", WAITING, partial(waiting_in_state, state=WaitingState.WAITING))
_kind(
    "place_offered",
    WAITING | ANSWER_BY | {"hospital_clock", "recipient_clock"},
    place_offered,
)
_kind("waiting_ended", WAITING, partial(waiting_in_state, state=WaitingState.EXPIRED))
