"""Periodic work of the catalogue; each task may run twice."""

from celery import shared_task

# A run that waited longer than this is superseded by the next one.
EXPIRES = 3600


@shared_task(name="hospitals.refresh_rates", expires=EXPIRES)
def refresh_rates() -> None:
    from hospitals.services import rates

    rates.refresh_rates()


@shared_task(name="hospitals.refresh_prices", expires=EXPIRES)
def refresh_prices() -> None:
    from hospitals.services import search_prices

    search_prices.refresh_prices()
