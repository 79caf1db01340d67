"""The address of a video consultation: the hospital sets it, the patient finds it in My care."""

import datetime as dt
from urllib.parse import urlsplit

from django.db import transaction

from accounts.models import User
from bookings.models import Appointment, ConsultationLink
from bookings.models.case import Actor
from bookings.pre_visit_refusals import AddressNotSafe, NoConfirmedAppointment
from bookings.services import history, pre_visit_notices
from bookings.transitions import AppointmentState
from medtour.lib import clock
from medtour.lib.locks import lock_row


def set_consultation_link(
    appointment: Appointment, *, url: str, by: User, now: dt.datetime | None = None
) -> ConsultationLink:
    """Keep the address and tell the patient that it is there; the message itself does not hold it.

    Raises NoConfirmedAppointment, or AddressNotSafe for anything but https with a host. The same
    address again changes nothing.
    """
    now = now or clock.now()
    url = url.strip()
    if not _is_safe(url):
        raise AddressNotSafe
    with transaction.atomic():
        joined = Appointment.objects.select_related("slot", "booker")
        fresh = lock_row(joined, appointment.pk)
        if fresh.state != AppointmentState.CONFIRMED or fresh.slot.ends_at <= now:
            raise NoConfirmedAppointment
        newest = ConsultationLink.objects.filter(appointment=fresh).first()
        if newest is not None and newest.url == url:
            return newest
        link = ConsultationLink.objects.create(appointment=fresh, url=url, set_by=by, set_at=now)
        event = history.appointment_event(
            fresh, "consultation_link", before=fresh.state, by=by, actor=Actor.HOSPITAL, at=now
        )
        history.record([event])
        pre_visit_notices.consultation_link(link, recipient=fresh.kept_booker, now=now)
    return link


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    has_login = "@" in parts.netloc
    return parts.scheme == "https" and bool(parts.hostname) and port_is_fine and not has_login
