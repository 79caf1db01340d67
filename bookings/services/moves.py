"""Moving an appointment to another time of the same offer: all of it or none of it."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from bookings.models import Appointment, Slot
from bookings.models.case import Actor
from bookings.refusals import (
    HoldExpired,
    InterpreterTaken,
    OtherOffer,
    SlotGone,
    StaleVersion,
    TooLate,
)
from bookings.selectors.interpreters import free_interpreters, needs_interpreter
from bookings.services import claims, expiry, history, notices, waiting
from bookings.transitions import AppointmentState
from hospitals.models import Interpreter
from medtour.lib import clock
from medtour.lib.locks import lock_row, lock_rows
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
    slots = {slot.pk: slot for slot in lock_rows(Slot.objects.all(), [fresh.slot_id, to_slot.pk])}
    target = slots.get(to_slot.pk)
    if target is None:
        raise SlotGone
    claims.check_bookable(target, now=now)
    at_that_time = Q(
        hospital=target.hospital_id, period__overlap=(target.starts_at, target.ends_at)
    )
    expiry.expire(Appointment.objects.filter(Q(slot=target) | at_that_time), now=now)
    left = fresh.slot
    fresh.slot = target
    fresh.slot.offer = left.offer
    fresh.interpreter = _interpreter_for(fresh, target)
    fresh.version += 1
    fresh.calendar_sequence += 1
    if fresh.held_until is not None:
        fresh.held_until = min(fresh.held_until, target.starts_at)
    fresh.save(update_fields=["slot", "interpreter", "version", "calendar_sequence", "held_until"])
    history.record(
        [
            history.appointment_event(
                fresh,
                "move",
                before=fresh.state,
                by=by,
                actor=actor,
                at=now,
                from_starts_at=left.starts_at.isoformat(),
                to_starts_at=target.starts_at.isoformat(),
            )
        ]
    )
    notices.moved(fresh, booker=fresh.kept_booker, from_starts_at=left.starts_at, now=now)
    waiting.offer_places({left.pk}, now=now)
    return fresh


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
