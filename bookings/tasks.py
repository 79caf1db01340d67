"""Periodic work of booking: each task does what is due in the database and may run twice."""

from celery import shared_task

from bookings.services import expiry, openings, slots, waiting, windows

# A run that waited longer than this is superseded by the next one.
EXPIRES = 60


@shared_task(name="bookings.expire_holds", expires=EXPIRES)
def expire_holds() -> None:
    expiry.expire_stale_holds()


@shared_task(name="bookings.expire_requests", expires=EXPIRES)
def expire_requests() -> None:
    windows.expire_requests()


@shared_task(name="bookings.offer_waiting", expires=EXPIRES)
def offer_waiting() -> None:
    waiting.offer_waiting()


@shared_task(name="bookings.generate_slots", expires=EXPIRES)
def generate_slots() -> None:
    slots.generate_slots()


@shared_task(name="bookings.refresh_next_openings", expires=EXPIRES)
def refresh_next_openings() -> None:
    openings.refresh_next_openings()
