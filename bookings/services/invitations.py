"""Issuing an invitation letter for a visa: the hospital's act, for a confirmed appointment only."""

import datetime as dt
from dataclasses import asdict

from django.db import transaction

from accounts.models import User
from bookings.models import Appointment, InvitationLetter
from bookings.models.case import Actor
from bookings.pre_visit_refusals import NoConfirmedAppointment, StayBroken
from bookings.selectors.invitations import InvitationFacts
from bookings.services import history, pre_visit_notices
from bookings.transitions import AppointmentState
from medtour.lib import clock
from medtour.lib.locks import lock_row

WITH_ALL = ("slot__offer", "hospital", "case__patient__account", "booker")


def issue_invitation(
    appointment: Appointment,
    *,
    facts: InvitationFacts,
    by: User,
    now: dt.datetime | None = None,
) -> InvitationLetter:
    """Write the letter and tell the patient; an earlier one of the case no longer counts.

    Raises NoConfirmedAppointment for anything but a confirmed appointment that lies ahead, and
    StayBroken for days that do not hold the appointment; nothing is written then (M14).
    """
    now = now or clock.now()
    with transaction.atomic():
        fresh = lock_row(Appointment.objects.select_related(*WITH_ALL), appointment.pk)
        if fresh.state != AppointmentState.CONFIRMED or fresh.slot.starts_at <= now:
            raise NoConfirmedAppointment
        day = clock.local(fresh.slot.starts_at, fresh.hospital.time_zone).date()
        if not facts.first_on <= day <= facts.last_on:
            raise StayBroken
        letter = InvitationLetter.objects.create(
            case=fresh.kept_case,
            appointment=fresh,
            starts_at=fresh.slot.starts_at,
            facts=_kept(facts),
            is_demonstration=_is_demonstration(fresh),
            issued_by=by,
            issued_at=now,
        )
        event = history.appointment_event(
            fresh, "invite", before=fresh.state, by=by, actor=Actor.HOSPITAL, at=now
        )
        history.record([event])
        pre_visit_notices.invitation_issued(letter, recipient=fresh.kept_booker, now=now)
    return letter


def _kept(facts: InvitationFacts) -> dict[str, object]:
    """Return the facts as JSON keeps them; days are ISO texts."""
    kept = asdict(facts)
    born = facts.date_of_birth
    return kept | {
        "first_on": facts.first_on.isoformat(),
        "last_on": facts.last_on.isoformat(),
        "date_of_birth": born.isoformat() if born else "",
        "companions": list(facts.companions),
    }


def _is_demonstration(appointment: Appointment) -> bool:
    account = appointment.kept_patient.account
    return appointment.slot.offer.is_demonstration or account.is_demonstration
