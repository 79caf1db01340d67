"""Hospitals, doctors and offers with titles in eight languages, on top of the real catalogue."""

import random
from collections.abc import Iterator

from django.conf import settings
from modeltranslation.utils import build_localized_fieldname

from bench.fill.bulk import copy_objects, without_constraints
from bench.fill.words import common_word, title
from bench.sizes import (
    DOCTORS_OF_A_HOSPITAL,
    INSTANT_OFFERS_OF_A_HOSPITAL,
    OFFERS_OF_A_HOSPITAL,
    Size,
)
from hospitals.models import (
    City,
    Department,
    Doctor,
    Hospital,
    Offer,
    PriceLine,
    Specialty,
    Treatment,
)

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
SOURCE = {"source": "Benchmark", "as_of": "2026", "confidence": "low"}
SEED = 20_261_121
WORDS_OF_A_TITLE = 4


def in_every_language(field: str, texts: dict[str, str]) -> dict[str, str]:
    return {build_localized_fieldname(field, language): text for language, text in texts.items()}


def made_up(chance: random.Random, words: int) -> dict[str, str]:
    places = [common_word(chance) for _ in range(words)]
    return {language: title(places, language) for language in LANGUAGES}


def fill_hospitals(size: Size) -> list[Hospital]:
    """Add the benchmark's own hospitals, each with one department and its doctors."""
    chance = random.Random(SEED)
    cities, specialties = list(City.objects.all()), list(Specialty.objects.all())
    copy_objects(
        Hospital,
        (
            Hospital(
                slug=f"bench-{number}",
                city=cities[number % len(cities)],
                ownership="public",
                # Not of the vocabulary: a search is to find as much as the reference's.
                **in_every_language("name", dict.fromkeys(LANGUAGES, f"Hospital {number}")),
                **SOURCE,
            )
            for number in range(size.hospitals)
        ),
    )
    hospitals = list(Hospital.objects.filter(slug__startswith="bench-").order_by("pk"))
    _fill_departments(hospitals, specialties)
    _fill_doctors(hospitals, chance)
    return hospitals


def _fill_departments(hospitals: list[Hospital], specialties: list[Specialty]) -> None:
    copy_objects(
        Department,
        (
            Department(
                hospital=hospital,
                specialty=specialties[number % len(specialties)],
                **_known(Department),
            )
            for number, hospital in enumerate(hospitals)
        ),
    )


def _fill_doctors(hospitals: list[Hospital], chance: random.Random) -> None:
    departments = dict(
        Department.objects.filter(hospital__in=hospitals).values_list("hospital", "pk")
    )
    copy_objects(
        Doctor,
        (
            Doctor(
                hospital=hospital,
                department_id=departments[hospital.pk],
                is_public=True,
                **in_every_language("name", made_up(chance, 2)),
            )
            for hospital in hospitals
            for _ in range(DOCTORS_OF_A_HOSPITAL)
        ),
    )


def _known(model: type) -> dict[str, str]:
    names = {field.name for field in model._meta.get_fields()}
    return {name: value for name, value in SOURCE.items() if name in names}


def fill_offers(hospitals: list[Hospital]) -> None:
    """Add the offers, the instantly bookable ones of each hospital first, and their prices."""
    with without_constraints("hospitals_offer", "hospitals_priceline"):
        copy_objects(Offer, _offers(hospitals))
        offers = (
            Offer.objects.filter(hospital__in=hospitals).order_by("pk").values_list("pk", flat=True)
        )
        copy_objects(PriceLine, _prices(list(offers)))


def _offers(hospitals: list[Hospital]) -> Iterator[Offer]:
    chance = random.Random(SEED + 1)
    treatments = list(Treatment.objects.values_list("pk", flat=True))
    for hospital in hospitals:
        for number in range(OFFERS_OF_A_HOSPITAL):
            instant = number < INSTANT_OFFERS_OF_A_HOSPITAL
            yield Offer(
                hospital=hospital,
                treatment_id=chance.choice(treatments),
                booking_mode="instant" if instant else chance.choice(("window", "case")),
                languages=chance.choice((["en"], ["en", "ru"], ["ar", "en"], ["en", "fr", "vi"])),
                is_published=True,
                is_demonstration=True,
                **in_every_language("title", made_up(chance, WORDS_OF_A_TITLE)),
            )


def _prices(offers: list[int]) -> Iterator[PriceLine]:
    chance = random.Random(SEED + 2)
    for offer_id in offers:
        for position in range(chance.choice((1, 1, 2))):
            yield PriceLine(
                offer_id=offer_id,
                label_en="Everything in the list",
                tier=chance.choice(("basic", "international", "package")),
                amount_minor=int(10 ** chance.uniform(4, 7.5)) // 100 * 100,
                position=position,
                **SOURCE,
            )
