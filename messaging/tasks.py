"""Background work of the outbox: thin wrappers, each safe to run twice."""

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from messaging import delivery, heartbeats

log = structlog.get_logger(__name__)

BEAT_EXPIRES = 30


@shared_task(name="messaging.dispatch_due", expires=BEAT_EXPIRES)
def dispatch_due() -> int:
    """Lend out due rows, commit, then put their ids on the queue; a dead broker loses nothing."""
    public_ids = delivery.claim_due()
    try:
        for public_id in public_ids:
            deliver.apply_async((public_id,), expires=2 * settings.OUTBOX_LEASE_SECONDS)
    except OperationalError:
        log.warning("broker_unreachable", waiting=len(public_ids))
    return len(public_ids)


@shared_task(name="messaging.deliver")
def deliver(public_id: str) -> None:
    delivery.deliver(public_id)


@shared_task(name="messaging.worker_heartbeat", expires=BEAT_EXPIRES)
def worker_heartbeat() -> None:
    heartbeats.beat("worker")


@shared_task(name="messaging.forget_old_messages", expires=3600)
def forget_old_messages() -> int:
    return delivery.forget_old_messages()
