"""Locking, moving and noting guarantees; every move goes through here (DP-05).

Locks are taken in one order: appointment, guarantee, balances.
"""

from contextlib import AbstractContextManager

from bookings.models import Appointment
from medtour.lib.locks import lock_row
from medtour.lib.states import check_move
from payments.guarantee_refusals import BenefitExhausted, GuaranteeChanged, RequestRunning
from payments.models import Guarantee
from payments.services.insurance.row_moves import Act, add_history, fresh_row, one_transaction
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
BROKEN = {
    "payments_guarantee_one_open": RequestRunning,
    "payments_guarantee_one_approved": RequestRunning,
    "payments_balance_not_overspent": BenefitExhausted,
}


def one_move() -> AbstractContextManager[None]:
    """Open the transaction of a move, and turn broken constraints into their refusals."""
    return one_transaction(BROKEN)


def locked(guarantee: Guarantee, act: Act) -> Guarantee:
    """Return the guarantee under lock, its appointment locked before; raises GuaranteeChanged."""
    if guarantee.appointment_id is not None:
        lock_row(Appointment.objects.only("pk"), guarantee.appointment_id)
    rows = Guarantee.objects.select_related(*WITH_ALL)
    return fresh_row(rows, guarantee.pk, act, changed=GuaranteeChanged)


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
    patient = guarantee.case.patient
    add_history(
        guarantee, f"guarantee.{action}", patient=patient, act=act, before=before, reason=reason
    )
