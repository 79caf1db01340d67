"""Stripe's objects as it shows them at our API version; tests hold them to its description."""

from typing import Any

from medtour.lib import clock
from payments.gateways.sandbox.store import Body, epoch, new_id
from payments.gateways.sandbox.wire import Form

WAYS_TO_PAY = ["card", "alipay", "wechat_pay"]
# What the sandbox keeps of a charge: 3.4 % of it, half a minor unit rounded up.
FEE_PERMILLE = 34
DISPUTE_FEE = 0
AVAILABLE_AFTER_SECONDS = 7 * 86400


def _new(kind: str, **fields: Any) -> Body:
    made = {"id": new_id(kind), "object": kind, "created": epoch(clock.now())}
    return made | {"livemode": False} | fields


def session(form: Form, *, amount: int, currency: str, expires_at: int) -> Body:
    """Return an open Checkout Session; its own address is set once its id is known."""
    return _new(
        "checkout.session",
        adaptive_pricing={"enabled": False},
        after_expiration=None,
        allow_promotion_codes=None,
        amount_subtotal=amount,
        amount_total=amount,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        billing_address_collection=None,
        cancel_url=form.get("cancel_url"),
        client_reference_id=form.get("client_reference_id"),
        client_secret=None,
        consent=None,
        consent_collection=None,
        currency=currency,
        currency_conversion=None,
        custom_fields=[],
        custom_text={
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        customer=None,
        customer_creation="if_required",
        customer_details=None,
        customer_email=None,
        discounts=[],
        expires_at=expires_at,
        invoice=None,
        invoice_creation=None,
        locale=form.get("locale"),
        metadata=form.get("metadata", {}),
        mode="payment",
        payment_intent=None,
        payment_link=None,
        payment_method_collection="if_required",
        payment_method_configuration_details=None,
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=WAYS_TO_PAY,
        payment_status="unpaid",
        phone_number_collection={"enabled": False},
        recovered_from=None,
        saved_payment_method_options=None,
        setup_intent=None,
        shipping_address_collection=None,
        shipping_cost=None,
        shipping_options=[],
        status="open",
        submit_type=form.get("submit_type"),
        subscription=None,
        success_url=form.get("success_url"),
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
        url=None,
        wallet_options=None,
    )


def intent(paid_on: Body, *, metadata: Form) -> Body:
    """Return the PaymentIntent that a session makes at the first try to pay."""
    made = _new(
        "payment_intent",
        amount=paid_on["amount_total"],
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        application=None,
        application_fee_amount=None,
        automatic_payment_methods=None,
        canceled_at=None,
        cancellation_reason=None,
        capture_method="automatic_async",
        client_secret=None,
        confirmation_method="automatic",
        currency=paid_on["currency"],
        customer=None,
        description=None,
        last_payment_error=None,
        latest_charge=None,
        metadata=metadata,
        next_action=None,
        on_behalf_of=None,
        payment_method=None,
        payment_method_configuration_details=None,
        payment_method_options={},
        payment_method_types=WAYS_TO_PAY,
        processing=None,
        receipt_email=None,
        review=None,
        setup_future_usage=None,
        shipping=None,
        source=None,
        statement_descriptor=None,
        statement_descriptor_suffix=None,
        status="requires_payment_method",
        transfer_data=None,
        transfer_group=None,
    )
    return made | {"client_secret": f"{made['id']}_secret_sandbox"}


def charge(intent: Body, *, method: str, failure: Body | None) -> Body:
    """Return one try to take the money; `failure` is None when it worked."""
    made, worked = intent["amount"], failure is None
    return _new(
        "charge",
        amount=made,
        amount_captured=made if worked else 0,
        amount_refunded=0,
        application=None,
        application_fee=None,
        application_fee_amount=None,
        balance_transaction=None,
        billing_details={
            "address": None,
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        calculated_statement_descriptor=None,
        captured=worked,
        currency=intent["currency"],
        customer=None,
        description=None,
        disputed=False,
        failure_balance_transaction=None,
        failure_code=None if worked else failure["code"],
        failure_message=None if worked else failure["message"],
        fraud_details={},
        metadata=intent["metadata"],
        on_behalf_of=None,
        outcome=None,
        paid=worked,
        payment_intent=intent["id"],
        payment_method=None,
        payment_method_details=_method_details(method),
        receipt_email=None,
        receipt_number=None,
        receipt_url=None,
        refunded=False,
        review=None,
        shipping=None,
        source_transfer=None,
        statement_descriptor=None,
        statement_descriptor_suffix=None,
        status="succeeded" if worked else "failed",
        transfer_data=None,
        transfer_group=None,
    )


def _method_details(method: str) -> Body:
    if method != "card":
        return {"type": method, method: {"transaction_id": None}}
    card = {"brand": "visa", "last4": "4242", "country": "US", "funding": "credit"}
    card |= {"exp_month": 12, "exp_year": 2034, "fingerprint": None, "network": "visa"}
    card |= {"checks": None, "installments": None, "mandate": None, "three_d_secure": None}
    return {"type": "card", "card": {**card, "wallet": None}}


def balance_transaction(source: Body, *, kind: str, category: str, amount: int, fee: int) -> Body:
    """Return a movement on the account's balance; `amount` is negative when money leaves it."""
    made = _new(
        "balance_transaction",
        amount=amount,
        available_on=epoch(clock.now()) + AVAILABLE_AFTER_SECONDS,
        balance_type="payments",
        currency=source["currency"],
        description=None,
        exchange_rate=None,
        fee=fee,
        fee_details=_fee_details(fee, source["currency"]),
        net=amount - fee,
        reporting_category=category,
        source=source["id"],
        status="pending",
        type=kind,
    )
    del made["livemode"]
    return made


def _fee_details(fee: int, currency: str) -> list[Body]:
    if not fee:
        return []
    line = {"amount": fee, "application": None, "currency": currency}
    return [{**line, "description": "Stripe processing fees", "type": "stripe_fee"}]


def fee_of(amount: int) -> int:
    return (amount * FEE_PERMILLE + 500) // 1000


def refund(charge: Body, *, amount: int, metadata: Form, reason: str | None) -> Body:
    """Return a refund that has not moved money yet."""
    made = _new(
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        metadata=metadata,
        payment_intent=charge["payment_intent"],
        reason=reason,
        receipt_number=None,
        source_transfer_reversal=None,
        status="pending",
        transfer_reversal=None,
    )
    del made["livemode"]
    return made


def dispute(charge: Body, *, amount: int, reason: str, due_by: int) -> Body:
    """Return a dispute that waits for the hospital's answer."""
    return _new(
        "dispute",
        amount=amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={"enhanced_evidence": {}} | dict.fromkeys(EVIDENCE),
        evidence_details={
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )


EVIDENCE = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]


def account(account_id: str, *, name: str, country: str) -> Body:
    """Return an account that takes payments, owned by a company called `name`."""
    return {
        "id": account_id,
        "object": "account",
        "business_profile": {"mcc": "8062", "name": name, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "company": {"name": name, "tax_id_provided": True},
        "country": country,
        "created": epoch(clock.now()),
        "default_currency": "hkd",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }


def event(kind: str, thing: Body, *, owner_id: str, version: str) -> Body:
    """Return the news that something happened to an object."""
    made = _new(
        "event",
        api_version=version,
        data={"object": thing},
        pending_webhooks=1,
        request={"id": None, "idempotency_key": None},
        type=kind,
    )
    return made | {"account": owner_id} if owner_id else made
