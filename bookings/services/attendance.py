"""Who came, and when it was over: noted by people at the hospital, never by software (BK-12)."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from bookings import policies
from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.refusals import NoShowStands, NotToday, ReasonMissing, TooEarly
from bookings.services import cases, claims
from bookings.services.appointments import WITH_SLOT, change_state
from bookings.transitions import AppointmentState
from medtour.lib import clock
from medtour.lib.locks import lock_row

NO_SHOW = "no_show"


def mark_arrived(
    appointment: Appointment, *, by: User, now: dt.datetime | None = None
) -> Appointment:
    """Note that the patient came; possible on the day of the appointment, hospital time."""
    now = now or clock.now()
    with claims.refusals_of_the_database(), transaction.atomic():
        fresh = lock_row(
            Appointment.objects.select_related(*WITH_SLOT, "case", "hospital"), appointment.pk
        )
        zone = fresh.hospital.time_zone
        if clock.local(now, zone).date() < clock.local(fresh.slot.starts_at, zone).date():
            raise NotToday
        change_state(
            fresh, AppointmentState.ARRIVED, "arrive", by=by, actor=Actor.HOSPITAL, now=now
        )
        cases.begin_treatment(fresh.kept_case, by=by, now=now)
    return fresh


def mark_completed(
    appointment: Appointment, *, by: User, now: dt.datetime | None = None
) -> Appointment:
    """Note that the appointment is over; only after it began and the patient arrived."""
    now = now or clock.now()
    with transaction.atomic():
        fresh = lock_row(Appointment.objects.select_related(*WITH_SLOT, "case"), appointment.pk)
        if now < fresh.slot.starts_at:
            raise TooEarly
        change_state(
            fresh, AppointmentState.COMPLETED, "complete", by=by, actor=Actor.HOSPITAL, now=now
        )
        cases.end_treatment(fresh, by=by, now=now)
    return fresh


def mark_no_show(
    appointment: Appointment, *, by: User, now: dt.datetime | None = None
) -> Appointment:
    """Note that the patient did not come; only after start and grace, by a person (BK-12)."""
    now = now or clock.now()
    with transaction.atomic():
        fresh = lock_row(Appointment.objects.select_related(*WITH_SLOT), appointment.pk)
        if now < fresh.slot.starts_at + policies.NO_SHOW_GRACE:
            raise TooEarly
        _note(fresh, AppointmentState.NO_SHOW, NO_SHOW, by=by, now=now)
    return fresh


def undo_no_show(
    appointment: Appointment, *, by: User, reason: str, now: dt.datetime | None = None
) -> Appointment:
    """Take back that the patient did not come: the appointment is confirmed again (BK-12).

    Within 24 hours of the note, with a reason that stays in the history. Raises ReasonMissing,
    NoShowStands, MoveRefused, SlotGone or AlreadyBooked; a refused call changes nothing.
    """
    now = now or clock.now()
    if not reason.strip():
        raise ReasonMissing
    with claims.refusals_of_the_database(), transaction.atomic():
        fresh = lock_row(Appointment.objects.select_related(*WITH_SLOT), appointment.pk)
        if fresh.state == AppointmentState.NO_SHOW and not may_be_undone(fresh, now=now):
            raise NoShowStands
        claims.clear_the_way(fresh, now=now)
        said = reason.strip()
        _note(fresh, AppointmentState.CONFIRMED, "undo_no_show", by=by, now=now, reason=said)
    return fresh


def may_be_undone(appointment: Appointment, *, now: dt.datetime) -> bool:
    """Tell whether it was noted at most 24 hours ago that the patient did not come."""
    if appointment.state != AppointmentState.NO_SHOW:
        return False
    noted = appointment.events.filter(action=NO_SHOW).order_by("-pk").first()
    return noted is not None and now - noted.at <= policies.NO_SHOW_UNDO


def _note(
    appointment: Appointment,
    state: str,
    action: str,
    *,
    by: User,
    now: dt.datetime,
    reason: str = "",
) -> None:
    change_state(appointment, state, action, by=by, actor=Actor.HOSPITAL, now=now, reason=reason)
