"""What each booking message shows, read again at the moment of sending (MS-05).

Every kind has a closed list of placeholders. No message names a treatment, a department or a
patient: mail travels in the open and calendars are shared.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.utils import translation

from bookings.ical import appointment_calendar
from bookings.message_values import (
    ANSWER_BY,
    APPOINTMENT,
    HOSPITAL,
    VOUCHER,
    Context,
    absolute,
    appointment_of,
    appointment_values,
    clocks_of,
    deadline_values,
    hospital_values,
    voucher_values,
    why_untrue,
)
from bookings.models import Appointment, WaitingEntry, WindowRequest
from bookings.models.case import Actor
from bookings.transitions import AppointmentState, RequestState, WaitingState
from medtour.lib import clock, wording
from messaging.kinds import Attachment, Kind, Ready, ResolveMany, Suppressed, Tell, register
from messaging.quiet_hours import Timing

REQUEST = HOSPITAL | {"first_day", "last_day", "page_url"}
STANDS = (
    AppointmentState.CONFIRMED,
    AppointmentState.AWAITING_GUARANTEE,
    AppointmentState.AWAITING_PAYMENT,
)
WAITING = HOSPITAL - {"reference"} | {"first_day", "last_day", "page_url"}


def _calendar(appointment: Appointment, method: str) -> Attachment:
    return Attachment(
        filename="appointment.ics",
        content_type="text/calendar",
        parameters=(("method", method), ("charset", "UTF-8")),
        content=appointment_calendar(appointment, method=method),
    )


def confirmed(context: Context) -> Ready | Suppressed:
    appointment = appointment_of(context)
    if reason := why_untrue(appointment, context):
        return Suppressed(reason)
    starts_at = appointment.slot.starts_at
    values = appointment_values(appointment, starts_at) | voucher_values(appointment)
    return Ready(values, (_calendar(appointment, "REQUEST"),), useless_after=starts_at)


def moved(context: Context) -> Ready | Suppressed:
    """Show the old and the new time, also while an insurer or a payment is still waited for.

    What the hospital moves within a day wakes people: either time may be the next thing they do.
    """
    appointment = appointment_of(context)
    if reason := why_untrue(appointment, context, standing=STANDS):
        return Suppressed(reason)
    starts_at = appointment.slot.starts_at
    values = appointment_values(appointment, starts_at) | voucher_values(appointment)
    before = datetime.fromisoformat(context["from_starts_at"])
    old, old_recipient = clocks_of(before, appointment.hospital)
    values |= {"old_hospital_clock": old, "old_recipient_clock": old_recipient, "waits": ""}
    if appointment.state != AppointmentState.CONFIRMED:
        values |= {"waits": appointment.state, "voucher_url": ""}
    is_near = min(before, starts_at) - clock.now() < timedelta(days=1)
    is_urgent = is_near and context.get("moved_by", Actor.PATIENT) != Actor.PATIENT
    files = (_calendar(appointment, "REQUEST"),)
    return Ready(values, files, useless_after=starts_at, is_urgent=is_urgent)


def cancelled(context: Context) -> Ready | Suppressed:
    """Say who cancelled; why is only told behind the link."""
    appointment = appointment_of(context)
    if appointment.state != AppointmentState.CANCELLED:
        return Suppressed(f"appointment is {appointment.state}")
    starts_at = appointment.slot.starts_at
    values = appointment_values(appointment, starts_at)
    values["cancelled_by"] = appointment.ended_by
    is_near = starts_at - clock.now() < timedelta(days=1)
    is_urgent = is_near and appointment.ended_by != Actor.PATIENT
    return Ready(values, (_calendar(appointment, "CANCEL"),), is_urgent=is_urgent)


def not_kept(context: Context) -> Ready | Suppressed:
    """Say that the time was not kept, unless it was saved in the meantime."""
    appointment = appointment_of(context)
    if appointment.state != AppointmentState.EXPIRED:
        return Suppressed(f"appointment is {appointment.state}")
    return Ready(appointment_values(appointment, appointment.slot.starts_at))


def reminder(context: Context) -> Ready | Suppressed:
    return _reminder(context, appointment_of(context))


def reminders(contexts: Sequence[Context]) -> list[Tell]:
    """Read the appointments of many reminders together; what many share, hospitals, once."""
    keys = [context["appointment"] for context in contexts]
    rows = Appointment.objects.filter(public_id__in=keys).select_related("slot")
    found = {each.public_id: each for each in rows.prefetch_related("hospital__city")}
    return [
        partial(_reminder, context, found[key]) if key in found else partial(reminder, context)
        for key, context in zip(keys, contexts, strict=True)
    ]


def _reminder(context: Context, appointment: Appointment) -> Ready | Suppressed:
    if reason := why_untrue(appointment, context):
        return Suppressed(reason)
    starts_at = appointment.slot.starts_at
    values = appointment_values(appointment, starts_at)
    return Ready(values, event_at=starts_at, useless_after=starts_at)


def _day(value: date) -> str:
    return wording.written_date(value, translation.get_language() or "en", "long")


def _request_values(request: WindowRequest) -> dict[str, Any]:
    return {
        **hospital_values(request.offer.hospital),
        "reference": request.case.reference,
        "first_day": _day(request.first_on),
        "last_day": _day(request.last_on),
        "page_url": absolute("bookings:request", request.public_id),
    }


def _request(context: Context) -> WindowRequest:
    return WindowRequest.objects.select_related("case", "offer__hospital__city").get(
        public_id=context["request"]
    )


def request_received(context: Context) -> Ready | Suppressed:
    request = _request(context)
    if request.state != RequestState.REQUESTED:
        return Suppressed(f"request is {request.state}")
    return Ready(
        _request_values(request) | deadline_values(request.answer_by, request.offer.hospital)
    )


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
    values["times"] = [clocks_of(appointment.slot.starts_at, hospital) for appointment in offered]
    held_until = min(appointment.held_until for appointment in offered)
    return Ready(values | deadline_values(held_until, hospital), useless_after=held_until)


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
        **hospital_values(entry.offer.hospital),
        "first_day": _day(entry.first_on),
        "last_day": _day(entry.last_on),
        "page_url": absolute("bookings:waiting_entry", entry.public_id),
    }


def waiting_in_state(context: Context, *, state: str) -> Ready | Suppressed:
    entry = _waiting_entry(context)
    if entry.state != state:
        return Suppressed(f"waiting entry is {entry.state}")
    return Ready(_waiting_values(entry))


def place_offered(context: Context) -> Ready | Suppressed:
    """Show the place that is held for this person, and until when."""
    appointment = appointment_of(context)
    if appointment.state != AppointmentState.OFFERED:
        return Suppressed(f"place is {appointment.state}")
    if appointment.held_until <= clock.now():
        return Suppressed("place is no longer held")
    hospital = appointment.hospital
    at_hospital, at_recipient = clocks_of(appointment.slot.starts_at, hospital)
    values = _waiting_values(appointment.waiting_entry)
    values |= deadline_values(appointment.held_until, hospital)
    values |= {"hospital_clock": at_hospital, "recipient_clock": at_recipient}
    return Ready(values, useless_after=appointment.held_until)


def _kind(
    name: str,
    placeholders: frozenset[str],
    resolve: Callable[[Context], Ready | Suppressed],
    timing: Timing = Timing.PROMPT,
    resolve_many: ResolveMany | None = None,
    **nature: bool,
) -> Kind:
    kind = Kind(
        f"bookings.{name}",
        placeholders,
        resolve,
        timing=timing,
        resolve_many=resolve_many,
        # What very many people get at the same time is put into words once.
        shows_only=resolve_many is not None,
        **nature,
    )
    return register(kind)


OLD_CLOCKS = frozenset({"old_hospital_clock", "old_recipient_clock"})
_kind("appointment_confirmed", APPOINTMENT | VOUCHER, confirmed)
_kind("appointment_moved", APPOINTMENT | OLD_CLOCKS | VOUCHER | {"waits"}, moved)
_kind("appointment_cancelled", APPOINTMENT | {"cancelled_by"}, cancelled)
_kind("deposit_lapsed", APPOINTMENT, not_kept)
_kind("guarantee_lapsed", APPOINTMENT, not_kept)
_kind("reminder_7d", APPOINTMENT, reminder, Timing.AWAKE, reminders)
_kind("reminder_2d", APPOINTMENT, reminder, Timing.AWAKE, reminders)
_kind("reminder_24h", APPOINTMENT, reminder, Timing.AWAKE, reminders, falls_back=True)
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
