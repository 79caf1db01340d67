"""Background work of the outbox: thin wrappers, each safe to run twice."""

from celery import shared_task

# A run that waited longer than this is superseded by the next one.
EXPIRES = 30


# Acknowledged when it begins: a run that is lost costs two seconds until the next one, and a broker
# that goes away finds nothing to give back (Celery 5.7 ends a worker that then holds such tasks).
@shared_task(name="messaging.dispatch_due", expires=EXPIRES, acks_late=False)
def dispatch_due() -> None:
    """Send what is due; while much is, as many processes join in as runs of this task wait."""
    from messaging import delivery

    delivery.drain()


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
