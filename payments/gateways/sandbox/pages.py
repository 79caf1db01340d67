"""What the test-payment page shows of a session."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medtour.lib.money import Money
from payments.gateways.minor_units import from_stripe
from payments.gateways.sandbox import sessions, store
from payments.gateways.sandbox.events import Plan
from payments.gateways.sandbox.models import StoredObject

CARD_REFUSALS = [
    ("card_declined", _("The card is refused")),
    ("insufficient_funds", _("Not enough money on the card")),
    ("expired_card", _("The card has run out")),
    ("incorrect_cvc", _("The security code is wrong")),
    ("lost_card", _("The card was reported lost")),
    ("processing_error", _("An error at the bank")),
]
WALLET_WAYS = [
    ("alipay", _("Alipay: paid")),
    ("alipay_later", _("Alipay: paid after a while")),
    ("alipay_refused", _("Alipay: refused after a while")),
    ("wechat_pay", _("WeChat Pay: paid")),
    ("wechat_pay_later", _("WeChat Pay: paid after a while")),
    ("wechat_pay_refused", _("WeChat Pay: refused after a while")),
]
NEWS = [
    ("now", _("At once")),
    ("later", _("In one minute")),
    ("twice", _("Twice")),
    ("never", _("Never")),
]


@dataclass(frozen=True)
class Page:
    """One session as its page shows it; `asks_bank` is the step of 3-D Secure."""

    session_id: str
    amount: Money
    label: str
    status: str
    asks_bank: bool
    refusal: Promise | str
    success_url: str
    cancel_url: str

    card_refusals = CARD_REFUSALS
    wallet_ways = WALLET_WAYS
    news = NEWS

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    @property
    def is_complete(self) -> bool:
        return self.status == "complete"

    @property
    def way_out(self) -> str:
        return self.success_url if self.is_complete else self.cancel_url


def page_of(session_id: str) -> Page | None:
    """Return the page of a session, None when there is no such session."""
    stored = StoredObject.objects.filter(object_id=session_id, kind="checkout.session").first()
    return None if stored is None else _page(sessions.look(stored))


def paid(session_id: str, outcome: str, plan: Plan) -> Page:
    """Do what the visitor chose and return the page afterwards."""
    return _page(sessions.pay(session_id, outcome, plan))


def _page(stored: StoredObject) -> Page:
    session_id, body = stored.object_id, stored.body
    intent = store.about(session_id, "payment_intent")
    state = intent.body if intent else {}
    return Page(
        session_id=session_id,
        amount=from_stripe(body["amount_total"], body["currency"]),
        label=stored.label,
        status=body["status"],
        asks_bank=state.get("status") == "requires_action",
        refusal=_refusal(state.get("last_payment_error")),
        success_url=body["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id),
        cancel_url=body["cancel_url"],
    )


def _refusal(error: store.Body | None) -> Promise | str:
    if not error:
        return ""
    code = error.get("decline_code") or error["code"]
    named = dict(CARD_REFUSALS) | {"generic_decline": dict(CARD_REFUSALS)["card_declined"]}
    return named.get(code) or _("The bank did not confirm that it is you")
