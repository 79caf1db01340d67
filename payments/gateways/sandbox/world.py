"""What happens outside of us: payers, banks and wallets act; for tests, demonstration and the page.

Everything takes effect at once; the news of it waits in `Delivery` rows.
"""

import datetime as dt

from django.db import transaction

from payments.gateways.sandbox import accounts, money_back, sessions, store
from payments.gateways.sandbox import payments_taken as taken
from payments.gateways.sandbox.events import AT_ONCE, PLANS, Plan
from payments.gateways.sandbox.models import Fault, StoredObject
from payments.gateways.sandbox.store import Body

OUTCOMES = (
    "card",
    "ask_3ds",
    "confirm_3ds",
    "fail_3ds",
    *taken.FAILURES,
    *(
        f"{wallet}{way}"
        for wallet in ("alipay", "wechat_pay")
        for way in ("", "_later", "_refused")
    ),
)


def pay(session_id: str, outcome: str = "card", *, plan: Plan = AT_ONCE) -> Body:
    """Let the payer do something on the hosted page; returns the session afterwards."""
    if outcome not in OUTCOMES:
        raise LookupError(outcome)
    return sessions.pay(session_id, outcome, plan).body


def finish_wallet(session_id: str) -> None:
    """End what a payer began with Alipay or WeChat Pay, as it was meant to end."""
    with transaction.atomic():
        taken.end_waiting(store.lock(taken.intent_of(store.named(session_id))))


def finish_refund(refund_id: str) -> None:
    """Let a pending refund reach the payer."""
    with transaction.atomic():
        money_back.finish_refund(store.lock(store.named(refund_id)))


def fail_refund(refund_id: str, reason: str = "expired_or_canceled_card") -> None:
    """Let a refund come back, also days after it succeeded."""
    with transaction.atomic():
        money_back.fail_refund(store.lock(store.named(refund_id)), reason)


def open_dispute(
    intent_id: str,
    *,
    amount: int | None = None,
    reason: str = "fraudulent",
    due: dt.datetime | None = None,
    fee: int = 0,
) -> str:
    """Let the payer complain about (a part of) a charge, in minor units; returns the id.

    `fee` is what the gateway takes for it, whatever the bank decides.
    """
    with transaction.atomic():
        return money_back.open_dispute(
            intent_id, amount=amount, reason=reason, due=due or money_back.answer_by(), fee=fee
        )["id"]


def close_dispute(dispute_id: str, *, is_won: bool) -> None:
    with transaction.atomic():
        money_back.close_dispute(store.lock(store.named(dispute_id)), is_won=is_won)


def open_account(account_id: str, *, name: str, country: str = "HK") -> None:
    """Open a connected account whose owner is called `name`, or give it another owner."""
    accounts.open_account(account_id, name=name, country=country)


def go_wrong(
    kind: Fault.Kind | str, *, path: str = "", method: str = "", times: int = 1, seconds: float = 0
) -> Fault:
    """Let the next requests whose path contains `path` go wrong."""
    return Fault.objects.create(kind=kind, path=path, method=method, times=times, seconds=seconds)


def session_of(payment_id: str) -> Body:
    """Return the newest session that was opened for a payment of ours."""
    rows = StoredObject.objects.filter(
        kind="checkout.session", body__client_reference_id=payment_id
    )
    return rows.order_by("-pk")[0].body


__all__ = ["AT_ONCE", "OUTCOMES", "PLANS", "Fault", "Plan"]


def refuse_to_give(intent_id: str) -> None:
    """Let a card keep its money to itself when it is to be collected."""
    with transaction.atomic():
        intent = store.lock(store.named(intent_id))
        intent.ends_well = False
        intent.save(update_fields=["ends_well"])


def let_go(intent_id: str) -> None:
    """Let a card give up a reservation before its time."""
    with transaction.atomic():
        intent = store.lock(store.named(intent_id))
        if intent.body["status"] == "requires_capture":
            taken.let_go(intent, "automatic")
