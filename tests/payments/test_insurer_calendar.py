"""Which days an insurer works, from the calendar days and the weekend of its country."""

import datetime as dt

import pytest

from bookings.models.schedule import CalendarDayKind
from medtour.lib import clock
from payments import insurance_clocks as clocks
from payments.selectors.insurance.calendar import calendar_of, rules_of, weekend_of
from tests.factories import CalendarDayFactory
from tests.factories.insurance import PlanTermsFactory

pytestmark = pytest.mark.django_db


def test_holidays_and_worked_weekends_of_its_own_country_count(frozen, django_assert_num_queries):
    CalendarDayFactory(date=dt.date(2026, 11, 24))
    CalendarDayFactory(date=dt.date(2026, 11, 28), kind=CalendarDayKind.WORKING)
    CalendarDayFactory(date=dt.date(2026, 11, 25), country="SG")
    terms = PlanTermsFactory()
    with django_assert_num_queries(1):
        calendar = calendar_of(terms, around=frozen)
        due = clocks.add_working_time(calendar, frozen, 4 * clocks.DAY)
    assert clock.local(due, "Asia/Shanghai") == dt.datetime(
        2026, 11, 28, 9, tzinfo=clock.zone("Asia/Shanghai")
    )


def test_the_gulf_rests_on_friday_and_saturday(frozen):
    terms = PlanTermsFactory(calendar_country="SA", calendar_zone="Asia/Riyadh")
    calendar = calendar_of(terms, around=frozen)
    worked = [calendar.is_working_day(dt.date(2026, 11, day)) for day in range(26, 30)]
    assert worked == [True, False, False, True]


@pytest.mark.parametrize(
    ("country", "weekend"),
    [
        ("CN", {5, 6}),
        ("KW", {4, 5}),
        ("AE", {5, 6}),
        ("IN", {6}),
        ("ZZ", {5, 6}),
        ("??", {5, 6}),
        ("AF", {3, 4}),
    ],
)
def test_weekends(country, weekend):
    assert weekend_of(country) == weekend


def test_the_rules_come_from_the_terms():
    terms = PlanTermsFactory.build(
        plan=None, network=None, lead_time_working_days=7, urgent_answer_minutes=60
    )
    assert rules_of(terms) == clocks.ClockRules(lead_days=7, urgent_minutes=60)
