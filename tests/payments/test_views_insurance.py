"""The patient asks an insurer: typed once, agreed to apart, answered in words, booked by it."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Consent
from bookings.models import Appointment
from bookings.transitions import AppointmentState
from medtour.lib import clock
from payments.models import BenefitBalance, DirectPayCard, EligibilityCheck, Obligation
from tests.factories import OfferFactory, PayeeAccountFactory, PriceLineFactory, SlotFactory
from tests.factories.bookings import in_days
from tests.factories.insurance import (
    AgreementFactory,
    BenefitFactory,
    CoverageFactory,
    NetworkHospitalFactory,
    PlanTermsFactory,
    TreatmentCodingFactory,
)

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
CARD = {
    "number": "ab-12 345c",
    "born_day": "17",
    "born_month": "5",
    "born_year": "1980",
}
DAY = {"service_on_day": "10", "service_on_month": "12", "service_on_year": "2026"}


@pytest.fixture
def offer(hospital):
    offer = OfferFactory(hospital=hospital)
    offer.price_lines.all().delete()
    PriceLineFactory(offer=offer, tier="international", amount_minor=100_000, high_minor=150_000)
    TreatmentCodingFactory(treatment=offer.treatment, category="consultation", setting="outpatient")
    return offer


@pytest.fixture
def terms(offer, hospital):
    """Terms of a plan that pays 90 % of consultations; its member is the card above."""
    coverage = CoverageFactory(member__number="AB12345C")
    terms = PlanTermsFactory(plan=coverage.plan, lead_time_working_days=5)
    NetworkHospitalFactory(network=terms.network, hospital=hospital)
    AgreementFactory(insurer=coverage.member.insurer, hospital=hospital, setting="outpatient")
    return terms


@pytest.fixture
def benefit(terms):
    return BenefitFactory(terms=terms, category="consultation", coinsurance_pct="10")


@pytest.fixture
def must_agree(terms):
    return BenefitFactory(
        terms=terms, category="consultation", coinsurance_pct="10", preauth="always"
    )


@pytest.fixture
def insurer(terms):
    return terms.plan.insurer


@pytest.fixture
def card(insurer):
    return CARD | {"insurer": insurer.slug}


@pytest.fixture
def signed_in(client, user, patient):
    client.force_login(user)
    return client


def asking(offer):
    return reverse("payments:insurance", args=[offer.public_id])


def agreeing(offer):
    return reverse("payments:insurance_agree", args=[offer.public_id])


def ask(client, offer, insurer, card, **more):
    client.post(asking(offer), card | DAY | more)
    return client.post(agreeing(offer), {f"share_{insurer.slug}": "on"}, follow=True)


def test_the_offer_leads_to_the_question(client, offer, benefit):
    page = client.get(reverse("hospitals:offer", args=[offer.public_id])).content.decode()
    assert asking(offer) in page


def test_direct_pay_says_who_pays_what_and_promises_nothing(
    signed_in, offer, insurer, card, benefit, patient, user
):
    response = ask(signed_in, offer, insurer, card)
    check = EligibilityCheck.objects.get()
    assert response.redirect_chain[-1][0] == reverse(
        "payments:insurance_answer", args=[check.public_id]
    )
    page = response.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "<h1>Direct pay</h1>",
        "CNY 900.00",
        "CNY 100.00",
        "CNY 1,500.00",
        "The first two add up to the estimate:",
        "This is not a promise by your insurer until a guarantee is issued.",
        "You pay a percentage",
    ):
        assert words in page, words
    assert (check.patient, check.offer, check.asked_by) == (patient, offer, user)
    consent = Consent.objects.get(purpose="insurer_transfer")
    assert (consent.patient, consent.recipient) == (patient, insurer.slug)
    kept = DirectPayCard.objects.get()
    assert (kept.rank, kept.number, kept.insurer) == (1, "AB12345C", insurer)


def test_without_the_agreement_nothing_is_asked(signed_in, offer, card, benefit):
    signed_in.post(asking(offer), card | DAY)
    response = signed_in.post(agreeing(offer), {})
    assert response.status_code == 422
    assert "Tick this box to go on" in response.content.decode()
    assert EligibilityCheck.objects.count() == 0
    assert Consent.objects.count() == 0


def test_an_agreement_is_asked_once_and_again_after_it_was_withdrawn(
    signed_in, offer, insurer, card, benefit
):
    ask(signed_in, offer, insurer, card)
    signed_in.post(asking(offer), card | DAY)
    assert f"share_{insurer.slug}" not in signed_in.get(agreeing(offer)).content.decode()
    profile = signed_in.get(reverse("accounts:profile")).content.decode()
    assert insurer.name in profile
    signed_in.post(
        reverse("accounts:withdraw_consent"),
        {
            "patient": Consent.objects.get().patient.public_id,
            "purpose": "insurer_transfer",
            "recipient": insurer.slug,
        },
    )
    assert f"share_{insurer.slug}" in signed_in.get(agreeing(offer)).content.decode()


def test_a_visitor_types_first_and_signs_in_later(
    client, offer, insurer, card, benefit, user, patient
):
    response = client.post(asking(offer), card | DAY)
    assert response["Location"] == agreeing(offer)
    login = client.get(agreeing(offer))
    assert login["Location"].startswith(reverse("account_login"))
    assert "ab-12" not in str(dict(client.session))
    client.force_login(user)
    page = client.get(agreeing(offer)).content.decode()
    assert "ab-12 345c" in page
    assert EligibilityCheck.objects.count() == 0


def test_bad_input_loses_nothing(signed_in, offer, card, benefit):
    response = signed_in.post(asking(offer), card | DAY | {"born_month": "13"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter the month as a number from 1 to 12" in page
    assert 'value="ab-12 345c"' in page
    assert 'value="13"' in page


def test_half_a_second_card_is_named(signed_in, offer, card, benefit):
    response = signed_in.post(asking(offer), card | DAY | {"second_number": "X1"})
    assert response.status_code == 422
    assert "Fill in all three boxes of the second card" in response.content.decode()


def test_unknown_details_say_the_same_whatever_was_wrong(signed_in, offer, insurer, card, benefit):
    unknown = ask(signed_in, offer, insurer, card, number="nobody").content.decode()
    wrong = ask(signed_in, offer, insurer, card, born_day="18").content.decode()
    sentence = "We could not find this insurance with the details given."
    assert sentence in unknown
    assert sentence in wrong
    assert "Could not be determined yet</h1>" in wrong


def test_a_second_card_is_asked_when_the_first_pays_nothing(
    signed_in, offer, insurer, card, benefit, hospital
):
    other = CoverageFactory(member__number="SECOND1")
    terms = PlanTermsFactory(plan=other.plan)
    BenefitFactory(terms=terms, category="consultation", is_covered=False)
    first = other.member.insurer
    cards = CARD | {"insurer": first.slug, "number": "SECOND1"}
    second = {f"second_{name}": value for name, value in card.items()}
    signed_in.post(asking(offer), cards | second | DAY)
    agreed = {f"share_{first.slug}": "on", f"share_{insurer.slug}": "on"}
    page = signed_in.post(agreeing(offer), agreed, follow=True).content.decode()
    assert "<h1>Direct pay</h1>" in page
    assert f"The answer for {first.name}" in page
    outcomes = EligibilityCheck.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["NOT_COVERED", "ELIGIBLE"]


def test_too_many_guesses_lock_the_page_and_keep_what_was_typed(
    signed_in, offer, insurer, card, benefit
):
    for number in range(10):
        ask(signed_in, offer, insurer, card, number=f"guess{number}")
    response = ask(signed_in, offer, insurer, card)
    assert response.status_code == 429
    page = response.content.decode()
    assert "Too many member details could not be used within an hour." in page
    assert "ab-12 345c" in page


def test_an_offer_without_a_price_cannot_be_asked_about(client, hospital, benefit):
    page = client.get(asking(OfferFactory(hospital=hospital))).content.decode()
    assert "Your insurer cannot be asked about this yet" in page


def test_what_nobody_can_say_yet_is_an_answer_and_promises_no_news(
    signed_in, offer, insurer, card, terms
):
    type(terms).objects.filter(pk=terms.pk).update(superseded_at=clock.now())
    page = ask(signed_in, offer, insurer, card).content.decode()
    assert "<h1>Could not be determined yet</h1>" in page
    assert "Please ask again later, or write to us." in page
    assert "We ask again" not in page


def test_only_the_asker_reads_the_answer(
    signed_in, client, offer, insurer, card, benefit, stranger
):
    ask(signed_in, offer, insurer, card)
    address = reverse("payments:insurance_answer", args=[EligibilityCheck.objects.get().public_id])
    client.force_login(stranger)
    response = client.get(address)
    assert response.status_code == 404
    assert b"AB12345C" not in response.content


def test_pages_cost_a_fixed_number_of_queries(
    signed_in, offer, insurer, card, benefit, django_assert_num_queries
):
    ask(signed_in, offer, insurer, card)
    address = reverse("payments:insurance_answer", args=[EligibilityCheck.objects.get().public_id])
    signed_in.get(address)
    with django_assert_num_queries(6):
        signed_in.get(address)


@pytest.fixture
def hold(signed_in, offer, patient):
    slot = SlotFactory(offer=offer, starts_at=in_days(14))
    signed_in.post(
        reverse("bookings:hold_slot", args=[offer.public_id]),
        {"slot": slot.public_id, "language": "en", "idempotency_key": "k1"},
    )
    hold = Appointment.objects.latest("pk")
    signed_in.post(reverse("bookings:details", args=[hold.public_id]), {"who": patient.public_id})
    signed_in.post(reverse("bookings:notes", args=[hold.public_id]), {"consent_transfer": "on"})
    return hold


def through_the_booking(client, hold, insurer, card):
    offer = hold.slot.offer
    begun = client.post(reverse("bookings:use_insurance", args=[hold.public_id]))
    assert begun["Location"] == f"{asking(offer)}?hold={hold.public_id}"
    client.post(begun["Location"], card)
    return client.post(agreeing(offer), {f"share_{insurer.slug}": "on"}, follow=True)


def book(client, hold):
    check = EligibilityCheck.objects.get()
    address = reverse("bookings:book_insured", args=[hold.public_id])
    return client.post(address, {"answer": check.public_id}, follow=True)


def test_direct_pay_books_at_once(signed_in, hold, insurer, card, benefit, patient):
    page = through_the_booking(signed_in, hold, insurer, card).content.decode()
    assert "Book with direct pay" in page
    book(signed_in, hold)
    hold.refresh_from_db()
    assert (hold.state, hold.patient) == (AppointmentState.CONFIRMED, patient)
    assert EligibilityCheck.objects.get().service_on == dt.date(2026, 12, 7)


@pytest.mark.parametrize(("deposit", "asked"), [(5_000, 5_000), (10_000, 10_000), (40_000, 10_000)])
def test_direct_pay_asks_a_deposit_no_higher_than_the_own_part(
    signed_in, hold, offer, insurer, card, benefit, deposit, asked
):
    offer.asks_deposit_online, offer.deposit_minor = True, deposit
    offer.save()
    PayeeAccountFactory(hospital=offer.hospital)
    through_the_booking(signed_in, hold, insurer, card)
    assert EligibilityCheck.objects.get().output["patient_share"] == "100.00"
    book(signed_in, hold)
    hold.refresh_from_db()
    assert hold.state == AppointmentState.AWAITING_PAYMENT
    page = signed_in.get(reverse("payments:deposit", args=[hold.public_id]))
    assert page.status_code == 200
    due = Obligation.objects.get()
    assert (due.amount_minor, due.terms["deposit"].get("is_own_part", False)) == (
        asked, asked < deposit,
    )  # fmt: skip
    assert ("Your own part, as your insurer answered" in page.content.decode()) is (asked < deposit)


def test_direct_pay_of_everything_asks_no_deposit(signed_in, hold, offer, insurer, card, terms):
    BenefitFactory(terms=terms, category="consultation", coinsurance_pct="0")
    offer.asks_deposit_online, offer.deposit_minor = True, 5_000
    offer.save()
    through_the_booking(signed_in, hold, insurer, card)
    book(signed_in, hold)
    hold.refresh_from_db()
    assert hold.state == AppointmentState.CONFIRMED
    assert not Obligation.objects.exists()


def test_authorisation_keeps_the_place_until_a_stated_time(
    signed_in, hold, insurer, card, must_agree
):
    page = through_the_booking(signed_in, hold, insurer, card).content.decode()
    assert "<h1>Authorisation needed</h1>" in page
    assert "Your insurer needs 5 working days to decide." in page
    page = book(signed_in, hold).content.decode()
    hold.refresh_from_db()
    assert hold.state == AppointmentState.AWAITING_GUARANTEE
    # Five working days from Monday, 23 November, 09:00 in Shanghai, and a day to choose.
    assert hold.held_until == dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC)
    asked = hold.guarantees.get()
    assert (asked.state, asked.case, asked.member.number) == ("draft", hold.case, "AB12345C")
    assert (asked.estimate_minor, asked.requested_minor) == (100_000, 90_000)
    assert "Your place is kept until the time below." in page


def test_a_time_too_soon_for_the_insurer_is_refused_with_the_first_day(
    signed_in, hold, insurer, card, must_agree, terms
):
    type(terms).objects.filter(pk=terms.pk).update(superseded_at=clock.now())
    slow = PlanTermsFactory(plan=terms.plan, network=terms.network, lead_time_working_days=12)
    BenefitFactory(terms=slow, category="consultation", preauth="always")
    page = through_the_booking(signed_in, hold, insurer, card).content.decode()
    assert "The first day that works is" in page
    assert "Keep the time and ask my insurer" not in page
    response = book(signed_in, hold)
    assert response.status_code == 409
    assert "Your insurer needs more working days" in response.content.decode()
    hold.refresh_from_db()
    assert hold.state == AppointmentState.HELD


def test_an_answer_about_another_person_books_nothing(
    signed_in, hold, insurer, card, benefit, child
):
    through_the_booking(signed_in, hold, insurer, card)
    signed_in.post(reverse("bookings:details", args=[hold.public_id]), {"who": child.public_id})
    signed_in.post(reverse("bookings:notes", args=[hold.public_id]), {"consent_transfer": "on"})
    response = book(signed_in, hold)
    assert response.status_code == 409
    assert "This answer is not for this booking any more." in response.content.decode()
    hold.refresh_from_db()
    assert hold.state == AppointmentState.HELD


def test_a_strangers_answer_books_nothing(
    signed_in, client, hold, insurer, card, benefit, stranger
):
    through_the_booking(signed_in, hold, insurer, card)
    EligibilityCheck.objects.get()
    client.force_login(stranger)
    assert book(client, hold).status_code == 404


def test_no_cover_lets_the_patient_pay_alone(signed_in, hold, insurer, card, terms):
    page = through_the_booking(signed_in, hold, insurer, card).content.decode()
    assert "<h1>Not covered</h1>" in page
    assert "Your insurance does not cover this kind of treatment." in page
    assert "Go on and pay yourself" in page
    assert "Book with direct pay" not in page
    assert book(signed_in, hold).status_code == 409
    signed_in.post(reverse("bookings:check", args=[hold.public_id]))
    hold.refresh_from_db()
    assert hold.state == AppointmentState.CONFIRMED
    assert BenefitBalance.objects.count() == 0


def test_the_problems_are_listed_in_the_order_of_the_page(client, offer, benefit):
    answer = client.post(reverse("payments:insurance", args=[offer.public_id]), {})
    assert list(answer.context["form"].errors) == ["insurer", "number", "born", "service_on"]
