"""Repairing what crashes, lost answers and lapsed holds left; safe to run twice at once."""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from bookings.models import Appointment
from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.locks import lock_row
from payments.gateways.protocol import GatewayDown, GatewayRefused
from payments.models import (
    Gateway,
    MoneyAlert,
    Obligation,
    ObligationKind,
    PayeeAccount,
    Payment,
)
from payments.policies import UNANSWERED_AFTER
from payments.refusals import refusals_of_the_database
from payments.services import arrivals, collecting, payees, settlement
from payments.services.alerts import raise_alert
from payments.transitions import LIVE_PAYMENT, PaymentState

log = structlog.get_logger(__name__)

SWEEP = 100
GIVEN_UP = (PaymentState.CANCELLED, PaymentState.EXPIRED, PaymentState.FAILED)
M = TypeVar("M", bound=Model)


def sweep(*, now: dt.datetime | None = None) -> None:
    """Close what lapsed, end pages nobody may pay on any more, ask about what nobody answered."""
    now = now or clock.now()
    close_lapsed(now=now)
    end_orphans(now=now)
    settle_unanswered(now=now)
    ask_whether_kept(now=now)


def close_lapsed(*, now: dt.datetime) -> int:
    """Close unpaid deposits of places that are gone and send parts of them back; returns how many.

    This is the note that the page must be closed: it is written before the gateway is asked.
    """
    gone = Obligation.objects.filter(
        kind=ObligationKind.DEPOSIT,
        appointment__state__in=arrivals.LOST,
        settled_at=None,
        closed_at=None,
    )
    return _each(gone.order_by("pk"), lambda obligation: _close_lapsed(obligation, now=now))


def _close_lapsed(obligation: Obligation, *, now: dt.datetime) -> None:
    with refusals_of_the_database(), transaction.atomic():
        appointment = lock_row(Appointment.objects.all(), obligation.appointment_id)
        fresh = lock_row(Obligation.objects.select_related("hospital"), obligation.pk)
        is_open = fresh.settled_at is None and fresh.closed_at is None
        if is_open and appointment.state in arrivals.LOST:
            arrivals.give_back(fresh, now=now)


def end_orphans(*, now: dt.datetime) -> int:
    """Close pages on which nobody should pay any more; returns how many.

    Those of closed obligations, and of payments that were given up, such as for a bank transfer.
    """
    orphans = _online().filter(
        Q(state__in=LIVE_PAYMENT, obligation__closed_at__isnull=False)
        | Q(state__in=GIVEN_UP) & ~Q(session_url="")
    )
    return _each(
        orphans,
        lambda payment: settlement.end_payment(payment, now=now, ended_as=PaymentState.EXPIRED),
    )


def settle_unanswered(*, now: dt.datetime) -> int:
    """Ask how payments stand that nobody told us of for two minutes; returns how many."""
    waiting = _online().filter(
        Q(created_at__lte=now - UNANSWERED_AFTER) | Q(expires_at__lte=now), state__in=LIVE_PAYMENT
    )
    return _each(waiting, lambda payment: settlement.settle(payment, now=now))


def ask_whether_kept(*, now: dt.datetime) -> int:
    """Ask every hour whether cards still keep what they keep for us; returns how many (PY-03)."""
    kept = collecting.kept_quietly(now=now).order_by("?")
    return _each(kept, lambda payment: collecting.ask_whether_kept(payment, now=now))


def check_payees(*, now: dt.datetime | None = None) -> int:
    """Ask the gateway again who holds each account; returns how many were asked (M23)."""
    now = now or clock.now()
    asked = 0
    for account in PayeeAccount.objects.filter(is_active=True).select_related("hospital"):
        try:
            payees.check_payee(account, now=now)
            asked += 1
        except (GatewayDown, GatewayRefused) as error:
            log.warning("payee_not_checked", account=account.public_id, why=error.code)
    return asked


def _online() -> QuerySet[Payment]:
    """The payments that a gateway knows; in no order, so that stuck ones keep nobody waiting."""
    return Payment.objects.exclude(gateway=Gateway.BANK_TRANSFER).order_by("?")


def _each(rows: QuerySet[M], act: Callable[[M], object]) -> int:
    """Act on each row by itself; one that cannot be done now stops nobody else."""
    done = 0
    for row in rows[:SWEEP]:
        try:
            act(row)
            done += 1
        except GatewayDown as error:
            log.warning("gateway_down", why=error.code)
            break
        except GatewayRefused as error:
            log.warning("sweep_refused", row=str(row), why=error.code)
            _tell_the_desk(row, error.code)
        except Refusal as error:
            log.warning("sweep_later", row=str(row), why=error.code)
        except Exception:
            log.exception("sweep_failed", row=str(row))
    return done


def _tell_the_desk(row: Model, code: str) -> None:
    """Raise one alert for a payment of which the gateway says nothing but no."""
    if isinstance(row, Payment):
        raise_alert(
            MoneyAlert.Kind.EVENT_STUCK,
            f"payment_stuck:{row.public_id}:{code}",
            hospital=row.obligation.hospital,
            payment=row,
            code=code,
        )
