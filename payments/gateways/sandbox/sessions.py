"""Checkout sessions: begun by us, ended by a payer, by us or by time."""

import datetime as dt
from urllib.parse import urlsplit

from django.db import transaction

from medtour.lib import clock
from payments.gateways.minor_units import LARGEST, step, stripe_exponent
from payments.gateways.sandbox import payments_taken as taken
from payments.gateways.sandbox import shapes, store
from payments.gateways.sandbox.events import AT_ONCE, Plan, tell
from payments.gateways.sandbox.models import StoredObject
from payments.gateways.sandbox.store import Body
from payments.gateways.sandbox.wire import Form, Problem, Request, missing, only, whole

SHORTEST, LONGEST = dt.timedelta(minutes=30), dt.timedelta(hours=24)
# Stripe's own smallest charges, in its minor units, where it names one.
SMALLEST = {"USD": 50, "EUR": 50, "GBP": 30, "HKD": 400, "SGD": 50, "JPY": 50, "AED": 200}
PARAMETERS = {
    "adaptive_pricing",
    "cancel_url",
    "client_reference_id",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "payment_method_options",
    "submit_type",
    "success_url",
    "ui_mode",
}
WALLETS = {"alipay", "wechat_pay"}


def create(request: Request) -> Body:
    """Open a session on the terms that Stripe sets."""
    form = request.form
    only(form, PARAMETERS)
    if form.get("mode") != "payment" or form.get("ui_mode", "hosted_page") != "hosted_page":
        raise Problem("Only payments on the hosted page are known here.", param="mode")
    amount, currency = _priced(form)
    body = shapes.session(form, amount=amount, currency=currency.lower(), expires_at=_ending(form))
    wanted = form.get("payment_method_options", {}).get("card", {})
    body["payment_method_options"]["card"] |= wanted
    origin = urlsplit(_address(form, "success_url"))
    _address(form, "cancel_url")
    body["url"] = f"{origin.scheme}://{origin.netloc}/sandbox/checkout/{body['id']}/"
    stored = store.keep(body, owner_id=request.owner_id)
    stored.due_at = dt.datetime.fromtimestamp(body["expires_at"], clock.UTC)
    stored.label = form["line_items"][0]["price_data"]["product_data"]["name"][:250]
    stored.save()
    return body


def retrieve(request: Request, object_id: str) -> Body:
    return up_to_date(store.find(object_id, "checkout.session", request.owner_id)).body


def expire(request: Request, object_id: str) -> Body:
    """Close an open session before its time."""
    found = store.find(object_id, "checkout.session", request.owner_id)
    stored = up_to_date(store.lock(found))
    if stored.body["status"] != "open":
        raise Problem(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of {stored.body['status']}.",
        )
    return close(stored).body


def up_to_date(stored: StoredObject) -> StoredObject:
    """Close a session whose time is over."""
    if stored.due_at and stored.due_at <= clock.now() and stored.body["status"] == "open":
        return close(store.lock(stored))
    return stored


def look(stored: StoredObject) -> StoredObject:
    """Return a session as it is now."""
    with transaction.atomic():
        return up_to_date(stored)


def close(stored: StoredObject) -> StoredObject:
    if stored.body["status"] != "open":
        return stored
    stored.due_at = None
    store.change(stored, status="expired", url=None)
    intent = store.about(stored.object_id, "payment_intent")
    if intent:
        store.change(intent, status="canceled", cancellation_reason="expired", next_action=None)
        tell(intent, "payment_intent.canceled")
    tell(stored, "checkout.session.expired")
    return stored


def pay(session_id: str, outcome: str, plan: Plan = AT_ONCE) -> StoredObject:
    """Let a payer do something on the hosted page; on one that has ended nothing happens.

    Outcomes: card, ask_3ds, confirm_3ds, fail_3ds, a code of `FAILURES`, alipay, wechat_pay, and
    for both wallets `_later` (paid after a while) and `_refused` (refused after a while).
    """
    with transaction.atomic():
        session = up_to_date(store.lock(store.named(session_id)))
        if session.body["status"] == "open":
            _do(session, outcome, plan)
    return session


def _do(session: StoredObject, outcome: str, plan: Plan) -> None:
    intent = taken.intent_of(session)
    is_asked = intent.body["status"] == "requires_action"
    wallet, _, way = outcome.partition("_") if outcome.startswith("alipay") else ("", "", "")
    if outcome.startswith("wechat_pay"):
        wallet, way = "wechat_pay", outcome.removeprefix("wechat_pay").removeprefix("_")
    if wallet:
        _pay_by_wallet(session, wallet, way, plan)
    elif outcome == "card" or (outcome == "confirm_3ds" and is_asked):
        _pay_by_card(session, intent, plan)
    elif outcome == "ask_3ds":
        taken.ask_for_action(intent, plan=plan)
    elif outcome == "fail_3ds" and is_asked:
        taken.fail(intent, "authentication_failed", method="card", plan=plan)
    elif outcome in taken.FAILURES:
        taken.fail(intent, outcome, method="card", plan=plan)


def _pay_by_card(session: StoredObject, intent: StoredObject, plan: Plan) -> None:
    if session.body["payment_method_options"]["card"].get("capture_method") == "manual":
        taken.reserve(intent, plan=plan)
        _complete(session, "unpaid", plan)
        return
    taken.succeed(intent, method="card", plan=plan)
    _complete(session, "paid", plan)


def _pay_by_wallet(session: StoredObject, wallet: str, way: str, plan: Plan) -> None:
    intent = taken.intent_of(session)
    if way in ("later", "refused"):
        taken.begin_waiting(intent, method=wallet, ends_well=way == "later", plan=plan)
        _complete(session, "unpaid", plan)
        return
    taken.succeed(intent, method=wallet, plan=plan)
    _complete(session, "paid", plan)


def _complete(session: StoredObject, payment_status: str, plan: Plan) -> None:
    session.due_at = None
    store.change(session, status="complete", payment_status=payment_status, url=None)
    tell(session, "checkout.session.completed", plan=plan)


def _priced(form: Form) -> tuple[int, str]:
    """Return the sum of the lines and their currency; refuses sums that Stripe refuses."""
    lines = form.get("line_items") or []
    if not lines:
        raise missing("line_items")
    total, currency = 0, ""
    for number, line in enumerate(lines):
        price, param = line.get("price_data", {}), f"line_items[{number}][price_data]"
        currency = price.get("currency", "").upper()
        if len(currency) != 3 or not currency.isalpha():
            raise Problem(f"Invalid currency: {currency}", param=f"{param}[currency]")
        if not price.get("product_data", {}).get("name"):
            raise missing(f"{param}[product_data][name]")
        amount = whole(price, "unit_amount", param=f"{param}[unit_amount]")
        total += amount * whole(line, "quantity", param=f"line_items[{number}][quantity]")
    _check_sum(total, currency)
    return total, currency


def _check_sum(total: int, currency: str) -> None:
    if total > LARGEST:
        raise Problem("The amount is too large.", code="amount_too_large")
    if total < SMALLEST.get(currency, 1):
        raise Problem("The amount is too small.", code="amount_too_small")
    if total % step(currency):
        raise Problem(
            f"Invalid amount for {currency} ({stripe_exponent(currency)} decimals):"
            f" a multiple of {step(currency)} is needed.",
            code="invalid_charge_amount",
        )


def _ending(form: Form) -> int:
    now = clock.now()
    if "expires_at" not in form:
        return store.epoch(now + LONGEST)
    ending = whole(form, "expires_at")
    if not store.epoch(now + SHORTEST) <= ending <= store.epoch(now + LONGEST):
        raise Problem(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout"
            " Session creation.",
            param="expires_at",
        )
    return ending


def _address(form: Form, name: str) -> str:
    address = form.get(name, "")
    if urlsplit(address).scheme not in ("http", "https"):
        raise Problem("Not a valid URL", code="url_invalid", param=name)
    return address
