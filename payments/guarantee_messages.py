"""What each message about a guarantee shows, read again at the moment of sending (MS-05).

No message names a patient, a treatment, an illness or a sum: they are behind the link.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from bookings.transitions import AppointmentState, CaseState
from medtour.lib import clock
from messaging.clock_faces import clock_face, recipient_face
from messaging.kinds import Kind, Ready, Suppressed, register
from payments.models import Guarantee
from payments.services.insurance.guarantee_notices import end_of_promise
from payments.transitions import GuaranteeState

Context = Mapping[str, str]
SHORT = frozenset({"reference", "page_url", "hospital_name"})
PATIENT = SHORT | {"hospital_name_zh", "hospital_address", "hospital_city"}
DEADLINE = frozenset({"deadline_clock", "deadline_recipient_clock"})
WITH_ALL = ("case", "hospital__city", "appointment")
# Nothing more will be done on the promise.
TREATED = (
    CaseState.DISCHARGED,
    CaseState.IN_FOLLOW_UP,
    CaseState.CLOSED,
    CaseState.DECLINED,
    CaseState.WITHDRAWN,
)
A_MINUTE = timedelta(minutes=1)


def _guarantee(context: Context) -> Guarantee:
    return Guarantee.objects.select_related(*WITH_ALL).get(public_id=context["guarantee"])


def _why_untrue(guarantee: Guarantee, context: Context) -> str:
    """Return why a message is no longer true: the request has moved on since."""
    if guarantee.state != context["state"]:
        return f"guarantee is {guarantee.state}"
    if str(guarantee.row_version) != context["row_version"]:
        return "guarantee has changed"
    return ""


def _address(view: str, *args: object) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(view, args=args)


def _patient_values(guarantee: Guarantee) -> dict[str, Any]:
    hospital = guarantee.hospital
    return {
        "reference": guarantee.reference,
        "hospital_name": hospital.name,
        "hospital_name_zh": hospital.name_zh_hans or "",
        "hospital_address": hospital.address or "",
        "hospital_city": hospital.city.name,
        "page_url": _address("payments:guarantee", guarantee.public_id),
    }


def _deadline(guarantee: Guarantee, until: datetime | None) -> dict[str, Any]:
    """Return both clocks of a deadline, or nothing to show where there is none."""
    if until is None:
        return dict.fromkeys(DEADLINE)
    hospital = guarantee.hospital
    return {
        "deadline_clock": clock_face(until, hospital.time_zone, city=hospital.city.name),
        "deadline_recipient_clock": recipient_face(until, unless=hospital.time_zone),
    }


def _kept_until(guarantee: Guarantee) -> datetime | None:
    """Return until when a place waits for the insurer or for a choice; None when none does."""
    appointment = guarantee.appointment
    if appointment is None or appointment.state != AppointmentState.AWAITING_GUARANTEE:
        return None
    return appointment.held_until


def of_patient(context: Context) -> Ready | Suppressed:
    """Tell the patient what happened; the place they hold has a deadline of its own."""
    guarantee = _guarantee(context)
    if reason := _why_untrue(guarantee, context):
        return Suppressed(reason)
    return Ready(_patient_values(guarantee) | _deadline(guarantee, _kept_until(guarantee)))


def question(context: Context) -> Ready | Suppressed:
    """Ask for an answer to the insurer's question, and say until when."""
    guarantee = _guarantee(context)
    if reason := _why_untrue(guarantee, context):
        return Suppressed(reason)
    return Ready(_patient_values(guarantee) | _deadline(guarantee, guarantee.question_due_at))


def place_ends(context: Context) -> Ready | Suppressed:
    """Remind of a place that still waits, whatever happened to the request meanwhile."""
    guarantee = _guarantee(context)
    until = _kept_until(guarantee)
    if until is None or until <= clock.now():
        return Suppressed("place waits no longer")
    return Ready(_patient_values(guarantee) | _deadline(guarantee, until))


def ending(context: Context) -> Ready | Suppressed:
    """Warn of a promise whose last day comes near, while it is in force and not used yet."""
    guarantee = _guarantee(context)
    if guarantee.state != GuaranteeState.APPROVED:
        return Suppressed(f"guarantee is {guarantee.state}")
    end = end_of_promise(guarantee)
    if end is None or end.isoformat() != context["ends_at"]:
        return Suppressed("the promise has another last day")
    if guarantee.case.state in TREATED:
        return Suppressed(f"case is {guarantee.case.state}")
    values = _patient_values(guarantee) | _deadline(guarantee, end - A_MINUTE)
    return Ready(values, useless_after=end)


def of_desk(context: Context) -> Ready | Suppressed:
    """Tell a coordinator that a request needs a look; what it is about is at the desk."""
    guarantee = _guarantee(context)
    if reason := _why_untrue(guarantee, context):
        return Suppressed(reason)
    return Ready(_short(guarantee, _address("admin:payments_guarantee_change", guarantee.pk)))


def of_officer(context: Context) -> Ready | Suppressed:
    """Tell an insurer's officer of a request that waits for them, or no longer does."""
    guarantee = _guarantee(context)
    if reason := _why_untrue(guarantee, context):
        return Suppressed(reason)
    return Ready(_short(guarantee, _address("payments:insurer_desk")))


def _short(guarantee: Guarantee, page_url: str) -> dict[str, Any]:
    return {
        "reference": guarantee.reference,
        "hospital_name": guarantee.hospital.name,
        "page_url": page_url,
    }


def _kind(
    name: str, placeholders: frozenset[str], resolve: Callable[[Context], Ready | Suppressed]
) -> Kind:
    return register(Kind(f"payments.guarantee_{name}", placeholders, resolve))


for _name in ("submitted", "approved", "partly_approved", "declined", "late", "expired", "ended"):
    _kind(_name, PATIENT | DEADLINE, of_patient)
_kind("more_declined", PATIENT | DEADLINE, of_patient)
_kind("question", PATIENT | DEADLINE, question)
_kind("place_ends", PATIENT | DEADLINE, place_ends)
_kind("ending", PATIENT | DEADLINE, ending)
_kind("desk", SHORT, of_desk)
_kind("request", SHORT, of_officer)
_kind("request_ended", SHORT, of_officer)
