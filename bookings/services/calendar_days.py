"""Public holidays and exchanged working days, read with the rest of the catalogue."""

from bookings.models import CalendarDay
from bookings.models.schedule import CalendarDayKind
from hospitals.services.catalogue import checks
from hospitals.services.catalogue.plans import Build
from hospitals.services.catalogue.rows import LANGUAGES

COUNTRY = "CN"


def plan_calendar_days(build: Build) -> None:
    """Plan the days of mainland China; a day that the file drops is no longer a holiday."""
    days = build.plan(CalendarDay, "country", "date", prune=True)
    columns = "date kind source as_of confidence"
    for row in build.rows("public_holidays.csv", columns, translated="name"):
        days.add(
            row,
            {
                "country": COUNTRY,
                "date": row.required("date", checks.day),
                "kind": row.one_of("kind", CalendarDayKind.values),
                **row.in_languages("name", needed=LANGUAGES),
                **row.source(),
            },
        )
