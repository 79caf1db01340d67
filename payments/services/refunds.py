"""Asking for money back and deciding on it; how it is sent is in `refund_sending`.

A refund by a frozen rule (ladder, lost place, paid twice) goes at once. One that a person decides
needs a second person above a threshold (PY-09).
"""

import datetime as dt
from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum

from accounts.models import User
from accounts.services import audit
from bookings.refusals import ReasonMissing
from medtour.lib import clock
from medtour.lib.locks import busy_is_a_refusal, wait_for_turn
from medtour.lib.money import Money
from payments.access import decides_on_places
from payments.models import Payment, Place, Refund, RefundCause, RefundClaim
from payments.refund_refusals import (
    PlaceUndecided,
    RefundDecided,
    RefundsFrozen,
    SecondPersonNeeded,
)
from payments.refund_rules import needs_second_person
from payments.selectors.deposit_gaps import leaves_a_gap
from payments.selectors.refundable import is_frozen, left_of
from payments.services import attempts, deposit_gaps, postings, refund_postings
from payments.services.refund_begin import Wish, begin, lock_payment, lock_refund, set_off
from payments.services.refund_sending import (
    apply_refund,
    end_refund,
    follow_gateway_refund,
    follow_refund,
    follow_refunds_of,
    give_up_undecided,
    record_bank_refund,
    send_due_refunds,
)
from payments.transitions import NOT_APPROVED, PaymentState, RefundState

__all__ = [
    "apply_refund",
    "approve_refund",
    "follow_gateway_refund",
    "follow_refund",
    "follow_refunds_of",
    "record_bank_refund",
    "refund_all",
    "refund_surplus",
    "refuse_refund",
    "request_refund",
    "send_due_refunds",
]


class Said(TypedDict, total=False):
    """Why money goes back, and what becomes of a confirmed appointment that stands on it."""

    reason: str
    place: str


def request_refund(
    payment: Payment,
    *,
    amount: Money,
    cause: str,
    by: User | None = None,
    now: dt.datetime | None = None,
    **said: Unpack[Said],
) -> Refund:
    """Begin a refund of a part of a payment, in its charge currency.

    `by` is the person who decides it and must say why; None stands for a frozen rule. When it
    takes the deposit from under a confirmed appointment, `place` says what becomes of that, and a
    second person agrees unless a coordinator asks. Raises ReasonMissing, PlaceUndecided,
    RefundsFrozen, NothingToRefund, RefundTooLarge or AmountNotPayable; a refused refund changes
    nothing.
    """
    now, reason = now or clock.now(), said.get("reason", "").strip()
    if by is not None and not reason:
        raise ReasonMissing
    with busy_is_a_refusal(), transaction.atomic():
        if by is not None:
            one_at_a_time(payment.obligation.case_id)
        attempts.lock_owner(payment)
        locked = lock_payment(payment.pk)
        if by is None:
            return begin(locked, Wish(amount, cause, reason), now=now)
        if is_frozen(locked):
            raise RefundsFrozen
        place = said.get("place", "") if takes_the_deposit(locked, amount) else None
        if place is not None and place not in Place.values:
            raise PlaceUndecided
        asks = needs_second(locked, amount, by=by)
        wish = Wish(amount, cause, reason, by=by, needs_approval=asks, place=place or "")
        refund = begin(locked, wish, now=now)
        if not asks:
            deposit_gaps.carry_out(refund, by=by, now=now)
    return refund


def takes_the_deposit(payment: Payment, amount: Money) -> bool:
    """Tell whether a refund leaves a confirmed appointment without the money its offer demands."""
    left = left_of(payment)
    counted = refund_postings.counterpart(payment, amount, cause="", left=left)
    return leaves_a_gap(payment.obligation, counted)


def needs_second(payment: Payment, amount: Money, *, by: User) -> bool:
    """Tell whether somebody else must agree to a refund that `by` decides.

    Above the threshold always; and when it takes the deposit from under an appointment, unless
    `by` is a coordinator, who may cancel or keep appointments alone.
    """
    if is_above_threshold(payment, amount):
        return True
    hospital = payment.obligation.hospital
    return takes_the_deposit(payment, amount) and not decides_on_places(by, hospital)


def refund_all(payment: Payment, *, cause: str, now: dt.datetime | None = None) -> Refund | None:
    """Send everything that is left of a payment back, by a frozen rule; None when nothing is.

    It may be called again: what is on its way is not left any more. What waits for somebody's
    agreement is part of it.
    """
    with busy_is_a_refusal(), transaction.atomic():
        locked = lock_payment(payment.pk)
        give_up_undecided(locked, now=now or clock.now())
        return refund_rest(locked, cause=cause, now=now or clock.now())


def refund_rest(
    payment: Payment,
    *,
    cause: str,
    reason: str = "",
    by: User | None = None,
    asks: bool = False,
    now: dt.datetime,
) -> Refund | None:
    """Send the rest of a locked payment back; `by` as in `request_refund`.

    With `asks` a second person must agree, also to a sum that one may give alone.
    """
    rest = left_of(payment).charge
    if payment.state != PaymentState.SUCCEEDED or rest.minor <= 0:
        return None
    asks = asks or (by is not None and is_above_threshold(payment, rest))
    return begin(payment, Wish(rest, cause, reason, by=by, needs_approval=asks), now=now)


def refund_surplus(payment: Payment, *, now: dt.datetime | None = None) -> Refund | None:
    """Send back what a payment brought beyond what was owed, once; None when there is nothing."""
    with busy_is_a_refusal(), transaction.atomic():
        locked = lock_payment(payment.pk)
        surplus = postings.charge_parts(locked).surplus
        begun = locked.refunds.filter(cause=RefundCause.PAID_TWICE).exists()
        if begun or not surplus.minor:
            return None
        return begin(locked, Wish(surplus, RefundCause.PAID_TWICE), now=now or clock.now())


def approve_refund(refund: Refund, *, by: User, now: dt.datetime | None = None) -> Refund:
    """Let a refund go as the second person; raises SecondPersonNeeded, RefundDecided or Frozen."""
    now = now or clock.now()
    with busy_is_a_refusal(), transaction.atomic():
        attempts.lock_owner(refund.payment)
        locked = _lock_undecided(refund)
        if locked.requested_by_id == by.pk:
            raise SecondPersonNeeded
        if is_frozen(locked.payment):
            raise RefundsFrozen
        locked.approved_by, locked.approved_at, locked.next_attempt_at = by, now, now
        locked.save(update_fields=["approved_by", "approved_at", "next_attempt_at"])
        set_off(locked, by=by, now=now)
        deposit_gaps.carry_out(locked, by=by, now=now)
    return locked


def refuse_refund(
    refund: Refund, *, by: User, reason: str, now: dt.datetime | None = None
) -> Refund:
    """Stop a refund that waits for approval; its asker may take it back so, too.

    The payer never heard of it; a claim that it was to fulfil is open again. Raises ReasonMissing
    or RefundDecided.
    """
    if not reason.strip():
        raise ReasonMissing
    with busy_is_a_refusal(), transaction.atomic():
        locked = _lock_undecided(refund)
        end_refund(locked, NOT_APPROVED, now=now or clock.now())
        _reopen_claim(locked)
        audit.record(
            by=by,
            action="desk.refuse_refund",
            target=f"payments.refund:{locked.public_id}",
            hospital_slug=locked.payment.obligation.hospital.slug,
            reason=reason,
        )
    return locked


def _reopen_claim(refund: Refund) -> None:
    claims = RefundClaim.objects.filter(obligation=refund.payment.obligation_id)
    if not claims.filter(state=RefundClaim.State.ASKED).exists():
        accepted = claims.filter(
            state=RefundClaim.State.ACCEPTED, cause=refund.cause, decided_by=refund.requested_by
        )
        accepted.update(state=RefundClaim.State.ASKED, decided_by=None, decided_at=None)


def _lock_undecided(refund: Refund) -> Refund:
    locked = lock_refund(refund)
    waits = locked.needs_approval and locked.approved_by_id is None
    if not waits or locked.state != RefundState.CREATED:
        raise RefundDecided
    return locked


def one_at_a_time(case_id: int) -> None:
    """Let people decide refunds of a case one after another, so that each counts those before it.

    Call it first in the transaction; it waits as long as for a row, and raises Busy.
    """
    wait_for_turn(f"payments.refunds:{case_id}")


def are_above_threshold(payments: Sequence[Payment]) -> bool:
    """Tell whether the rest of all these payments is more, together, than one person may give."""
    rests = {payment: left_of(payment) for payment in payments}
    whole = sum(left.contract.minor for left in rests.values())
    return any(
        is_above_threshold(payment, left.charge, beside=whole - left.contract.minor)
        for payment, left in rests.items()
        if left.charge.minor > 0
    )


def is_above_threshold(payment: Payment, amount: Money, *, beside: int = 0) -> bool:
    """Tell whether people alone, one by one, would send more back than one person may.

    Several small refunds of one payment count together in its charge currency, and those of a whole
    case in the contract's: nobody slips below the threshold, not by shares either. `beside` is what
    is decided together with it, in minor units of the contract.
    """
    alone = Refund.objects.filter(
        requested_by__isnull=False,
        needs_approval=False,
        payment__obligation__case=payment.obligation.case_id,
        payment__obligation__currency=payment.obligation.currency,
    ).exclude(state=RefundState.FAILED)
    counted = refund_postings.counterpart(payment, amount, cause="", left=left_of(payment))
    of_payment = _sum(alone.filter(payment=payment), "amount_minor") + amount.minor
    of_case = _sum(alone, "contract_minor") + counted.minor + beside
    return any(
        needs_second_person(together, settings.REFUND_APPROVAL_THRESHOLDS)
        for together in (
            Money(of_payment, amount.currency),
            Money(of_case, payment.obligation.currency),
        )
    )


def _sum(refunds: QuerySet[Refund], column: str) -> int:
    return int(refunds.aggregate(total=Sum(column))["total"] or 0)
