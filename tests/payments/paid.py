"""Payments that the sandbox knows too, as a payer's card made them; for tests of what follows."""

import datetime as dt
from decimal import Decimal

from django.db.models import Sum

from medtour.lib import clock, ids
from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import CheckoutRequest
from payments.gateways.sandbox import world
from payments.models import LedgerEntry, LedgerPosting, MoneyAlert, Payment, Refund
from tests.factories import ObligationFactory, PayeeAccountFactory, PaymentFactory


def card_payment(obligation=None, *, charge=None, outcome="card", **facts) -> Payment:
    """Return a payment of (a part of) a confirmed deposit that a card paid at the sandbox.

    With `pending=True` our own rows do not know it yet: the payment still runs here.
    """
    obligation = obligation or ObligationFactory(confirmed=True)
    contract = facts.pop("contract_minor", obligation.amount_minor)
    surplus = facts.get("surplus_minor", 0)
    charge = charge or Money(contract + surplus, obligation.currency)
    account = obligation.hospital.payee_accounts.filter(gateway="stripe").first()
    account = account or PayeeAccountFactory(hospital=obligation.hospital)
    name = ids.public_id()
    page = gateway().create_checkout(_request(name, charge, account.account_id))
    world.pay(page.session_id, outcome)
    page = gateway().fetch_checkout(page.session_id, account_id=account.account_id)
    facts.setdefault("expires_at", page.expires_at)
    return PaymentFactory(
        **({} if facts.get("pending") else {"succeeded": True}),
        obligation=obligation,
        payee_account=account,
        public_id=name,
        session_id=page.session_id,
        intent_id=page.intent_id,
        contract_minor=contract,
        charge_minor=charge.minor,
        charge_currency=charge.currency,
        rate=Decimal(charge.major) / Money(contract + surplus, obligation.currency).major,
        **facts,
    )


def _request(name, charge, account_id) -> CheckoutRequest:
    return CheckoutRequest(
        payment_id=name,
        attempt=1,
        amount=charge,
        account_id=account_id,
        language="en",
        label="Deposit",
        success_url="http://127.0.0.1:8000/en/back/",
        cancel_url="http://127.0.0.1:8000/en/",
        expires_at=clock.now() + dt.timedelta(minutes=31),
    )


def balances(case=None) -> dict[tuple[str, str], int]:
    """Return what the ledger holds by account and currency, in minor units; nothing is left out."""
    entries = LedgerEntry.objects.filter(posting__case=case) if case else LedgerEntry.objects
    sums = entries.order_by().values_list("account", "currency").annotate(Sum("amount_minor"))
    return {(account, currency): minor for account, currency, minor in sums if minor}


def keys() -> list[str]:
    return list(LedgerPosting.objects.order_by("pk").values_list("key", flat=True))


def alerts() -> list[str]:
    return list(MoneyAlert.objects.order_by("pk").values_list("kind", flat=True))


def money_snapshot() -> dict[str, object]:
    """Return every row of money that a refused call must leave as it was."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Payment, Refund, LedgerPosting, LedgerEntry, MoneyAlert)
    }
