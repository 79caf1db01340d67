"""Sending refunds to the gateway and learning what became of them; every step may be repeated.

The row comes first, the network call after it and outside any transaction, with a key that stays
the same until the answer is known (PY-04). What the gateway could not pay out becomes an alert and
a task for the cashier: a refund by bank transfer.
"""

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from medtour.lib import clock
from medtour.lib.locks import busy_is_a_refusal, claim_rows
from payments.gateways import gateway
from payments.gateways.protocol import (
    GatewayDown,
    GatewayRefused,
    PaymentGateway,
    RefundFacts,
    RefundRequest,
)
from payments.models import Dispute, MoneyAlert, Payment, Refund, RefundRoute
from payments.refund_refusals import ReferenceMissing, RefundDecided, RefundsFrozen
from payments.refund_rules import FOLLOW_UP_AFTER, SEND_LEASE, retry_at
from payments.selectors.refundable import goes_by_bank, is_frozen, left_of, waiting_for_approval
from payments.services import receipts, refund_notices, refund_postings
from payments.services.alerts import raise_alert
from payments.services.refund_begin import WITH_CASE, Wish, begin, lock_refund
from payments.transitions import LIVE_REFUND, REFUND, RefundState

log = structlog.get_logger(__name__)
BATCH = 50
# A gateway may keep a fault under a key, and forgets its keys after a day: from then on we look
# whether it made the refund, and if not, ask with a new key.
LOOK_AFTER = dt.timedelta(minutes=15)
# Not final, whatever the gateway calls them: the money may be there, or may be sent, later.
ASK_AGAIN = {"charge_disputed", "balance_insufficient", "insufficient_funds", "no_key"}
# The money is back with the payer already: no second way must be opened.
BACK_ALREADY = {"charge_already_refunded"}
UNKNOWN_REFUND = "unknown_refund:"
APPROVED = Q(needs_approval=False) | Q(approved_by__isnull=False)


def send_due_refunds(now: dt.datetime | None = None) -> int:
    """Send what is due and ask after what is on its way; returns how many were worked on.

    A payment with an open dispute keeps its refunds waiting (PY-10).
    """
    now = now or clock.now()
    due = _claim_due(now)
    for refund in due:
        try:
            _work_on(refund, now)
        except Exception:
            # It is asked again after its lease; the others must not wait for it.
            log.exception("refund_failed", refund=refund.public_id)
    return len(due)


def follow_refund(refund: Refund, now: dt.datetime | None = None) -> Refund:
    """Ask the gateway what became of a refund that it knows, and apply it.

    One that was never sent is left to `send_due_refunds`, which knows what may be sent.
    """
    refund.refresh_from_db()
    if refund.gateway_id:
        _work_on(refund, now or clock.now())
        refund.refresh_from_db()
    return refund


def follow_refunds_of(payment: Payment, now: dt.datetime | None = None) -> None:
    """Ask after every refund of a payment that the gateway knows; one can fail after success."""
    for refund in payment.refunds.exclude(gateway_id="").exclude(state=RefundState.FAILED):
        follow_refund(refund, now)


def follow_gateway_refund(
    gateway_id: str, *, account_id: str, now: dt.datetime | None = None
) -> Refund | None:
    """Apply what the gateway says of a refund that an event names; None when it is not ours.

    Somebody may give money of ours back past us, at the gateway's own desk: that raises an alert.
    Raises GatewayDown or GatewayRefused.
    """
    facts = gateway().fetch_refund(gateway_id, account_id=account_id)
    payment = Payment.objects.filter(
        intent_id=facts.intent_id, payee_account__account_id=account_id
    ).first()
    if payment is None or not facts.intent_id:
        return None
    refund = payment.refunds.filter(Q(gateway_id=gateway_id) | Q(public_id=facts.refund_id)).first()
    if refund is not None:
        return apply_refund(refund, facts, now)
    raise_alert(
        MoneyAlert.Kind.LEDGER_DIFFERS,
        f"{UNKNOWN_REFUND}{gateway_id}",
        hospital=payment.obligation.hospital,
        payment=payment,
        refund=gateway_id,
        code=facts.status,
    )
    return None


def apply_refund(refund: Refund, facts: RefundFacts, now: dt.datetime | None = None) -> Refund:
    """Take over what the gateway says of a refund; saying it again changes nothing.

    What does not fit our row changes nothing and raises an alert.
    """
    now = now or clock.now()
    with busy_is_a_refusal(), transaction.atomic():
        locked = lock_refund(refund)
        if not _fits(locked, facts):
            _alert(MoneyAlert.Kind.EVENT_DOES_NOT_FIT, locked, facts.status)
        elif facts.status == locked.state:
            _put_off(locked, now + FOLLOW_UP_AFTER)
        elif facts.status in REFUND.get(locked.state, frozenset()):
            locked.gateway_id = facts.gateway_id
            _move(locked, facts.status, facts.failure_code, now)
        elif locked.state == RefundState.FAILED and facts.status == RefundState.SUCCEEDED:
            _alert(MoneyAlert.Kind.LEDGER_DIFFERS, locked, facts.status)
    return locked


def record_bank_refund(
    refund: Refund, *, bank_reference: str, by: User, now: dt.datetime | None = None
) -> Refund:
    """Note that the cashier paid a refund by bank transfer.

    Raises ReferenceMissing, RefundDecided when it is no open task, or RefundsFrozen.
    """
    now = now or clock.now()
    if not bank_reference.strip():
        raise ReferenceMissing
    with busy_is_a_refusal(), transaction.atomic():
        locked = lock_refund(refund)
        waits = locked.needs_approval and locked.approved_by_id is None
        is_task = locked.route == RefundRoute.BANK_TRANSFER and locked.state == RefundState.CREATED
        if waits or not is_task:
            raise RefundDecided
        if is_frozen(locked.payment):
            raise RefundsFrozen
        locked.bank_reference = bank_reference.strip()[:80]
        _move(locked, RefundState.SUCCEEDED, "", now, by=by)
    return locked


def end_refund(refund: Refund, code: str, *, now: dt.datetime) -> None:
    """Stop a locked refund for good: what it took from the payment is free again."""
    refund.state, refund.failure_code, refund.settled_at = RefundState.FAILED, code[:80], now
    refund.save(update_fields=["state", "failure_code", "settled_at", "gateway_id"])
    refund.payment.refresh_from_db(fields=["refunded_minor"])
    refund_postings.post_failed(refund, at=now)


def give_up_undecided(payment: Payment, *, now: dt.datetime) -> None:
    """End refunds of a locked payment that nobody agreed to yet: all of it goes back by a rule.

    Otherwise a second person's no, or a lost dispute, would leave their part with the hospital.
    """
    for refund in waiting_for_approval(payment).order_by("pk"):
        refund.payment = payment
        end_refund(refund, "overtaken", now=now)


def _claim_due(now: dt.datetime) -> list[Refund]:
    """Take due refunds for one lease, so that two workers never send one at the same time."""
    frozen = Dispute.objects.filter(state=Dispute.State.OPEN).values("payment_id")
    due = (
        Refund.objects.filter(
            APPROVED,
            state__in=LIVE_REFUND,
            route=RefundRoute.ORIGINAL,
            next_attempt_at__lte=now,
        )
        .exclude(payment_id__in=frozen)
        .select_related(*(f"payment__{name}" for name in WITH_CASE))
        .order_by("next_attempt_at", "pk")
    )
    with transaction.atomic():
        claimed = claim_rows(due, limit=BATCH)
        pks = [refund.pk for refund in claimed]
        Refund.objects.filter(pk__in=pks).update(next_attempt_at=now + SEND_LEASE)
    return claimed


def _work_on(refund: Refund, now: dt.datetime) -> None:
    try:
        facts = _ask(gateway(refund.payment.gateway), refund, now)
    except GatewayDown:
        _put_off(refund, retry_at(now, refund.created_at))
    except GatewayRefused as refused:
        _refused(refund, refused.code, now)
    else:
        apply_refund(refund, facts, now)


def _ask(door: PaymentGateway, refund: Refund, now: dt.datetime) -> RefundFacts:
    """Return what the gateway knows of a refund, or ask it for one; raises as the gateway does."""
    payment = refund.payment
    account_id = payment.payee_account.account_id
    if refund.gateway_id:
        return door.fetch_refund(refund.gateway_id, account_id=account_id)
    if now - (refund.approved_at or refund.created_at) > LOOK_AFTER:
        found = door.find_refund(
            refund.public_id, intent_id=payment.intent_id, account_id=account_id
        )
        if found is not None:
            return found
        refund.attempt += 1
        refund.save(update_fields=["attempt"])
    return door.refund(
        RefundRequest(
            refund_id=refund.public_id,
            attempt=refund.attempt,
            intent_id=payment.intent_id,
            amount=refund.amount,
            account_id=account_id,
        )
    )


def _refused(refund: Refund, code: str, now: dt.datetime) -> None:
    """Take a final no, unless it is no such thing or the refund went its way meanwhile."""
    is_final = code not in ASK_AGAIN or goes_by_bank(refund.payment)
    if not is_final or refund.gateway_id:
        _put_off(refund, retry_at(now, refund.created_at))
        return
    with busy_is_a_refusal(), transaction.atomic():
        locked = lock_refund(refund)
        if locked.state == RefundState.CREATED:
            _move(locked, RefundState.FAILED, code, now)


def _move(refund: Refund, state: str, code: str, now: dt.datetime, by: User | None = None) -> None:
    """Bring a locked refund to its next state, with ledger and messages."""
    if state == RefundState.FAILED:
        _fail(refund, code, now)
        return
    refund.state, refund.next_attempt_at = state, now + FOLLOW_UP_AFTER
    if state == RefundState.SUCCEEDED:
        refund.settled_at = now
        refund_postings.post_sent(refund, by=by, at=now)
        refund_notices.done(refund)
    refund.save(
        update_fields=["state", "next_attempt_at", "settled_at", "gateway_id", "bank_reference"]
    )
    if state == RefundState.SUCCEEDED:
        receipts.promise_receipt(refund, now=now)


def _went_back_past_us(payment: Payment) -> bool:
    """Tell whether somebody gave money back at the gateway's own desk and nobody dealt with it.

    Until then it is not known how much is left, so no bank is told to send more (PY-09).
    """
    return MoneyAlert.objects.filter(
        payment=payment, key__startswith=UNKNOWN_REFUND, resolved_at=None
    ).exists()


def _fail(refund: Refund, code: str, now: dt.datetime) -> None:
    """End a refund that did not reach the payer: alert, message, and a task to pay it by bank."""
    end_refund(refund, code, now=now)
    _alert(MoneyAlert.Kind.REFUND_FAILED, refund, code)
    left = left_of(refund.payment).charge
    if code in BACK_ALREADY or left.minor <= 0 or _went_back_past_us(refund.payment):
        return
    refund_notices.failed(refund)
    wish = Wish(
        amount=min(refund.amount, left),
        cause=refund.cause,
        reason=refund.reason,
        by=refund.requested_by,
        needs_approval=refund.needs_approval,
        replaces=refund,
    )
    begin(refund.payment, wish, now=now)


def _fits(refund: Refund, facts: RefundFacts) -> bool:
    return (
        facts.amount == refund.amount
        and facts.refund_id == refund.public_id
        and facts.intent_id == refund.payment.intent_id
        and refund.gateway_id in ("", facts.gateway_id)
    )


def _alert(kind: MoneyAlert.Kind, refund: Refund, code: str) -> None:
    raise_alert(
        kind,
        f"{kind}:refund:{refund.public_id}",
        hospital=refund.payment.obligation.hospital,
        payment=refund.payment,
        refund=refund.public_id,
        code=code,
    )


def _put_off(refund: Refund, until: dt.datetime) -> None:
    Refund.objects.filter(pk=refund.pk, state__in=LIVE_REFUND).update(next_attempt_at=until)
