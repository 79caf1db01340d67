"""Load the labelled demonstration: sample doctors, offers, times and people."""

from typing import ClassVar

from django.core.management.base import BaseCommand, CommandError

from bookings.services.demonstration.load import (
    CatalogueMissing,
    NotADemonstration,
    load_demonstration,
)
from bookings.services.openings import refresh_next_openings
from hospitals.models import Offer
from hospitals.services.catalogue import load
from hospitals.services.search_index import rebuild_index
from payments.services.demonstration import seat_the_officer, show_money
from payments.services.insurance.demonstration import show_insurance

WHAT = "demonstration"


class Command(BaseCommand):
    requires_system_checks: ClassVar[list[str]] = []
    help = "Add labelled demonstration supply and log-ins; does nothing for what is there."

    def handle(self, **options):
        try:
            made = load_demonstration()
        except NotADemonstration:
            raise CommandError(
                "DEMONSTRATION is off here. Demonstration data would mix with real data; "
                "nothing was changed."
            ) from None
        except CatalogueMissing:
            raise CommandError("Load the catalogue first: manage.py load_catalogue") from None
        seat_the_officer()
        show_money()
        show_insurance()
        mark = f"{Offer.objects.filter(is_demonstration=True).count()} offers"
        if not load.is_loaded(WHAT, mark):
            rebuild_index()
            refresh_next_openings()
            load.remember_load(WHAT, mark)
        elif any(made.values()):
            refresh_next_openings()
        self.stdout.write(
            f"The demonstration is loaded: {made['offers']} offers, {made['slots']} slots and "
            f"{made['bookings']} bookings made."
        )
