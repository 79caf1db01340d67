"""Stripe by its own SDK; the only file that imports it.

Retries are ours, never the SDK's: a row says what was asked with which key, a task asks again.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import stripe
import structlog
from django.conf import settings

from medtour.lib import clock
from payments.gateways import minor_units
from payments.gateways import stripe_answers as answers
from payments.gateways.protocol import (
    BalanceLine,
    Charge,
    Checkout,
    CheckoutRequest,
    DisputeFacts,
    GatewayDown,
    GatewayRefused,
    IncomingEvent,
    RefundFacts,
    RefundRequest,
    SignatureRefused,
    WebhookClosed,
)

log = structlog.get_logger(__name__)

# The version that tests/contracts hold the description of.
API_VERSION = "2026-08-26.dahlia"
CONNECT_SECONDS, READ_SECONDS = 5, 20
SESSION_LIFE = dt.timedelta(hours=25)
# Checkout speaks neither Arabic nor Mongolian: the browser's language decides then.
LOCALES = {"en": "en", "zh-hans": "zh", "ru": "ru", "id": "id", "vi": "vi", "fr": "fr"}
stripe.enable_telemetry = False


class StripeGateway:
    """Hosted Checkout on the hospital's connected account, or on ours when it has none."""

    name = "stripe"

    def __init__(
        self, key: str, *, secrets: list[str], http_client: stripe.HTTPClient | None = None
    ) -> None:
        self.is_live_mode = key.startswith(("sk_live_", "rk_live_"))
        self._secrets = secrets
        self._stripe = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            max_network_retries=0,
            http_client=http_client
            or stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
        )

    def create_checkout(self, request: CheckoutRequest) -> Checkout:
        options = _options(request.account_id, f"{request.payment_id}:{request.attempt}")
        body = _ask(
            lambda: self._stripe.v1.checkout.sessions.create(_session_parameters(request), options)
        )
        return answers.checkout(body, request.account_id)

    def fetch_checkout(self, session_id: str, *, account_id: str) -> Checkout:
        body = _ask(
            lambda: self._stripe.v1.checkout.sessions.retrieve(
                session_id, None, _options(account_id)
            )
        )
        return answers.checkout(body, account_id)

    def find_checkout(self, payment_id: str, *, account_id: str) -> Checkout | None:
        since = int((clock.now() - SESSION_LIFE).timestamp())
        found = [
            answers.checkout(body, account_id)
            for body in _pages(
                self._stripe.v1.checkout.sessions.list, {"created": {"gte": since}}, account_id
            )
            if body.get("client_reference_id") == payment_id
        ]
        rank = {"complete": 0, "open": 1, "expired": 2}
        return min(found, key=lambda each: rank[each.status], default=None)

    def expire_checkout(self, session_id: str, *, account_id: str) -> Checkout:
        try:
            body = _ask(
                lambda: self._stripe.v1.checkout.sessions.expire(
                    session_id, None, _options(account_id)
                )
            )
        except GatewayRefused:
            ended = self.fetch_checkout(session_id, account_id=account_id)
            if ended.status == "open":
                raise
            return ended
        return answers.checkout(body, account_id)

    def fetch_charge(self, intent_id: str, *, account_id: str) -> Charge:
        body = _ask(
            lambda: self._stripe.v1.payment_intents.retrieve(
                intent_id,
                {"expand": ["latest_charge.balance_transaction"]},
                _options(account_id),
            )
        )
        return answers.charge(body, account_id)

    def collect(self, intent_id: str, *, account_id: str) -> Charge:
        return self._end_reservation(self._stripe.v1.payment_intents.capture, intent_id, account_id)

    def release(self, intent_id: str, *, account_id: str) -> Charge:
        return self._end_reservation(self._stripe.v1.payment_intents.cancel, intent_id, account_id)

    def _end_reservation(self, act: Callable[..., Any], intent_id: str, account_id: str) -> Charge:
        """Ask without a key: Stripe does each of these once, and a kept refusal would stay."""
        parameters = {"expand": ["latest_charge.balance_transaction"]}
        body = _ask(lambda: act(intent_id, parameters, _options(account_id)))
        return answers.charge(body, account_id)

    def refund(self, request: RefundRequest) -> RefundFacts:
        parameters: Any = {
            "payment_intent": request.intent_id,
            "amount": minor_units.to_stripe(request.amount),
            "metadata": {"refund": request.refund_id},
        }
        options = _options(request.account_id, f"{request.refund_id}:{request.attempt}")
        return answers.refund(_ask(lambda: self._stripe.v1.refunds.create(parameters, options)))

    def fetch_refund(self, gateway_id: str, *, account_id: str) -> RefundFacts:
        options = _options(account_id)
        return answers.refund(
            _ask(lambda: self._stripe.v1.refunds.retrieve(gateway_id, None, options))
        )

    def find_refund(self, refund_id: str, *, intent_id: str, account_id: str) -> RefundFacts | None:
        parameters = {"payment_intent": intent_id}
        for body in _pages(self._stripe.v1.refunds.list, parameters, account_id):
            if (body.get("metadata") or {}).get("refund") == refund_id:
                return answers.refund(body)
        return None

    def fetch_dispute(self, gateway_id: str, *, account_id: str) -> DisputeFacts:
        options = _options(account_id)
        return answers.dispute(
            _ask(lambda: self._stripe.v1.disputes.retrieve(gateway_id, None, options))
        )

    def account_holder(self, account_id: str) -> str:
        accounts = self._stripe.v1.accounts
        if account_id:
            return answers.holder(_ask(lambda: accounts.retrieve(account_id)))
        return answers.holder(_ask(accounts.retrieve_current))

    def balance_lines(
        self, account_id: str, *, since: dt.datetime, until: dt.datetime
    ) -> Iterator[BalanceLine]:
        window = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        parameters = {"created": window, "expand": ["data.source"]}
        for body in _pages(self._stripe.v1.balance_transactions.list, parameters, account_id):
            yield answers.balance_line(body)

    def read_event(self, body: bytes, signature: str) -> IncomingEvent:
        if not self._secrets:
            raise WebhookClosed
        if not any(_is_signed(body, signature, secret) for secret in self._secrets):
            raise SignatureRefused
        return answers.event(json.loads(body))


class SandboxClient(stripe.HTTPClient):
    """Hand the SDK's requests to the sandbox in place of the network."""

    name = "sandbox"

    def __init__(self, answer: Callable[..., tuple[str, int, Mapping[str, str]]]) -> None:
        super().__init__()
        self._answer = answer

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        try:
            return self._answer(method, url, dict(headers or {}), post_data)
        except ConnectionError as error:
            raise stripe.APIConnectionError("The sandbox dropped the connection.") from error

    def close(self) -> None:
        """Nothing is open."""


def from_settings() -> StripeGateway:
    """Return the gateway that the settings describe; without a key there is none."""
    secrets = settings.STRIPE_WEBHOOK_SECRETS
    if settings.PAYMENTS_SANDBOX:
        from payments.gateways.sandbox import server  # late: its tables exist on laptops only

        client = SandboxClient(server.answer)
        return StripeGateway(server.SECRET_KEY, secrets=secrets, http_client=client)
    if not settings.STRIPE_SECRET_KEY:
        raise GatewayRefused("no_key")
    return StripeGateway(settings.STRIPE_SECRET_KEY, secrets=secrets)


def _session_parameters(request: CheckoutRequest) -> Any:
    """Return what a session is made of; ways to pay follow the account's own settings."""
    # Of the ways to pay that we know, only cards can keep money; the others pay at once.
    reserves = {"payment_method_options": {"card": {"capture_method": "manual"}}}
    return {
        **(reserves if request.reserves else {}),
        "mode": "payment",
        "ui_mode": "hosted_page",
        "submit_type": "pay",
        "locale": LOCALES.get(request.language, "auto"),
        "client_reference_id": request.payment_id,
        "metadata": {"payment": request.payment_id},
        "payment_intent_data": {"metadata": {"payment": request.payment_id}},
        # The currency was fixed with the payer before: Stripe must not offer another one.
        "adaptive_pricing": {"enabled": False},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.amount.currency.lower(),
                    "unit_amount": minor_units.to_stripe(request.amount),
                    "product_data": {"name": request.label},
                },
            }
        ],
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
    }


def _options(account_id: str, key: str = "") -> Any:
    options = {"stripe_account": account_id} if account_id else {}
    return {**options, "idempotency_key": key} if key else options


def _ask(call: Callable[[], Any]) -> dict[str, Any]:
    """Call Stripe and return its answer as a dictionary; its errors become ours."""
    try:
        return call().to_dict()
    except stripe.StripeError as error:
        raise _translated(error) from error


def _pages(
    listing: Callable[..., Any], parameters: dict[str, Any], account_id: str
) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list, page by page."""
    after: dict[str, Any] = {}
    while True:
        asked = {"limit": 100, **parameters, **after}
        page = _ask(partial(listing, asked, _options(account_id)))
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


def _translated(error: stripe.StripeError) -> GatewayDown | GatewayRefused:
    """Return ours for theirs: 409, 429, 5xx and silence may be asked again, the rest is final."""
    # The SDK keeps the code of some kinds of error in the body only.
    told = error.json_body.get("error", {}) if isinstance(error.json_body, dict) else {}
    status, code = error.http_status or 0, told.get("code") or told.get("type") or ""
    facts = {"status": status, "code": code, "gateway_request": error.request_id}
    if isinstance(error, stripe.APIConnectionError) or status in (0, 409, 429) or status >= 500:
        log.warning("gateway_down", **facts)
        return GatewayDown(code or (f"http_{status}" if status else "unreachable"))
    log.warning("gateway_refused", **facts)
    return GatewayRefused(code or f"http_{status}")


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        return stripe.WebhookSignature.verify_header(
            body, signature, secret, tolerance=stripe.Webhook.DEFAULT_TOLERANCE
        )
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
