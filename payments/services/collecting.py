"""Collecting what cards keep, or letting them go; asks the gateway, and may run twice (PY-03)."""

import datetime as dt

import structlog
from django.db.models import Q, QuerySet

from medtour.lib import clock
from medtour.lib.errors import Refusal
from payments.gateways import gateway
from payments.gateways.protocol import GatewayDown, GatewayRefused
from payments.models import Payment
from payments.policies import COLLECT_AHEAD, COLLECT_MARGIN, collect_at
from payments.services import attempts, reservations, settlement
from payments.transitions import PaymentState

log = structlog.get_logger(__name__)

BATCH = 100
AGAIN_AFTER = dt.timedelta(hours=1)
SOON = dt.timedelta(minutes=1)
RESERVED = PaymentState.RESERVED


def collect_due(*, now: dt.datetime | None = None) -> int:
    """Collect reservations whose time has come and release those of no use; returns how many.

    What the gateway refuses is told to the desk and tried again every hour while the card keeps
    the money. Every answer is settled like any other news. One that fails otherwise is tried again
    in a minute and stops nobody else.
    """
    now = now or clock.now()
    return sum(_act_alone(payment, now=now) for payment in _due(now))


def _due(now: dt.datetime) -> list[Payment]:
    """Return a batch of what is due, by the rule of `policies.collect_at`; the rest comes next."""
    kept = Q(state=RESERVED) | Q(wanted=Payment.Wanted.RELEASE)
    rows = Payment.objects.filter(kept, _time_has_come(now), _may_be_asked(now))
    return list(rows.select_related(*attempts.WITH_ALL).order_by("pk")[:BATCH])


def _time_has_come(now: dt.datetime) -> Q:
    return (
        ~Q(wanted="")
        | Q(obligation__appointment__slot__starts_at__lte=now + COLLECT_AHEAD)
        | Q(capture_before__lte=now + COLLECT_MARGIN)
    )


def _may_be_asked(now: dt.datetime) -> Q:
    return Q(collect_next_at=None) | Q(collect_next_at__lte=now)


def kept_quietly(*, now: dt.datetime) -> QuerySet[Payment]:
    """Return the reservations whose time has not come and that were not asked about for an hour."""
    kept = Payment.objects.filter(~_time_has_come(now), _may_be_asked(now), state=RESERVED)
    return kept.select_related("obligation__appointment__slot")


def ask_whether_kept(payment: Payment, *, now: dt.datetime) -> None:
    """Ask whether a card still keeps its money: it may let go early, and that news may be lost.

    The next question comes in an hour, or when it is time to collect. Raises as `settle` does.
    """
    appointment = payment.obligation.appointment
    assert appointment is not None  # noqa: S101  (only deposits are reserved)
    settlement.settle(payment, now=now)
    due = collect_at(appointment.slot.starts_at, capture_before=payment.capture_before)
    Payment.objects.filter(pk=payment.pk, state=RESERVED, wanted="").update(
        collect_next_at=min(now + AGAIN_AFTER, due)
    )


def _act_alone(payment: Payment, *, now: dt.datetime) -> bool:
    try:
        return _act_on(payment, now=now)
    except Exception:
        log.exception("collect_failed", payment=payment.public_id)
        Payment.objects.filter(pk=payment.pk).update(collect_next_at=now + SOON)
        return False


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
    return settled.state != RESERVED


def _refused(payment: Payment, code: str, *, now: dt.datetime) -> None:
    """Note a refusal, unless the reservation ended meanwhile: settling tells then."""
    Payment.objects.filter(pk=payment.pk).update(collect_next_at=now + AGAIN_AFTER)
    if code != "payment_intent_unexpected_state":
        reservations.not_collected(payment, code)
