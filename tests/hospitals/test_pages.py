"""Public pages: what they show, what they never show, and how many questions they ask."""

import datetime as dt
import json
import re

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import translation

from hospitals.selectors import pages
from hospitals.services.search_index import rebuild_index
from tests.factories.bookings import SlotFactory
from tests.factories.hospitals import (
    CityFactory,
    DepartmentFactory,
    DesignationFactory,
    DoctorFactory,
    DoctorLanguageFactory,
    HospitalFactory,
    InsurerFactory,
    OfferFactory,
    PriceBenchmarkFactory,
    PriceEvidenceFactory,
    PriceLineFactory,
    ProgrammeFactory,
    SpecialAccessProductFactory,
    SpokenLanguageFactory,
    TreatmentFactory,
)

pytestmark = pytest.mark.django_db


def text_of(response):
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def page(client, name, *args, query="", language="en", status=200):
    with translation.override(language):
        response = client.get(reverse(name, args=args) + query)
    assert response.status_code == status
    return response


def queries(client, name, *args, query=""):
    page(client, name, *args, query=query)
    with CaptureQueriesContext(connection) as captured:
        page(client, name, *args, query=query)
    return len(captured)


def test_home_shows_real_counts_and_reported_prices(client):
    city = CityFactory(slug="kunming", name_en="Kunming")
    for _ in range(3):
        HospitalFactory(city=city)
    treatment = TreatmentFactory(slug="hip-replacement", name_en="Hip replacement")
    PriceEvidenceFactory(treatment=treatment, low_minor=3_000_000, high_minor=3_000_000)
    rebuild_index()
    shown = text_of(page(client, "home"))
    assert "Kunming 3 hospitals in our list" in shown
    assert "CNY 30,000" in shown
    assert "Tier not stated" in shown
    assert "Test source, page 1" in shown


def test_search_shows_price_with_tier_source_and_next_opening(client, frozen):
    hospital = HospitalFactory(name_en="Green Hill Hospital", name_zh_hans="青山医院")
    offer = OfferFactory(
        hospital=hospital, treatment=TreatmentFactory(name_en="Acupuncture"), unpriced=True
    )
    PriceLineFactory(offer=offer, amount_minor=123_400, tier="international", source="The list")
    SlotFactory(
        offer=offer,
        hospital=hospital,
        starts_at=frozen + dt.timedelta(days=2),
        ends_at=frozen + dt.timedelta(days=2, minutes=30),
        last_confirmed_at=frozen,
    )
    rebuild_index()
    client.cookies["zone"] = "Europe/London"
    shown = text_of(page(client, "hospitals:search", query="?q=acupunture&kind=o"))
    assert "1 result" in shown
    assert "Showing results for acupuncture ." in shown
    assert "Green Hill Hospital 青山医院" in shown
    assert "CNY 1,234 International" in shown
    assert "The list" in shown
    assert "January 2026" in shown
    assert "09:00 · Wed 25 Nov" in shown
    assert "01:00 · Wed 25 Nov" in shown
    assert "See times" in shown


def test_what_is_remembered_of_a_results_page_stays_in_its_language(client):
    OfferFactory(booking_mode="instant")
    OfferFactory(booking_mode="window")
    rebuild_index()
    words = {
        "en": ("How to start", "Lowest price", "See times"),
        "zh-hans": ("如何开始", "价格从低到高", "查看时段"),
    }
    for language, other in (("en", "zh-hans"), ("zh-hans", "en"), ("en", "zh-hans")):
        shown = text_of(page(client, "hospitals:search", language=language))
        assert all(word in shown for word in words[language])
        assert not any(word in shown for word in words[other])


def test_search_without_result_helps_on(client):
    OfferFactory(hospital__city__slug="here")
    rebuild_index()
    shown = page(client, "hospitals:search", query="?city=nowhere&how=instant")
    assert "No entry fits all of your choices." in text_of(shown)
    assert b'href="?how=instant"' in shown.content
    assert "Browse all treatments" in text_of(shown)


def test_search_escapes_what_was_typed(client):
    rebuild_index()
    shown = page(client, "hospitals:search", query="?q=<script>alert(1)</script>")
    assert b"<script>alert" not in shown.content


@pytest.mark.parametrize("number", [1, 3])
def test_search_asks_the_same_number_of_questions(client, number, frozen):
    treatment = TreatmentFactory(name_en="Scan")
    for _ in range(number):
        hospital = HospitalFactory()
        SpokenLanguageFactory(hospital=hospital)
        DesignationFactory(hospital=hospital)
        OfferFactory(treatment=treatment, hospital=hospital)
    rebuild_index()
    assert queries(client, "hospitals:search", query="?q=scan") == 2


@pytest.mark.parametrize("number", [1, 3])
def test_lists_ask_the_same_number_of_questions(client, number):
    for _ in range(number):
        hospital = HospitalFactory(address_en="1 Long Road")
        treatment = TreatmentFactory()
        PriceEvidenceFactory(treatment=treatment)
        PriceBenchmarkFactory(treatment=treatment)
        SpecialAccessProductFactory(hospital=hospital)
        OfferFactory(hospital=hospital, treatment=treatment)
    rebuild_index()
    found = {
        name: queries(client, f"hospitals:{name}")
        for name in ("hospital_list", "treatment_list", "prices", "special_access", "emergency")
    }
    assert found == {
        "hospital_list": 1,
        "treatment_list": 2,
        "prices": 2,
        "special_access": 1,
        "emergency": 1,
    }


@pytest.mark.parametrize("number", [1, 3])
def test_single_pages_ask_the_same_number_of_questions(client, number):
    hospital, treatment = HospitalFactory(), TreatmentFactory()
    PriceEvidenceFactory(treatment=treatment)
    for _ in range(number):
        DepartmentFactory(hospital=hospital)
        DesignationFactory(hospital=hospital)
        InsurerFactory().direct_billing_hospitals.add(hospital)
        PriceBenchmarkFactory(treatment=treatment)
        doctor = DoctorFactory(hospital=hospital)
        offer = OfferFactory(hospital=hospital, treatment=treatment)
        offer.doctors.add(doctor)
    rebuild_index()
    assert queries(client, "hospitals:hospital", hospital.slug) == 10
    assert queries(client, "hospitals:treatment", treatment.slug) == 3
    assert queries(client, "hospitals:offer", offer.public_id) == 5
    assert queries(client, "hospitals:doctor", doctor.public_id) == 3


def test_hospital_shows_what_is_known_and_says_what_is_not(client):
    hospital = HospitalFactory(
        name_en="Green Hill Hospital",
        website="green.example",
        latitude="31.21090",
        longitude="121.46660",
        position_precision="approximate",
    )
    programme = ProgrammeFactory(name_en="Pilot hospitals", issuer_en="City of Test")
    DesignationFactory(hospital=hospital, programme=programme)
    InsurerFactory(name="Insurer X").direct_billing_hospitals.add(hospital)
    DepartmentFactory(hospital=hospital, specialty__name_en="Dentistry")
    rebuild_index()
    shown = text_of(page(client, "hospitals:hospital", hospital.slug))
    assert shown.count("Waiting for the document") == 2
    assert "Languages not confirmed" in shown
    assert "Pilot hospitals City of Test" in shown
    assert "Others report that these insurers pay this hospital directly." in shown
    assert "Insurer X" in shown
    assert "Dentistry" in shown
    assert "31.21090" not in shown


def test_position_is_shown_when_it_is_the_buildings(client):
    hospital = HospitalFactory(
        latitude="31.21090", longitude="121.46660", position_precision="building"
    )
    response = page(client, "hospitals:hospital", hospital.slug)
    assert "31.21090, 121.46660" in text_of(response)
    assert structured(response)["geo"]["latitude"] == 31.2109


def structured(response):
    body = response.content.decode()
    script = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', body, re.DOTALL)
    return json.loads(script.group(1))


def test_structured_data_holds_sourced_facts_and_cannot_break_out(client):
    hospital = HospitalFactory(name_en="Evil</script><b>", name_zh_hans="青山医院")
    DepartmentFactory(hospital=hospital, specialty__name_en="Dentistry", confidence="low")
    response = page(client, "hospitals:hospital", hospital.slug)
    facts = structured(response)
    assert facts["@type"] == "Hospital"
    assert facts["name"] == "Evil</script><b>"
    assert facts["alternateName"] == "青山医院"
    assert "medicalSpecialty" not in facts
    assert "geo" not in facts


def test_treatment_explains_warns_and_compares(client):
    treatment = TreatmentFactory(
        name_en="Knee replacement",
        summary_en="A new joint.",
        flags=["dvt-flight-advice", "unheard-of"],
        stay_days_min=14,
        stay_days_max=21,
        inpatient_nights=6,
        follow_up_days=[7, 30],
    )
    PriceEvidenceFactory(
        treatment=treatment, low_minor=5_000_000, high_minor=15_000_000, basis="press figure"
    )
    PriceBenchmarkFactory(treatment=treatment, country="GB", amount_minor=1_500_000)
    PriceBenchmarkFactory(treatment=treatment, country="CA", amount_minor=None, currency="CAD")
    rebuild_index()
    client.cookies["currency"] = "EUR"
    shown = text_of(page(client, "hospitals:treatment", treatment.slug))
    assert "A new joint." in shown
    assert "General explanation, not yet checked by a clinician" in shown
    assert "Usual stay 14–21 days" in shown
    assert "6 nights in hospital" in shown
    assert "A long flight soon after surgery can be a risk." in shown
    assert "unheard-of" not in shown
    assert "A figure in the press CNY 50,000–150,000 Tier not stated" in shown
    assert re.search(r"about EUR [\d,]+", shown)
    assert "United Kingdom" in shown
    assert "GBP 15,000" in shown
    assert "Canada" not in shown
    assert "No hospital has published an offer for this yet." in shown


def test_offer_shows_every_price_line_with_its_source(client):
    offer = OfferFactory(is_demonstration=True, cancellation_notice_hours=48, unpriced=True)
    PriceLineFactory(offer=offer, label_en="Visit", tier="basic", amount_minor=34_000)
    PriceLineFactory(
        offer=offer, label_en="Visit", tier="international", amount_minor=86_050, confidence="low"
    )
    PriceLineFactory(offer=offer, label_en="Old", valid_until=dt.date(2020, 1, 1))
    shown = text_of(page(client, "hospitals:offer", offer.public_id))
    assert "Visit Basic" in shown
    assert "CNY 340" in shown
    assert "CNY 860.50" in shown
    assert "not confirmed" in shown
    assert "Old" not in shown
    assert "Demonstration" in shown
    assert "Free until 48 hours before the start." in shown
    assert "A written report" in shown


def test_offer_that_needs_a_case_says_so_and_points_to_a_consultation(client):
    hospital = HospitalFactory()
    case = OfferFactory(hospital=hospital, case=True)
    assert "This hospital has no consultation to book here yet." in text_of(
        page(client, "hospitals:offer", case.public_id)
    )
    visit = OfferFactory(hospital=hospital)
    response = page(client, "hospitals:offer", case.public_id)
    assert "You cannot open a case on this site yet." in text_of(response)
    assert reverse("hospitals:offer", args=[visit.public_id]).encode() in response.content


def test_what_is_not_public_is_not_there(client):
    draft = OfferFactory(draft=True)
    hidden = DoctorFactory(is_public=False)
    page(client, "hospitals:offer", draft.public_id, status=404)
    page(client, "hospitals:doctor", hidden.public_id, status=404)
    page(client, "hospitals:hospital", "nobody", status=404)
    page(client, "hospitals:treatment", "nothing", status=404)


def test_doctor_shows_how_languages_are_known(client):
    doctor = DoctorFactory(name_en="Sample doctor A", is_demonstration=True)
    DoctorLanguageFactory(doctor=doctor, code="ru", level="B2", proof="certificate")
    shown = text_of(page(client, "hospitals:doctor", doctor.public_id))
    assert "Sample doctor A" in shown
    assert "This person does not exist." in shown
    assert "Russian B2 , certificate seen" in shown
    assert "Waiting for the document" in shown


def test_emergency_page_has_its_numbers_without_the_database(client, monkeypatch):
    def away():
        raise DatabaseError("away")

    monkeypatch.setattr(pages, "hospitals_with_address", away)
    response = page(client, "hospitals:emergency")
    for number in ("120", "110", "119"):
        assert f'href="tel:{number}"'.encode() in response.content
    assert "The list cannot be shown at the moment. Call 120." in text_of(response)


def test_hospital_leads_to_its_next_free_times_with_and_without_javascript(client):
    hospital = HospitalFactory(slug="green-hill")
    OfferFactory(hospital=hospital, booking_mode="instant")
    rebuild_index()
    body = page(client, "hospitals:hospital", "green-hill").content.decode()
    assert 'hx-get="/en/hospitals/green-hill/openings/" hx-trigger="load"' in body
    plain = "/en/search/?hospital=green-hill&amp;kind=o&amp;how=instant&amp;sort=opening"
    assert f'<a href="{plain}">See what is free soonest here</a>' in body
    assert client.get("/en/hospitals/green-hill/openings/").status_code == 200


def test_hospital_without_times_to_book_promises_none(client):
    hospital = HospitalFactory(slug="green-hill")
    OfferFactory(hospital=hospital, booking_mode="window")
    rebuild_index()
    assert "Next free times" not in text_of(page(client, "hospitals:hospital", "green-hill"))


def test_special_access_shows_source_and_unknown_hospital(client):
    SpecialAccessProductFactory(name_en="Drug X", place="Lecheng", price_cny_minor=332_820)
    shown = text_of(page(client, "hospitals:special_access"))
    assert "Drug X" in shown
    assert "Hospital not named by the source" in shown
    assert "CNY 3,328.20" in shown
    assert "Test source, page 1" in shown


@pytest.mark.parametrize("language", ["en", "zh-hans", "ru", "id", "vi", "mn", "ar", "fr"])
def test_every_page_opens_in_every_language(client, language):
    offer = OfferFactory()
    doctor = DoctorFactory()
    rebuild_index()
    for name, *args in (
        ("home",),
        ("hospitals:search",),
        ("hospitals:hospital_list",),
        ("hospitals:treatment_list",),
        ("hospitals:prices",),
        ("hospitals:special_access",),
        ("hospitals:emergency",),
        ("hospitals:hospital", offer.hospital.slug),
        ("hospitals:treatment", offer.treatment.slug),
        ("hospitals:offer", offer.public_id),
        ("hospitals:doctor", doctor.public_id),
    ):
        response = page(client, name, *args, language=language)
        assert b"undefined template variable" not in response.content
        assert b'rel="canonical"' in response.content
        assert response.content.count(b'hreflang="x-default"') == 1


def test_sitemap_names_public_pages_in_every_language(client):
    real = OfferFactory()
    sample = OfferFactory(is_demonstration=True)
    draft = OfferFactory(draft=True)
    body = client.get("/sitemap.xml").content.decode()
    assert f"/ar/hospitals/{real.hospital.slug}/</loc>" in body
    assert f"/en/offers/{real.public_id}/</loc>" in body
    assert 'hreflang="x-default"' in body
    assert sample.public_id not in body
    assert draft.public_id not in body


def test_robots_closes_a_demonstration_and_private_pages(client):
    with override_settings(DEMONSTRATION=True):
        assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
    with override_settings(DEMONSTRATION=False, SITE_URL="https://medtour.example"):
        body = client.get("/robots.txt").content.decode()
    assert "Disallow: /*/care/" in body
    assert "Sitemap: https://medtour.example/sitemap.xml" in body
