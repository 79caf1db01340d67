"""The insurer's decision line by line, and the end of a claim (DP-10).

Called for an officer, a machine client or, for an insurer that answers by post, by the hospital.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.db.models import F

from accounts.models import User
from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.money import Money
from medtour.lib.states import MoveRefused
from payments import claim_refusals as refusals
from payments.claim_rules import patient_bears, payable, taken_of_benefit
from payments.models import (
    BalanceChange,
    BalanceEntry,
    BenefitBalance,
    ClaimLine,
    InsuranceClaim,
    ReservationState,
)
from payments.selectors.insurance.claim_parts import SAME
from payments.services.bills import ask_for_balance_anew
from payments.services.insurance import claim_notices, claim_postings
from payments.services.insurance.claim_rows import locked, move, one_move, today_at
from payments.services.insurance.deciders import must_decide
from payments.services.insurance.row_moves import Act
from payments.transitions import SHORTFALL, ClaimState

log = structlog.get_logger(__name__)
C = ClaimState
DECIDED = ("adjudicated_at", "appeal_until")
LINE_FIELDS = ["allowed_minor", "denial_code", "denial_reason"]


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What an insurer allows of one line, by its position; less than billed needs a code."""

    position: int
    allowed_minor: int
    code: str = ""
    reason: str = ""


def adjudicate_claim(
    claim: InsuranceClaim,
    *,
    decisions: Sequence[LineDecision],
    by: User | None,
    row_version: int | None = None,
    appeal_until: dt.date | None = None,
    client_id: str = "",
    now: dt.datetime | None = None,
) -> InsuranceClaim:
    """Decide every line of a claim once; one of which nothing is payable is denied at once.

    Amounts are minor units of the claim's currency. Raises DecisionBroken, ClaimChanged,
    MoveRefused, or OnlyOfficersDecide for a liaison; nothing is decided then.
    """
    act = Act(by, now or clock.now(), row_version, client_id)
    must_decide(by, insurer_id=claim.insurer_id)
    with one_move():
        fresh = locked(claim, act)
        if fresh.state != C.SUBMITTED:
            raise MoveRefused(fresh.state, C.ADJUDICATED)
        decide(fresh, decisions, act=act, appeal_until=appeal_until)
        deny_if_nothing_is_payable(fresh, act)
    return fresh


def decide(
    claim: InsuranceClaim,
    decisions: Sequence[LineDecision],
    *,
    act: Act,
    appeal_until: dt.date | None,
) -> None:
    """Write the decisions of a locked claim and move it on."""
    lines = {line.position: line for line in claim.lines.all()}
    if sorted(each.position for each in decisions) != sorted(lines):
        raise refusals.DecisionBroken
    for each in decisions:
        _write(lines[each.position], each)
    ClaimLine.objects.bulk_update(lines.values(), LINE_FIELDS)
    claim.adjudicated_at, claim.appeal_until = act.now, appeal_until
    move(claim, C.ADJUDICATED, "adjudicate", act=act, fields=DECIDED)


def deny_if_nothing_is_payable(claim: InsuranceClaim, act: Act) -> None:
    """Move a decided claim on that no remittance will ever follow."""
    if any(payable_left(line) for line in claim.lines.all()):
        return
    state = C.SHORT_PAID if claim.paid_minor else C.DENIED
    move(claim, state, state, act=act)
    claim_notices.fell_short(claim, now=act.now)


def payable_left(line: ClaimLine) -> int:
    """Return what a decided line still pays, in minor units."""
    allowed = payable(
        insurer_minor=line.insurer_minor,
        billed_minor=line.billed_minor,
        allowed_minor=line.allowed_minor or 0,
    )
    return max(allowed - line.paid_minor, 0)


def close_claim(
    claim: InsuranceClaim,
    *,
    by: User | None,
    row_version: int | None = None,
    without_appeal: bool = False,
    now: dt.datetime | None = None,
) -> InsuranceClaim:
    """End a settled claim; what was never paid goes where its reasons lie (decision 011).

    A line refused for a reason of the patient's policy is the patient's again; all else the
    hospital bears. The benefit that was not paid is the member's again. Raises AppealStillPossible
    before the appeal's last day unless `without_appeal`, ClaimChanged or MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version)
    with one_move():
        fresh = locked(claim, act)
        _check_appeal_is_over(fresh, without_appeal=without_appeal, now=act.now)
        fresh.closed_at = act.now
        move(fresh, C.CLOSED, "close", act=act, fields=("closed_at",))
        patient, hospital = never_paid(fresh)
        claim_postings.post_never_paid(
            fresh, patient=patient, hospital=hospital, by=by, now=act.now
        )
        _give_back_benefit(fresh, patient + hospital, act)
        if patient.minor:
            ask_for_balance_anew(fresh.bill.quote, by=by, now=act.now)
            claim_notices.closed_short(fresh, now=act.now)
    return fresh


def close_settled_claims(*, now: dt.datetime | None = None) -> int:
    """Close what is paid, and shortfalls whose day of appeal is over; returns how many."""
    now = now or clock.now()
    paid = InsuranceClaim.objects.filter(state=C.PAID)
    over = InsuranceClaim.objects.filter(state__in=SHORTFALL, appeal_until__lt=now.date())
    closed = 0
    for claim in (*paid.order_by("pk"), *over.order_by("pk")):
        try:
            close_claim(claim, by=None, row_version=claim.row_version, now=now)
        except Refusal as refusal:
            log.info("claim_left", claim=claim.pk, code=refusal.code)
            continue
        closed += 1
    return closed


def never_paid(claim: InsuranceClaim) -> tuple[Money, Money]:
    """Return what of the insurer's part stays unpaid: the patient's to pay, and the hospital's."""
    sums = {True: 0, False: 0}
    for line in claim.lines.all():
        sums[patient_bears(line.denial_code)] += line.insurer_minor - line.paid_minor
    return Money(sums[True], claim.currency), Money(sums[False], claim.currency)


def _check_appeal_is_over(claim: InsuranceClaim, *, without_appeal: bool, now: dt.datetime) -> None:
    until = claim.appeal_until
    if claim.state not in SHORTFALL or until is None or without_appeal:
        return
    if today_at(claim, now) <= until:
        raise refusals.AppealStillPossible(until)


def _write(line: ClaimLine, decision: LineDecision) -> None:
    code = decision.code.strip()
    allowed = decision.allowed_minor
    if not line.paid_minor <= allowed <= line.billed_minor or len(code) > 40:
        raise refusals.DecisionBroken
    if allowed < line.billed_minor and not code:
        raise refusals.DecisionBroken
    line.allowed_minor = allowed
    line.denial_code = code if allowed < line.billed_minor else ""
    line.denial_reason = decision.reason.strip()[:300] if line.denial_code else ""


def _give_back_benefit(claim: InsuranceClaim, unpaid: Money, act: Act) -> None:
    """Take back from the used benefit what the insurer did not pay in the end; once a claim."""
    back = taken_of_benefit(unpaid, claim.guarantee.currency, claim.rate or SAME).minor
    if not back:
        return
    used = claim.guarantee.reservations.filter(state=ReservationState.USED)
    for kept in used.order_by("balance_id"):
        balance = BenefitBalance.objects.filter(pk=kept.balance_id, used_minor__gte=back)
        if not balance.update(used_minor=F("used_minor") - back):
            continue  # the insurer has reported a lower use since: its word is newer
        BalanceEntry.objects.create(
            balance_id=kept.balance_id,
            change=BalanceChange.CORRECTED,
            key=f"claim:{claim.public_id}:closed:{kept.balance_id}",
            used_minor=-back,
            at=act.now,
            by=act.by,
        )
