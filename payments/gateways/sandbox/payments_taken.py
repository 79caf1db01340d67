"""Payment intents and charges: the tries to pay, how they end, what reaches the balance."""

import datetime as dt

from medtour.lib import clock
from payments.gateways.sandbox import shapes, store
from payments.gateways.sandbox.events import AT_ONCE, Plan, tell
from payments.gateways.sandbox.models import StoredObject
from payments.gateways.sandbox.store import Body
from payments.gateways.sandbox.wire import Problem, Request

# code, decline code, what the payer reads at Stripe.
FAILURES = {
    "card_declined": ("card_declined", "generic_decline", "Your card was declined."),
    "insufficient_funds": (
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    "lost_card": ("card_declined", "lost_card", "Your card was declined."),
    "expired_card": ("expired_card", None, "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", None, "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        None,
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "authentication_failed": (
        "payment_intent_authentication_failure",
        None,
        "The provided PaymentMethod has failed authentication.",
    ),
    "payment_method_declined": (
        "payment_method_provider_decline",
        None,
        "The payment was declined by the provider.",
    ),
}
WALLET_SECONDS = 20
RESERVED_FOR = dt.timedelta(days=7)


def retrieve_intent(request: Request, object_id: str) -> Body:
    found = store.find(object_id, "payment_intent", request.owner_id)
    return let_go_if_late(store.lock(found)).body


def capture_intent(request: Request, object_id: str) -> Body:
    """Take what a card keeps; after its time the card has let it go."""
    intent = let_go_if_late(store.lock(store.find(object_id, "payment_intent", request.owner_id)))
    if intent.body["status"] != "requires_capture":
        raise Problem(
            f"This PaymentIntent could not be captured because it has a status of"
            f" {intent.body['status']}.",
            code="payment_intent_unexpected_state",
        )
    if not intent.ends_well:
        raise Problem("The card did not give the money.", code="card_declined")
    intent.due_at = None
    charge = store.lock(store.named(intent.body["latest_charge"]))
    store.change(charge, captured=True, amount_captured=charge.body["amount"])
    _put_on_balance(intent, charge)
    store.change(intent, status="succeeded", amount_received=charge.body["amount"])
    store.change(intent, amount_capturable=0)
    tell(charge, "charge.captured")
    tell(intent, "payment_intent.succeeded")
    return intent.body


def let_go(intent: StoredObject, reason: str) -> StoredObject:
    """End a reservation without money."""
    intent.due_at = None
    charge = store.lock(store.named(intent.body["latest_charge"]))
    store.change(charge, refunded=True, amount_refunded=charge.body["amount"])
    store.change(intent, status="canceled", cancellation_reason=reason, amount_capturable=0)
    tell(charge, "charge.expired" if reason == "automatic" else "charge.refunded")
    tell(intent, "payment_intent.canceled")
    return intent


def let_go_if_late(intent: StoredObject) -> StoredObject:
    is_late = intent.due_at is not None and intent.due_at <= clock.now()
    if is_late and intent.body["status"] == "requires_capture":
        return let_go(intent, "automatic")
    return intent


def cancel_intent(request: Request, object_id: str) -> Body:
    """Let a card go that keeps money; else refuse, as Stripe does: a session is expired instead."""
    intent = store.lock(store.find(object_id, "payment_intent", request.owner_id))
    if intent.body["status"] == "requires_capture":
        return let_go(intent, "requested_by_customer").body
    raise Problem(
        "You cannot cancel this PaymentIntent because it was created by Checkout. Expire the"
        " Checkout Session instead.",
        code="payment_intent_unexpected_state",
    )


def retrieve_charge(request: Request, object_id: str) -> Body:
    return store.find(object_id, "charge", request.owner_id).body


def intent_of(session: StoredObject) -> StoredObject:
    """Return the session's intent, made at the first try to pay."""
    known = store.about(session.object_id, "payment_intent")
    if known:
        return known
    body = shapes.intent(session.body, metadata=session.body["metadata"])
    stored = store.keep(body, owner_id=session.owner_id, about_id=session.object_id)
    store.change(session, payment_intent=body["id"])
    return stored


def reserve(intent: StoredObject, *, plan: Plan = AT_ONCE) -> None:
    """Let a card keep the money for a week; nothing reaches the balance."""
    charge = _try(intent, "card", None)
    until = clock.now() + RESERVED_FOR
    details = charge.body["payment_method_details"]
    details["card"] |= {"capture_before": store.epoch(until)}
    store.change(charge, captured=False, amount_captured=0, payment_method_details=details)
    intent.due_at, intent.ends_well = until, True
    store.change(
        intent,
        status="requires_capture",
        amount_capturable=charge.body["amount"],
        last_payment_error=None,
        next_action=None,
    )
    tell(charge, "charge.succeeded", plan=plan)
    tell(intent, "payment_intent.amount_capturable_updated", plan=plan)


def succeed(intent: StoredObject, *, method: str, plan: Plan = AT_ONCE) -> None:
    """Take the money and put it, less the fee, on the account's balance."""
    charge = _try(intent, method, None)
    _put_on_balance(intent, charge)
    amount = charge.body["amount"]
    store.change(
        intent,
        status="succeeded",
        amount_received=amount,
        last_payment_error=None,
        next_action=None,
    )
    tell(charge, "charge.succeeded", plan=plan)
    tell(intent, "payment_intent.succeeded", plan=plan)


def _put_on_balance(intent: StoredObject, charge: StoredObject) -> None:
    amount = charge.body["amount"]
    method = charge.body["payment_method_details"]["type"]
    transaction = shapes.balance_transaction(
        charge.body,
        kind="charge" if method == "card" else "payment",
        category="charge",
        amount=amount,
        fee=shapes.fee_of(amount),
    )
    store.keep(transaction, owner_id=intent.owner_id, about_id=charge.object_id)
    store.change(charge, balance_transaction=transaction["id"])


def fail(intent: StoredObject, failure: str, *, method: str, plan: Plan = AT_ONCE) -> None:
    """End one try without money; the payer may try again while the session is open."""
    error = error_of(failure)
    charge = _try(intent, method, error)
    store.change(
        intent,
        status="requires_payment_method",
        last_payment_error=error | {"charge": charge.object_id},
        next_action=None,
    )
    tell(charge, "charge.failed", plan=plan)
    tell(intent, "payment_intent.payment_failed", plan=plan)


def ask_for_action(intent: StoredObject, *, plan: Plan = AT_ONCE) -> None:
    """Wait for the payer's bank (3-D Secure)."""
    action = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
    store.change(intent, status="requires_action", next_action=action, last_payment_error=None)
    tell(intent, "payment_intent.requires_action", plan=plan)


def begin_waiting(intent: StoredObject, *, method: str, ends_well: bool, plan: Plan) -> None:
    """Let a wallet take its time; it ends by itself."""
    intent.due_at = clock.now() + dt.timedelta(seconds=WALLET_SECONDS)
    intent.ends_well = ends_well
    store.change(
        intent, status="processing", payment_method_types=[method], last_payment_error=None
    )
    tell(intent, "payment_intent.processing", plan=plan)


def end_by_time(intent: StoredObject) -> None:
    """Do what time does to an intent: a wallet ends, a card lets go."""
    if intent.body["status"] == "requires_capture":
        let_go(intent, "automatic")
    else:
        end_waiting(intent)


def end_waiting(intent: StoredObject) -> None:
    """Finish what a wallet began, for the intent and for its session."""
    method = intent.body["payment_method_types"][0]
    session = store.named(intent.about_id)
    intent.due_at = None
    if intent.ends_well:
        succeed(intent, method=method)
        store.change(session, payment_status="paid")
        tell(session, "checkout.session.async_payment_succeeded")
        return
    fail(intent, "payment_method_declined", method=method)
    tell(session, "checkout.session.async_payment_failed")


def error_of(failure: str) -> Body:
    code, decline_code, message = FAILURES[failure]
    error = {"code": code, "message": message, "type": "card_error"}
    return error | {"decline_code": decline_code} if decline_code else error


def _try(intent: StoredObject, method: str, failure: Body | None) -> StoredObject:
    body = shapes.charge(intent.body, method=method, failure=failure)
    store.change(intent, latest_charge=body["id"])
    return store.keep(body, owner_id=intent.owner_id, about_id=intent.object_id)
