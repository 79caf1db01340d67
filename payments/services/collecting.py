"""Collecting what cards keep, or letting them go; asks the gateway, and may run twice (PY-03)."""

import datetime as dt

import structlog
from django.db.models import Q

from medtour.lib import clock
from medtour.lib.errors import Refusal
from payments.gateways import gateway
from payments.gateways.protocol import GatewayDown, GatewayRefused
from payments.models import Payment
from payments.policies import collect_at
from payments.services import attempts, reservations, settlement
from payments.transitions import PaymentState

log = structlog.get_logger(__name__)

BATCH = 100
AGAIN_AFTER = dt.timedelta(hours=1)


def collect_due(*, now: dt.datetime | None = None) -> int:
    """Collect reservations whose time has come and release those of no use; returns how many.

    What the gateway refuses is told to the desk and tried again every hour while the card keeps
    the money. Every answer is settled like any other news.
    """
    now, done = now or clock.now(), 0
    for payment in _waiting(now):
        if payment.wanted or now >= _due_at(payment):
            done += _act_on(payment, now=now)
    return done


def _waiting(now: dt.datetime) -> list[Payment]:
    kept = Q(state=PaymentState.RESERVED) | Q(wanted=Payment.Wanted.RELEASE)
    due = Q(collect_next_at=None) | Q(collect_next_at__lte=now)
    rows = Payment.objects.filter(kept & due).select_related(
        *attempts.WITH_ALL, "obligation__appointment__slot"
    )
    return list(rows.order_by("pk")[:BATCH])


def _due_at(payment: Payment) -> dt.datetime:
    appointment = payment.obligation.appointment
    assert appointment is not None  # noqa: S101  (only deposits are reserved)
    return collect_at(appointment.slot.starts_at, capture_before=payment.capture_before)


def _act_on(payment: Payment, *, now: dt.datetime) -> bool:
    door, account = gateway(payment.gateway), payment.payee_account.account_id
    act = door.release if payment.wanted == Payment.Wanted.RELEASE else door.collect
    try:
        act(payment.intent_id, account_id=account)
    except GatewayDown as error:
        log.warning("collect_later", payment=payment.public_id, why=error.code)
        return False
    except GatewayRefused as error:
        _refused(payment, error.code, now=now)
    try:
        settled = settlement.settle(payment, now=now)
    except (GatewayDown, GatewayRefused, Refusal) as error:
        log.warning("collect_settle_later", payment=payment.public_id, why=error.code)
        return False
    return settled.state != PaymentState.RESERVED


def _refused(payment: Payment, code: str, *, now: dt.datetime) -> None:
    """Note a refusal, unless the reservation ended meanwhile: settling tells then."""
    Payment.objects.filter(pk=payment.pk).update(collect_next_at=now + AGAIN_AFTER)
    if code != "payment_intent_unexpected_state":
        reservations.not_collected(payment, code)
