"""Stripe's objects as it shows them at our API version; tests hold them to its description.

`blanks.json` holds the fields that are always the same here.
"""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from medtour.lib import clock
from payments.gateways.sandbox.store import Body, epoch, new_id
from payments.gateways.sandbox.wire import Form

# What the sandbox keeps of a charge: 3.4 % of it, half a minor unit rounded up.
FEE_PERMILLE = 34
AVAILABLE_AFTER_SECONDS = 7 * 86400


@cache
def _blanks() -> dict[str, Body]:
    return json.loads((Path(__file__).parent / "blanks.json").read_text(encoding="utf-8"))


def _new(kind: str, **fields: Any) -> Body:
    made = {"id": new_id(kind), "object": kind, "created": epoch(clock.now())}
    return made | copy.deepcopy(_blanks()[kind]) | fields


def session(form: Form, *, amount: int, currency: str, expires_at: int) -> Body:
    """Return an open Checkout Session; its own address is set once its id is known."""
    return _new(
        "checkout.session",
        livemode=False,
        amount_subtotal=amount,
        amount_total=amount,
        cancel_url=form.get("cancel_url"),
        client_reference_id=form.get("client_reference_id"),
        currency=currency,
        expires_at=expires_at,
        locale=form.get("locale"),
        metadata=form.get("metadata", {}),
        submit_type=form.get("submit_type"),
        success_url=form.get("success_url"),
    )


def intent(paid_on: Body, *, metadata: Form) -> Body:
    """Return the PaymentIntent that a session makes at the first try to pay."""
    made = _new(
        "payment_intent",
        livemode=False,
        amount=paid_on["amount_total"],
        currency=paid_on["currency"],
        metadata=metadata,
    )
    return made | {"client_secret": f"{made['id']}_secret_sandbox"}


def charge(intent: Body, *, method: str, failure: Body | None) -> Body:
    """Return one try to take the money; `failure` is None when it worked."""
    made = _new(
        "charge",
        livemode=False,
        amount=intent["amount"],
        amount_captured=0 if failure else intent["amount"],
        captured=not failure,
        currency=intent["currency"],
        metadata=intent["metadata"],
        paid=not failure,
        payment_intent=intent["id"],
        payment_method_details=_method_details(method),
        status="failed" if failure else "succeeded",
    )
    if failure:
        made |= {"failure_code": failure["code"], "failure_message": failure["message"]}
    return made


def _method_details(method: str) -> Body:
    details = _blanks()["card"] if method == "card" else {"transaction_id": None}
    return {"type": method, method: copy.deepcopy(details)}


def balance_transaction(source: Body, *, kind: str, category: str, amount: int, fee: int) -> Body:
    """Return a movement on the account's balance; `amount` is negative when money leaves it."""
    line = {"amount": fee, "application": None, "currency": source["currency"]}
    line |= {"description": "Stripe processing fees", "type": "stripe_fee"}
    return _new(
        "balance_transaction",
        amount=amount,
        available_on=epoch(clock.now()) + AVAILABLE_AFTER_SECONDS,
        currency=source["currency"],
        fee=fee,
        fee_details=[line] if fee else [],
        net=amount - fee,
        reporting_category=category,
        source=source["id"],
        type=kind,
    )


def fee_of(amount: int) -> int:
    return (amount * FEE_PERMILLE + 500) // 1000


def refund(charge: Body, *, amount: int, metadata: Form, reason: str | None) -> Body:
    """Return a refund that has not moved money yet."""
    return _new(
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        metadata=metadata,
        payment_intent=charge["payment_intent"],
        reason=reason,
    )


def dispute(charge: Body, *, amount: int, reason: str, due_by: int) -> Body:
    """Return a dispute that waits for the hospital's answer."""
    made = _new(
        "dispute",
        livemode=False,
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        reason=reason,
    )
    made["evidence_details"]["due_by"] = due_by
    return made


def account(account_id: str, *, name: str, country: str) -> Body:
    """Return an account that takes payments, owned by a company called `name`."""
    return {
        "id": account_id,
        "object": "account",
        "created": epoch(clock.now()),
        **copy.deepcopy(_blanks()["account"]),
        "business_profile": {"mcc": "8062", "name": name, "url": None},
        "company": {"name": name, "tax_id_provided": True},
        "country": country,
    }


def event(kind: str, thing: Body, *, owner_id: str, version: str) -> Body:
    """Return the news that something happened to an object."""
    made = _new("event", livemode=False, api_version=version, data={"object": thing}, type=kind)
    return made | {"account": owner_id} if owner_id else made
