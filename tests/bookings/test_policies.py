import datetime as dt

import pytest

from bookings import policies

START = dt.datetime(2026, 12, 20, 1, 0, tzinfo=dt.UTC)


def hours(count: float) -> dt.timedelta:
    return dt.timedelta(hours=count)


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (hours(24 * 10), [("7d", 24 * 7), ("2d", 48), ("24h", 24), ("day", 3)]),
        (hours(24 * 7), [("2d", 48), ("24h", 24), ("day", 3)]),
        (hours(48), [("24h", 24), ("day", 3)]),
        (hours(24), [("day", 3)]),
        (hours(3), [("day", 1.5)]),
        (hours(2), [("day", 1)]),
        (hours(1.9), []),
    ],
)
def test_reminders_lie_ahead_and_near_bookings_get_one_halfway(lead, expected):
    found = policies.reminders(START, START - lead)

    assert [(one.kind.rsplit("_", 1)[1], START - one.due_at) for one in found] == [
        (kind, hours(before)) for kind, before in expected
    ]


@pytest.mark.parametrize(
    ("lead", "before"), [(hours(24 * 10), 72), (hours(72), 72), (hours(50), 50), (hours(2), 2)]
)
def test_instructions_come_three_days_before_or_at_once(lead, before):
    assert policies.instructions_at(START, START - lead) == START - hours(before)


def test_instructions_do_not_come_when_nobody_can_follow_them():
    assert policies.instructions_at(START, START - hours(1.9)) is None


@pytest.mark.parametrize(
    ("days", "before"), [(60, 30), (31, 30), (30, 29), (12, 11), (9, 8), (8, None), (2, None)]
)
def test_a_visa_is_asked_about_while_an_embassy_can_still_answer(days, before):
    found = policies.visa_notice_at(START, START - hours(24 * days))
    assert found == (None if before is None else START - hours(24 * before))


def test_a_free_change_ends_at_the_second_of_the_notice():
    last = policies.free_change_until(START, 24)

    assert last == START - hours(24)
    assert policies.is_free_change(START, 24, last)
    assert not policies.is_free_change(START, 24, last + dt.timedelta(seconds=1))


def test_an_offered_time_never_waits_past_two_hours_before_it_starts():
    now = START - hours(10)

    assert policies.offered_time_expires_at(now, START, hours(48)) == START - hours(2)
    assert policies.offered_time_expires_at(now, START, hours(4)) == now + hours(4)


def test_a_time_can_be_booked_until_one_hour_before():
    assert policies.can_still_be_booked(START, START - hours(1))
    assert not policies.can_still_be_booked(START, START - hours(1) + dt.timedelta(seconds=1))


def test_working_days_are_counted_over_weekends():
    friday = dt.date(2026, 11, 27)

    assert policies.after_working_days(friday, 2, lambda day: day.weekday() < 5) == dt.date(
        2026, 12, 1
    )
