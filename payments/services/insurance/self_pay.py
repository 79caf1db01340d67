"""What a patient may do when no guarantee came: pay alone, or cancel free of charge (DP-07)."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.services import insured
from medtour.lib import clock
from medtour.lib.locks import busy_is_a_refusal
from payments.models import Guarantee, RefundCause
from payments.selectors.insurance.guarantees import is_without_guarantee
from payments.services.cancellation import cancel_proven, cancel_with_refund
from payments.services.insurance.guarantee_moves import withdraw
from payments.services.insurance.guarantee_rows import Act, locked, one_move
from payments.transitions import OPEN_GUARANTEE

PAYS_ALONE = "The patient pays without the insurer."


def pay_without_insurer(
    appointment: Appointment, *, by: User, now: dt.datetime | None = None
) -> Appointment:
    """Let the patient pay all of it now; a request that still runs is taken back.

    Raises HoldExpired or MoveRefused; nothing changes then.
    """
    now = now or clock.now()
    with one_move():
        released = insured.release_to_self_pay(appointment, by=by, now=now)
        act = Act(by, now)
        running = Guarantee.objects.filter(appointment=appointment, state__in=OPEN_GUARANTEE)
        for guarantee in running.order_by("pk"):
            withdraw(locked(guarantee, act), act=act, reason=PAYS_ALONE)
    return released


def cancel_without_guarantee(
    appointment: Appointment,
    *,
    by: User | None,
    version: int,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Appointment:
    """Cancel an appointment that no insurer pays for: all that was paid comes back (BK-10, DP-07).

    The refused or unanswered request is the proof; where there is none, the frozen ladder counts
    and the rest needs a claim with proof. Raises what cancelling raises.
    """
    now = now or clock.now()
    cause = RefundCause.GUARANTEE_REFUSED
    with busy_is_a_refusal(), transaction.atomic():
        if is_without_guarantee(appointment):
            return cancel_proven(
                appointment, by=by, version=version, cause=cause, reason=reason, now=now
            )
        return cancel_with_refund(
            appointment,
            by=by,
            actor=Actor.PATIENT,
            version=version,
            cause=cause,
            reason=reason,
            now=now,
        )
