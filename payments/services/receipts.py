"""Receipts: one for each payment that came in and each refund that went out, after the commit.

That one is due is written down in the transaction that settles; it is issued behind that, so that
a receipt that cannot be made never keeps money from being recorded. A number is
`year-hospital-count`, without gaps in a hospital's year: it is taken under a lock as the last thing
of the receipt's own transaction, so that one that fails gives its number back.
"""

import datetime as dt
from functools import partial
from typing import Any, cast

import structlog
from django.conf import settings
from django.db import transaction
from modeltranslation.utils import build_localized_fieldname

from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.locks import lock_row, wait_for_turn
from medtour.lib.money import Money
from payments.models import MoneyAlert, Payment, Receipt, Refund
from payments.refund_rules import retry_at
from payments.services.alerts import raise_alert
from payments.transitions import PaymentState

log = structlog.get_logger(__name__)
Facts = dict[str, Any]
Kind = type[Payment] | type[Refund]
BATCH = 100
# Before anybody is told, the next tries have their chance.
STUCK_AFTER = dt.timedelta(minutes=10)


def promise_receipt(thing: Payment | Refund, *, now: dt.datetime) -> None:
    """Write down, in the transaction that settles, that a receipt is due; issue it behind that."""
    thing.receipt_due_at = now
    thing.save(update_fields=["receipt_due_at"])
    transaction.on_commit(partial(_issue, type(thing), thing.pk, now=now), robust=True)


def issue_due(*, now: dt.datetime | None = None) -> int:
    """Issue the receipts that are due; returns how many. May run twice, also at once."""
    now, issued = now or clock.now(), 0
    kinds: tuple[Kind, ...] = (Payment, Refund)
    for kind in kinds:
        due = kind.objects.filter(receipt_due_at__lte=now).order_by("receipt_due_at", "pk")
        for pk in due.values_list("pk", flat=True)[:BATCH]:
            issued += _issue(kind, pk, now=now)
    return issued


def _issue(kind: Kind, pk: int, *, now: dt.datetime) -> bool:
    """Issue one receipt that is due, in a transaction of its own; a fault puts it off."""
    try:
        with transaction.atomic():
            thing = cast("Payment | Refund", lock_row(kind.objects.all(), pk))
            if thing.receipt_due_at is None:
                return False
            is_there = thing.state == PaymentState.SUCCEEDED
            if is_there:
                issue_receipt(thing, now=now)
            kind.objects.filter(pk=pk).update(receipt_due_at=None)
    except Refusal as error:
        log.warning("receipt_later", of=str(pk), why=error.code)
        return False
    except Exception:
        log.exception("receipt_failed", kind=kind.__name__, of=pk)
        _put_off(kind, pk, now=now)
        return False
    return is_there


def _put_off(kind: Kind, pk: int, *, now: dt.datetime) -> None:
    """Try again after a while; the desk is told once when it does not work out by itself."""
    thing = kind.objects.get(pk=pk)
    since = thing.settled_at or now
    kind.objects.filter(pk=pk, receipt_due_at__isnull=False).update(
        receipt_due_at=retry_at(now, since)
    )
    payment = thing if isinstance(thing, Payment) else thing.payment
    if now - since >= STUCK_AFTER:
        raise_alert(
            MoneyAlert.Kind.RECEIPT_STUCK,
            f"receipt_stuck:{thing.public_id}",
            hospital=payment.obligation.hospital,
            payment=payment,
        )


def issue_receipt(thing: Payment | Refund, *, now: dt.datetime | None = None) -> Receipt:
    """Return the receipt of a payment that succeeded or a refund that was paid out; once.

    A refund's names the payment's, which is issued first if need be. Call it last in a transaction.
    Raises Busy when others keep the numbers too long.
    """
    if known := Receipt.objects.filter(**_of(thing)).first():
        return known
    now = now or clock.now()
    payment = thing if isinstance(thing, Payment) else thing.payment
    if isinstance(thing, Refund) and payment.receipt_due_at is not None:
        issue_receipt(payment, now=now)
        Payment.objects.filter(pk=payment.pk).update(receipt_due_at=None)
    facts = _payment_facts(thing) if isinstance(thing, Payment) else _refund_facts(thing)
    number = _next_number(payment.obligation.hospital, now)
    # Whoever had the turn before may have been at the same receipt.
    if known := Receipt.objects.filter(**_of(thing)).first():
        return known
    return Receipt.objects.create(
        number=number, facts=facts, payer=payer_of(payment), issued_at=now, **_of(thing)
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
