"""The demonstration's money: invented payees, labelled; three deposits; one quote; made once."""

import pytest

from accounts.models import User
from hospitals.models.treatment import BookingMode
from payments.models import Obligation, PayeeAccount, Quote
from payments.policies import ladder_of, payee_matches
from payments.services.demonstration import DEPOSITS, show_money
from payments.services.payees import check_payee
from tests.factories import (
    HospitalFactory,
    MembershipFactory,
    OfferFactory,
    PatientFactory,
    TreatmentFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def ruijin(settings, user):
    """Return a hospital with sample offers, a coordinator and Anna, all of the demonstration."""
    settings.DEMONSTRATION = True
    hospital = HospitalFactory(slug="ruijin-hospital", name_en="Ruijin Hospital", payee="")
    for slug in ("gp-consultation", "ultrasound", "ct-scan"):
        treatment = TreatmentFactory(slug=slug)
        OfferFactory(hospital=hospital, treatment=treatment, is_demonstration=True)
    OfferFactory(hospital=hospital, booking_mode=BookingMode.CASE, is_demonstration=True)
    desk = MembershipFactory(hospital=hospital, user__email="coordinator@ruijin.example").user
    PatientFactory(account=user)
    User.objects.filter(pk__in=[user.pk, desk.pk]).update(is_demonstration=True)
    return hospital


def test_payees_are_invented_labelled_and_fit(ruijin):
    assert show_money() == 1
    ruijin.refresh_from_db()
    assert (ruijin.payee, ruijin.payee_is_demonstration) == (
        "Demonstration payee for Ruijin Hospital",
        True,
    )
    accounts = list(PayeeAccount.objects.order_by("gateway"))
    assert [account.gateway for account in accounts] == ["bank_transfer", "stripe"]
    for account in accounts:
        assert account.is_demonstration
        assert payee_matches(account.holder_name, ruijin.payee)
        assert check_payee(account)


def test_three_offers_ask_for_deposits_of_three_kinds(ruijin):
    show_money()
    found = {
        offer.treatment.slug: (offer.deposit_minor, offer.deposit_percent, ladder_of(offer))
        for offer in ruijin.offers.filter(asks_deposit_online=True)
    }
    assert {slug: rule[:2] for slug, rule in found.items()} == {
        deposit.treatment: (deposit.minor, deposit.percent) for deposit in DEPOSITS
    }
    assert found["ct-scan"][2].to_pairs() == [[168, 100], [72, 50], [24, 25]]
    assert [len(rule[2].bands) for rule in found.values()].count(1) == 2


def test_anna_has_one_quote_that_she_can_accept(ruijin, user):
    show_money()
    quote = Quote.objects.get()
    assert (quote.state, quote.case.patient.account) == ("issued", user)
    assert quote.deposit_minor == quote.likely_minor // 10 > 0
    assert quote.complications.startswith("Demonstration:")
    assert not Obligation.objects.exists()


def test_again_nothing_is_made_and_what_people_changed_stays(ruijin):
    show_money()
    ruijin.offers.filter(treatment__slug="ct-scan").update(
        asks_deposit_online=False, deposit_percent=None
    )
    assert show_money() == 0
    assert (PayeeAccount.objects.count(), Quote.objects.count()) == (2, 1)
    assert not ruijin.offers.get(treatment__slug="ct-scan").asks_deposit_online


def test_a_real_payee_is_left_alone(ruijin):
    ruijin.payee = "Real Payee Ltd"
    ruijin.save(update_fields=["payee"])
    assert show_money() == 0
    ruijin.refresh_from_db()
    assert (ruijin.payee, ruijin.payee_is_demonstration) == ("Real Payee Ltd", False)
    assert not PayeeAccount.objects.exists()
    assert not ruijin.offers.filter(asks_deposit_online=True).exists()


def test_without_a_demonstration_nothing_happens(ruijin, settings):
    settings.DEMONSTRATION = False
    assert show_money() == 0
    assert not PayeeAccount.objects.exists()
