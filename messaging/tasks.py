"""Background work of the outbox: thin wrappers, each safe to run twice."""

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

# A run that waited longer than this is superseded by the next one.
EXPIRES = 30


@shared_task(name="messaging.dispatch_due", expires=EXPIRES)
def dispatch_due() -> None:
    """Lend out due rows, commit, then put their ids on the queue; a dead broker loses nothing."""
    from messaging.delivery import claim_due

    public_ids = claim_due()
    try:
        for public_id in public_ids:
            deliver.apply_async((public_id,), expires=2 * settings.OUTBOX_LEASE_SECONDS)
    except OperationalError:
        log.warning("broker_unreachable", waiting=len(public_ids))


@shared_task(name="messaging.deliver")
def deliver(public_id: str) -> None:
    from messaging import delivery

    delivery.deliver(public_id)


@shared_task(name="messaging.fall_back_unread", expires=EXPIRES)
def fall_back_unread() -> None:
    from messaging import delivery

    delivery.fall_back_unread()


@shared_task(name="messaging.worker_heartbeat", expires=EXPIRES)
def worker_heartbeat() -> None:
    from messaging import heartbeats

    heartbeats.beat("worker")


@shared_task(name="messaging.forget_old_messages", expires=3600)
def forget_old_messages() -> None:
    from messaging import delivery

    delivery.forget_old_messages()
