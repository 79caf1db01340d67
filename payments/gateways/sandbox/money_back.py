"""Refunds and disputes: money that leaves the account's balance again."""

import datetime as dt

from medtour.lib import clock
from payments.gateways.sandbox import shapes, store
from payments.gateways.sandbox.events import tell
from payments.gateways.sandbox.models import Fault, StoredObject
from payments.gateways.sandbox.store import Body
from payments.gateways.sandbox.wire import Problem, Request, missing, only, whole

ANSWER_WITHIN = dt.timedelta(days=9)
WALLET_REFUND_AFTER = dt.timedelta(seconds=20)
REFUND_PARAMETERS = {"amount", "charge", "metadata", "payment_intent", "reason"}


def create_refund(request: Request) -> Body:
    """Give money back, at most what is left of the charge; a card at once, a wallet later."""
    form = request.form
    only(form, REFUND_PARAMETERS)
    if "payment_intent" not in form:
        raise missing("payment_intent")
    charge = _refundable(form["payment_intent"], request.owner_id)
    left = charge.body["amount"] - charge.body["amount_refunded"]
    amount = whole(form, "amount") if "amount" in form else left
    if left == 0:
        raise Problem(
            f"Charge {charge.object_id} has already been refunded.", code="charge_already_refunded"
        )
    if not 0 < amount <= left:
        raise Problem(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    body = shapes.refund(
        charge.body, amount=amount, metadata=form.get("metadata", {}), reason=form.get("reason")
    )
    refund = store.keep(body, owner_id=request.owner_id, about_id=charge.object_id)
    _count(charge, amount)
    tell(refund, "refund.created")
    tell(charge, "charge.refunded")
    if not _takes_time(refund, charge):
        finish_refund(refund)
    return refund.body


def retrieve_refund(request: Request, object_id: str) -> Body:
    return store.find(object_id, "refund", request.owner_id).body


def finish_refund(refund: StoredObject) -> StoredObject:
    """Take a pending refund out of the balance."""
    if refund.body["status"] != "pending":
        return refund
    refund.due_at = None
    transaction = _move(refund, "refund", -refund.body["amount"])
    store.change(refund, status="succeeded", balance_transaction=transaction)
    tell(refund, "refund.updated")
    return refund


def fail_refund(refund: StoredObject, reason: str = "expired_or_canceled_card") -> StoredObject:
    """Bring a refund back that the payer's bank did not take, even after it had succeeded."""
    if refund.body["status"] == "failed":
        return refund
    refund.due_at = None
    fields: Body = {"status": "failed", "failure_reason": reason}
    if refund.body["status"] == "succeeded":
        fields["failure_balance_transaction"] = _move(
            refund, "refund_failure", refund.body["amount"]
        )
    store.change(refund, **fields)
    _count(store.lock(store.named(refund.about_id)), -refund.body["amount"])
    tell(refund, "refund.failed", "charge.refund.updated")
    return refund


def retrieve_dispute(request: Request, object_id: str) -> Body:
    return store.find(object_id, "dispute", request.owner_id).body


def open_dispute(
    intent_id: str, *, amount: int | None, reason: str, due: dt.datetime, fee: int = 0
) -> Body:
    """Let the payer complain: the money is taken from the balance until it is decided.

    `fee` is what is taken for it besides, and not given back.
    """
    charge = _refundable(intent_id, store.named(intent_id).owner_id)
    body = shapes.dispute(
        charge.body,
        amount=charge.body["amount"] if amount is None else amount,
        reason=reason,
        due_by=store.epoch(due),
    )
    dispute = store.keep(body, owner_id=charge.owner_id, about_id=charge.object_id)
    _move_dispute(dispute, "dispute", -body["amount"], fee)
    store.change(charge, disputed=True)
    tell(dispute, "charge.dispute.created", "charge.dispute.funds_withdrawn")
    return dispute.body


def close_dispute(dispute: StoredObject, *, is_won: bool) -> Body:
    """Decide a dispute; a won one brings the money back."""
    if dispute.body["status"] in ("won", "lost"):
        return dispute.body
    store.change(dispute, status="won" if is_won else "lost")
    if is_won:
        _move_dispute(dispute, "dispute_reversal", dispute.body["amount"])
        tell(dispute, "charge.dispute.funds_reinstated")
    tell(dispute, "charge.dispute.closed")
    return dispute.body


def answer_by() -> dt.datetime:
    return clock.now() + ANSWER_WITHIN


def _refundable(intent_id: str, owner_id: str) -> StoredObject:
    intent = store.find(intent_id, "payment_intent", owner_id)
    if intent.body["status"] != "succeeded":
        raise Problem(
            f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
        )
    charge = store.lock(store.named(intent.body["latest_charge"]))
    if charge.body["disputed"] and not _is_won(charge):
        raise Problem(
            f"Charge {charge.object_id} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    return charge


def _is_won(charge: StoredObject) -> bool:
    dispute = store.about(charge.object_id, "dispute")
    return dispute is not None and dispute.body["status"] == "won"


def _takes_time(refund: StoredObject, charge: StoredObject) -> bool:
    """Let a wallet's refund end by itself later, and one that is told to wait wait for ever."""
    fault = Fault.objects.filter(kind=Fault.Kind.REFUND_WAITS, times__gt=0).first()
    if fault:
        fault.times -= 1
        fault.save()
        return True
    if charge.body["payment_method_details"]["type"] == "card":
        return False
    refund.due_at = clock.now() + WALLET_REFUND_AFTER
    refund.save()
    return True


def _count(charge: StoredObject, amount: int) -> None:
    refunded = charge.body["amount_refunded"] + amount
    store.change(charge, amount_refunded=refunded, refunded=refunded == charge.body["amount"])


def _move(refund: StoredObject, category: str, amount: int) -> str:
    body = shapes.balance_transaction(
        refund.body, kind=category, category=category, amount=amount, fee=0
    )
    store.keep(body, owner_id=refund.owner_id, about_id=refund.object_id)
    return body["id"]


def _move_dispute(dispute: StoredObject, category: str, amount: int, fee: int = 0) -> None:
    body = shapes.balance_transaction(
        dispute.body, kind="adjustment", category=category, amount=amount, fee=fee
    )
    store.keep(body, owner_id=dispute.owner_id, about_id=dispute.object_id)
    store.change(dispute, balance_transactions=[*dispute.body["balance_transactions"], body])
