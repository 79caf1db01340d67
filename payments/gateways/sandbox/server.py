"""The sandbox: answers requests as Stripe does, from tables of its own."""

import json
import re
import time
from collections.abc import Callable, Mapping

from django.db import OperationalError, transaction

from payments.gateways.sandbox import accounts, events, money_back, sessions, store
from payments.gateways.sandbox import payments_taken as taken
from payments.gateways.sandbox.models import Fault, KeptAnswer
from payments.gateways.sandbox.store import Body
from payments.gateways.sandbox.wire import Problem, Request, read

SECRET_KEY = "sk_test_sandbox"  # noqa: S105  (opens nothing: there is no network behind it)
HEADERS = {"Content-Type": "application/json"}
Answer = tuple[str, int, Mapping[str, str]]
Handler = Callable[..., Body]
ROUTES: list[tuple[str, str, Handler]] = [
    ("post", r"/v1/checkout/sessions", sessions.create),
    ("get", r"/v1/checkout/sessions/(\w+)", sessions.retrieve),
    ("post", r"/v1/checkout/sessions/(\w+)/expire", sessions.expire),
    ("get", r"/v1/payment_intents/(\w+)", taken.retrieve_intent),
    ("post", r"/v1/payment_intents/(\w+)/capture", taken.capture_intent),
    ("post", r"/v1/payment_intents/(\w+)/cancel", taken.cancel_intent),
    ("get", r"/v1/charges/(\w+)", taken.retrieve_charge),
    ("post", r"/v1/refunds", money_back.create_refund),
    ("get", r"/v1/refunds/(\w+)", money_back.retrieve_refund),
    ("get", r"/v1/disputes/(\w+)", money_back.retrieve_dispute),
    ("get", r"/v1/events/(\w+)", events.retrieve),
    ("get", r"/v1/accounts/(\w+)", accounts.retrieve),
    ("get", r"/v1/account", accounts.retrieve_current),
]
LISTS = {
    "/v1/checkout/sessions": "checkout.session",
    "/v1/refunds": "refund",
    "/v1/balance_transactions": "balance_transaction",
}


def answer(method: str, url: str, headers: dict[str, str], body: str | bytes | None) -> Answer:
    """Answer one request; raises ConnectionError where a fault drops the connection.

    Refuses to work inside a transaction of the caller: a network would not roll back either.
    """
    request = read(method, url, headers, body)
    fault = _next_fault(request)
    if fault == Fault.Kind.DROPPED_BEFORE:
        raise ConnectionError("dropped before")
    try:
        status, text, is_replayed = _once(request, fault)
    except Problem as problem:
        status, text, is_replayed = problem.status, problem.body, False
    except OperationalError:
        busy = _busy()
        status, text, is_replayed = busy.status, busy.body, False
    if fault == Fault.Kind.DROPPED_AFTER:
        raise ConnectionError("dropped after")
    replayed = {"Idempotent-Replayed": "true"} if is_replayed else {}
    return text, status, {**HEADERS, **replayed, "Request-Id": "req_sandbox"}


def _once(request: Request, fault: str) -> tuple[int, str, bool]:
    """Return status, text and whether they were kept from the first time the key was used."""
    with transaction.atomic(durable=True):
        kept, is_first = _kept(request)
        if kept and not is_first:
            if kept.fingerprint != request.fingerprint:
                raise Problem(
                    "Keys for idempotent requests can only be used with the same parameters they"
                    " were first used with.",
                    kind="idempotency_error",
                )
            return kept.status, kept.body, True
        status, text = _produce(request, fault)
        if kept:
            kept.status, kept.body = status, text
            kept.save()
        return status, text, False


def _produce(request: Request, fault: str) -> tuple[int, str]:
    if fault == Fault.Kind.BROKEN_KEPT:
        return 500, _broken().body
    if fault in TROUBLES:
        raise TROUBLES[fault]()
    body = _handle(request)
    return 200, json.dumps(store.expanded(body, request.form.get("expand", [])))


def _handle(request: Request) -> Body:
    if request.owner_id:
        accounts.owner(request.owner_id)
    if request.method == "get" and request.path in LISTS:
        return store.listing(LISTS[request.path], request.owner_id, request.form, request.path)
    for method, pattern, handler in ROUTES:
        found = re.fullmatch(pattern, request.path)
        if found and method == request.method:
            return handler(request, *found.groups())
    raise Problem(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)


def _kept(request: Request) -> tuple[KeptAnswer | None, bool]:
    if not request.key:
        return None, True
    return KeptAnswer.objects.get_or_create(
        owner_id=request.owner_id,
        key=request.key,
        defaults={"fingerprint": request.fingerprint},
    )


def _next_fault(request: Request) -> str:
    """Use one fault up that is meant for this request."""
    with transaction.atomic(durable=True):
        waiting = Fault.objects.filter(times__gt=0).exclude(kind=Fault.Kind.REFUND_WAITS)
        for fault in waiting:
            if fault.path in request.path and fault.method.lower() in ("", request.method):
                fault.times -= 1
                fault.save()
                if fault.kind == Fault.Kind.SLOW:
                    time.sleep(fault.seconds)
                    continue
                return fault.kind
    return ""


def _busy() -> Problem:
    return Problem(
        "There is currently another in-progress request using this Idempotent Key.",
        status=409,
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def _too_many() -> Problem:
    return Problem("Too many requests.", status=429, code="rate_limit")


def _broken() -> Problem:
    return Problem("An unknown error occurred.", status=500, kind="api_error")


TROUBLES: dict[str, Callable[[], Problem]] = {
    Fault.Kind.BUSY: _busy,
    Fault.Kind.TOO_MANY: _too_many,
    Fault.Kind.BROKEN: _broken,
}
