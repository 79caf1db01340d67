"""The working days and the clock rules that a plan's terms name, read with one query."""

import datetime as dt
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError

from bookings.models import CalendarDay
from bookings.models.schedule import CalendarDayKind
from medtour.lib import clock
from payments.insurance_clocks import ClockRules, InsurerCalendar
from payments.models import PlanTerms

SATURDAY_AND_SUNDAY = frozenset({5, 6})
LOOK_BACK = dt.timedelta(days=120)
LOOK_AHEAD = dt.timedelta(days=240)


@lru_cache(maxsize=300)
def weekend_of(country: str) -> frozenset[int]:
    """Return the weekend of a country, Monday being 0 (Unicode CLDR); Saturday and Sunday if new.

    In the Gulf, for example, it is Friday and Saturday in some countries.
    """
    try:
        locale = Locale.parse(f"und_{country}")
    except (UnknownLocaleError, ValueError):
        return SATURDAY_AND_SUNDAY
    first, last = locale.weekend_start, locale.weekend_end
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


def calendar_of(terms: PlanTerms, *, around: dt.datetime) -> InsurerCalendar:
    """Return the insurer's calendar for some months before and after an instant.

    Beyond them only weekends are known. A public holiday and a day worked in exchange come from the
    calendar days of the country that the terms name.
    """
    day = clock.local(around, terms.calendar_zone).date()
    rows = CalendarDay.objects.filter(
        country=terms.calendar_country, date__gte=day - LOOK_BACK, date__lte=day + LOOK_AHEAD
    )
    kinds = dict(rows.values_list("date", "kind"))
    weekend = weekend_of(terms.calendar_country)

    def is_working_day(day: dt.date) -> bool:
        if (kind := kinds.get(day)) is not None:
            return kind == CalendarDayKind.WORKING
        return day.weekday() not in weekend

    return InsurerCalendar(terms.calendar_zone, is_working_day)


def rules_of(terms: PlanTerms) -> ClockRules:
    """Return the times that the terms name."""
    return ClockRules(
        lead_days=terms.lead_time_working_days,
        planned_days=terms.planned_answer_working_days,
        urgent_minutes=terms.urgent_answer_minutes,
        outpatient_minutes=terms.outpatient_answer_minutes,
        question_days=terms.question_answer_days,
        notice_hours=terms.emergency_notice_hours,
    )
