"""From a held or offered time to a kept appointment, and every later change of it."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from accounts.models import Patient, User
from accounts.services.consents import GivenConsent, give_consents
from bookings import policies
from bookings.models import Appointment, Slot
from bookings.models.case import Actor
from bookings.refusals import (
    HoldExpired,
    OnlineDepositClosed,
    SlotGone,
    StaleVersion,
    TooLate,
)
from bookings.services import agreements, cases, claims, history, notices, waiting
from bookings.services.claim_statement import write_claim
from bookings.services.holds import asked_once, fingerprint
from bookings.services.insured import PaidByOthers
from bookings.transitions import APPOINTMENT, BOOKED_BY_A_HOLD, AppointmentState, CaseState
from medtour.lib import clock
from medtour.lib.locks import lock_row
from medtour.lib.states import MoveRefused, check_move

WITH_SLOT = ("slot__offer__treatment", "booker")


def confirm_hold(
    appointment: Appointment,
    *,
    by: User,
    patient: Patient,
    consents: Iterable[GivenConsent] = (),
    others: PaidByOthers | None = None,
    now: dt.datetime | None = None,
) -> Appointment:
    """Turn a live hold into a confirmed appointment with its case, consents and messages.

    An offer that asks for a deposit goes to `awaiting_payment` instead and keeps its place for
    35 minutes; where others pay and decide first, it goes to `awaiting_guarantee`.
    Calling it again for an appointment that is confirmed already returns it unchanged. Raises
    HoldExpired or AlreadyBooked.
    """
    now = now or clock.now()
    with claims.refusals_of_the_database(), transaction.atomic():
        hold = lock_row(Appointment.objects.select_related(*WITH_SLOT), appointment.pk)
        if hold.state in BOOKED_BY_A_HOLD:
            return hold
        if hold.state != AppointmentState.HELD or not hold.is_live_claim(now):
            raise HoldExpired
        give_consents(patient, consents, now=now)
        hold.patient, hold.booker = patient, by
        hold.case = cases.open_scheduled_case(hold, patient=patient, by=by, now=now)
        _settle_claim(hold, by=by, now=now, others=others)
    return hold


def _settle_claim(
    appointment: Appointment, *, by: User, now: dt.datetime, others: PaidByOthers | None = None
) -> None:
    """Move a held or offered time with a patient to its kept state, with history and messages.

    Raises SlotGone when the hospital took the time off sale meanwhile.
    """
    if appointment.slot.withdrawn_at:
        raise SlotGone
    before = appointment.state
    if others is not None and others.decided_by is not None:
        appointment.state = AppointmentState.AWAITING_GUARANTEE
        appointment.held_until = min(others.decided_by, appointment.slot.starts_at)
    elif appointment.slot.offer.asks_deposit_online and others is None:
        appointment.state = AppointmentState.AWAITING_PAYMENT
        appointment.held_until = now + policies.PAYMENT_HOLD
    else:
        appointment.state = AppointmentState.CONFIRMED
        appointment.held_until, appointment.confirmed_at = None, now
    check_move(APPOINTMENT, before, appointment.state)
    appointment.version += 1
    appointment.intake = _notes_only(appointment.intake)
    appointment.save(
        update_fields=[
            "patient",
            "booker",
            "case",
            "state",
            "held_until",
            "confirmed_at",
            "version",
            "intake",
        ]
    )
    history.record(
        [history.appointment_event(appointment, "confirm", before=before, by=by, at=now)]
    )
    if appointment.state == AppointmentState.CONFIRMED:
        notices.confirmed(appointment, booker=by, now=now)


def _notes_only(intake: dict | None) -> dict | None:
    """Keep what the hospital needs to read; the person's details live on the patient now."""
    notes = (intake or {}).get("notes", "")
    return {"notes": notes} if notes else None


def book_slot(
    slot: Slot,
    *,
    patient: Patient,
    by: User,
    language: str,
    interpreter_wanted: bool = False,
    idempotency_key: str = "",
    now: dt.datetime | None = None,
) -> Appointment:
    """Book a time in one step for a person whose details and consents are on file.

    One statement writes case, appointment, history, confirmation and reminders. Raises
    SlotFull, SlotGone, AlreadyBooked, InterpreterTaken, OnlineDepositClosed,
    RepeatedWithOtherBody or Busy; a refused call leaves nothing behind (BK-01, BK-03).
    """
    now = now or clock.now()
    if slot.offer.asks_deposit_online:
        raise OnlineDepositClosed
    appointment = Appointment(
        hospital_id=slot.hospital_id,
        slot=slot,
        state=AppointmentState.CONFIRMED,
        confirmed_at=now,
        holder_key=f"user:{by.pk}",
        booker=by,
        patient=patient,
        language=language,
        idempotency_key=idempotency_key,
        request_fingerprint=fingerprint("book", slot.pk, patient.pk, language, interpreter_wanted),
        created_at=now,
    )

    def book() -> Appointment:
        claims.check_bookable(slot, now=now)
        return claims.claim(
            appointment, save=_save_booking, interpreter_wanted=interpreter_wanted, now=now
        )

    return asked_once(appointment, book)


def _save_booking(row: Appointment) -> None:
    patient, by, now = row.kept_patient, row.kept_booker, row.created_at
    write_claim(
        row,
        action="book",
        by=by,
        actor=Actor.PATIENT,
        case=cases.new_scheduled_case(row, patient=patient, by=by, now=now),
        messages=notices.of_confirmed(row, booker=by, now=now),
    )


def accept_place(
    appointment: Appointment,
    *,
    by: User,
    consents: Iterable[GivenConsent] = (),
    now: dt.datetime | None = None,
) -> Appointment:
    """Take a time that the waiting list offered.

    Raises HoldExpired when it passed on already, TransferNotAgreed when the agreement was withdrawn
    and `consents` does not renew it.
    """
    now = now or clock.now()
    with claims.refusals_of_the_database(), transaction.atomic():
        offered = lock_offered(appointment, now=now)
        agreements.check_transfer(offered, consents=consents, now=now)
        waiting.mark_accepted(offered.waiting_entry_id, by=by, now=now)
        offered.case = cases.open_scheduled_case(
            offered, patient=offered.kept_patient, by=by, now=now
        )
        _settle_claim(offered, by=by, now=now)
    return offered


def settle_offered_time(appointment: Appointment, *, by: User, now: dt.datetime) -> None:
    """Confirm a locked offered time of a request whose case exists already."""
    case = appointment.kept_case
    if case.state != CaseState.SCHEDULED:
        cases.move(case, CaseState.SCHEDULED, by=by, actor=Actor.PATIENT, now=now)
    _settle_claim(appointment, by=by, now=now)


def lock_offered(appointment: Appointment, *, now: dt.datetime) -> Appointment:
    """Lock a time that is still on offer; raises HoldExpired when it is not."""
    offered = lock_row(
        Appointment.objects.select_related(*WITH_SLOT, "patient", "case"), appointment.pk
    )
    if offered.state != AppointmentState.OFFERED or not offered.is_live_claim(now):
        raise HoldExpired
    return offered


def cancel_appointment(
    appointment: Appointment,
    *,
    by: User | None,
    actor: str,
    version: int,
    reason: str = "",
    time_stays_usable: bool = True,
    now: dt.datetime | None = None,
) -> Appointment:
    """End a booked appointment and free its place for whoever waits.

    When the time itself cannot be kept (`time_stays_usable` is false) it is withdrawn in the same
    transaction, so that nobody gets the place. A patient may cancel until it begins or they
    arrived, a hospital also afterwards. A time that is only held or offered ends elsewhere,
    together with what it belongs to. Raises StaleVersion, TooLate, or MoveRefused.
    """
    now = now or clock.now()
    with transaction.atomic():
        fresh = _lock_version(appointment, version=version)
        if fresh.state in (AppointmentState.HELD, AppointmentState.OFFERED):
            raise MoveRefused(fresh.state, AppointmentState.CANCELLED)
        has_come = fresh.state == AppointmentState.ARRIVED
        if actor == Actor.PATIENT and (has_come or fresh.slot.starts_at <= now):
            raise TooLate
        change_state(
            fresh,
            AppointmentState.CANCELLED,
            "cancel",
            by=by,
            actor=actor,
            now=now,
            reason=reason,
        )
        cases.withdraw_if_nothing_is_left(fresh, by=by, actor=actor, now=now, had_come=has_come)
        notices.cancelled(fresh, booker=fresh.kept_booker)
        if not time_stays_usable:
            _withdraw_time(fresh, by=by, actor=actor, now=now, reason=reason)
        waiting.offer_places({fresh.slot_id}, now=now)
    return fresh


def _withdraw_time(
    appointment: Appointment, *, by: User | None, actor: str, now: dt.datetime, reason: str
) -> None:
    """Take the time of an appointment off sale; its slot is locked by the freed place already."""
    withdrawn = Slot.objects.filter(pk=appointment.slot_id, withdrawn_at=None)
    if not withdrawn.update(withdrawn_at=now):
        return
    state = appointment.state
    history.record(
        [
            history.appointment_event(
                appointment,
                "withdraw_time",
                before=state,
                by=by,
                actor=actor,
                at=now,
                reason=reason,
            )
        ]
    )


def _lock_version(appointment: Appointment, *, version: int) -> Appointment:
    fresh = lock_row(
        Appointment.objects.select_related(*WITH_SLOT, "case", "hospital"), appointment.pk
    )
    if fresh.version != version:
        raise StaleVersion
    return fresh


def change_state(
    appointment: Appointment,
    state: str,
    action: str,
    *,
    by: User | None,
    actor: str,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Move a locked appointment and write its line of history; raises MoveRefused."""
    before = appointment.state
    check_move(APPOINTMENT, before, state)
    appointment.state = state
    appointment.version += 1
    fields = ["state", "version"]
    if state == AppointmentState.CANCELLED:
        appointment.ended_by, appointment.ended_reason = actor, reason[:300]
        appointment.calendar_sequence += 1
        appointment.intake = None
        fields += ["ended_by", "ended_reason", "calendar_sequence", "intake"]
    appointment.save(update_fields=fields)
    history.record(
        [
            history.appointment_event(
                appointment, action, before=before, by=by, actor=actor, at=now, reason=reason
            )
        ]
    )
