"""A hospital's answer to a shortfall before the insurer's day, and the insurer's answer (DP-12)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Disclosed, User
from medtour.lib import clock
from medtour.lib.states import MoveRefused
from payments import claim_refusals as refusals
from payments.models import Appeal, DocumentKind, InsuranceClaim
from payments.services.insurance import claim_notices
from payments.services.insurance.claim_decisions import (
    LineDecision,
    decide,
    deny_if_nothing_is_payable,
)
from payments.services.insurance.claim_rows import check, locked, move, one_move, today_at
from payments.services.insurance.claims import tell_insurer
from payments.services.insurance.guarantee_rows import Act
from payments.transitions import ClaimState

C = ClaimState


@dataclass(frozen=True, slots=True)
class Answer:
    """What an insurer says to an appeal; `decisions` of every line where it agrees, else none."""

    words: str
    decisions: Sequence[LineDecision] = ()
    appeal_until: dt.date | None = None


def appeal_claim(
    claim: InsuranceClaim,
    *,
    reason: str,
    missing_documents: Sequence[str] = (),
    by: User,
    row_version: int | None = None,
    now: dt.datetime | None = None,
) -> Appeal:
    """Ask the insurer to decide again, with what it lacked; until the last day of its own.

    `missing_documents` are kinds that the insurer said it lacked: each must be in the claim now.
    Raises ReasonMissing, AppealTooLate, ClaimIncomplete, SharingNotAgreed, ClaimChanged or
    MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version)
    words = reason.strip()
    with one_move():
        fresh = locked(claim, act)
        check(fresh, C.APPEALED)
        if not words:
            raise refusals.ReasonMissing
        if fresh.appeal_until and today_at(fresh, act.now) > fresh.appeal_until:
            raise refusals.AppealTooLate
        _check_documents(fresh, missing_documents)
        appeal = Appeal.objects.create(
            claim=fresh,
            reason=words,
            missing_documents=list(missing_documents),
            filed_at=act.now,
            filed_by=by,
        )
        move(fresh, C.APPEALED, "appeal", act=act, reason=words)
        tell_insurer(fresh, {Disclosed.ANSWER}, act)
        claim_notices.submitted(fresh, now=act.now)
    return appeal


def answer_appeal(
    claim: InsuranceClaim,
    *,
    answer: Answer,
    by: User | None,
    row_version: int | None = None,
    client_id: str = "",
    now: dt.datetime | None = None,
) -> InsuranceClaim:
    """Answer an appeal; with decisions every line is decided again, else nothing changes.

    What a remittance has paid stays paid. Raises ReasonMissing, DecisionBroken, ClaimChanged or
    MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version, client_id)
    words = answer.words.strip()
    with one_move():
        fresh = locked(claim, act)
        if fresh.state != C.APPEALED:
            raise MoveRefused(fresh.state, C.ADJUDICATED)
        if not words:
            raise refusals.ReasonMissing
        appeal = fresh.appeals.get(answered_at=None)
        appeal.answered_at, appeal.answered_by = act.now, act.by
        appeal.is_upheld, appeal.answer = bool(answer.decisions), words
        appeal.save(update_fields=["answered_at", "answered_by", "is_upheld", "answer"])
        if answer.decisions:
            decide(fresh, answer.decisions, act=act, appeal_until=answer.appeal_until)
            deny_if_nothing_is_payable(fresh, act)
        else:
            fresh.appeal_until = answer.appeal_until
            state = C.SHORT_PAID if fresh.paid_minor else C.DENIED
            move(fresh, state, "uphold", act=act, reason=words, fields=("appeal_until",))
        claim_notices.answered(fresh, now=act.now)
    return fresh


def _check_documents(claim: InsuranceClaim, kinds: Sequence[str]) -> None:
    """Raise ClaimIncomplete unless the claim holds what the insurer said it lacked."""
    held = {row.kind for row in claim.documents.all()}
    lacking = [kind for kind in kinds if kind not in held]
    if lacking:
        raise refusals.ClaimIncomplete(str(DocumentKind(kind).label) for kind in lacking)
