"""Clocks in the insurer's working days, against the official calendar of 2026."""

import csv
import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from medtour.lib import clock
from payments import insurance_clocks as clocks
from payments.insurance_clocks import ClockRules, InsurerCalendar

DAYS = Path(__file__).parents[2] / "hospitals/fixtures/catalogue/public_holidays.csv"
SHANGHAI = "Asia/Shanghai"


def official_days():
    with DAYS.open(encoding="utf-8") as file:
        return {dt.date.fromisoformat(row["date"]): row["kind"] for row in csv.DictReader(file)}


KINDS = official_days()


def is_worked_in_china(day):
    kind = KINDS.get(day)
    return kind == "working" if kind else day.weekday() < 5


CHINA = InsurerCalendar(SHANGHAI, is_worked_in_china)


def weekdays(zone, weekend=(5, 6)):
    return InsurerCalendar(zone, lambda day: day.weekday() not in weekend)


def at(text, zone=SHANGHAI):
    """Return the instant of a wall time of 2026: "09-28 10:00"."""
    return dt.datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("sent", "days", "due"),
    [
        # Golden Week 1-7 October; Sunday 20 September and Saturday 10 October are worked for it.
        ("09-28 10:00", 5, "10-10 10:00"),
        ("09-30 10:00", 1, "10-08 10:00"),
        ("09-30 23:59", 1, "10-08 23:59"),
        ("10-01 00:00", 1, "10-09 00:00"),
        ("10-03 15:30", 1, "10-09 00:00"),
        ("10-03 15:30", 5, "10-14 00:00"),
        ("10-09 09:00", 1, "10-10 09:00"),
        ("10-09 09:00", 2, "10-12 09:00"),
        ("09-18 09:00", 1, "09-20 09:00"),
        ("09-24 18:00", 1, "09-28 18:00"),
        # Spring Festival 15-23 February; Saturdays 14 and 28 February are worked for it.
        ("02-13 11:00", 1, "02-14 11:00"),
        ("02-14 11:00", 1, "02-24 11:00"),
        ("02-27 11:00", 2, "03-02 11:00"),
        ("02-16 08:00", 5, "03-01 00:00"),
        # Ordinary weekends.
        ("11-20 10:00", 1, "11-23 10:00"),
        ("11-21 10:00", 1, "11-24 00:00"),
        ("11-22 23:59", 5, "11-28 00:00"),
        ("11-23 00:00", 5, "11-28 00:00"),
        ("11-23 10:00", 5, "11-30 10:00"),
        ("11-23 10:00", 0, "11-23 10:00"),
    ],
)
def test_working_days_after(sent, days, due):
    assert clocks.add_working_time(CHINA, at(sent), days * clocks.DAY) == at(due)


@pytest.mark.parametrize(
    ("end", "days", "start"),
    [
        ("10-10 10:00", 5, "09-28 10:00"),
        ("10-08 10:00", 1, "09-30 10:00"),
        ("10-05 12:00", 1, "09-30 00:00"),
        ("10-08 00:00", 1, "09-30 00:00"),
        ("11-23 10:00", 1, "11-20 10:00"),
        ("11-22 10:00", 5, "11-16 00:00"),
        ("02-24 11:00", 1, "02-14 11:00"),
        ("11-23 10:00", 0, "11-23 10:00"),
    ],
)
def test_working_days_before(end, days, start):
    assert clocks.take_working_time(CHINA, at(end), days * clocks.DAY) == at(start)


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        ("09-28 10:00", "10-10 10:00", 5),
        ("09-28 10:00", "10-10 09:59", 4),
        ("10-01 08:00", "10-07 23:00", 0),
        ("11-20 18:00", "11-25 09:00", 2),
        ("11-25 09:00", "11-20 18:00", 0),
    ],
)
def test_whole_working_days_left(start, end, left):
    assert clocks.working_days_left(CHINA, at(start), at(end)) == left


def test_three_working_days_out_on_a_five_day_plan_gets_another_day():
    now, rules = at("11-23 10:00"), ClockRules(lead_days=5)
    wanted = at("11-26 10:00")
    assert not clocks.is_workable(CHINA, rules, starts_at=wanted, now=now)
    assert clocks.working_days_left(CHINA, now, wanted) == 3
    assert clocks.earliest_start(CHINA, rules, now) == at("11-30 10:00")
    assert clocks.is_workable(CHINA, rules, starts_at=at("11-30 10:00"), now=now)
    assert not clocks.is_workable(CHINA, rules, starts_at=at("11-30 09:59"), now=now)
    earliest = clocks.earliest_day(CHINA, rules, now=now, hospital_zone=SHANGHAI)
    assert earliest == dt.date(2026, 12, 1)


def test_asked_in_golden_week_for_a_treatment_after_it():
    now, rules = at("10-02 10:00"), ClockRules(lead_days=5)
    # 8, 9, 10, 12 and 13 October are the five days the insurer works.
    earliest = clocks.earliest_day(CHINA, rules, now=now, hospital_zone=SHANGHAI)
    assert earliest == dt.date(2026, 10, 14)


def test_the_first_workable_day_is_the_hospitals_and_the_working_days_the_insurers():
    """An insurer in New York and a hospital in Shanghai, thirteen hours apart in November."""
    calendar, rules = weekdays("America/New_York"), ClockRules(lead_days=1)
    now = at("11-20 18:00", "America/New_York")
    assert clocks.earliest_start(calendar, rules, now) == at("11-23 18:00", "America/New_York")
    earliest = clocks.earliest_day(calendar, rules, now=now, hospital_zone=SHANGHAI)
    assert earliest == dt.date(2026, 11, 25)


@pytest.mark.parametrize(
    ("zone", "sent", "due"),
    [
        # It is Friday night in New York and Kiritimati's Saturday already.
        ("America/New_York", "11-20 20:00", "11-23 20:00"),
        ("Pacific/Kiritimati", "11-21 15:00", "11-24 00:00"),
        ("Pacific/Pago_Pago", "11-20 14:00", "11-23 14:00"),
    ],
)
def test_each_insurer_has_its_own_midnight(zone, sent, due):
    calendar = weekdays(zone)
    start = at(sent, zone)
    assert clocks.add_working_time(calendar, start, clocks.DAY) == at(due, zone)


@pytest.mark.parametrize(
    ("zone", "sent", "due"),
    [
        # Summer time begins on Sunday 29 March and ends on Sunday 25 October in Berlin.
        ("Europe/Berlin", "03-27 16:00", "03-30 16:00"),
        ("Europe/Berlin", "10-23 16:00", "10-26 16:00"),
        ("Europe/Berlin", "03-28 02:30", "03-31 00:00"),
        # Cairo goes to summer time at midnight of Friday 24 April, inside its weekend.
        ("Africa/Cairo", "04-23 11:00", "04-26 11:00"),
    ],
)
def test_summer_time_keeps_the_wall_clock(zone, sent, due):
    calendar = weekdays(zone, (4, 5) if zone == "Africa/Cairo" else (5, 6))
    assert clocks.add_working_time(calendar, at(sent, zone), clocks.DAY) == at(due, zone)


def test_a_wall_time_that_does_not_exist_is_as_long_after_the_gap():
    calendar = InsurerCalendar("Europe/Berlin", lambda day: True)
    due = clocks.add_working_time(calendar, at("03-28 02:30", "Europe/Berlin"), clocks.DAY)
    assert due == at("03-29 03:30", "Europe/Berlin")


@pytest.mark.parametrize(
    ("urgency", "sent", "warn", "due"),
    [
        ("planned", "11-23 10:00", "11-24 04:00", "11-24 10:00"),
        ("planned", "11-20 10:00", "11-23 04:00", "11-23 10:00"),
        ("planned", "09-30 04:00", "09-30 22:00", "10-08 04:00"),
        ("planned", "10-03 12:00", "10-08 18:00", "10-09 00:00"),
        ("urgent", "11-20 23:59", "11-21 02:59", "11-21 03:59"),
        ("emergency", "10-01 10:00", "10-01 13:00", "10-01 14:00"),
    ],
)
def test_when_the_insurer_must_answer(urgency, sent, warn, due):
    span = clocks.answer_clock(CHINA, ClockRules(), urgency=urgency, sent_at=at(sent))
    assert (span.warn_at, span.due_at) == (at(warn), at(due))


def test_an_outpatient_visit_is_answered_while_the_patient_waits():
    sent = at("11-21 10:00")
    span = clocks.answer_clock(CHINA, ClockRules(), urgency="outpatient", sent_at=sent)
    assert span.warn_at == sent + dt.timedelta(minutes=22, seconds=30)
    assert span.due_at == at("11-21 10:30")


def test_a_plan_that_takes_longer_answers_later():
    rules = ClockRules(planned_days=4)
    span = clocks.answer_clock(CHINA, rules, urgency="planned", sent_at=at("11-19 10:00"))
    assert (span.warn_at, span.due_at) == (at("11-24 10:00"), at("11-25 10:00"))


def test_a_question_is_answered_within_three_working_days():
    span = clocks.question_clock(CHINA, ClockRules(), asked_at=at("09-29 16:00"))
    assert (span.warn_at, span.due_at) == (at("10-08 22:00"), at("10-09 16:00"))


def test_the_notice_of_an_emergency_runs_through_holidays_and_summer_time():
    assert clocks.notice_due_at(ClockRules(), at("10-01 20:00")) == at("10-03 20:00")
    before = at("03-28 12:00", "Europe/Berlin")
    due = clocks.notice_due_at(ClockRules(notice_hours=24), before).astimezone(dt.UTC)
    assert due - before.astimezone(dt.UTC) == dt.timedelta(hours=24)


ZONES = ["Asia/Shanghai", "Asia/Riyadh", "Asia/Kolkata", "Pacific/Kiritimati", "UTC"]
INSTANTS = some.integers(0, 500 * 24 * 60).map(
    lambda minutes: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)


@given(INSTANTS, some.integers(1, 15 * 24 * 60), some.sampled_from(ZONES))
def test_exactly_that_much_working_time_lies_between(start, minutes, zone):
    calendar = InsurerCalendar(zone, is_worked_in_china)
    span = dt.timedelta(minutes=minutes)
    due = clocks.add_working_time(calendar, start, span)
    assert clocks.working_time(calendar, start, due) == span
    assert clocks.working_time(calendar, start, due - dt.timedelta(minutes=1)) < span
    back = clocks.take_working_time(calendar, due, span)
    assert start <= back
    assert clocks.working_time(calendar, back, due) == span


@given(INSTANTS, some.integers(0, 10), some.sampled_from(["Europe/Berlin", "Africa/Cairo"]))
def test_more_days_are_never_earlier_across_summer_time(start, days, zone):
    calendar = weekdays(zone)
    due = clocks.add_working_time(calendar, start, days * clocks.DAY)
    later = clocks.add_working_time(calendar, start, (days + 1) * clocks.DAY)
    assert start <= due < later
    assert calendar.is_working_day(clock.local(later - clocks.DAY / 1440, zone).date())
