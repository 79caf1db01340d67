"""The rules that sort answers and set times, as tables."""

import datetime as dt

import pytest

from bookings import follow_up_rules as rules
from tests.factories.follow_up import EMERGENCY, FEVER, WELL

UTC = dt.UTC
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "level", "reasons"),
    [
        (WELL, "green", ()),
        ({}, "green", ()),
        (WELL | {"pain": 4}, "green", ()),
        (WELL | {"pain": 5}, "amber", (("pain", "amber"),)),
        (WELL | {"pain": 7}, "amber", (("pain", "amber"),)),
        (WELL | {"pain": 8}, "red", (("pain", "red"),)),
        (WELL | {"temperature": "37.7"}, "green", ()),
        (WELL | {"temperature": "37.8"}, "amber", (("temperature", "amber"),)),
        (WELL | {"temperature": "39.0"}, "red", (("temperature", "red"),)),
        (FEVER, "amber", (("fever", "amber"), ("temperature", "amber"))),
        (WELL | {"wound": "red"}, "amber", (("wound", "amber"),)),
        (WELL | {"wound": "open"}, "red", (("wound", "red"),)),
        (WELL | {"walking": "help"}, "amber", (("walking", "amber"),)),
        (WELL | {"walking": "no"}, "red", (("walking", "red"),)),
        (WELL | {"medicine": "stopped"}, "amber", (("medicine", "amber"),)),
        (WELL | {"medicine": "some_missed"}, "green", ()),
        (WELL | {"call_me": "yes"}, "amber", (("call_me", "amber"),)),
        (EMERGENCY, "red", (("warning", "red"),)),
        (FEVER | {"wound": "open"}, "red", (("wound", "red"), ("fever", "amber"), ("temperature", "amber"))),
        (WELL | {"words": "39.9 and pain 10"}, "green", ()),
    ],
)  # fmt: skip
def test_the_worst_answer_decides(answers, level, reasons):
    assert rules.score(rules.DEFAULT_RULES, answers) == rules.Score(level, reasons)


def test_a_question_without_a_rule_says_nothing():
    assert rules.score({"pain": {}}, {"pain": 10}) == rules.Score("green")


@pytest.mark.parametrize(
    ("level", "than", "worse"),
    [
        ("red", "amber", True),
        ("amber", "red", False),
        ("red", "red", False),
        ("green", "missed", True),
        ("amber", "", True),
    ],
)
def test_which_level_is_worse(level, than, worse):
    assert rules.is_worse(level, than) is worse


def test_the_days_are_each_asked_once_and_in_order():
    assert rules.days_to_ask((7, 1, 3, 1, 365), 2) == [
        (1, False),
        (3, False),
        (7, False),
        (365, True),
        (730, True),
    ]


@pytest.mark.parametrize(
    ("begin", "day", "yearly", "due"),
    [
        (dt.date(2026, 11, 23), 1, False, dt.date(2026, 11, 24)),
        (dt.date(2026, 11, 23), 90, False, dt.date(2027, 2, 21)),
        (dt.date(2027, 11, 23), 365, True, dt.date(2028, 11, 23)),
        (dt.date(2028, 2, 29), 365, True, dt.date(2029, 2, 28)),
        (dt.date(2028, 2, 29), 1460, True, dt.date(2032, 2, 29)),
    ],
)
def test_when_a_task_is_due(begin, day, yearly, due):
    assert rules.due_on(begin, day, is_yearly=yearly) == due


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Asia/Shanghai", dt.datetime(2026, 11, 24, 2, tzinfo=UTC)),
        ("Europe/Moscow", dt.datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("Pacific/Honolulu", dt.datetime(2026, 11, 24, 20, tzinfo=UTC)),
        ("Pacific/Auckland", dt.datetime(2026, 11, 23, 21, tzinfo=UTC)),
        ("Asia/Kathmandu", dt.datetime(2026, 11, 24, 4, 15, tzinfo=UTC)),
    ],
)
def test_the_questions_go_out_at_ten_where_the_patient_is(zone, instant):
    assert rules.ask_at(dt.date(2026, 11, 24), zone) == instant


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (dt.date(2027, 3, 27), dt.datetime(2027, 3, 27, 9, tzinfo=UTC)),
        (dt.date(2027, 3, 28), dt.datetime(2027, 3, 28, 8, tzinfo=UTC)),
        (dt.date(2026, 10, 25), dt.datetime(2026, 10, 25, 9, tzinfo=UTC)),
    ],
)
def test_ten_stays_ten_when_the_clocks_change(day, instant):
    assert rules.ask_at(day, "Europe/Paris") == instant


@pytest.mark.parametrize(
    ("level", "hours"), [("red", 1), ("amber", 24), ("missed", 48), ("green", None)]
)
def test_until_when_somebody_has_to_call(level, hours):
    until = rules.call_until(level, NOON, amber_hours=24, missed_hours=48)
    assert until == (NOON + dt.timedelta(hours=hours) if hours else None)
