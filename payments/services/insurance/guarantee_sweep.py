"""What time does to guarantees: escalating, expiring, ending with the appointment (DP-06, DP-08).

Every row is a transaction of its own, and every function may run twice.
"""

import datetime as dt
from collections.abc import Callable

import structlog
from django.db.models import Q, QuerySet

from bookings.transitions import AppointmentState, CaseState
from medtour.lib import clock
from medtour.lib.errors import Refusal
from payments.models import Guarantee, MoneyAlert
from payments.services.alerts import raise_alert
from payments.services.insurance import (
    guarantee_effects,
    guarantee_letters,
    guarantee_notices,
    reservations,
)
from payments.services.insurance.guarantee_moves import cancel, withdraw
from payments.services.insurance.guarantee_rows import locked, move, note, one_move
from payments.services.insurance.row_moves import Act
from payments.transitions import OPEN_GUARANTEE, GuaranteeState

log = structlog.get_logger(__name__)
G, A = GuaranteeState, AppointmentState
SWEEP_ROWS = 200
ENDED = (A.EXPIRED, A.CANCELLED, A.DECLINED)
# Treated already: the promise is kept for the claim, however late that comes.
TREATED = (CaseState.IN_TREATMENT, CaseState.DISCHARGED, CaseState.IN_FOLLOW_UP, CaseState.CLOSED)
PLACE_ENDS_SOON = dt.timedelta(hours=12)
ENDED_WITH_APPOINTMENT = "The appointment ended."
Alert = MoneyAlert.Kind
WARNINGS = {
    G.DRAFT: Alert.GUARANTEE_WARNING,
    G.SUBMITTED: Alert.GUARANTEE_WARNING,
    G.MORE_INFO: Alert.QUESTION_WARNING,
}
LATE = {
    G.DRAFT: Alert.GUARANTEE_LATE,
    G.SUBMITTED: Alert.GUARANTEE_LATE,
    G.MORE_INFO: Alert.QUESTION_LATE,
}


def sweep_guarantees(*, now: dt.datetime | None = None) -> None:
    """Do everything that is due; the task of the minute."""
    now = now or clock.now()
    end_with_appointments(now=now)
    escalate(now=now)
    expire_guarantees(now=now)
    warn_of_places(now=now)
    guarantee_letters.issue_letters(now=now)


def escalate(*, now: dt.datetime) -> int:
    """Tell the coordinators at three quarters of a clock and at its end; returns how many."""
    due = (
        Q(state=G.DRAFT, notice_due_at__lte=now)
        | Q(state=G.SUBMITTED, answer_due_at__lte=now)
        | Q(state=G.MORE_INFO, question_due_at__lte=now)
    )
    running = Guarantee.objects.filter(state__in=OPEN_GUARANTEE)
    late = running.filter(due, overdue_at=None)
    soon = running.filter(warn_at__lte=now, escalated_at=None)
    return _each(late, _escalate, now) + _each(soon, _escalate, now)


def expire_guarantees(*, now: dt.datetime | None = None) -> int:
    """End approved guarantees whose last day is over and free their benefit; returns how many.

    One whose treatment has begun is kept for its claim.
    """
    now = now or clock.now()
    # The last day ends at the hospital; nowhere is it longer than a day away from UTC.
    candidates = Guarantee.objects.filter(
        state=G.APPROVED, approved_until__lte=now.date(), claim=None
    ).exclude(case__state__in=TREATED)
    return _each(candidates, _expire, now)


def end_with_appointments(*, now: dt.datetime) -> int:
    """End the guarantees of appointments that ended; returns how many."""
    left_over = Guarantee.objects.filter(
        state__in=(*OPEN_GUARANTEE, G.APPROVED), appointment__state__in=ENDED
    )
    return _each(left_over, _end, now)


def warn_of_places(*, now: dt.datetime) -> int:
    """Tell patients once that a place kept for an insurer ends within twelve hours."""
    waiting = Guarantee.objects.filter(
        appointment__state=A.AWAITING_GUARANTEE,
        appointment__held_until__gt=now,
        appointment__held_until__lte=now + PLACE_ENDS_SOON,
        topped_up_by=None,
    ).exclude(state=G.WITHDRAWN)
    return _each(waiting, _warn_of_place, now)


def _each(
    rows: QuerySet[Guarantee], work: Callable[[Guarantee, Act], bool], now: dt.datetime
) -> int:
    """Work on each row under its lock; one that refuses or is busy is left to the next sweep."""
    done = 0
    for guarantee in list(rows.only("pk", "appointment_id").order_by("pk")[:SWEEP_ROWS]):
        act = Act(None, now)
        try:
            with one_move():
                done += work(locked(guarantee, act), act)
        except Refusal as refusal:
            log.info("guarantee_left", guarantee=guarantee.pk, code=refusal.code)
    return done


def _escalate(guarantee: Guarantee, act: Act) -> bool:
    due_at = guarantee.clock_due_at
    is_late = due_at is not None and due_at <= act.now and guarantee.overdue_at is None
    is_soon = guarantee.warn_at is not None and guarantee.warn_at <= act.now
    if guarantee.state not in WARNINGS or not (
        is_late or (is_soon and guarantee.escalated_at is None)
    ):
        return False
    guarantee.escalated_at = guarantee.escalated_at or act.now
    if is_late:
        guarantee.overdue_at = act.now
    guarantee.save(update_fields=["escalated_at", "overdue_at"])
    note(guarantee, "late" if is_late else "warn", act=act, before=guarantee.state)
    kind = (LATE if is_late else WARNINGS)[guarantee.state]
    raise_alert(
        kind,
        f"{kind}:{guarantee.public_id}:{guarantee.row_version}",
        hospital=guarantee.hospital,
        guarantee=guarantee.public_id,
        reference=guarantee.reference,
    )
    guarantee_notices.running_out(guarantee, now=act.now)
    return True


def _expire(guarantee: Guarantee, act: Act) -> bool:
    today = clock.local(act.now, guarantee.hospital.time_zone).date()
    is_over = guarantee.approved_until is not None and guarantee.approved_until < today
    if guarantee.state != G.APPROVED or not is_over:
        return False
    move(guarantee, G.EXPIRED, "expire", act=act)
    reservations.release(guarantee, by=None, now=act.now)
    guarantee_effects.ask_patient_instead(guarantee, by=None, now=act.now)
    guarantee_effects.lose_promise(guarantee, now=act.now)
    guarantee_notices.lost(guarantee, now=act.now)
    guarantee_notices.ended(guarantee, now=act.now)
    return True


def _end(guarantee: Guarantee, act: Act) -> bool:
    if guarantee.state == G.APPROVED:
        cancel(guarantee, act=act, reason=ENDED_WITH_APPOINTMENT)
        return True
    if guarantee.state in OPEN_GUARANTEE:
        withdraw(guarantee, act=act, reason=ENDED_WITH_APPOINTMENT)
        return True
    return False


def _warn_of_place(guarantee: Guarantee, act: Act) -> bool:
    guarantee_notices.place_ends(guarantee, now=act.now)
    return True
