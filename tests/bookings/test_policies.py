import datetime as dt

import pytest

from bookings import policies

START = dt.datetime(2026, 12, 20, 1, 0, tzinfo=dt.UTC)


def hours(count: float) -> dt.timedelta:
    return dt.timedelta(hours=count)


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (hours(24 * 10), [("7d", 24 * 7), ("2d", 48), ("24h", 24)]),
        (hours(24 * 7), [("2d", 48), ("24h", 24)]),
        (hours(48), [("24h", 24)]),
        (hours(24), [("24h", 12)]),
        (hours(2), [("24h", 1)]),
        (hours(1.9), []),
    ],
)
def test_reminders_lie_ahead_and_near_bookings_get_one_halfway(lead, expected):
    found = policies.reminders(START, START - lead)

    assert [(one.kind.rsplit("_", 1)[1], START - one.due_at) for one in found] == [
        (kind, hours(before)) for kind, before in expected
    ]


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
