"""Which look an event is a reason for; unknown types are a reason for none (PY-08)."""

import datetime as dt

from payments.gateways import gateway
from payments.models import GatewayEvent, MoneyAlert, PayeeAccount, Payment
from payments.services import disputes, refunds, settlement
from payments.services.alerts import raise_alert

Outcome = GatewayEvent.Outcome
Handled = tuple[str, str]


def handle(event: GatewayEvent, *, now: dt.datetime) -> Handled:
    """Return what an event came to and a note; raises what the gateway or a lock raises."""
    if not event.type.startswith(KNOWN):
        return Outcome.IGNORED, "type"
    if wrong := _wrong_place(event):
        return _refuse(event, wrong)
    if event.type.startswith(ABOUT_REFUNDS):
        return _about_refund(event, now=now)
    if event.type.startswith("charge.dispute."):
        return _about_dispute(event, now=now)
    return _about_payment(event, now=now)


KNOWN = (
    "checkout.session.",
    "payment_intent.",
    "refund.",
    "charge.dispute.",
    "charge.refund",
    "charge.succeeded",
    "charge.updated",
    "charge.failed",
)


# `charge.refunded` is about the charge, `charge.refund.updated` about the refund.
ABOUT_REFUNDS = ("refund.", "charge.refund.")


def _wrong_place(event: GatewayEvent) -> str:
    """Return what rules an event out before anything is fetched: its mode or its account."""
    if event.is_live_mode != gateway(event.gateway).is_live_mode:
        return "live_mode"
    is_ours = (
        not event.account_id or PayeeAccount.objects.filter(account_id=event.account_id).exists()
    )
    return "" if is_ours else "account"


def _about_payment(event: GatewayEvent, *, now: dt.datetime) -> Handled:
    payment, named = _payment_of(event)
    if payment is None:
        return _refuse(event, "payment") if named else (Outcome.IGNORED, "not_ours")
    if payment.payee_account.account_id != event.account_id:
        settlement.alert_does_not_fit(payment, "account")
        return Outcome.REFUSED, "account"
    if _names_another(payment, event):
        settlement.alert_does_not_fit(payment, "payment")
        return Outcome.REFUSED, "payment"
    settled = settlement.look(payment, now=now)
    if settled.misfit:
        return Outcome.REFUSED, settled.misfit
    if event.type.startswith("charge.refund"):
        refunds.follow_refunds_of(settled.payment, now=now)
    return Outcome.APPLIED, ""


def _payment_of(event: GatewayEvent) -> tuple[Payment | None, bool]:
    """Return the payment an event is about, and whether the gateway says that it is ours.

    What we do not know by the gateway's id is fetched and looked up by the id we gave it.
    """
    payments = Payment.objects.select_related("payee_account", "obligation__hospital")
    is_page = event.type.startswith("checkout.session.")
    by_id = {"session_id": event.object_id} if is_page else {"intent_id": event.object_id}
    known = payments.filter(gateway=event.gateway, **by_id).first()
    if known is not None:
        return known, True
    at = gateway(event.gateway)
    ask = at.fetch_checkout if is_page else at.fetch_charge
    ours = ask(event.object_id, account_id=event.account_id).payment_id
    return payments.filter(public_id=ours).first() if ours else None, bool(ours)


def _names_another(payment: Payment, event: GatewayEvent) -> bool:
    """Tell whether a page or charge claims a payment that has another page or charge already."""
    is_page = event.type.startswith("checkout.session.")
    kept = payment.session_id if is_page else payment.intent_id
    return bool(kept) and kept != event.object_id


def _about_refund(event: GatewayEvent, *, now: dt.datetime) -> Handled:
    refund = refunds.follow_gateway_refund(event.object_id, account_id=event.account_id, now=now)
    return (Outcome.APPLIED, "") if refund else (Outcome.IGNORED, "not_ours")


def _about_dispute(event: GatewayEvent, *, now: dt.datetime) -> Handled:
    dispute = disputes.follow_dispute(event.object_id, account_id=event.account_id, now=now)
    return (Outcome.APPLIED, "") if dispute else (Outcome.IGNORED, "not_ours")


def _refuse(event: GatewayEvent, wrong: str) -> Handled:
    raise_alert(
        MoneyAlert.Kind.EVENT_DOES_NOT_FIT,
        f"does_not_fit:{event.event_id}",
        event=event.event_id,
        type=event.type,
        wrong=wrong,
    )
    return Outcome.REFUSED, wrong
