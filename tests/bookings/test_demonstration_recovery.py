"""The sample recovery: labelled, two answers and one question that waits, made only once."""

import pytest

from accounts.models import User
from bookings.models import Discharge, FollowUpTask
from bookings.services.demonstration.recovery import show_a_recovery
from tests.factories import HospitalFactory, MembershipFactory, OfferFactory, PatientFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def anna():
    hospital = HospitalFactory(slug="ruijin-hospital")
    OfferFactory(
        hospital=hospital, is_demonstration=True, inpatient_nights=5, follow_up_days=[7, 30]
    )
    MembershipFactory(hospital=hospital, user__email="coordinator@ruijin.example")
    patient = PatientFactory(account__email="anna@patient.example")
    User.objects.update(is_demonstration=True)
    return patient


def test_anna_has_a_labelled_recovery_with_questions_due_now(anna):
    assert (show_a_recovery(), show_a_recovery()) == (1, 0)
    discharge = Discharge.objects.get()
    assert discharge.is_demonstration is True
    assert discharge.case.state == "in_follow_up"
    assert discharge.hand_back.given_at is not None
    states = dict(FollowUpTask.objects.values_list("day", "state"))
    assert (states[1], states[3], states[7], states[14]) == (
        "escalated",
        "answered",
        "asked",
        "planned",
    )


def test_without_the_sample_people_nothing_is_made(db):
    assert show_a_recovery() == 0
    assert Discharge.objects.count() == 0
