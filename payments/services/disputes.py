"""Disputes: a payer complains to the bank, refunds wait, and the bank decides (PY-10)."""

import datetime as dt
from collections import defaultdict

from django.db import transaction

from medtour.lib import clock
from medtour.lib.locks import busy_is_a_refusal
from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import DisputeFacts
from payments.models import Dispute, MoneyAlert, Payment
from payments.selectors.refundable import left_of
from payments.services import attempts, deposit_gaps, refund_postings, settlement
from payments.services.alerts import raise_alert
from payments.services.refund_begin import Wish, begin, lock_payment
from payments.services.refund_sending import end_refund
from payments.transitions import DISPUTE, DisputeState, PaymentState, RefundState


def follow_dispute(
    gateway_id: str, *, account_id: str, now: dt.datetime | None = None
) -> Dispute | None:
    """Ask the gateway about a dispute and apply the answer; None when it is about nothing of ours.

    A complaint may reach us before the payment it is about: that is settled first then. Raises
    GatewayDown, GatewayRefused or Busy.
    """
    facts = gateway().fetch_dispute(gateway_id, account_id=account_id)
    _hear_of_the_payment(facts.intent_id, account_id=account_id, now=now)
    return apply_dispute(facts, account_id=account_id, now=now)


def _hear_of_the_payment(intent_id: str, *, account_id: str, now: dt.datetime | None) -> None:
    """Settle the payment behind a disputed charge when nobody told us yet that it was paid."""
    paid = Payment.objects.filter(payee_account__account_id=account_id)
    if not intent_id or paid.filter(intent_id=intent_id, state=PaymentState.SUCCEEDED).exists():
        return
    charge = gateway().fetch_charge(intent_id, account_id=account_id)
    unheard = paid.filter(public_id=charge.payment_id).first() if charge.payment_id else None
    if unheard is not None:
        settlement.settle(unheard, now=now)


def apply_dispute(
    facts: DisputeFacts, *, account_id: str, now: dt.datetime | None = None
) -> Dispute | None:
    """Take over what the gateway says of a dispute; saying it again changes nothing.

    What does not fit its payment raises an alert and changes nothing else.
    """
    now = now or clock.now()
    found = Payment.objects.filter(
        intent_id=facts.intent_id,
        payee_account__account_id=account_id,
        state=PaymentState.SUCCEEDED,
    ).first()
    if found is None or not facts.intent_id:
        return None
    with busy_is_a_refusal(), transaction.atomic():
        attempts.lock_owner(found)
        payment = lock_payment(found.pk)
        known = Dispute.objects.filter(gateway_id=facts.gateway_id).first()
        if not _fits(payment, known, facts):
            _alert(MoneyAlert.Kind.EVENT_DOES_NOT_FIT, payment, facts, facts.status)
            return known
        dispute = known or _open(payment, facts, now)
        dispute.payment = payment
        if facts.is_held:
            refund_postings.post_dispute_opened(dispute, facts.amount, at=now)
        for line, fee in facts.fees:
            refund_postings.post_dispute_fee(dispute, line, fee, at=now)
        if facts.evidence_due_at and facts.evidence_due_at != dispute.evidence_due_at:
            dispute.evidence_due_at = facts.evidence_due_at
            dispute.save(update_fields=["evidence_due_at"])
        if facts.status in DISPUTE.get(dispute.state, frozenset()):
            _close(dispute, facts, now)
    return dispute


def _fits(payment: Payment, known: Dispute | None, facts: DisputeFacts) -> bool:
    same = known is None or (known.payment_id, known.amount_minor) == (
        payment.pk,
        facts.amount.minor,
    )
    in_charge = facts.amount.currency == payment.charge_currency
    return same and in_charge and 0 < facts.amount.minor <= payment.charge_minor


def _open(payment: Payment, facts: DisputeFacts, now: dt.datetime) -> Dispute:
    """Note a new dispute: refunds of its payment wait, and the desk knows until when."""
    dispute = Dispute.objects.create(
        payment=payment,
        gateway_id=facts.gateway_id,
        amount_minor=facts.amount.minor,
        reason=facts.reason[:80],
        evidence_due_at=facts.evidence_due_at,
        opened_at=now,
    )
    _alert(MoneyAlert.Kind.DISPUTE_OPENED, payment, facts, DisputeState.OPEN)
    return dispute


def _close(dispute: Dispute, facts: DisputeFacts, now: dt.datetime) -> None:
    if facts.status == DisputeState.LOST:
        _lose(dispute, facts, now)
        return
    refund_postings.post_dispute_won(dispute, at=now)
    _end(dispute, DisputeState.WON, now)


def _lose(dispute: Dispute, facts: DisputeFacts, now: dt.datetime) -> None:
    """The payer has the money: it counts as given back, and refunds that waited shrink by it."""
    payment = dispute.payment
    wanted = _take_back_waiting(payment, now)
    left = left_of(payment)
    refund_postings.post_dispute_opened(dispute, facts.amount, at=now)
    refund_postings.post_dispute_lost(dispute, facts.amount, left=left, at=now)
    _end(dispute, DisputeState.LOST, now)
    _alert(MoneyAlert.Kind.DISPUTE_OPENED, payment, facts, DisputeState.LOST)
    covered = facts.amount.minor
    for cause, minor in wanted.items():
        still = min(max(minor - covered, 0), left_of(payment).charge.minor)
        covered = max(covered - minor, 0)
        if still:
            begin(payment, Wish(Money(still, payment.charge_currency), cause), now=now)
    deposit_gaps.ask_the_desk(dispute, now=now)


def _take_back_waiting(payment: Payment, now: dt.datetime) -> dict[str, int]:
    """End the refunds that were never sent; return what they would have paid, by cause."""
    wanted: dict[str, int] = defaultdict(int)
    for refund in payment.refunds.filter(state=RefundState.CREATED).order_by("pk"):
        refund.payment = payment
        decided = not refund.needs_approval or refund.approved_by_id is not None
        wanted[refund.cause] += refund.amount_minor if decided else 0
        end_refund(refund, "dispute_lost", now=now)
    return wanted


def _end(dispute: Dispute, state: str, now: dt.datetime) -> None:
    dispute.state, dispute.closed_at = state, now
    dispute.save(update_fields=["state", "closed_at"])


def _alert(kind: MoneyAlert.Kind, payment: Payment, facts: DisputeFacts, state: str) -> None:
    due = facts.evidence_due_at
    raise_alert(
        kind,
        f"{kind}:dispute:{facts.gateway_id}:{state}",
        hospital=payment.obligation.hospital,
        payment=payment,
        dispute=facts.gateway_id,
        state=state,
        answer_by=due.isoformat() if due else "",
    )
