"""Stripe's objects, as plain dictionaries, read into our facts."""

import datetime as dt
from typing import Any

from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways.minor_units import from_stripe
from payments.gateways.protocol import (
    BalanceLine,
    Charge,
    ChargeStatus,
    Checkout,
    DisputeFacts,
    DisputeStatus,
    IncomingEvent,
    RefundFacts,
    RefundStatus,
)

Body = dict[str, Any]
CHARGE_STATUS: dict[str, ChargeStatus] = {
    "processing": "processing",
    "requires_capture": "reserved",
    "succeeded": "succeeded",
    "canceled": "canceled",
    "requires_action": "requires_action",
}
DISPUTE_STATUS: dict[str, DisputeStatus] = {
    "won": "won",
    "warning_closed": "won",
    "prevented": "won",
    "lost": "lost",
}
REFUND_STATUS: dict[str, RefundStatus] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}


def checkout(body: Body, account_id: str) -> Checkout:
    """Read a Checkout Session."""
    return Checkout(
        session_id=body["id"],
        url=body.get("url") or "",
        status=body["status"],
        is_paid=body["payment_status"] == "paid",
        intent_id=id_of(body.get("payment_intent")),
        amount=from_stripe(body["amount_total"], body["currency"]),
        account_id=account_id,
        is_live_mode=body["livemode"],
        payment_id=body.get("client_reference_id") or "",
        expires_at=instant(body["expires_at"]),
    )


def charge(body: Body, account_id: str) -> Charge:
    """Read a PaymentIntent whose latest charge and balance transaction came with it."""
    attempt = body.get("latest_charge")
    attempt = attempt if isinstance(attempt, dict) else {}
    failure = body.get("last_payment_error") or {}
    details = attempt.get("payment_method_details") or {}
    until = (details.get("card") or {}).get("capture_before")
    return Charge(
        intent_id=body["id"],
        status=CHARGE_STATUS.get(body["status"]) or ("failed" if failure else "open"),
        amount=from_stripe(body["amount"], body["currency"]),
        received=from_stripe(body.get("amount_received") or 0, body["currency"]),
        method=details.get("type", ""),
        failure_code=failure.get("decline_code") or failure.get("code") or "",
        fee=_fee(attempt.get("balance_transaction")),
        payment_id=(body.get("metadata") or {}).get("payment", ""),
        account_id=account_id,
        is_live_mode=body["livemode"],
        capture_before=instant(until) if until else None,
    )


def refund(body: Body) -> RefundFacts:
    """Read a Refund; one that waits for the payer's action is pending to us."""
    return RefundFacts(
        gateway_id=body["id"],
        refund_id=(body.get("metadata") or {}).get("refund", ""),
        intent_id=id_of(body.get("payment_intent")),
        status=REFUND_STATUS.get(body.get("status") or "", "pending"),
        amount=from_stripe(body["amount"], body["currency"]),
        failure_code=body.get("failure_reason") or "",
    )


def dispute(body: Body) -> DisputeFacts:
    """Read a Dispute or an inquiry."""
    due = body["evidence_details"].get("due_by")
    return DisputeFacts(
        gateway_id=body["id"],
        intent_id=id_of(body.get("payment_intent")),
        status=DISPUTE_STATUS.get(body["status"], "open"),
        amount=from_stripe(body["amount"], body["currency"]),
        reason=body["reason"],
        evidence_due_at=instant(due) if due else None,
        is_held=bool(body["balance_transactions"]),
        fees=tuple(
            (line["id"], from_stripe(line["fee"], line["currency"]))
            for line in body["balance_transactions"]
            if line["fee"]
        ),
    )


def balance_line(body: Body) -> BalanceLine:
    """Read a balance transaction whose source came with it."""
    source = body.get("source")
    return BalanceLine(
        gateway_id=body["id"],
        type=body["reporting_category"],
        source_id=_known_id(source),
        amount=from_stripe(body["amount"], body["currency"]),
        fee=from_stripe(body["fee"], body["currency"]),
        at=instant(body["created"]),
        original=_original(body, source),
    )


def event(body: Body) -> IncomingEvent:
    """Read a signed event; parts that this kind of event lacks are blank."""
    thing = (body.get("data") or {}).get("object") or {}
    is_intent = thing.get("object") == "payment_intent"
    return IncomingEvent(
        event_id=body["id"],
        type=body["type"],
        object_id=thing.get("id", ""),
        object_type=thing.get("object", ""),
        account_id=body.get("account") or "",
        is_live_mode=bool(body.get("livemode")),
        intent_id=thing.get("id", "") if is_intent else id_of(thing.get("payment_intent")),
    )


def holder(body: Body) -> str:
    """Return an account owner's name: the company's, else the name it does business under."""
    company, profile = body.get("company") or {}, body.get("business_profile") or {}
    shown = (body.get("settings") or {}).get("dashboard") or {}
    return company.get("name") or profile.get("name") or shown.get("display_name") or ""


def id_of(reference: str | Body | None) -> str:
    """Return the id of something that may be absent, an id or the whole object."""
    if isinstance(reference, dict):
        return reference["id"]
    return reference or ""


def instant(epoch: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(epoch, clock.UTC)


def _fee(transaction: str | Body | None) -> Money | None:
    if not isinstance(transaction, dict):
        return None
    return from_stripe(transaction["fee"], transaction["currency"])


def _known_id(source: str | Body | None) -> str:
    if isinstance(source, dict) and source.get("object") == "charge":
        return id_of(source.get("payment_intent")) or source["id"]
    return id_of(source)


def _original(line: Body, source: str | Body | None) -> Money | None:
    """Return the source's own amount with the line's sign, where the source has one."""
    if not isinstance(source, dict) or not isinstance(source.get("amount"), int):
        return None
    amount = from_stripe(source["amount"], source["currency"])
    return amount * -1 if line["amount"] < 0 else amount
