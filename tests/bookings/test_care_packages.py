"""Packages of sessions: held to their promise, a slip is shown to patient and desk (M15)."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from bookings.models import CarePackage, PackageSession
from bookings.package_rules import Promise, expected_on, standing
from bookings.refusals import SessionNotYet, SomebodyWasFaster
from bookings.selectors.care_packages import package_of
from bookings.services.care_packages import plan_package, record_session
from tests.factories.bookings import CaseFactory

BEGIN = dt.date(2026, 11, 2)
TODAY = dt.date(2026, 11, 23)
PAIN = Promise("Pain, 0 to 10", "lower", Decimal(8), [(7, Decimal(6)), (14, Decimal(4))])
WALK = Promise("Metres in 6 minutes", "higher", Decimal(200), [(14, Decimal(300))])
DAYS = [BEGIN + dt.timedelta(days=7 * number) for number in range(4)]


@pytest.mark.parametrize(
    ("day", "value"), [(0, None), (6, None), (7, 6), (13, 6), (14, 4), (400, 4)]
)
def test_the_promise_names_a_value_from_its_day_on(day, value):
    assert expected_on(PAIN, day) == value


@pytest.mark.parametrize(
    ("promise", "done", "value", "behind", "short"),
    [
        (PAIN, 3, "4", False, False),
        (PAIN, 3, "4.5", False, True),
        (PAIN, 2, "3", True, False),
        (PAIN, 0, None, True, False),
        (PAIN, 4, "5", False, True),
        (WALK, 3, "300", False, False),
        (WALK, 3, "299", False, True),
    ],
)
def test_what_counts_as_a_slip(promise, done, value, behind, short):
    sessions = [
        (day, day if number < done else None, Decimal(value) if number < done else None)
        for number, day in enumerate(DAYS)
    ]
    found = standing(promise, begins_on=BEGIN, sessions=sessions, today=TODAY)
    assert (found.planned, found.due, found.done) == (4, 3, done)
    assert (found.is_behind, found.is_short) == (behind, short)
    assert found.has_slipped == (behind or short)


@pytest.fixture
def case(db, frozen, patient, hospital):
    return CaseFactory(patient=patient, hospital=hospital, state="in_treatment")


@pytest.fixture
def package(case, coordinator):
    return plan_package(case, begins_on=BEGIN, promise=PAIN, session_days=DAYS, by=coordinator)


def test_a_case_has_one_package(case, package, coordinator):
    with pytest.raises(SomebodyWasFaster):
        plan_package(case, begins_on=BEGIN, promise=WALK, session_days=DAYS, by=coordinator)
    assert (CarePackage.objects.count(), PackageSession.objects.count()) == (1, 4)


def test_a_session_of_a_later_day_is_refused(package):
    session = package.sessions.get(number=1)
    with pytest.raises(SessionNotYet):
        record_session(
            session, done_on=TODAY + dt.timedelta(days=1), measured=None, zone_name="Asia/Shanghai"
        )
    session.refresh_from_db()
    assert (session.done_on, session.measured) == (None, None)


def test_the_slip_is_shown_to_the_patient(client, user, case, package):
    session = package.sessions.get(number=1)
    record_session(session, done_on=BEGIN, measured=Decimal("7"), zone_name="Asia/Shanghai")
    shown = package_of(case)
    assert (shown.standing.done, shown.standing.due) == (1, 3)
    assert (shown.standing.measured, shown.standing.expected) == (Decimal(7), Decimal(4))
    client.force_login(user)
    page = client.get(reverse("bookings:recovery", args=[case.public_id])).content.decode()
    assert "Sessions are behind the plan" in page
    assert "Measured: 7. Promised by now: 4." in page
