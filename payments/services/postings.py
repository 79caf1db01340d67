"""What a payment writes into the ledger; signs and keys are listed in docs/payments.md."""

import datetime as dt

from medtour.lib.money import Money
from payments import policies
from payments.models import Account, Gateway, Payment, PostingKind
from payments.services import ledger

Leg = tuple[Account, Money]


def money_account(payment: Payment) -> Account:
    """Return where the money of a payment lies: at the processor or at the bank."""
    return Account.BANK if payment.gateway == Gateway.BANK_TRANSFER else Account.PROCESSOR


def charge_parts(payment: Payment) -> policies.ChargeParts:
    """Return how the charge of a payment divides into what was owed and what goes back."""
    return policies.charge_parts(
        payment.charge,
        contract=payment.contract,
        surplus=Money(payment.surplus_minor, payment.contract.currency),
        rate=payment.rate,
    )


def post_payment(payment: Payment, *, at: dt.datetime) -> None:
    """Post money that came in: what was owed to the patient's account, the rest apart from it."""
    parts = charge_parts(payment)
    surplus = Money(payment.surplus_minor, payment.contract.currency)
    if payment.contract_minor:
        legs = _received(payment, parts.applied, payment.contract, Account.PATIENT)
        _post(f"payment:{payment.public_id}", PostingKind.PAYMENT, payment, legs, at=at)
    if parts.surplus.minor:
        legs = _received(payment, parts.surplus, surplus, Account.UNAPPLIED)
        _post(f"surplus:{payment.public_id}", PostingKind.SURPLUS, payment, legs, at=at)


def post_fee(payment: Payment, fee: Money, *, at: dt.datetime) -> None:
    """Post the processor's fee, once it is known."""
    if not fee.minor:
        return
    legs = [(Account.FEES, fee), (money_account(payment), fee * -1)]
    _post(f"fee:{payment.public_id}", PostingKind.FEE, payment, legs, at=at)


def _received(payment: Payment, charge: Money, counts: Money, account: Account) -> list[Leg]:
    legs = [(money_account(payment), charge), (account, counts * -1)]
    if charge.currency != counts.currency:
        legs += [(Account.EXCHANGE, charge * -1), (Account.EXCHANGE, counts)]
    return legs


def _post(
    key: str, kind: PostingKind, payment: Payment, legs: list[Leg], *, at: dt.datetime
) -> None:
    obligation = payment.obligation
    ledger.post(
        key,
        kind,
        case=obligation.case,
        hospital=obligation.hospital,
        entries=legs,
        payment=payment,
        rate=payment.rate,
        rate_on=payment.rate_on,
        at=at,
    )
