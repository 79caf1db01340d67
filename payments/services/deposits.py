"""Beginning to pay: the row first, then the gateway, then what the gateway said.

Nothing here runs inside another transaction, because the gateway is asked in between.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict, Unpack

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.refusals import HoldExpired
from bookings.services.paid import keep_for_payment
from bookings.transitions import AppointmentState
from medtour.lib import clock, exchange
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from payments import policies
from payments.gateways import gateway
from payments.gateways.protocol import Checkout, CheckoutRequest, GatewayDown, GatewayRefused
from payments.models import Obligation, ObligationKind, PayeeAccount, Payment, PaymentShare
from payments.refusals import (
    CurrencyNotTaken,
    GatewayUnavailable,
    HoldOver,
    NothingOwed,
    ObligationClosed,
    PaymentOver,
    ShareClosed,
    TooSmall,
    refusals_of_the_database,
)
from payments.selectors.due import live_payment, open_shares, own_part
from payments.services import attempts, settlement
from payments.services.payees import payee_for
from payments.transitions import LIVE_PAYMENT, PaymentState

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be charged: the part of the contract, in which currency, at which rate."""

    contract: Money
    charge: Money
    rate: Decimal
    rate_on: dt.date | None
    rate_source: str


def charge_for(contract: Money, currency: str) -> Asked:
    """Return what a sum costs in a currency by the reference rate, fixed from here on (PY-12).

    Raises CurrencyNotTaken when no rate is known or it is too old to charge by, TooSmall when
    nothing would be left to charge.
    """
    if currency == contract.currency:
        return Asked(contract, contract, Decimal(1), None, "")
    rate = exchange.reference_rate(contract.currency, currency)
    if rate is None or _is_too_old(rate.day):
        raise CurrencyNotTaken
    charge = policies.convert(contract, currency, rate.value)
    if charge.minor <= 0:
        raise TooSmall
    return Asked(contract, charge, rate.value, rate.day, rate.source)


def _is_too_old(day: dt.date) -> bool:
    most = settings.CHARGE_RATE_MAX_AGE_DAYS
    return most is not None and clock.now().date() - day > dt.timedelta(days=most)


class Payer(TypedDict, total=False):
    """Who pays: an account, or a name and an address for the receipt; all of it may be missing."""

    payer: User | None
    payer_name: str
    payer_email: str


def start_payment(
    obligation: Obligation,
    *,
    share: PaymentShare | None = None,
    charge_currency: str,
    language: str,
    now: dt.datetime | None = None,
    **by: Unpack[Payer],
) -> Payment:
    """Write down an attempt to pay what is left of an obligation, or one share of it.

    A payment that runs already is returned again when it asks for the same (double click, two
    tabs); one that asks for something else is ended at the gateway first. Raises HoldOver,
    ObligationClosed, NothingOwed, ShareClosed, NoPayee, PayeeMismatch, CurrencyNotTaken, TooSmall,
    GatewayUnavailable or Busy; a refused call charges nothing.
    """
    now = now or clock.now()
    payee = payee_for(obligation.hospital)
    if charge_currency not in payee.charge_currencies:
        raise CurrencyNotTaken
    _end_what_asks_for_something_else(obligation, share, charge_currency, now=now)
    with refusals_of_the_database(), transaction.atomic():
        fresh = _lock_due(obligation, now=now)
        running = live_payment(fresh, share)
        if running is not None:
            return running
        asked = charge_for(_sum_to_pay(fresh, share, now=now), charge_currency)
        payment = _new_payment(fresh, share, asked, payee, now=now)
        payment.payer, payment.language = by.get("payer"), language
        payment.payer_name = by.get("payer_name", "")[:200]
        payment.payer_email = by.get("payer_email", "")[:254]
        payment.is_reserved_first = reserves(fresh, payee, asked.contract, share=share, now=now)
        payment.save(force_insert=True)
        attempts.record(payment, "", by=payment.payer, actor=Actor.PATIENT, now=now)
    return payment


def reserves(
    obligation: Obligation,
    payee: PayeeAccount,
    part: Money,
    *,
    share: PaymentShare | None = None,
    now: dt.datetime,
) -> bool:
    """Tell whether a card would only keep this money: all of the deposit of a near appointment.

    Where the hospital's account does so. Parts, such as shares, are always taken at once (PY-03).
    """
    appointment = obligation.appointment
    if not payee.reserves_first or share is not None or appointment is None:
        return False
    is_whole = obligation.kind == ObligationKind.DEPOSIT and part == obligation.amount
    return is_whole and policies.is_reserved_first(appointment.slot.starts_at, now=now)


def _lock_due(obligation: Obligation, *, now: dt.datetime) -> Obligation:
    """Lock appointment and obligation; refuse what is over or paid."""
    appointment = None
    if obligation.appointment_id and obligation.kind == ObligationKind.DEPOSIT:
        appointment = lock_row(Appointment.objects.all(), obligation.appointment_id)
    fresh = lock_row(
        Obligation.objects.select_related("hospital", "case", "appointment__slot"), obligation.pk
    )
    if fresh.settled_at:
        raise NothingOwed
    if appointment is not None:
        waits = appointment.state == AppointmentState.AWAITING_PAYMENT
        if not waits or not appointment.is_live_claim(now):
            raise HoldOver
    if fresh.closed_at:
        raise ObligationClosed
    return fresh


def _sum_to_pay(obligation: Obligation, share: PaymentShare | None, *, now: dt.datetime) -> Money:
    if share is None:
        left = own_part(obligation, now=now)
        if left.minor <= 0:
            raise NothingOwed
        return left
    fresh = open_shares(obligation, now=now).filter(pk=share.pk).first()
    if fresh is None:
        raise ShareClosed
    if fresh.amount_minor > obligation.unclaimed.minor:
        raise NothingOwed
    return Money(fresh.amount_minor, obligation.currency)


def _new_payment(
    obligation: Obligation,
    share: PaymentShare | None,
    asked: Asked,
    payee: PayeeAccount,
    *,
    now: dt.datetime,
) -> Payment:
    latest = obligation.payments.aggregate(latest=Max("attempt"))["latest"] or 0
    return Payment(
        obligation=obligation,
        share=share,
        payee_account=payee,
        attempt=latest + 1,
        gateway=payee.gateway,
        contract_minor=asked.contract.minor,
        charge_minor=asked.charge.minor,
        charge_currency=asked.charge.currency,
        rate=asked.rate,
        rate_on=asked.rate_on,
        rate_source=asked.rate_source,
        expires_at=now + policies.SESSION_LENGTH,
        created_at=now,
    )


def _end_what_asks_for_something_else(
    obligation: Obligation, share: PaymentShare | None, currency: str, *, now: dt.datetime
) -> None:
    """End a running payment of another currency, rate or sum, or one whose page opens no more."""
    running = live_payment(obligation, share)
    if running is None:
        return
    obligation.refresh_from_db(fields=["claimed_minor", "closed_at", "settled_at"])
    wanted = running.contract_minor
    if share is None:
        wanted += own_part(obligation, now=now).minor
    charge = charge_for(Money(wanted, obligation.currency), currency).charge
    is_same = running.charge == charge and running.contract_minor == wanted
    if is_same and _is_usable(running, now=now):
        return
    _end(running, now=now)


def _is_usable(payment: Payment, *, now: dt.datetime) -> bool:
    """Tell whether a running payment's page is open, or can still be opened."""
    if payment.expires_at is None:
        return False
    if payment.session_id:
        return payment.expires_at > now
    return payment.expires_at - now >= policies.SHORTEST_SESSION


def begin_checkout(
    payment: Payment, *, success_url: str, cancel_url: str, now: dt.datetime | None = None
) -> Payment:
    """Open the gateway's page for an attempt and return it with `session_url`.

    The place is kept until the page closes and a little longer. Asking twice opens one page. Raises
    HoldOver, PaymentOver (start again), NothingOwed (a wallet or bank is at work), TooSmall or
    GatewayUnavailable; nothing is charged then.
    """
    now = now or clock.now()
    payment = Payment.objects.select_related(*attempts.WITH_ALL).get(pk=payment.pk)
    if payment.state not in LIVE_PAYMENT or not _is_usable(payment, now=now):
        raise PaymentOver
    if payment.session_url:
        return payment
    if payment.session_id:
        raise NothingOwed
    _keep_the_place(payment, now=now)
    checkout = _open_page(payment, success_url=success_url, cancel_url=cancel_url, now=now)
    return record_checkout(payment, checkout, now=now)


def _keep_the_place(payment: Payment, *, now: dt.datetime) -> None:
    obligation = payment.obligation
    if obligation.appointment is None or obligation.kind != ObligationKind.DEPOSIT:
        return
    assert payment.expires_at is not None  # noqa: S101  (start_payment sets it)
    until = payment.expires_at + policies.HOLD_GRACE
    if until > obligation.opened_at + policies.LONGEST_PAYMENT_HOLD:
        raise HoldOver
    try:
        keep_for_payment(obligation.appointment, until=until, now=now)
    except HoldExpired as error:
        raise HoldOver from error


def _open_page(
    payment: Payment, *, success_url: str, cancel_url: str, now: dt.datetime
) -> Checkout:
    assert payment.expires_at is not None  # noqa: S101
    request = CheckoutRequest(
        payment_id=payment.public_id,
        attempt=payment.attempt,
        amount=payment.charge,
        account_id=payment.payee_account.account_id,
        language=payment.language,
        label=_label(payment),
        success_url=success_url,
        cancel_url=cancel_url,
        expires_at=payment.expires_at,
        reserves=payment.is_reserved_first,
    )
    try:
        return gateway(payment.gateway).create_checkout(request)
    except GatewayDown as error:
        log.warning("checkout_unanswered", payment=payment.public_id, code=error.code)
        raise GatewayUnavailable from error
    except GatewayRefused as error:
        _note_refused(payment, error.code, now=now)
        raise (TooSmall if error.code == "amount_too_small" else GatewayUnavailable) from error


def _label(payment: Payment) -> str:
    """Return what the gateway's page and the card's statement say it is for; nothing medical."""
    reference = {"reference": payment.obligation.transfer_reference}
    with translation.override(payment.language):
        if payment.obligation.kind == ObligationKind.DEPOSIT:
            return _("Deposit %(reference)s") % reference
        return _("Payment %(reference)s") % reference


def _note_refused(payment: Payment, code: str, *, now: dt.datetime) -> None:
    log.error("checkout_refused", payment=payment.public_id, code=code)
    with refusals_of_the_database(), transaction.atomic():
        fresh = attempts.lock_payment(payment)
        if fresh.state == PaymentState.CREATED:
            fresh.failure_code = code[:80]
            attempts.move(fresh, PaymentState.FAILED, now=now, reason=code)


def record_checkout(payment: Payment, checkout: Checkout, *, now: dt.datetime) -> Payment:
    """Write down the page that the gateway opened; for a payment ended meanwhile it is closed."""
    with refusals_of_the_database(), transaction.atomic():
        fresh = attempts.lock_payment(payment)
        settlement.note_page(fresh, checkout, now=now)
    if fresh.state not in LIVE_PAYMENT:
        _end(fresh, now=now)
        raise PaymentOver
    return fresh


def _end(payment: Payment, *, now: dt.datetime) -> None:
    try:
        settlement.end_payment(payment, now=now)
    except (GatewayDown, GatewayRefused) as error:
        raise GatewayUnavailable from error
