"""Print the demonstration's log-ins as a small table."""

from typing import ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand

from bookings.services.demonstration.people import logins


class Command(BaseCommand):
    requires_system_checks: ClassVar[list[str]] = []
    help = "Print the e-mail addresses and passwords of the demonstration accounts."

    def handle(self, **options):
        rows = logins() if settings.DEMONSTRATION else []
        if not rows:
            self.stdout.write("There are no demonstration log-ins here.")
            return
        for row in rows:
            place = f"  ({row.place})" if row.place else ""
            self.stdout.write(f"{row.role:<12}{row.email:<30}{row.password}{place}")
