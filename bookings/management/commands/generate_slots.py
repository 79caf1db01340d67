"""Make the slots of the coming days; the periodic task does the same."""

from typing import ClassVar

from django.core.management.base import BaseCommand

from bookings.policies import SLOT_HORIZON_DAYS
from bookings.services.demonstration.load import keep_fresh
from bookings.services.openings import refresh_next_openings
from bookings.services.slots import generate_slots


class Command(BaseCommand):
    requires_system_checks: ClassVar[list[str]] = []
    help = "Make missing slots from the working hours, ahead of time."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=SLOT_HORIZON_DAYS)

    def handle(self, *, days, **options):
        made = generate_slots(days=days)
        kept = keep_fresh()
        if made or kept:
            refresh_next_openings()
        self.stdout.write(f"{made} slots made.")
