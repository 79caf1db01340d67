"""Moving an appointment to another time of the same offer: all of it or none of it."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from bookings.models import Appointment, Slot
from bookings.models.case import Actor, CaseEvent
from bookings.refusals import (
    HoldExpired,
    InterpreterTaken,
    OtherOffer,
    SlotGone,
    StaleVersion,
    TooLate,
)
from bookings.selectors.interpreters import free_interpreters, needs_interpreter
from bookings.services import claims, expiry, history, notices, release, waiting
from bookings.transitions import AppointmentState
from hospitals.models import Interpreter
from medtour.lib import clock
from medtour.lib.locks import lock_row
from medtour.lib.states import MoveRefused

# Whoever waits for an insurer may take another time: theirs may be too near for it (M1).
MOVABLE = (AppointmentState.CONFIRMED, AppointmentState.AWAITING_GUARANTEE)


def move_appointment(
    appointment: Appointment,
    *,
    to_slot: Slot,
    by: User | None,
    actor: str,
    version: int,
    now: dt.datetime | None = None,
) -> Appointment:
    """Give a confirmed or waiting appointment another time; the old place is freed with it.

    Both slots are locked in the order of their keys, so that two opposite moves cannot deadlock.
    Raises StaleVersion, TooLate, OtherOffer, SlotGone, SlotFull, InterpreterTaken, AlreadyBooked
    or Busy; a refused move changes nothing.
    """
    now = now or clock.now()
    with claims.refusals_of_the_database(), transaction.atomic():
        return _move(appointment, to_slot=to_slot, by=by, actor=actor, version=version, now=now)


def _move(
    appointment: Appointment,
    *,
    to_slot: Slot,
    by: User | None,
    actor: str,
    version: int,
    now: dt.datetime,
) -> Appointment:
    fresh = lock_row(
        Appointment.objects.select_related("slot__offer", "interpreter", "booker"), appointment.pk
    )
    _check(fresh, to_slot=to_slot, actor=actor, version=version, now=now)
    left, target = fresh.slot, _lock_target(fresh, to_slot, now=now)
    _take(fresh, target)
    history.record([_moved_line(fresh, left, by=by, actor=actor, now=now)])
    notices.moved(
        fresh, booker=fresh.kept_booker, from_starts_at=left.starts_at, actor=actor, now=now
    )
    waiting.offer_places({left.pk}, now=now)
    return fresh


def _lock_target(appointment: Appointment, to_slot: Slot, *, now: dt.datetime) -> Slot:
    """Lock both times and return the new one, rid of holds that ran out; raises SlotGone."""
    at_that_time = Q(period__overlap=(to_slot.starts_at, to_slot.ends_at))
    at_that_time &= Q(hospital=to_slot.hospital_id) | Q(patient=appointment.patient_id)
    others = Appointment.objects.filter(Q(slot=to_slot.pk) | at_that_time)
    pks = [appointment.slot_id, to_slot.pk]
    target = release.lock_slots(pks, with_overdue=others, now=now).get(to_slot.pk)
    if target is None:
        raise SlotGone
    claims.check_bookable(target, now=now)
    expiry.expire(others, now=now)
    target.offer = appointment.slot.offer
    return target


def _take(appointment: Appointment, target: Slot) -> None:
    """Put the appointment on its new time; the trigger counts both places in this statement."""
    appointment.slot = target
    appointment.interpreter = _interpreter_for(appointment, target)
    appointment.version += 1
    appointment.calendar_sequence += 1
    if appointment.held_until is not None:
        appointment.held_until = min(appointment.held_until, target.starts_at)
    appointment.save(
        update_fields=["slot", "interpreter", "version", "calendar_sequence", "held_until"]
    )


def _moved_line(
    appointment: Appointment, left: Slot, *, by: User | None, actor: str, now: dt.datetime
) -> CaseEvent:
    return history.appointment_event(
        appointment,
        "move",
        before=appointment.state,
        by=by,
        actor=actor,
        at=now,
        from_starts_at=left.starts_at.isoformat(),
        to_starts_at=appointment.slot.starts_at.isoformat(),
    )


def _check(
    appointment: Appointment, *, to_slot: Slot, actor: str, version: int, now: dt.datetime
) -> None:
    if appointment.version != version:
        raise StaleVersion
    if appointment.state not in MOVABLE:
        raise MoveRefused(appointment.state, AppointmentState.CONFIRMED)
    if appointment.held_until is not None and not appointment.is_live_claim(now):
        raise HoldExpired
    if actor == Actor.PATIENT and appointment.slot.starts_at <= now:
        raise TooLate
    if to_slot.offer_id != appointment.slot.offer_id:
        raise OtherOffer
    if to_slot.pk == appointment.slot_id:
        raise SlotGone


def _interpreter_for(appointment: Appointment, slot: Slot) -> Interpreter | None:
    """Keep the interpreter when free at the new time, else another; raises InterpreterTaken."""
    had_one = appointment.interpreter_id is not None
    if not needs_interpreter(slot, language=appointment.language, interpreter_wanted=had_one):
        return None
    free = list(free_interpreters(slot, appointment.language))
    if not free:
        raise InterpreterTaken
    same = [person for person in free if person.pk == appointment.interpreter_id]
    return (same or free)[0]
