"""The rules of booking as plain functions of time; no database, no request."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

HOLD = dt.timedelta(minutes=15)
HOLD_EXTENSION = dt.timedelta(minutes=15)
PAYMENT_HOLD = dt.timedelta(minutes=35)
# The patient need not be at the screen when the insurer answers.
SHARE_HOLD = dt.timedelta(hours=24)
OFFERED_TIME_HOLD = dt.timedelta(hours=48)
WAITING_OFFER_HOLD = dt.timedelta(hours=24)
BOOKING_NOTICE = dt.timedelta(hours=1)
CONFIRMATION_FRESH = dt.timedelta(days=14)
LAST_ANSWER_BEFORE_START = dt.timedelta(hours=2)
NO_SHOW_GRACE = dt.timedelta(minutes=15)
NO_SHOW_UNDO = dt.timedelta(hours=24)
NOTES_KEPT = dt.timedelta(days=30)
ANSWER_BY_WALL_TIME = dt.time(18, 0)
MAX_OFFERED_TIMES = 5
SLOT_HORIZON_DAYS = 60
REMINDERS = (
    ("bookings.reminder_7d", dt.timedelta(days=7)),
    ("bookings.reminder_2d", dt.timedelta(days=2)),
    ("bookings.reminder_24h", dt.timedelta(hours=24)),
    ("bookings.reminder_day", dt.timedelta(hours=3)),
)
LEAST_TIME_FOR_A_REMINDER = dt.timedelta(hours=2)
INSTRUCTIONS_LEAD = dt.timedelta(days=3)
# Long enough before for an embassy to answer; the reminder of seven days asks again.
VISA_LEAD = dt.timedelta(days=30)
VISA_LATEST = dt.timedelta(days=8)
VISA_AFTER_BOOKING = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reminder:
    kind: str
    due_at: dt.datetime


def hold_expires_at(now: dt.datetime) -> dt.datetime:
    """A hold lasts fifteen minutes (BK-02)."""
    return now + HOLD


def offered_time_expires_at(
    now: dt.datetime, starts_at: dt.datetime, length: dt.timedelta
) -> dt.datetime:
    """An offered time waits `length`, but never past two hours before it starts."""
    return min(now + length, starts_at - LAST_ANSWER_BEFORE_START)


def can_still_be_booked(starts_at: dt.datetime, now: dt.datetime) -> bool:
    """A time can be taken until one hour before it starts."""
    return starts_at >= now + BOOKING_NOTICE


def free_change_until(starts_at: dt.datetime, notice_hours: int) -> dt.datetime:
    """The last instant at which a change or cancellation is within the offer's notice (BK-10)."""
    return starts_at - dt.timedelta(hours=notice_hours)


def is_free_change(starts_at: dt.datetime, notice_hours: int, now: dt.datetime) -> bool:
    return now <= free_change_until(starts_at, notice_hours)


def reminders(starts_at: dt.datetime, now: dt.datetime) -> list[Reminder]:
    """Return the reminders that still lie ahead: 7 days, 2 days, 24 hours and 3 hours before.

    A booking made inside the last three hours gets its one reminder halfway to the start, unless
    less than two hours remain: then the confirmation itself is the reminder.
    """
    ahead = [Reminder(kind, starts_at - lead) for kind, lead in REMINDERS if starts_at - lead > now]
    remaining = starts_at - now
    if not ahead and remaining >= LEAST_TIME_FOR_A_REMINDER:
        ahead.append(Reminder(REMINDERS[-1][0], now + remaining / 2))
    return ahead


def instructions_at(starts_at: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """Say when to send how to prepare: three days before, or at once; None when it is too late."""
    if starts_at - now < LEAST_TIME_FOR_A_REMINDER:
        return None
    return max(now, starts_at - INSTRUCTIONS_LEAD)


def visa_notice_at(starts_at: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """Say when to ask about a visa: thirty days before, or the day after a later booking.

    None when less than eight days would be left: then it helps nobody any more.
    """
    at = max(starts_at - VISA_LEAD, now + VISA_AFTER_BOOKING)
    return at if at <= starts_at - VISA_LATEST else None


def after_working_days(
    start: dt.date, count: int, is_working_day: Callable[[dt.date], bool]
) -> dt.date:
    """Return the `count`-th working day after `start`."""
    day = start
    while count > 0:
        day += dt.timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return day
