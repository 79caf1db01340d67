"""Values that messages about bookings share, read at the moment of sending (MS-05).

No value names a treatment, a department or a patient: mail travels in the open.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from bookings.links import sign_appointment
from bookings.models import Appointment
from bookings.transitions import AppointmentState
from hospitals.models import Hospital
from medtour.lib import clock
from messaging.clock_faces import clock_face, recipient_face

Context = Mapping[str, str]

HOSPITAL = frozenset(
    {"reference", "hospital_name", "hospital_name_zh", "hospital_address", "hospital_city"}
)
APPOINTMENT = HOSPITAL | {"hospital_clock", "recipient_clock", "manage_url"}
VOUCHER = frozenset({"voucher_url"})
ANSWER_BY = frozenset({"deadline_clock", "deadline_recipient_clock"})


def absolute(view: str, *args: str) -> str:
    """Return the address of a page in the recipient's language."""
    return settings.SITE_URL.rstrip("/") + reverse(view, args=args)


def hospital_values(hospital: Hospital) -> dict[str, Any]:
    return {
        "hospital_name": hospital.name,
        "hospital_name_zh": hospital.name_zh_hans or "",
        "hospital_address": hospital.address or "",
        "hospital_city": hospital.city.name,
    }


def clocks_of(instant: datetime, hospital: Hospital) -> tuple[Any, Any]:
    """Return the hospital's clock and the recipient's, or None where both are one."""
    zone_name = hospital.time_zone
    at_hospital = clock_face(instant, zone_name, city=hospital.city.name)
    return at_hospital, recipient_face(instant, unless=zone_name)


def appointment_values(appointment: Appointment, starts_at: datetime) -> dict[str, Any]:
    at_hospital, at_recipient = clocks_of(starts_at, appointment.hospital)
    return {
        **hospital_values(appointment.hospital),
        "reference": appointment.reference,
        "hospital_clock": at_hospital,
        "recipient_clock": at_recipient,
        "manage_url": absolute("bookings:linked_appointment", sign_appointment(appointment)),
    }


def voucher_values(appointment: Appointment) -> dict[str, Any]:
    """Return the link to the voucher; the paper behind it names nobody."""
    return {"voucher_url": absolute("bookings:linked_voucher", sign_appointment(appointment))}


def appointment_of(context: Context) -> Appointment:
    return Appointment.objects.select_related(
        "hospital__city", "slot", "booker", "waiting_entry__offer__hospital__city"
    ).get(public_id=context["appointment"])


def why_untrue(
    appointment: Appointment,
    context: Context,
    *,
    standing: tuple[str, ...] = (AppointmentState.CONFIRMED,),
) -> str:
    """Return why an upcoming appointment is no longer as the message would say, or nothing."""
    if appointment.state not in standing:
        return f"appointment is {appointment.state}"
    if appointment.slot.starts_at != datetime.fromisoformat(context["starts_at"]):
        return "appointment has moved"
    if appointment.slot.starts_at <= clock.now():
        return "appointment has begun"
    return ""


def deadline_values(instant: datetime, hospital: Hospital) -> dict[str, Any]:
    at_hospital, at_recipient = clocks_of(instant, hospital)
    return {"deadline_clock": at_hospital, "deadline_recipient_clock": at_recipient}
