"""Receipts: one for each payment that came in and each refund that went out, in its transaction.

A number is `year-hospital-count`, without gaps in a hospital's year: it is taken under a lock as
the last thing of the transaction, so that one that fails gives its number back.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from modeltranslation.utils import build_localized_fieldname

from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.locks import wait_for_turn
from medtour.lib.money import Money
from payments.models import Payment, Receipt, Refund

Facts = dict[str, Any]


def issue_receipt(thing: Payment | Refund, *, now: dt.datetime | None = None) -> Receipt:
    """Return the receipt of a payment that succeeded or a refund that was paid out; once.

    Call it last in the transaction that settles. Raises Busy when others keep the numbers too long.
    """
    if known := Receipt.objects.filter(**_of(thing)).first():
        return known
    now = now or clock.now()
    payment = thing if isinstance(thing, Payment) else thing.payment
    facts = _payment_facts(thing) if isinstance(thing, Payment) else _refund_facts(thing)
    return Receipt.objects.create(
        number=_next_number(payment.obligation.hospital, now),
        facts=facts,
        payer=payer_of(payment),
        issued_at=now,
        **_of(thing),
    )


def _of(thing: Payment | Refund) -> dict[str, Payment | Refund]:
    return {"payment" if isinstance(thing, Payment) else "refund": thing}


def _next_number(hospital: Hospital, now: dt.datetime) -> str:
    """Return the number after the last of this hospital's year; the lock makes others wait."""
    year = clock.local(now, hospital.time_zone).year
    series = f"{year}-{hospital.pk:04d}-"
    wait_for_turn(f"receipts:{series}")
    last = Receipt.objects.filter(number__startswith=series).order_by("-number").first()
    count = int(last.number.removeprefix(series)) if last else 0
    return f"{series}{count + 1:06d}"


def payer_of(payment: Payment) -> str:
    """Return the name the payer gave, the patient's word for them, or the payer's own; or blank."""
    if payment.payer_name:
        return payment.payer_name
    if payment.share is not None:
        return payment.share.label
    if payment.payer is None:
        return ""
    own = payment.payer.patients.filter(relation="self").first()
    return own.passport_name if own else payment.payer.called


def _payment_facts(payment: Payment) -> Facts:
    came_on = payment.received_on
    return {
        **_shared_facts(payment),
        "kind": "payment",
        "charge": _money(payment.charge),
        "contract": _money(payment.contract),
        "surplus": _money(Money(payment.surplus_minor, payment.obligation.currency)),
        "at": _instant(payment.settled_at),
        "received_on": came_on.isoformat() if came_on else "",
        "method": payment.method,
    }


def _refund_facts(refund: Refund) -> Facts:
    """Never the cause: it may say something about somebody's health."""
    payment = refund.payment
    before = Receipt.objects.filter(payment=payment).first()
    return {
        **_shared_facts(payment),
        "kind": "refund",
        "charge": _money(refund.amount),
        "contract": _money(Money(refund.contract_minor, payment.obligation.currency)),
        "at": _instant(refund.settled_at),
        "method": refund.route if refund.route == "bank_transfer" else payment.method,
        "of_receipt": before.number if before else "",
    }


def _shared_facts(payment: Payment) -> Facts:
    obligation, account = payment.obligation, payment.payee_account
    hospital = obligation.hospital
    names = {
        code: getattr(hospital, build_localized_fieldname("name", code))
        for code, _title in settings.LANGUAGES
    }
    return {
        "payee": account.holder_name,
        "payee_country": account.country,
        "is_demonstration": account.is_demonstration,
        "hospital": {code: name for code, name in names.items() if name},
        "zone": hospital.time_zone,
        "case": obligation.case.reference,
        "reference": obligation.transfer_reference,
        "due": obligation.kind,
        "gateway": payment.gateway,
        "rate": f"{payment.rate:f}",
        "rate_on": payment.rate_on.isoformat() if payment.rate_on else "",
        "rate_source": payment.rate_source,
    }


def _money(amount: Money) -> dict[str, int | str]:
    return {"minor": amount.minor, "currency": amount.currency}


def _instant(moment: dt.datetime | None) -> str:
    return moment.isoformat() if moment else ""
