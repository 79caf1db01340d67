"""What the gateway says about a payment now, and whether that can be about our payment (PY-06)."""

from dataclasses import dataclass

from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import Charge, Checkout, PaymentGateway
from payments.models import Payment


@dataclass(frozen=True, slots=True)
class Facts:
    """The page of a payment and what happened to the money; None where there is none."""

    checkout: Checkout | None
    charge: Charge | None

    @property
    def has_money(self) -> bool:
        return self.charge is not None and self.charge.status == "succeeded"


def fetch(payment: Payment) -> Facts:
    """Ask the gateway; raises GatewayDown or GatewayRefused. Never inside a transaction.

    A page whose opening was never answered is looked for by our own id.
    """
    at, account = gateway(payment.gateway), payment.payee_account.account_id
    if payment.session_id:
        checkout = at.fetch_checkout(payment.session_id, account_id=account)
    else:
        found = at.find_checkout(payment.public_id, account_id=account)
        if found is None:
            return Facts(None, None)
        checkout = found
    return with_charge(payment, checkout, at)


def with_charge(payment: Payment, checkout: Checkout, at: PaymentGateway) -> Facts:
    """Return a page together with its charge, if anybody tried to pay on it."""
    if not checkout.intent_id:
        return Facts(checkout, None)
    account = payment.payee_account.account_id
    return Facts(checkout, at.fetch_charge(checkout.intent_id, account_id=account))


def misfit(payment: Payment, facts: Facts) -> str:
    """Return what of these facts cannot be about this payment; blank when all of it fits."""
    is_live = gateway(payment.gateway).is_live_mode
    for said in (facts.checkout, facts.charge):
        if said is None:
            continue
        if found := _misfit(payment, said, is_live=is_live):
            return found
    charge = facts.charge
    if charge is not None and facts.has_money and charge.received != payment.charge:
        return _money_differs(payment.charge, charge.received)
    return ""


def _misfit(payment: Payment, said: Checkout | Charge, *, is_live: bool) -> str:
    if said.payment_id != payment.public_id:
        return "payment"
    if said.account_id != payment.payee_account.account_id:
        return "account"
    if said.is_live_mode != is_live:
        return "live_mode"
    if said.amount != payment.charge:
        return _money_differs(payment.charge, said.amount)
    return ""


def _money_differs(ours: Money, theirs: Money) -> str:
    return "amount" if ours.currency == theirs.currency else "currency"
