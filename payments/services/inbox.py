"""What gateways tell us: stored once, answered at once, worked on afterwards (PY-05, PY-08).

An event is only a reason to look. What happened is fetched again, so order, repetition and loss
make no difference.
"""

import datetime as dt

import structlog
from django.db.models import F

from medtour.lib import clock
from medtour.lib.errors import Refusal
from payments import policies
from payments.gateways import gateway
from payments.gateways.protocol import GatewayDown, GatewayRefused, IncomingEvent
from payments.models import Gateway, GatewayEvent, MoneyAlert
from payments.services.alerts import raise_alert
from payments.services.event_handlers import handle

log = structlog.get_logger(__name__)

BATCH = 100
LEASE = dt.timedelta(minutes=2)


def receive(body: bytes, signature: str, *, now: dt.datetime | None = None) -> GatewayEvent | None:
    """Store a signed event; None when it is stored already. The body itself is never kept.

    Raises SignatureRefused for a forged one and WebhookClosed while no secret is set; nothing is
    stored then.
    """
    name, at = Gateway.STRIPE, now or clock.now()
    said = gateway(name).read_event(body, signature)
    event, is_new = GatewayEvent.objects.get_or_create(
        event_id=said.event_id,
        defaults={
            "gateway": name,
            "type": said.type[:80],
            "object_id": _object_of(said)[:120],
            "account_id": said.account_id,
            "is_live_mode": said.is_live_mode,
            "received_at": at,
            "next_attempt_at": at,
        },
    )
    return event if is_new else None


def _object_of(said: IncomingEvent) -> str:
    """Return the id by which we know what an event is about: of a charge, the payment behind it."""
    return said.intent_id if said.object_type == "charge" and said.intent_id else said.object_id


def process_due(*, now: dt.datetime | None = None) -> int:
    """Work on every event that is due; returns how many were done."""
    now = now or clock.now()
    due = GatewayEvent.objects.filter(processed_at=None, next_attempt_at__lte=now)
    return sum(process(event, now=now) for event in due.order_by("pk")[:BATCH])


def process(event: GatewayEvent, *, now: dt.datetime | None = None) -> bool:
    """Work on an event; False when it is done, taken by somebody else, or must be tried again.

    Waits grow with every try; after some the desk is told, and it goes on trying.
    """
    now = now or clock.now()
    if not _take(event, now=now):
        return False
    try:
        outcome, note = handle(event, now=now)
    except (GatewayDown, GatewayRefused, Refusal) as error:
        _try_again(event, getattr(error, "code", ""), now=now)
        return False
    except Exception:
        log.exception("event_failed", event_id=event.event_id, type=event.type)
        _try_again(event, "fault", now=now)
        return False
    GatewayEvent.objects.filter(pk=event.pk).update(
        processed_at=now, outcome=outcome, note=note[:120]
    )
    return True


def _take(event: GatewayEvent, *, now: dt.datetime) -> bool:
    """Take an event for two minutes, so that two workers never work on it at once."""
    taken = GatewayEvent.objects.filter(pk=event.pk, processed_at=None, next_attempt_at__lte=now)
    if not taken.update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE):
        return False
    event.refresh_from_db()
    return True


def _try_again(event: GatewayEvent, code: str, *, now: dt.datetime) -> None:
    GatewayEvent.objects.filter(pk=event.pk).update(
        next_attempt_at=policies.event_retry_at(now, event.attempts), note=code[:120]
    )
    if event.attempts >= policies.MAX_EVENT_ATTEMPTS:
        raise_alert(
            MoneyAlert.Kind.EVENT_STUCK,
            f"event_stuck:{event.event_id}",
            event=event.event_id,
            type=event.type,
            code=code,
        )
