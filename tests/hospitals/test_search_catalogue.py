"""The real catalogue can be searched in each of its languages."""

import time

import pytest
from django.db import transaction

from hospitals.models import Treatment
from hospitals.search_terms import Criteria
from hospitals.selectors.search import search
from hospitals.services.catalogue import load
from hospitals.services.search_index import rebuild_index
from tests.factories.hospitals import HospitalFactory, OfferFactory

SLUGS = (
    "acupuncture-session",
    "mri-scan",
    "living-donor-liver-transplant-paediatric",
    "hip-replacement",
    "dental-implant-single",
    "coronary-bypass",
    "proton-therapy",
)


@pytest.fixture(scope="module")
def catalogue(django_db_setup, django_db_blocker):
    """The loaded catalogue with one offer for each of a few treatments, gone after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        load.load_catalogue(load.FOLDER)
        hospital = HospitalFactory(name_en="Zzyzx", name_zh_hans="")
        for treatment in Treatment.objects.filter(slug__in=SLUGS):
            OfferFactory(
                treatment=treatment, hospital=hospital, booking_mode=treatment.booking_mode
            )
        started = time.monotonic()
        rebuild_index()
        seconds = time.monotonic() - started
        yield seconds
        transaction.set_rollback(True)


def first_offer(text, language):
    page = search(Criteria(language=language, text=text, chosen={"kind": ("o",)}))
    return [card.treatment_slug for card in page.cards][:1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "text", "slug"),
    [
        ("en", "acupunture", "acupuncture-session"),
        ("en", "hip replacement", "hip-replacement"),
        ("en", "dental implnt", "dental-implant-single"),
        ("en", "肝移植", "living-donor-liver-transplant-paediatric"),
        ("zh-hans", "针灸", "acupuncture-session"),
        ("zh-hans", "肝移植", "living-donor-liver-transplant-paediatric"),
        ("zh-hans", "磁共振", "mri-scan"),
        ("zh-hans", "MRI", "mri-scan"),
        ("ru", "МРТ", "mri-scan"),
        ("ru", "иглоукалывние", "acupuncture-session"),
        ("ru", "針", None),
        ("id", "akupunktur", "acupuncture-session"),
        ("vi", "châm cứu", "acupuncture-session"),
        ("vi", "chup cong huong tu", "mri-scan"),
        ("mn", "зүү", "acupuncture-session"),
        ("ar", "الوخز بالإبر", "acupuncture-session"),
        ("ar", "mri", "mri-scan"),
        ("ar", "hip replacement", "hip-replacement"),
        ("fr", "prothese de hanche", "hip-replacement"),
        ("fr", "acuponcture", "acupuncture-session"),
    ],
)
def test_a_treatment_is_found_in_every_language(catalogue, language, text, slug):
    assert first_offer(text, language) == ([slug] if slug else [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "text", "slug"),
    [
        ("en", "ruijin", "ruijin-hospital"),
        ("en", "瑞金", "ruijin-hospital"),
        ("ar", "ruijin", "ruijin-hospital"),
        ("zh-hans", "华山医院", "huashan-hospital"),
        ("ru", "huashan", "huashan-hospital"),
    ],
)
def test_a_hospital_is_found_by_its_latin_and_chinese_name(catalogue, language, text, slug):
    page = search(Criteria(language=language, text=text, chosen={"kind": ("h",)}))
    assert slug in [card.hospital_slug for card in page.cards]


@pytest.mark.django_db
def test_cities_and_designations_have_counts_and_names(catalogue):
    page = search(Criteria(language="ar", chosen={"kind": ("h",)}))
    cities = {count.value: (count.label, count.hits) for count in page.counts.facets["city"]}
    assert cities["shanghai"] == ("شنغهاي", 37)
    assert cities["beijing"] == ("بكين", 20)
    programmes = {count.value: count.hits for count in page.counts.facets["designation"]}
    assert programmes["shanghai-pilot-2024"] == 8
    assert programmes["lecheng"] == 10
    assert page.total == 119


@pytest.mark.django_db
def test_the_whole_index_is_built_in_seconds(catalogue):
    assert catalogue < 10
