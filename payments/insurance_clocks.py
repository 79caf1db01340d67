"""The clocks of a guarantee as plain functions: insurers' working days, and real hours (DP-06).

A working day counts from midnight to midnight on the insurer's own wall clock; what lies between
two of them does not count at all. Nothing here knows a database.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from medtour.lib import clock

DAY = dt.timedelta(days=1)
NOTHING = dt.timedelta()
# How long a patient may choose what to do when the insurer said no, or nothing, in its time.
TIME_TO_CHOOSE = dt.timedelta(hours=24)
LAST_CHOICE_BEFORE_START = dt.timedelta(hours=2)
WARN_NUMERATOR, WARN_DENOMINATOR = 3, 4
PLANNED, URGENT, OUTPATIENT, EMERGENCY = "planned", "urgent", "outpatient", "emergency"


@dataclass(frozen=True, slots=True)
class InsurerCalendar:
    """The days on which an insurer works, on the wall clock of `zone`."""

    zone: str
    is_working_day: Callable[[dt.date], bool]


@dataclass(frozen=True, slots=True)
class ClockRules:
    """What a plan says about time; the minutes and hours are real ones, day and night."""

    lead_days: int = 5
    planned_days: int = 1
    urgent_minutes: int = 240
    outpatient_minutes: int = 30
    question_days: int = 3
    notice_hours: int = 48


@dataclass(frozen=True, slots=True)
class Span:
    """One running clock: when three quarters of it are gone, and when it is over."""

    warn_at: dt.datetime
    due_at: dt.datetime


def add_working_time(
    calendar: InsurerCalendar, start: dt.datetime, span: dt.timedelta
) -> dt.datetime:
    """Return the first instant by which `span` of working time has passed since `start`.

    One day of `span` is one working day. What is sent on a day off counts from the next working
    day's midnight.
    """
    if span <= NOTHING:
        return start
    local = clock.local(start, calendar.zone)
    day, used = local.date(), _since_midnight(local)
    if not calendar.is_working_day(day):
        day, used = _next(calendar, day), NOTHING
    full, rest = divmod(used + span, DAY)
    for _step in range(full if rest else full - 1):
        day = _next(calendar, day)
    if rest:
        return clock.at_or_after_wall_time(day, rest, calendar.zone)
    return clock.day_bounds(day, calendar.zone)[1]


def take_working_time(
    calendar: InsurerCalendar, end: dt.datetime, span: dt.timedelta
) -> dt.datetime:
    """Return the last instant from which `span` of working time still passes until `end`."""
    if span <= NOTHING:
        return end
    local = clock.local(end, calendar.zone)
    day, unused = local.date(), DAY - _since_midnight(local)
    if not calendar.is_working_day(day) or unused == DAY:
        day, unused = _previous(calendar, day), NOTHING
    full, rest = divmod(unused + span, DAY)
    for _step in range(full if rest else full - 1):
        day = _previous(calendar, day)
    if rest:
        return clock.at_or_after_wall_time(day, DAY - rest, calendar.zone)
    return clock.day_bounds(day, calendar.zone)[0]


def working_time(calendar: InsurerCalendar, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Return how much working time lies between two instants; never less than nothing."""
    first, last = clock.local(start, calendar.zone), clock.local(end, calendar.zone)
    total, day = NOTHING, first.date()
    while day <= last.date():
        if calendar.is_working_day(day):
            begins = _since_midnight(first) if day == first.date() else NOTHING
            ends = _since_midnight(last) if day == last.date() else DAY
            total += ends - begins
        day += DAY
    return max(total, NOTHING)


def working_days_left(calendar: InsurerCalendar, now: dt.datetime, until: dt.datetime) -> int:
    """Return how many whole working days of the insurer remain until an instant."""
    return working_time(calendar, now, until) // DAY


def earliest_start(calendar: InsurerCalendar, rules: ClockRules, now: dt.datetime) -> dt.datetime:
    """Return the first instant for a planned treatment when the insurer is asked now (M1)."""
    return add_working_time(calendar, now, rules.lead_days * DAY)


def is_workable(
    calendar: InsurerCalendar, rules: ClockRules, *, starts_at: dt.datetime, now: dt.datetime
) -> bool:
    """Tell whether enough of the insurer's working days remain before a planned treatment."""
    return starts_at >= earliest_start(calendar, rules, now)


def earliest_day(
    calendar: InsurerCalendar, rules: ClockRules, *, now: dt.datetime, hospital_zone: str
) -> dt.date:
    """Return the first day, at the hospital, on which every hour is late enough."""
    first = earliest_start(calendar, rules, now)
    day = clock.local(first, hospital_zone).date()
    return day if clock.day_bounds(day, hospital_zone)[0] >= first else day + DAY


def answer_clock(
    calendar: InsurerCalendar, rules: ClockRules, *, urgency: str, sent_at: dt.datetime
) -> Span:
    """Return by when the insurer answers a request sent at an instant.

    A planned one in working days; an urgent one or an emergency in hours and a visit in minutes,
    which run day and night because the patient is there.
    """
    if urgency == PLANNED:
        return _working_span(calendar, sent_at, rules.planned_days)
    minutes = rules.outpatient_minutes if urgency == OUTPATIENT else rules.urgent_minutes
    length, start = dt.timedelta(minutes=minutes), sent_at.astimezone(clock.UTC)
    return Span(start + _three_quarters(length), start + length)


def question_clock(calendar: InsurerCalendar, rules: ClockRules, *, asked_at: dt.datetime) -> Span:
    """Return by when the hospital and the patient answer the insurer's question."""
    return _working_span(calendar, asked_at, rules.question_days)


def notice_due_at(rules: ClockRules, happened_at: dt.datetime) -> dt.datetime:
    """Return by when the insurer must know of an emergency; real hours, weekends count (M24)."""
    return happened_at.astimezone(clock.UTC) + dt.timedelta(hours=rules.notice_hours)


def notice_clock(rules: ClockRules, happened_at: dt.datetime) -> Span:
    """Return the clock of an emergency's notice."""
    due = notice_due_at(rules, happened_at)
    return Span(due - (due - happened_at.astimezone(clock.UTC)) // WARN_DENOMINATOR, due)


def place_kept_until(
    due_at: dt.datetime, *, starts_at: dt.datetime, now: dt.datetime
) -> dt.datetime:
    """Return until when a place is kept for an insurer's answer and a day to choose after it.

    Never past two hours before the start; when those have begun already, until the start.
    """
    last = starts_at - LAST_CHOICE_BEFORE_START
    return min(due_at + TIME_TO_CHOOSE, last) if last > now else starts_at


def _working_span(calendar: InsurerCalendar, start: dt.datetime, days: int) -> Span:
    length = days * DAY
    return Span(
        add_working_time(calendar, start, _three_quarters(length)),
        add_working_time(calendar, start, length),
    )


def _three_quarters(length: dt.timedelta) -> dt.timedelta:
    return length * WARN_NUMERATOR // WARN_DENOMINATOR


def _since_midnight(local: dt.datetime) -> dt.timedelta:
    """Return the wall time as a length; a day of the clocks' change counts like every other."""
    return dt.timedelta(
        hours=local.hour,
        minutes=local.minute,
        seconds=local.second,
        microseconds=local.microsecond,
    )


def _next(calendar: InsurerCalendar, day: dt.date) -> dt.date:
    day += DAY
    while not calendar.is_working_day(day):
        day += DAY
    return day


def _previous(calendar: InsurerCalendar, day: dt.date) -> dt.date:
    day -= DAY
    while not calendar.is_working_day(day):
        day -= DAY
    return day
