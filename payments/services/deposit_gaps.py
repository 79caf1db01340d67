"""A confirmed appointment whose deposit goes back: it is cancelled, or kept by a signed waiver.

Whoever gives money back says which. When a bank decides for the payer, the desk is asked. Either
answer is a coordinator's, or that of two people; no appointment stays without its money and
without a name under it.
"""

import datetime as dt

from django.db import transaction

from accounts.models import User
from accounts.services import audit
from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.refusals import ReasonMissing
from bookings.services import history
from medtour.lib import clock
from medtour.lib.locks import busy_is_a_refusal, lock_row
from medtour.lib.money import Money
from payments.access import decides_on_places
from payments.models import DepositGap, Dispute, Payment, Place, Refund
from payments.refund_refusals import CoordinatorNeeded, GapDecided
from payments.selectors.deposit_gaps import confirmed_appointment, missing_of
from payments.services import attempts, gap_notices
from payments.services.cancellation import cancel_by_hospital

State = DepositGap.State


def carry_out(refund: Refund, *, by: User, now: dt.datetime) -> None:
    """Cancel or keep the appointment, as a decided refund of its deposit says; `by` signs it.

    The appointment is locked. One that is no longer confirmed needs neither.
    """
    obligation = refund.payment.obligation
    appointment = confirmed_appointment(obligation) if refund.place else None
    if appointment is None:
        return
    if refund.place == Place.CANCEL:
        cancel_by_hospital(
            appointment, by=by, version=appointment.version, reason=refund.reason, now=now
        )
        return
    missing = missing_of(obligation)
    if missing.minor:
        gap = _new(refund.payment, missing, now=now, refund=refund)
        _keep(gap, appointment, by=by, reason=refund.reason, now=now)


def ask_the_desk(dispute: Dispute, *, now: dt.datetime) -> DepositGap | None:
    """Open the desk's task for a lost dispute; None when the appointment does not depend on it."""
    return _ask(dispute.payment, "deposit_missing", now=now, dispute=dispute)


def ask_about_uncollected(payment: Payment, *, now: dt.datetime) -> DepositGap | None:
    """Open the desk's task for reserved money that a card did not give (PY-03)."""
    return _ask(payment, "deposit_not_collected", now=now)


def _ask(
    payment: Payment, action: str, *, now: dt.datetime, dispute: Dispute | None = None
) -> DepositGap | None:
    appointment = confirmed_appointment(payment.obligation)
    missing = missing_of(payment.obligation)
    if appointment is None or not missing.minor:
        return None
    gap = _new(payment, missing, now=now, dispute=dispute)
    gap.save()
    _note(appointment, gap, action, by=None, now=now)
    gap_notices.missing(gap, appointment)
    return gap


def keep_place(
    gap: DepositGap, *, by: User, reason: str, now: dt.datetime | None = None
) -> DepositGap:
    """Keep the appointment although its deposit is gone: a waiver, signed by a coordinator.

    Raises ReasonMissing, CoordinatorNeeded or GapDecided; a refused call changes nothing.
    """
    now = now or clock.now()
    with busy_is_a_refusal(), transaction.atomic():
        locked, appointment = _lock_open(gap, by=by, reason=reason)
        _keep(locked, appointment, by=by, reason=reason.strip(), now=now)
    return locked


def give_up_place(
    gap: DepositGap, *, by: User, reason: str, now: dt.datetime | None = None
) -> DepositGap:
    """Cancel the appointment for the hospital: what is left of the deposit goes back (BK-10).

    Raises as `keep_place`.
    """
    now = now or clock.now()
    with busy_is_a_refusal(), transaction.atomic():
        locked, appointment = _lock_open(gap, by=by, reason=reason)
        same = DepositGap.objects.filter(obligation=locked.obligation_id, state=State.OPEN)
        same.update(
            state=State.CANCELLED, decided_by=by, decided_at=now, reason=reason.strip()[:300]
        )
        cancel_by_hospital(
            appointment, by=by, version=appointment.version, reason=reason.strip(), now=now
        )
    locked.refresh_from_db()
    return locked


def _lock_open(gap: DepositGap, *, by: User, reason: str) -> tuple[DepositGap, Appointment]:
    if not reason.strip():
        raise ReasonMissing
    if not decides_on_places(by, gap.obligation.hospital):
        raise CoordinatorNeeded
    attempts.lock_owner(gap.payment)
    locked = lock_row(DepositGap.objects.select_related("obligation__hospital"), gap.pk)
    appointment = confirmed_appointment(locked.obligation)
    if locked.state != State.OPEN or appointment is None:
        raise GapDecided
    return locked, appointment


def _new(
    payment: Payment,
    missing: Money,
    *,
    now: dt.datetime,
    dispute: Dispute | None = None,
    refund: Refund | None = None,
) -> DepositGap:
    return DepositGap(
        obligation=payment.obligation,
        payment=payment,
        dispute=dispute,
        refund=refund,
        missing_minor=missing.minor,
        opened_at=now,
    )


def _keep(
    gap: DepositGap, appointment: Appointment, *, by: User, reason: str, now: dt.datetime
) -> None:
    gap.state, gap.decided_by, gap.decided_at = State.KEPT, by, now
    gap.reason = reason[:300]
    gap.save()
    _note(appointment, gap, "deposit_waived", by=by, now=now)
    gap_notices.waived(gap, appointment)
    audit.record(
        by=by,
        action="desk.waive_deposit",
        target=f"payments.depositgap:{gap.public_id}",
        hospital_slug=gap.obligation.hospital.slug,
        reason=gap.reason,
    )


def _note(
    appointment: Appointment, gap: DepositGap, action: str, *, by: User | None, now: dt.datetime
) -> None:
    """Write a line of history; why it was waived stays between people of the hospital."""
    line = history.appointment_event(
        appointment,
        action,
        before=appointment.state,
        by=by,
        actor=Actor.HOSPITAL if by else Actor.SYSTEM,
        at=now,
        gap=gap.public_id,
    )
    history.record([line])
