"""What each message before a visit shows, read again at the moment of sending (MS-05).

No message says how to prepare, which records are missing, where the consultation takes place or
what a complaint was about: all that is behind signing in.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import translation

from bookings.message_values import (
    ANSWER_BY,
    APPOINTMENT,
    HOSPITAL,
    VOUCHER,
    Context,
    absolute,
    appointment_of,
    appointment_values,
    deadline_values,
    hospital_values,
    voucher_values,
    why_untrue,
)
from bookings.models import Appointment, Complaint, ConsultationLink, RecordsRequest
from bookings.papers.instructions import has_instructions
from bookings.selectors.invitations import invitation_of
from bookings.services.records_requests import OVER
from hospitals.models import Hospital
from hospitals.presenters.address_card import address_card
from medtour.lib import clock, papers
from messaging.kinds import Attachment, Kind, Ready, Suppressed, register
from messaging.paper_files import paper_attachment
from messaging.quiet_hours import Timing
from messaging.selectors.reach import says_to_be_in_china

PAGE = frozenset({"page_url"})
CASE = HOSPITAL | PAGE
A_MINUTE = timedelta(minutes=1)


def _care_page(appointment: Appointment) -> dict[str, Any]:
    return {"page_url": absolute("bookings:appointment", appointment.public_id)}


def before_visit(
    context: Context, *, unless: Callable[[Appointment], str] | None = None
) -> Ready | Suppressed:
    """Lead to the appointment in My care, unless that is pointless for a reason of the kind."""
    appointment = appointment_of(context)
    reason = why_untrue(appointment, context)
    if not reason and unless is not None:
        reason = unless(appointment)
    if reason:
        return Suppressed(reason)
    starts_at = appointment.slot.starts_at
    values = appointment_values(appointment, starts_at) | _care_page(appointment)
    return Ready(values, event_at=starts_at, useless_after=starts_at)


def _nothing_to_prepare(appointment: Appointment) -> str:
    return "" if has_instructions(appointment.slot.offer) else "hospital gave no instructions"


def _needs_no_visa(appointment: Appointment) -> str:
    """Whoever said that they are in China needs none to get there."""
    return "is in China already" if says_to_be_in_china(appointment.kept_booker) else ""


def on_the_day(context: Context) -> Ready | Suppressed:
    """Remind some hours before, with the card for the driver as a file."""
    appointment = appointment_of(context)
    if reason := why_untrue(appointment, context):
        return Suppressed(reason)
    starts_at = appointment.slot.starts_at
    values = appointment_values(appointment, starts_at) | voucher_values(appointment)
    return Ready(
        values, (_card(appointment.hospital),), event_at=starts_at, useless_after=starts_at
    )


def _card(hospital: Hospital) -> Attachment:
    """Return the card; it is set when the mail is handed over, after the transaction."""
    language = translation.get_language() or "en"
    data = address_card(hospital, language)
    make = partial(papers.pdf, "address_card", data, language=language, at=clock.now())
    return paper_attachment("address_card", make)


def invitation_issued(context: Context) -> Ready | Suppressed:
    """Say that the letter is there, while it is the one that counts."""
    letter = invitation_of(context["invitation"])
    if letter is None:
        return Suppressed("letter does not count any more")
    return Ready(
        {
            **hospital_values(letter.case.hospital),
            "reference": letter.appointment.reference,
            "page_url": absolute("bookings:appointment", letter.appointment.public_id),
        },
        useless_after=letter.starts_at,
    )


def records_missing(context: Context) -> Ready | Suppressed:
    """Lead to the list while it is open; until when it is needed, where the hospital said it."""
    request = RecordsRequest.objects.select_related("case__hospital__city").get(
        public_id=context["records"]
    )
    if request.closed_at is not None:
        return Suppressed("nothing is missing any more")
    if request.sent_at is not None:
        return Suppressed("patient has sent them")
    case = request.case
    if case.state in OVER:
        return Suppressed(f"case is {case.state}")
    until = _end_of(request)
    deadline = deadline_values(until, case.hospital) if until else dict.fromkeys(ANSWER_BY)
    return Ready(
        {
            **hospital_values(case.hospital),
            "reference": case.reference,
            "page_url": absolute("bookings:case", case.public_id),
            **deadline,
        }
    )


def _end_of(request: RecordsRequest) -> datetime | None:
    """Return the last minute of the day on which the records are needed at the hospital."""
    if request.due_on is None:
        return None
    end = clock.day_bounds(request.due_on, request.case.hospital.time_zone)[1]
    return end - A_MINUTE


def consultation_link(context: Context) -> Ready | Suppressed:
    """Say that the link is there, while it is the newest of a confirmed appointment."""
    link = ConsultationLink.objects.select_related("appointment__slot").get(
        public_id=context["link"]
    )
    appointment = link.appointment
    about = {
        "appointment": appointment.public_id,
        "starts_at": appointment.slot.starts_at.isoformat(),
    }
    is_newest = not appointment.consultation_links.filter(pk__gt=link.pk).exists()
    return before_visit(about, unless=lambda _row: "" if is_newest else "a newer link was set")


def complaint_answered(context: Context) -> Ready | Suppressed:
    """Say that an answer is there; what it says is in My care."""
    complaint = Complaint.objects.select_related("case__hospital__city").get(
        public_id=context["complaint"]
    )
    if complaint.answered_at is None:
        return Suppressed("complaint has no answer")
    case = complaint.case
    return Ready(
        {
            **hospital_values(case.hospital),
            "reference": case.reference,
            "page_url": absolute("bookings:complaints", case.public_id),
        }
    )


def _kind(
    name: str,
    placeholders: frozenset[str],
    resolve: Callable[[Context], Ready | Suppressed],
    timing: Timing = Timing.PROMPT,
) -> Kind:
    return register(Kind(f"bookings.{name}", placeholders, resolve, timing=timing))


PREPARE = partial(before_visit, unless=_nothing_to_prepare)
VISA = partial(before_visit, unless=_needs_no_visa)
_kind("pre_visit", APPOINTMENT | PAGE, PREPARE, Timing.AWAKE)
_kind("visa_deadline", APPOINTMENT | PAGE, VISA, Timing.AWAKE)
_kind("admission_day", APPOINTMENT | PAGE, before_visit, Timing.AWAKE)
# A mail wakes nobody and is there when the person gets up; a phone rings in the day.
_kind("reminder_day", APPOINTMENT | VOUCHER, on_the_day)
_kind("invitation_issued", CASE, invitation_issued)
_kind("records_missing", CASE | ANSWER_BY, records_missing)
_kind("consultation_link", APPOINTMENT | PAGE, consultation_link)
_kind("complaint_answered", CASE, complaint_answered)
