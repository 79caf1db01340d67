"""What a payment gateway is to us: plain facts in, plain facts out, three ways to say no."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from medtour.lib.money import Money

CheckoutStatus = Literal["open", "complete", "expired"]
ChargeStatus = Literal[
    "processing", "reserved", "succeeded", "failed", "canceled", "requires_action", "open"
]
RefundStatus = Literal["pending", "succeeded", "failed"]
DisputeStatus = Literal["open", "won", "lost"]


class GatewayDown(Exception):
    """No usable answer: what was asked may have happened. Ask again, with the same key."""

    def __init__(self, code: str = "unreachable") -> None:
        super().__init__(code)
        self.code = code


class GatewayRefused(Exception):
    """The gateway understood and said no; the same request gets the same answer. `code` is its."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SignatureRefused(Exception):
    """A message that claims to come from the gateway is not signed with our secret."""


class WebhookClosed(Exception):
    """No secret is set, so nobody can prove to be the gateway."""


@dataclass(frozen=True)
class CheckoutRequest:
    """One attempt to let somebody pay; `label` is what the gateway's page shows: no health words.

    `account_id` blank means the platform's own account. `expires_at`: 30 minutes to 24 hours ahead.
    With `reserves` a card is only asked to keep the money; a wallet pays at once all the same.
    """

    payment_id: str
    attempt: int
    amount: Money
    account_id: str
    language: str
    label: str
    success_url: str
    cancel_url: str
    expires_at: dt.datetime
    reserves: bool = False


@dataclass(frozen=True)
class Checkout:
    """A hosted payment page. `intent_id` is blank until somebody tried to pay on it.

    `complete` without `is_paid` is a wallet that pays later: the charge says how it ends.
    """

    session_id: str
    url: str
    status: CheckoutStatus
    is_paid: bool
    intent_id: str
    amount: Money
    account_id: str
    is_live_mode: bool
    payment_id: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class Charge:
    """What happened to the money. `failed` is not the end while the checkout is open.

    `received` is what arrived; `fee` is in the currency in which the gateway settles, None until
    it is known; `method` is such as card, alipay, wechat_pay. `reserved` money waits on the card
    until `capture_before`: it is collected until then, or never.
    """

    intent_id: str
    status: ChargeStatus
    amount: Money
    received: Money
    method: str
    failure_code: str
    fee: Money | None
    payment_id: str
    account_id: str
    is_live_mode: bool
    capture_before: dt.datetime | None = None


@dataclass(frozen=True)
class RefundRequest:
    """One attempt to give `amount`, in the currency of the charge, back."""

    refund_id: str
    attempt: int
    intent_id: str
    amount: Money
    account_id: str


@dataclass(frozen=True)
class RefundFacts:
    """A refund as the gateway has it; one that succeeded can still fail days later."""

    gateway_id: str
    refund_id: str
    intent_id: str
    status: RefundStatus
    amount: Money
    failure_code: str


@dataclass(frozen=True)
class DisputeFacts:
    """A payer's complaint to the bank. `is_held` tells whether the money was taken away for it.

    A mere inquiry takes nothing: it is `open`, then `won` when it closes, and never held. `fees`
    are what the gateway took for it, each under its own id, in the currency of settlement.
    """

    gateway_id: str
    intent_id: str
    status: DisputeStatus
    amount: Money
    reason: str
    evidence_due_at: dt.datetime | None
    is_held: bool = True
    fees: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True)
class BalanceLine:
    """One movement of an account at the gateway, negative when money left it.

    `type`: charge, refund, refund_failure, dispute, dispute_reversal, fee, payout or another word
    of the gateway. `source_id` is the id that we know: the intent of a charge, the refund, the
    dispute. `amount` and `fee` are in the currency of settlement; `original` is the same amount in
    the currency of the charge, where the gateway names it.
    """

    gateway_id: str
    type: str
    source_id: str
    amount: Money
    fee: Money
    at: dt.datetime
    original: Money | None = None


@dataclass(frozen=True)
class IncomingEvent:
    """A signed message: something happened to an object. It proves nothing else; ask again.

    `intent_id` is the payment behind the object, where the message names one.
    """

    event_id: str
    type: str
    object_id: str
    object_type: str
    account_id: str
    is_live_mode: bool
    intent_id: str = ""


class PaymentGateway(Protocol):
    """Every call raises `GatewayDown` or `GatewayRefused`; none may run inside a transaction."""

    name: str
    is_live_mode: bool

    def create_checkout(self, request: CheckoutRequest) -> Checkout: ...

    def fetch_checkout(self, session_id: str, *, account_id: str) -> Checkout: ...

    def find_checkout(self, payment_id: str, *, account_id: str) -> Checkout | None:
        """Return what an unanswered `create_checkout` made, if anything: paid, then newest."""

    def expire_checkout(self, session_id: str, *, account_id: str) -> Checkout:
        """Close the page; one that ended in the meantime is returned as it ended."""

    def fetch_charge(self, intent_id: str, *, account_id: str) -> Charge: ...

    def collect(self, intent_id: str, *, account_id: str) -> Charge:
        """Take all of what a card keeps; what is taken already is refused."""

    def release(self, intent_id: str, *, account_id: str) -> Charge:
        """Let a card go that keeps money; what is taken or let go already is refused."""

    def refund(self, request: RefundRequest) -> RefundFacts: ...

    def fetch_refund(self, gateway_id: str, *, account_id: str) -> RefundFacts: ...

    def find_refund(self, refund_id: str, *, intent_id: str, account_id: str) -> RefundFacts | None:
        """Return what an unanswered `refund` made, if anything."""

    def fetch_dispute(self, gateway_id: str, *, account_id: str) -> DisputeFacts: ...

    def account_holder(self, account_id: str) -> str:
        """Return the name of the account's owner as the gateway knows it, blank if it does not."""

    def balance_lines(
        self, account_id: str, *, since: dt.datetime, until: dt.datetime
    ) -> Iterator[BalanceLine]:
        """Yield the movements from `since` up to, not including, `until`; newest first."""

    def read_event(self, body: bytes, signature: str) -> IncomingEvent:
        """Return a message whose signature is right; `SignatureRefused` or `WebhookClosed`."""
