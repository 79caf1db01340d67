"""Locking, moving and noting guarantees; every move goes through here (DP-05).

Locks are taken in one order: appointment, guarantee, balances.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import audit
from bookings.models import Appointment
from medtour.lib.errors import constraint_name
from medtour.lib.locks import busy_is_a_refusal, lock_row
from medtour.lib.states import check_move
from payments.guarantee_refusals import BenefitExhausted, GuaranteeChanged, RequestRunning
from payments.models import Guarantee, GuaranteeEvent
from payments.transitions import GUARANTEE

WITH_ALL = (
    "case__patient__account",
    "hospital",
    "insurer",
    "member",
    "coverage__plan",
    "appointment__slot__offer",
    "appointment__hospital",
)
RUNNING = {"payments_guarantee_one_open", "payments_guarantee_one_approved"}
OVERSPENT = "payments_balance_not_overspent"


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to a guarantee, by hand or by a machine client, and when.

    `row_version` is that of the row they saw; None for the clock's own acts.
    """

    by: User | None
    now: dt.datetime
    row_version: int | None = None
    client_id: str = ""


@contextmanager
def one_move() -> Iterator[None]:
    """Open the transaction of a move, and turn broken constraints into their refusals."""
    try:
        with busy_is_a_refusal(), transaction.atomic():
            yield
    except IntegrityError as error:
        broken = constraint_name(error)
        if broken in RUNNING:
            raise RequestRunning from error
        if broken == OVERSPENT:
            raise BenefitExhausted from error
        raise


def locked(guarantee: Guarantee, act: Act) -> Guarantee:
    """Return the guarantee under lock, its appointment locked before; raises GuaranteeChanged."""
    if guarantee.appointment_id is not None:
        lock_row(Appointment.objects.only("pk"), guarantee.appointment_id)
    fresh = lock_row(Guarantee.objects.select_related(*WITH_ALL), guarantee.pk)
    if act.row_version is not None and fresh.row_version != act.row_version:
        raise GuaranteeChanged
    return fresh


def move(
    guarantee: Guarantee,
    state: str,
    action: str,
    *,
    act: Act,
    reason: str = "",
    fields: tuple[str, ...] = (),
) -> None:
    """Write a locked guarantee in its next state with one line of history; raises MoveRefused."""
    before = guarantee.state
    check_move(GUARANTEE, before, state)
    guarantee.state = state
    guarantee.row_version += 1
    guarantee.save(update_fields=["state", "row_version", *fields])
    note(guarantee, action, before=before, act=act, reason=reason)


def note(
    guarantee: Guarantee, action: str, *, act: Act, before: str = "", reason: str = ""
) -> None:
    """Add a line of history, and one to the audit trail that names no reason."""
    GuaranteeEvent.objects.create(
        guarantee=guarantee,
        at=act.now,
        action=action,
        before=before,
        after=guarantee.state,
        by=act.by,
        client_id=act.client_id,
        reason=reason,
    )
    audit.record(
        by=act.by,
        action=f"guarantee.{action}",
        target=f"payments.guarantee:{guarantee.public_id}",
        patient_public_id=guarantee.case.patient.public_id,
        hospital_slug=guarantee.hospital.slug,
    )
