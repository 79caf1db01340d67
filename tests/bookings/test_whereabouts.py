"""In China from the day before a trip's first appointment to the day after its last (M19)."""

import datetime as dt

import pytest

from bookings.selectors.whereabouts import Visit, whereabouts_of, zone_during
from messaging.whereabouts import whereabouts
from tests.factories.bookings import AppointmentFactory
from tests.messaging.reached import preferring

SHANGHAI, URUMQI = "Asia/Shanghai", "Asia/Urumqi"
SECOND = dt.timedelta(seconds=1)


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def visits(*days, zone=SHANGHAI):
    return [Visit(dt.date.fromisoformat(day), zone) for day in days]


ONE_TRIP = visits("2026-12-10", "2026-12-14")


@pytest.mark.parametrize(
    ("now", "there"),
    [
        ("2026-12-08T15:59:59", ""),
        ("2026-12-08T16:00:00", SHANGHAI),
        ("2026-12-12T00:00:00", SHANGHAI),
        ("2026-12-15T15:59:59", SHANGHAI),
        ("2026-12-15T16:00:00", ""),
    ],
)
def test_a_trip_by_the_hospitals_calendar(now, there):
    assert zone_during(ONE_TRIP, utc(now)) == there


@pytest.mark.parametrize(("second", "between"), [("2026-12-24", SHANGHAI), ("2026-12-25", "")])
def test_a_fortnight_joins_and_a_day_more_parts(second, between):
    assert zone_during(visits("2026-12-10", second), utc("2026-12-17T00:00:00")) == between


def test_a_traveller_inside_china_is_where_the_last_visit_was():
    trip = [*visits("2026-12-10"), *visits("2026-12-14", zone=URUMQI)]
    assert zone_during(trip, utc("2026-12-12T00:00:00")) == SHANGHAI
    assert zone_during(trip, utc("2026-12-13T18:00:00")) == URUMQI


@pytest.mark.django_db
class TestAccount:
    @pytest.fixture
    def appointment(self, patient, frozen):
        start = utc("2026-12-10T01:00:00")
        return AppointmentFactory(patient=patient, booker=patient.account, slot__starts_at=start)

    def test_a_confirmed_appointment_is_a_trip(self, appointment, user, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert whereabouts_of(user, utc("2026-12-10T01:00:00")) == SHANGHAI
        assert whereabouts_of(user, utc("2026-12-01T01:00:00")) == ""

    def test_a_cancelled_one_is_not(self, appointment, user):
        appointment.state = "cancelled"
        appointment.save()
        assert whereabouts_of(user, utc("2026-12-10T01:00:00")) == ""

    def test_another_persons_trip_is_not_mine(self, appointment, stranger):
        assert whereabouts_of(stranger, utc("2026-12-10T01:00:00")) == ""

    @pytest.mark.parametrize(
        ("said", "day", "expected"),
        [
            ("automatic", "2026-12-10", (True, SHANGHAI)),
            ("automatic", "2026-12-01", (False, "Europe/Moscow")),
            ("abroad", "2026-12-10", (False, "Europe/Moscow")),
            ("china", "2026-12-01", (True, SHANGHAI)),
        ],
    )
    def test_what_a_person_says_counts_first(self, appointment, user, said, day, expected):
        reader = preferring(user, place=said)
        found = whereabouts(reader, reader.reach, None, utc(f"{day}T01:00:00"))
        assert (found.in_china, *found.zone_names) == expected
