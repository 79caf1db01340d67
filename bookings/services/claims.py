"""Taking a place: the one recipe that every hold, booking and offered time goes through.

The trigger on appointments counts places inside the same statement, so the common case is one
INSERT with no lock taken first. Only when the database refuses, and something stale stands in the
way, does the second try lock the slot, end it, serve the waiting list, and insert again.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q

from bookings import policies
from bookings.models import Appointment, Slot
from bookings.refusals import InterpreterTaken, SlotFull, SlotGone, refusal_of
from bookings.selectors.interpreters import free_interpreters, needs_interpreter
from bookings.services import expiry, release
from bookings.transitions import TIMED
from hospitals.models import Interpreter
from medtour.lib.errors import constraint_name
from medtour.lib.locks import busy_is_a_refusal

ASKED_ONCE = "bookings_appointment_asked_once"
ONE_HOLD_EACH = "bookings_appointment_one_hold_each"
NO_PLACE = "bookings_slot_has_a_place"
INTERPRETER_TRIES = 3

Save = Callable[[Appointment], None]


def check_bookable(slot: Slot, *, now: dt.datetime) -> None:
    """Raise `SlotGone` for a time that is withdrawn, too near, or no longer confirmed (M25)."""
    stale = slot.last_confirmed_at < now - policies.CONFIRMATION_FRESH
    if slot.withdrawn_at or stale or not policies.can_still_be_booked(slot.starts_at, now):
        raise SlotGone


def claim(
    appointment: Appointment, *, save: Save, interpreter_wanted: bool = False, now: dt.datetime
) -> Appointment:
    """Take a place for `appointment` by running `save`, or refuse.

    `save` writes the appointment and everything that belongs to it with one statement. When the
    language needs an interpreter, one is taken with it: both or neither (M12, BK-06). Raises
    SlotFull, AlreadyBooked, InterpreterTaken or Busy; a refused claim leaves nothing behind.
    """
    slot = appointment.slot
    if not needs_interpreter(
        slot, language=appointment.language, interpreter_wanted=interpreter_wanted
    ):
        return _claim_with(None, appointment, save=save, now=now)
    for interpreter in free_interpreters(slot, appointment.language, now=now)[:INTERPRETER_TRIES]:
        try:
            return _claim_with(interpreter, appointment, save=save, now=now)
        except InterpreterTaken:
            continue
    raise InterpreterTaken


def _claim_with(
    interpreter: Interpreter | None, appointment: Appointment, *, save: Save, now: dt.datetime
) -> Appointment:
    appointment.interpreter = interpreter
    with busy_is_a_refusal():
        try:
            return _save(appointment, save)
        except IntegrityError as error:
            broken = constraint_name(error)
            if broken in (ASKED_ONCE, ONE_HOLD_EACH):
                raise
            if broken == NO_PLACE and _stays_full(appointment.slot_id, now=now):
                raise SlotFull from error
        try:
            with transaction.atomic():
                clear_the_way(appointment, now=now)
                return _save(appointment, save)
        except IntegrityError as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            raise refusal from error


def _save(appointment: Appointment, save: Save) -> Appointment:
    """Run the statement; alone it is its own transaction, inside one it needs a savepoint."""
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        save(appointment)
    return appointment


def _stays_full(slot_id: int, *, now: dt.datetime) -> bool:
    """Tell, without a lock, that a second try would find no place either.

    When everybody wants the last place, the losers learn it here and do not queue for the lock.
    """
    overdue = Appointment.objects.filter(slot=OuterRef("pk"), state__in=TIMED, held_until__lte=now)
    return Slot.objects.filter(~Exists(overdue), pk=slot_id, is_open=False).exists()


def clear_the_way(appointment: Appointment, *, now: dt.datetime) -> None:
    """End whatever stale claim stands in the way, under the slot's lock."""
    in_the_way = Q(slot_id=appointment.slot_id) | Q(holder_key=appointment.holder_key)
    if appointment.patient_id:
        in_the_way |= Q(patient_id=appointment.patient_id)
    if appointment.interpreter_id:
        in_the_way |= Q(interpreter_id=appointment.interpreter_id)
    others = Appointment.objects.filter(in_the_way).exclude(pk=appointment.pk)
    locked = release.lock_slots([appointment.slot_id], with_overdue=others, now=now)
    if appointment.slot_id not in locked:
        raise SlotGone
    expiry.expire(others, now=now)


@contextmanager
def refusals_of_the_database() -> Iterator[None]:
    """Turn lock time-outs and broken constraints into the refusals they stand for."""
    with busy_is_a_refusal():
        try:
            yield
        except IntegrityError as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            raise refusal from error
