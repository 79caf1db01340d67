"""Which days hospitals work: weekends, public holidays and the days worked in exchange."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from bookings.models import CalendarDay
from bookings.models.schedule import CalendarDayKind

SATURDAY = 5


@dataclass(frozen=True)
class WorkingDays:
    """The calendar of one country for a span of days, loaded with one query."""

    special: dict[dt.date, CalendarDay] = field(default_factory=dict)

    @classmethod
    def between(cls, first: dt.date, last: dt.date, *, country: str = "CN") -> "WorkingDays":
        rows: Iterable[CalendarDay] = CalendarDay.objects.filter(
            country=country, date__gte=first, date__lte=last
        )
        return cls({row.date: row for row in rows})

    @classmethod
    def around(cls, day: dt.date) -> "WorkingDays":
        """Load enough of the calendar to count a few working days from `day`."""
        return cls.between(day, day + dt.timedelta(days=60))

    def holiday(self, day: dt.date) -> CalendarDay | None:
        """Return the public holiday on `day`, if there is one."""
        row = self.special.get(day)
        return row if row and row.kind == CalendarDayKind.HOLIDAY else None

    def is_working_day(self, day: dt.date) -> bool:
        row = self.special.get(day)
        if row:
            return row.kind == CalendarDayKind.WORKING
        return day.weekday() < SATURDAY

    def weekday_worked(self, day: dt.date) -> int | None:
        """Return which weekly hours apply on `day`; None when public holidays close it.

        A weekend day worked in exchange follows the weekday that the notice names; when the
        notice names none, its own weekend hours apply.
        """
        row = self.special.get(day)
        if row is None:
            return day.weekday()
        if row.kind == CalendarDayKind.HOLIDAY:
            return None
        return day.weekday() if row.works_as_weekday is None else row.works_as_weekday
