"""A patient's claim for the whole deposit, with proof; the hospital decides on it (BK-10)."""

import base64
import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from bookings.refusals import ReasonMissing
from bookings.transitions import OCCUPYING, CaseState
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.locks import busy_is_a_refusal, lock_row
from messaging.services import Outgoing, queue
from payments.models import Obligation, Payment, Refund, RefundClaim
from payments.refund_refusals import (
    CancelFirst,
    ClaimDecided,
    ClaimRunning,
    NothingToRefund,
    ProofMissing,
    ProofNotReadable,
    ProofTooLarge,
    RefundsFrozen,
)
from payments.selectors.refund_preview import WITH_PROOF
from payments.selectors.refundable import is_frozen, left_of, paid_payments
from payments.services.refund_begin import lock_payment
from payments.services.refunds import are_above_threshold, one_at_a_time, refund_rest

BEFORE_TREATMENT = frozenset(
    {
        CaseState.QUOTED,
        CaseState.ACCEPTED,
        CaseState.SCHEDULED,
        CaseState.WITHDRAWN,
        CaseState.DECLINED,
    }
)
LARGEST_PROOF = 5 * 1024 * 1024
LONGEST_STATEMENT = 2_000
ONE_OPEN = "payments_claim_one_open"
MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A file as it was sent, and what its first bytes say it is."""

    content: bytes
    content_type: str


def ask_for_rest(
    obligation: Obligation,
    *,
    cause: str,
    statement: str,
    proof: bytes,
    by: User,
    now: dt.datetime | None = None,
) -> RefundClaim:
    """Ask for what the ladder kept, because of a visa, an insurer or one's health.

    File and statement are stored encrypted. Raises CancelFirst while the appointment stands, or any
    of the case for money paid towards a quote; NothingToRefund when nothing was kept or the patient
    was treated; ClaimRunning, ProofMissing, ProofTooLarge or
    ProofNotReadable.
    """
    if cause not in WITH_PROOF:
        raise ValueError(f"no proof is asked for {cause}")
    kind = type_of(proof)
    _check_kept(obligation)
    try:
        with transaction.atomic():
            return RefundClaim.objects.create(
                obligation=obligation,
                cause=cause,
                statement=statement.strip()[:LONGEST_STATEMENT],
                proof=base64.b64encode(proof).decode(),
                proof_type=kind,
                asked_by=by,
                asked_at=now or clock.now(),
            )
    except IntegrityError as error:
        if constraint_name(error) != ONE_OPEN:
            raise
        raise ClaimRunning from error


def type_of(proof: bytes) -> str:
    """Return what a file is by its first bytes, never by its name.

    Raises ProofMissing, ProofTooLarge or ProofNotReadable.
    """
    if not proof:
        raise ProofMissing
    if len(proof) > LARGEST_PROOF:
        raise ProofTooLarge
    for magic, kind in MAGIC.items():
        if proof.startswith(magic):
            return kind
    raise ProofNotReadable


def proof_of(claim: RefundClaim) -> Proof:
    """Return the file of a claim; whoever shows it writes into the audit trail that they did."""
    return Proof(base64.b64decode(claim.proof), claim.proof_type)


def accept_claim(
    claim: RefundClaim, *, by: User, reason: str = "", now: dt.datetime | None = None
) -> list[Refund]:
    """Send the rest of the deposit back; above the threshold a second person must agree to it.

    Everybody's shares are decided together: all of them go, or all of them wait. Raises
    ClaimDecided, RefundsFrozen, or NothingToRefund when it is back already.
    """
    now = now or clock.now()
    with busy_is_a_refusal(), transaction.atomic():
        one_at_a_time(claim.obligation.case_id)
        payments = [
            lock_payment(pk) for pk in _payments(claim.obligation).values_list("pk", flat=True)
        ]
        locked = _lock_open(claim)
        if any(is_frozen(payment) for payment in payments):
            raise RefundsFrozen
        asks = are_above_threshold(payments)
        refunds = [_rest(payment, locked, by=by, asks=asks, now=now) for payment in payments]
        begun = [refund for refund in refunds if refund is not None]
        if not begun:
            raise NothingToRefund
        _decide(locked, RefundClaim.State.ACCEPTED, by=by, reason=reason, now=now)
    return begun


def refuse_claim(
    claim: RefundClaim, *, by: User, reason: str, now: dt.datetime | None = None
) -> RefundClaim:
    """Say no, with a reason that the patient can read; raises ReasonMissing or ClaimDecided."""
    if not reason.strip():
        raise ReasonMissing
    with busy_is_a_refusal(), transaction.atomic():
        locked = _lock_open(claim)
        _decide(locked, RefundClaim.State.REFUSED, by=by, reason=reason, now=now or clock.now())
        queue(
            Outgoing(
                kind="payments.claim_refused",
                recipient=locked.obligation.case.patient.account,
                dedupe_key=f"payments.claim_refused:{locked.public_id}",
                context={"claim": locked.public_id},
            )
        )
    return locked


def _check_kept(obligation: Obligation) -> None:
    appointment, case = obligation.appointment, obligation.case
    if appointment is not None:
        appointment.refresh_from_db(fields=["state"])
        stands = appointment.state in OCCUPYING
    else:
        # Paid towards a quote: what it was paid for is all that the case has booked.
        case.refresh_from_db(fields=["state"])
        if case.state not in BEFORE_TREATMENT:
            raise NothingToRefund
        stands = case.appointments.filter(state__in=OCCUPYING).exists()
    if stands:
        raise CancelFirst
    if not any(left_of(payment).charge.minor > 0 for payment in _payments(obligation)):
        raise NothingToRefund


def _payments(obligation: Obligation) -> QuerySet[Payment]:
    return paid_payments([obligation])


def _rest(
    payment: Payment, claim: RefundClaim, *, by: User, asks: bool, now: dt.datetime
) -> Refund | None:
    why = f"claim {claim.public_id}"
    return refund_rest(payment, cause=claim.cause, reason=why, by=by, asks=asks, now=now)


def _lock_open(claim: RefundClaim) -> RefundClaim:
    locked = lock_row(
        RefundClaim.objects.select_related("obligation__case__patient__account"), claim.pk
    )
    if locked.state != RefundClaim.State.ASKED:
        raise ClaimDecided
    return locked


def _decide(claim: RefundClaim, state: str, *, by: User, reason: str, now: dt.datetime) -> None:
    claim.state, claim.decided_by, claim.decided_at = state, by, now
    claim.decision_reason = reason.strip()[:300]
    claim.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
