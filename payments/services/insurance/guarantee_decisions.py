"""The insurer's side of a guarantee: a question, a yes, a no, and the claim that uses it (DP-05).

Called for an officer, a machine client or, for an insurer that answers by post, by the hospital.
"""

import datetime as dt
from dataclasses import dataclass

from accounts.models import User
from medtour.lib import clock
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from medtour.lib.states import check_move
from payments import guarantee_refusals as refusals
from payments.models import Guarantee
from payments.selectors.insurance.guarantees import base_of
from payments.services.insurance import (
    guarantee_clock,
    guarantee_effects,
    guarantee_notices,
    reservations,
)
from payments.services.insurance.deciders import must_decide
from payments.services.insurance.guarantee_clock import CLOCK
from payments.services.insurance.guarantee_rows import WITH_ALL, locked, move, one_move
from payments.services.insurance.row_moves import Act
from payments.transitions import GUARANTEE, GuaranteeState

G = GuaranteeState
PROMISE = (
    "decided_at", "decided_by", "approved_minor", "approved_from", "approved_until",
    "excluded_items", "conditions", "insurer_reference", "question", "refusal_code",
    "refusal_reason", "appeal_until", *CLOCK,
)  # fmt: skip
REFUSAL = (
    "decided_at", "decided_by", "refusal_code", "refusal_reason", "appeal_until",
    "insurer_reference", "question", *CLOCK,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promise:
    """What an insurer promises: up to `amount` in the plan's currency, or with no upper end."""

    amount: Money | None
    valid_from: dt.date
    valid_until: dt.date
    excluded_items: str = ""
    conditions: str = ""
    insurer_reference: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an insurer says no, in its code and its words, and until which day it takes an appeal."""

    code: str
    reason: str
    appeal_until: dt.date | None = None
    insurer_reference: str = ""


def ask_question(
    guarantee: Guarantee,
    *,
    question: str,
    by: User | None,
    row_version: int,
    client_id: str = "",
    now: dt.datetime | None = None,
) -> Guarantee:
    """Ask the hospital and the patient for more; the insurer's clock stops, theirs runs.

    Raises WordsMissing, GuaranteeChanged or MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version, client_id)
    with one_move():
        fresh = locked(guarantee, act)
        check_move(GUARANTEE, fresh.state, G.MORE_INFO)
        if not question.strip():
            raise refusals.WordsMissing
        fresh.question = question.strip()
        guarantee_clock.start_question_clock(fresh, now=act.now)
        fields = ("question", *CLOCK)
        move(fresh, G.MORE_INFO, "ask", act=act, reason=fresh.question, fields=fields)
        guarantee_effects.keep_place(fresh, now=act.now)
        guarantee_notices.asked(fresh, now=act.now)
    return fresh


def approve_guarantee(
    guarantee: Guarantee,
    *,
    promise: Promise,
    by: User | None,
    row_version: int,
    client_id: str = "",
    now: dt.datetime | None = None,
) -> Guarantee:
    """Promise to pay, in full or in part: the benefit is reserved and the booking goes on (DP-08).

    A top-up takes the place of the version before. Raises AmountsBroken, ValidityTooShort,
    BenefitExhausted, NoTermsInForce, GuaranteeChanged, MoveRefused, Busy, or OnlyOfficersDecide
    for a liaison; nothing is promised then.
    """
    act = Act(by, now or clock.now(), row_version, client_id)
    must_decide(by, insurer_id=guarantee.insurer_id)
    with one_move():
        fresh = locked(guarantee, act)
        check_move(GUARANTEE, fresh.state, G.APPROVED)
        _check_promise(fresh, promise)
        _write_promise(fresh, promise, act)
        _replace_base(fresh, act)
        move(fresh, G.APPROVED, "approve", act=act, fields=PROMISE)
        reservations.reserve(fresh, by=act.by, now=act.now)
        _answer_appeal(fresh, act, is_upheld=True)
        guarantee_effects.promise(fresh, now=act.now)
        guarantee_notices.approved(fresh, now=act.now)
    return fresh


def decline_guarantee(
    guarantee: Guarantee,
    *,
    refused: Refused,
    by: User | None,
    row_version: int,
    client_id: str = "",
    now: dt.datetime | None = None,
) -> Guarantee:
    """Say no with code and reason; the patient gets a day to choose what to do (DP-07, DP-12).

    A version that it was to top up stays in force. Raises WordsMissing, GuaranteeChanged,
    MoveRefused, or OnlyOfficersDecide for a liaison.
    """
    act = Act(by, now or clock.now(), row_version, client_id)
    must_decide(by, insurer_id=guarantee.insurer_id)
    with one_move():
        fresh = locked(guarantee, act)
        check_move(GUARANTEE, fresh.state, G.DECLINED)
        if not refused.code.strip() or not refused.reason.strip():
            raise refusals.WordsMissing
        fresh.decided_at, fresh.decided_by, fresh.question = act.now, act.by, ""
        fresh.refusal_code, fresh.refusal_reason = refused.code.strip(), refused.reason.strip()
        fresh.appeal_until = refused.appeal_until
        fresh.insurer_reference = refused.insurer_reference or fresh.insurer_reference
        guarantee_clock.stop_clock(fresh)
        move(fresh, G.DECLINED, "decline", act=act, reason=fresh.refusal_reason, fields=REFUSAL)
        _answer_appeal(fresh, act, is_upheld=False)
        if base_of(fresh) is None:
            guarantee_effects.leave_choice(fresh, now=act.now)
        guarantee_notices.declined(fresh, now=act.now)
    return fresh


def use_guarantee(
    guarantee: Guarantee,
    *,
    used_minor: int,
    by: User | None,
    row_version: int | None,
    visits: int = 1,
    now: dt.datetime | None = None,
) -> Guarantee:
    """Turn an approved guarantee into what a claim used of the benefit.

    `used_minor` is in minor units of the guarantee's currency; both limits count it. Raises
    BenefitExhausted when more was used than the limit holds, GuaranteeChanged or MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version)
    with one_move():
        fresh = locked(guarantee, act)
        move(fresh, G.USED, "use", act=act)
        reservations.use_reservation(
            fresh, used_minor=used_minor, by=act.by, now=act.now, visits=visits
        )
    return fresh


def _check_promise(guarantee: Guarantee, promise: Promise) -> None:
    amount = promise.amount
    if amount is not None and (
        amount.currency != guarantee.currency or not 0 < amount.minor <= guarantee.estimate_minor
    ):
        raise refusals.AmountsBroken
    if promise.valid_until < promise.valid_from:
        raise refusals.DaysBroken
    if promise.valid_from > guarantee.service_from or promise.valid_until < guarantee.service_until:
        raise refusals.ValidityTooShort


def _write_promise(guarantee: Guarantee, promise: Promise, act: Act) -> None:
    guarantee.decided_at, guarantee.decided_by = act.now, act.by
    guarantee.approved_minor = promise.amount.minor if promise.amount else None
    guarantee.approved_from, guarantee.approved_until = promise.valid_from, promise.valid_until
    guarantee.excluded_items = promise.excluded_items.strip()
    guarantee.conditions = promise.conditions.strip()
    guarantee.insurer_reference = promise.insurer_reference.strip()[:60]
    guarantee.question = guarantee.refusal_code = guarantee.refusal_reason = ""
    guarantee.appeal_until = None
    guarantee_clock.stop_clock(guarantee)


def _replace_base(guarantee: Guarantee, act: Act) -> None:
    """End the version that this one tops up and free what it kept, in the same transaction."""
    base = base_of(guarantee)
    if base is None:
        return
    base = lock_row(Guarantee.objects.select_related(*WITH_ALL), base.pk)
    move(base, G.TOPPED_UP, "topped_up", act=act)
    reservations.release(base, by=act.by, now=act.now)


def _answer_appeal(guarantee: Guarantee, act: Act, *, is_upheld: bool) -> None:
    guarantee.appeals.filter(answered_at=None).update(
        answered_at=act.now, answered_by=act.by, is_upheld=is_upheld
    )
