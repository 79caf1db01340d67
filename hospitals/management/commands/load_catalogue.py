"""Load the real catalogue from its files; see hospitals/fixtures/catalogue/README.md."""

from pathlib import Path
from typing import ClassVar

from django.core.management.base import BaseCommand, CommandError

from bookings.services.calendar_days import plan_calendar_days
from bookings.services.openings import refresh_next_openings
from hospitals.services.catalogue import load
from hospitals.services.search_index import rebuild_index
from payments.services.insurance.codings import plan_treatment_codings

WHAT = "catalogue"
PLANNERS = (plan_calendar_days, plan_treatment_codings)


class Command(BaseCommand):
    requires_system_checks: ClassVar[list[str]] = []
    help = "Load hospitals, treatments, reported prices, entry rules and holidays from CSV files."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, default=load.FOLDER)
        parser.add_argument(
            "--force", action="store_true", help="compare every row even when no file changed"
        )

    def handle(self, *, folder, force, **options):
        mark = load.fingerprint(folder, also=(*PLANNERS, rebuild_index))
        if not force and load.is_loaded(WHAT, mark):
            self.stdout.write("The catalogue is up to date: 0 changes.")
            return
        changes = self._load(folder)
        rebuild_index()
        refresh_next_openings()
        load.remember_load(WHAT, mark)
        self.stdout.write(f"The catalogue is loaded: {changes} changes.")

    def _load(self, folder):
        try:
            counts = load.load_catalogue(folder, also=PLANNERS)
        except load.BadCatalogue as error:
            for fault in error.faults:
                self.stderr.write(str(fault))
            raise CommandError(f"{len(error.faults)} bad rows. Nothing was changed.") from None
        except load.AnotherLoadRuns:
            raise CommandError("Another load is running. Nothing was changed.") from None
        for model, count in counts.items():
            self.stdout.write(
                f"{model._meta.label}: {count.created} created, {count.updated} updated, "
                f"{count.unchanged} unchanged, {count.deleted} deleted"
            )
        return sum(count.changed for count in counts.values())
