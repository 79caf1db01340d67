"""Loading the demonstration: what is missing is made, what is there stays as it is."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation

from bookings.models import Slot
from bookings.services.demonstration import hours, offers, staff
from bookings.services.demonstration.fixtures import read, recipes
from bookings.services.demonstration.guest import book_a_busy_day
from bookings.services.demonstration.people import make_people
from bookings.services.demonstration.recovery import show_a_recovery
from bookings.services.slots import generate_slots
from hospitals.models import Hospital, Offer, Treatment
from medtour.lib import clock

FRESH_FOR = dt.timedelta(days=7)


class NotADemonstration(Exception):
    """settings.DEMONSTRATION is off; nothing was changed."""


class CatalogueMissing(Exception):
    """The catalogue is not loaded, so there are no hospitals to show anything at."""


def load_demonstration() -> dict[str, int]:
    """Make the sample supply and people; returns how many offers, slots and bookings were made.

    Raises `NotADemonstration` or `CatalogueMissing`.
    """
    if not settings.DEMONSTRATION:
        raise NotADemonstration
    with transaction.atomic(), translation.override("en"):
        sites = list(_sites())
        made = sum(_furnish(hospital, site) for hospital, site in sites)
        make_people()
        hours.close_a_day(hospital for hospital, _site in sites)
    show_a_recovery()
    slots = generate_slots()
    return {"offers": made, "slots": slots, "bookings": book_a_busy_day()}


def _sites() -> Iterator[tuple[Hospital, dict[str, Any]]]:
    wanted = read("sites")["hospital"]
    hospitals = Hospital.objects.in_bulk([site["slug"] for site in wanted], field_name="slug")
    for site in wanted:
        if site["slug"] not in hospitals:
            raise CatalogueMissing(site["slug"])
        yield hospitals[site["slug"]], site


def _furnish(hospital: Hospital, site: dict[str, Any]) -> int:
    """Give a hospital its sample doctors, interpreters, devices, offers and working hours."""
    treatments = {
        treatment.slug: treatment
        for treatment in Treatment.objects.filter(slug__in=recipes()).select_related(
            "price_evidence"
        )
    }
    departments = staff.shown_departments(hospital)
    staff.make_doctors(hospital, departments, site["languages"])
    staff.make_interpreters(hospital, site["interpreters"])
    extras = [treatments[slug] for slug in site["extras"]]
    wanted = list(offers.wishes(departments, extras, treatments))
    made = offers.make_offers(
        hospital, wanted, languages=site["languages"], interpreted=bool(site["interpreters"])
    )
    devices = staff.make_devices(hospital, [wish.treatment for _offer, wish in made])
    hours.make_hours(hospital, made, devices)
    return len(made)


def keep_fresh() -> int:
    """Confirm the sample supply's future times again when a week has passed; returns how many.

    Nobody at a real hospital vouches for invented times, so the demonstration does it by itself.
    """
    if not settings.DEMONSTRATION:
        return 0
    now = clock.now()
    stale = Slot.objects.filter(
        offer__in=Offer.objects.filter(is_demonstration=True),
        starts_at__gt=now,
        withdrawn_at=None,
        last_confirmed_at__lt=now - FRESH_FOR,
    )
    return stale.update(last_confirmed_at=now)
