"""A person asks their insurer in a real browser while booking, and the place is kept meanwhile."""

import pytest

from payments.models import EligibilityCheck
from tests.factories.insurance import (
    AgreementFactory,
    BenefitFactory,
    CoverageFactory,
    NetworkHospitalFactory,
    PlanTermsFactory,
    TreatmentCodingFactory,
)

pytestmark = [pytest.mark.long, pytest.mark.browser]

EMAIL = "lena@people.example"


@pytest.fixture
def insurer(offer):
    """Return an insurer that must agree first and decides at once; its member is AB12345C."""
    TreatmentCodingFactory(treatment=offer.treatment, category="diagnostics", setting="outpatient")
    coverage = CoverageFactory(member__number="AB12345C", valid_until=None)
    terms = PlanTermsFactory(plan=coverage.plan, lead_time_working_days=0)
    BenefitFactory(terms=terms, category="diagnostics", coinsurance_pct="10", preauth="always")
    NetworkHospitalFactory(network=terms.network, hospital=offer.hospital)
    insurer = coverage.member.insurer
    AgreementFactory(insurer=insurer, hospital=offer.hospital, setting="outpatient")
    return insurer


def fill_card(page, insurer, number):
    page.select_option("[name=insurer]", insurer.slug)
    page.fill("[name=number]", number)
    for part, value in (("day", "17"), ("month", "5"), ("year", "1980")):
        page.fill(f"[name=born_{part}]", value)


def test_the_insurer_must_agree_and_the_place_is_kept(visitor, offer, insurer):
    page = visitor.page
    hold = visitor.hold(offer)
    visitor.say_who()
    visitor.agree()
    visitor.sign_up(EMAIL)
    with page.expect_navigation():
        page.get_by_role("button", name="Use my insurance").click()
    visitor.press()
    assert page.title().startswith("Error:")
    visitor.look()
    fill_card(page, insurer, "ab-12 345c")
    visitor.press()
    visitor.look()
    visitor.keep_picture("insurance_1_agree")
    page.check("main input[type=checkbox]")
    visitor.press()
    check = EligibilityCheck.objects.get()
    assert page.url == visitor.address("payments:insurance_answer", check.public_id)
    assert page.inner_text("main h1") == "Authorisation needed"
    visitor.look()
    visitor.keep_picture("insurance_2_answer")
    visitor.press()
    hold.refresh_from_db()
    assert hold.state == "awaiting_guarantee"
    assert page.url == visitor.address("bookings:appointment", hold.public_id)
    assert "Your place is kept until the time below." in page.inner_text("main")
    visitor.look()
    visitor.keep_picture("insurance_3_kept")
