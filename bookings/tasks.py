"""Periodic work of booking: each task does what is due in the database and may run twice."""

from celery import shared_task

# A run that waited longer than this is superseded by the next one.
EXPIRES = 60


@shared_task(name="bookings.expire_holds", expires=EXPIRES)
def expire_holds() -> None:
    from bookings.services import expiry

    expiry.expire_stale_holds()


@shared_task(name="bookings.expire_requests", expires=EXPIRES)
def expire_requests() -> None:
    from bookings.services import windows

    windows.expire_requests()


@shared_task(name="bookings.offer_waiting", expires=EXPIRES)
def offer_waiting() -> None:
    from bookings.services import waiting

    waiting.offer_waiting()


@shared_task(name="bookings.generate_slots", expires=EXPIRES)
def generate_slots() -> None:
    from bookings.services import slots
    from bookings.services.demonstration.load import keep_fresh

    slots.generate_slots()
    keep_fresh()


@shared_task(name="bookings.refresh_next_openings", expires=EXPIRES)
def refresh_next_openings() -> None:
    from bookings.services import openings

    openings.refresh_next_openings()


@shared_task(name="bookings.advance_follow_ups", expires=EXPIRES)
def advance_follow_ups() -> None:
    from bookings.services import follow_ups

    follow_ups.advance_due()


@shared_task(name="bookings.put_visits_in_order", expires=EXPIRES)
def put_visits_in_order() -> None:
    from bookings.services import after_visits

    after_visits.close_no_shows()
    after_visits.forget_notes()
