"""One card of each rank, also when a patient asks twice at the same instant."""

import datetime as dt

import pytest

from accounts.services.consents import GivenConsent
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import DirectPayCard, EligibilityCheck
from payments.services.insurance.patient_questions import CardDetails, Need, ask_insurers
from tests.factories.accounts import PatientFactory
from tests.factories.hospitals import OfferFactory
from tests.factories.insurance import BORN, PlanTermsFactory, TreatmentCodingFactory
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_two_questions_at_once_leave_one_card():
    patient, offer = PatientFactory(), OfferFactory()
    insurer = PlanTermsFactory().plan.insurer
    need = Need(
        offer=offer,
        hospital=offer.hospital,
        coding=TreatmentCodingFactory(treatment=offer.treatment),
        service_start=clock.now() + dt.timedelta(days=9),
        amount=Money(1_000_000, "CNY"),
    )
    agreed = GivenConsent("insurer_transfer", insurer.slug, "I agree", "en")

    def ask(number):
        card = CardDetails(insurer, f"M{number}", dt.date.fromisoformat(BORN))
        return ask_insurers(patient, cards=[card], need=need, by=patient.account, consents=[agreed])

    assert tally(together(4, ask)) == {"list": 4}
    assert DirectPayCard.objects.filter(removed_at=None).count() == 1
    assert (DirectPayCard.objects.count(), EligibilityCheck.objects.count()) == (4, 4)
