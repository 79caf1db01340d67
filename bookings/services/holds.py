"""Holding a time while its booker fills in the rest."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from bookings import policies
from bookings.models import Appointment, Slot
from bookings.models.case import Actor
from bookings.refusals import (
    HoldAlreadyExtended,
    HoldExpired,
    RepeatedWithOtherBody,
    SlotGone,
)
from bookings.services import claims, expiry, history, release
from bookings.services.claim_statement import write_claim
from bookings.transitions import AppointmentState
from medtour.lib import clock
from medtour.lib.errors import Refusal, constraint_name
from medtour.lib.locks import Busy, lock_row


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds: an account ("user:<pk>") or an anonymous visitor ("visitor:<random>")."""

    key: str
    user: User | None = None


def fingerprint(*parts: object) -> str:
    """Return a hash of what was asked, to tell a repeat from another request with the same key."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


def asked_once(appointment: Appointment, make: Callable[[], Appointment]) -> Appointment:
    """Run `make`, or return what the same request of the same holder made before (BK-03).

    Raises RepeatedWithOtherBody when the key was used for something else, and whatever `make`
    refuses with when it was not.
    """
    try:
        return make()
    except (Refusal, IntegrityError):
        earlier = (
            Appointment.objects.filter(
                holder_key=appointment.holder_key, idempotency_key=appointment.idempotency_key
            )
            .exclude(idempotency_key="")
            .select_related("slot__offer__treatment", "hospital__city")
            .first()
        )
        if earlier is None:
            raise
        if earlier.request_fingerprint != appointment.request_fingerprint:
            raise RepeatedWithOtherBody from None
        return earlier


@contextmanager
def _clicks_may_meet() -> Iterator[None]:
    """Ask a visitor to try again whose clicks on several times arrived at one instant."""
    try:
        yield
    except IntegrityError as error:
        if constraint_name(error) == claims.ONE_HOLD_EACH:
            raise Busy from error
        raise


def place_hold(
    slot: Slot,
    *,
    holder: Holder,
    language: str,
    interpreter_wanted: bool = False,
    idempotency_key: str = "",
    now: dt.datetime | None = None,
) -> Appointment:
    """Hold one place of `slot` for fifteen minutes; another hold of the same visitor is given up.

    Raises SlotFull, SlotGone, InterpreterTaken, RepeatedWithOtherBody or Busy. Repeating the call
    with the same key returns the first hold (BK-01, BK-02, BK-03).
    """
    now = now or clock.now()
    asked = fingerprint("hold", slot.pk, language, interpreter_wanted)
    hold = Appointment(
        hospital_id=slot.hospital_id,
        slot=slot,
        state=AppointmentState.HELD,
        held_until=policies.hold_expires_at(now),
        holder_key=holder.key,
        booker=holder.user,
        language=language,
        idempotency_key=idempotency_key,
        request_fingerprint=asked,
        created_at=now,
    )

    def take() -> Appointment:
        claims.check_bookable(slot, now=now)
        _check_payable(slot, now=now)
        return claims.claim(hold, save=_save_hold, interpreter_wanted=interpreter_wanted, now=now)

    return asked_once(hold, lambda: _take_as_the_only_hold(hold, take, now=now))


def _check_payable(slot: Slot, *, now: dt.datetime) -> None:
    """Raise `SlotGone` where a deposit could no longer be paid when the hold has run its course."""
    longest = policies.HOLD + policies.HOLD_EXTENSION + policies.PAYMENT_HOLD
    if slot.offer.asks_deposit_online and slot.starts_at < now + longest:
        raise SlotGone


def _take_as_the_only_hold(
    hold: Appointment, take: Callable[[], Appointment], *, now: dt.datetime
) -> Appointment:
    """Take a place; what the visitor holds already is given up in the same transaction."""
    try:
        return take()
    except IntegrityError as error:
        if constraint_name(error) != claims.ONE_HOLD_EACH:
            raise

    def take_instead_of_the_other() -> Appointment:
        with transaction.atomic():
            expiry.give_up_holds(hold.holder_key, now=now)
            return take()

    with _clicks_may_meet():
        return asked_once(hold, take_instead_of_the_other)


def _save_hold(hold: Appointment) -> None:
    write_claim(hold, action="hold", by=hold.booker, actor=Actor.PATIENT)


def _lock_live(appointment: Appointment, *, now: dt.datetime) -> Appointment:
    fresh = lock_row(Appointment.objects.select_related("slot"), appointment.pk)
    if fresh.state != AppointmentState.HELD or not fresh.is_live_claim(now):
        raise HoldExpired
    return fresh


def extend_hold(appointment: Appointment, *, now: dt.datetime | None = None) -> Appointment:
    """Give a live hold fifteen more minutes, once (WCAG 2.2.1, BK-02).

    Raises HoldExpired or HoldAlreadyExtended.
    """
    now = now or clock.now()
    with transaction.atomic():
        hold = _lock_live(appointment, now=now)
        if hold.hold_extended_at:
            raise HoldAlreadyExtended
        assert hold.held_until is not None  # noqa: S101  (the check constraint promises it)
        hold.held_until += policies.HOLD_EXTENSION
        hold.hold_extended_at = now
        hold.version += 1
        hold.save(update_fields=["held_until", "hold_extended_at", "version"])
        history.record(
            [history.appointment_event(hold, "extend", before=hold.state, by=hold.booker, at=now)]
        )
    return hold


def release_hold(appointment: Appointment, *, now: dt.datetime | None = None) -> Appointment:
    """Let a live hold go and free its place; raises HoldExpired when it was over already."""
    now = now or clock.now()
    with transaction.atomic():
        hold = _lock_live(appointment, now=now)
        release.end(
            [hold],
            state=AppointmentState.CANCELLED,
            action="release",
            actor=Actor.PATIENT,
            now=now,
            by=hold.booker,
        )
        expiry.after_release([hold], now=now)
    return hold


def save_intake(
    appointment: Appointment, *, intake: dict[str, Any], now: dt.datetime | None = None
) -> Appointment:
    """Keep what the booker wrote, encrypted, with the live hold; raises HoldExpired."""
    now = now or clock.now()
    with transaction.atomic():
        hold = _lock_live(appointment, now=now)
        hold.intake = intake
        hold.save(update_fields=["intake"])
    return hold


def adopt_hold(holder_key: str, *, user: User) -> int:
    """Make the holds of an anonymous visitor the account's own after sign-in; returns how many.

    An older hold of the account gives way to the one just made. A hold that ended meanwhile comes
    along too, so that its pages can say so. The keys of the forms stay behind: the account may
    have sent the same form before.
    """
    account_key = Holder(f"user:{user.pk}").key
    with transaction.atomic():
        if release.held_by(holder_key):
            expiry.give_up_holds(account_key, now=clock.now())
        return Appointment.objects.filter(holder_key=holder_key).update(
            holder_key=account_key, booker=user, idempotency_key=""
        )
