"""The catalogue's own files: complete, loaded as they say, and loaded twice without a change."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models, transaction
from django.utils import translation

from bookings.models import CalendarDay
from bookings.services.calendar_days import plan_calendar_days
from hospitals.models import (
    CatalogueLoad,
    City,
    Department,
    Designation,
    Hospital,
    Insurer,
    PriceBenchmark,
    PriceEvidence,
    Programme,
    Province,
    SpecialAccessProduct,
    Specialty,
    SpokenLanguage,
    Treatment,
    VisaNote,
    VisaPort,
    VisaRule,
)
from hospitals.models.hospital import PositionPrecision
from hospitals.models.provenance import Confidence
from hospitals.services.catalogue.load import load_catalogue
from hospitals.services.catalogue.rows import LANGUAGES
from hospitals.services.catalogue.write import Count

pytestmark = pytest.mark.django_db
ROWS = {
    Province: 13,
    City: 27,
    Programme: 7,
    Specialty: 42,
    Treatment: 80,
    PriceEvidence: 34,
    PriceBenchmark: 48,
    Hospital: 118,
    Department: 313,
    SpokenLanguage: 42,
    Designation: 48,
    Insurer: 42,
    Insurer.direct_billing_hospitals.through: 9,
    SpecialAccessProduct: 26,
    VisaRule: 322,
    VisaPort: 65,
    VisaNote: 15,
    CalendarDay: 52,
}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker) -> Iterator[dict[type[models.Model], Count]]:
    """Load the catalogue once for this file and take it back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_catalogue(also=(plan_calendar_days,))
        transaction.set_rollback(True)


def test_every_row_of_the_files_is_there(loaded):
    assert {model: count.created for model, count in loaded.items()} == ROWS
    assert {model: model.objects.count() for model in ROWS} == ROWS


def test_loading_again_changes_nothing(loaded):
    again = load_catalogue(also=(plan_calendar_days,))
    assert {model: count.unchanged for model, count in again.items()} == ROWS
    assert sum(count.changed for count in again.values()) == 0


def test_the_same_files_are_not_read_twice(loaded, capsys):
    call_command("load_catalogue")
    first_mark = CatalogueLoad.objects.get(what="catalogue")
    capsys.readouterr()
    call_command("load_catalogue")
    assert capsys.readouterr().out == "The catalogue is up to date: 0 changes.\n"
    assert CatalogueLoad.objects.get(what="catalogue").loaded_at == first_mark.loaded_at


def test_a_changed_row_comes_back_and_what_staff_added_stays(loaded):
    hospital = Hospital.objects.get(slug="huashan-hospital")
    hospital.name_en, hospital.licence_number = "Wrong name", "L-1"
    hospital.save()
    counts = load_catalogue(also=(plan_calendar_days,))
    hospital.refresh_from_db()
    assert hospital.name_en == "Huashan Hospital, Fudan University"
    assert hospital.licence_number == "L-1"
    assert counts[Hospital] == Count(updated=1, unchanged=117)


def test_the_bare_column_stays_english_whatever_language_is_active(loaded):
    Treatment.objects.filter(slug="mri-scan").update(name_en="Old", name_ar="Old")
    with translation.override("ar"):
        load_catalogue(also=(plan_calendar_days,))
        assert (
            Treatment.objects.get(slug="mri-scan").name == "تصوير بالرنين المغناطيسي (منطقة واحدة)"
        )
    stored = Treatment.objects.rewrite(False).filter(slug="mri-scan").values_list("name", flat=True)
    assert list(stored) == ["MRI scan (one region)"]


def test_a_reported_price_that_the_files_drop_is_removed(loaded):
    stale = PriceEvidence.objects.create(
        treatment=Treatment.objects.get(slug="ct-scan"),
        low_minor=1,
        high_minor=2,
        basis="old",
        source="old",
        as_of="2020",
        confidence=Confidence.LOW,
    )
    counts = load_catalogue(also=(plan_calendar_days,))
    assert counts[PriceEvidence].deleted == 1
    assert not PriceEvidence.objects.filter(pk=stale.pk).exists()


def test_amounts_are_minor_units_of_their_currency(loaded):
    mri = PriceEvidence.objects.get(treatment__slug="mri-scan")
    assert (mri.low_minor, mri.high_minor, mri.currency) == (48_600, 150_000, "CNY")
    vial = SpecialAccessProduct.objects.get(price_cny_minor=332_820)
    assert vial.price_basis == "per vial, Lecheng 2023"
    canada = PriceBenchmark.objects.get(currency="CAD")
    assert (canada.amount_minor, canada.low_minor, canada.high_minor) == (None, None, None)
    jakarta = PriceBenchmark.objects.get(currency="IDR")
    assert jakarta.amount_minor == 9_000_000_000


def test_positions_say_how_exact_they_are(loaded):
    found = Counter(Hospital.objects.values_list("position_precision", flat=True))
    assert found == {
        PositionPrecision.BUILDING: 13,
        PositionPrecision.APPROXIMATE: 39,
        PositionPrecision.ZONE: 10,
        PositionPrecision.CITY: 56,
    }
    huashan = Hospital.objects.get(slug="huashan-hospital")
    assert (huashan.latitude, huashan.longitude) == (Decimal("31.21700"), Decimal("121.43850"))
    assert not huashan.can_be_navigated_to


def test_a_department_from_general_knowledge_is_not_confirmed(loaded):
    guesses = Department.objects.filter(source__contains="general knowledge")
    assert guesses.count() > 100
    assert set(guesses.values_list("confidence", flat=True)) == {Confidence.LOW}


def test_a_language_is_only_there_with_its_basis(loaded):
    assert not SpokenLanguage.objects.filter(hospital__languages_basis="").exists()


@pytest.mark.parametrize("model", [Hospital, Treatment, Specialty, Programme, City, CalendarDay])
def test_every_name_has_english_and_the_bare_column_agrees(loaded, model):
    rows = model.objects.rewrite(False).values_list("name", "name_en")
    assert all(bare and bare == english for bare, english in rows)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "id"] + ["ind"])
def test_treatments_are_named_and_explained_in_every_language(loaded, language):
    rows = Treatment.objects.values_list(f"name_{language}", f"summary_{language}")
    assert all(name and summary for name, summary in rows)


def _texts_of_the_catalogue() -> Iterator[tuple[str, str]]:
    for model in [*apps.get_app_config("hospitals").get_models(), CalendarDay]:
        if not model._meta.managed:
            continue
        names = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        ]
        for row in model.objects.values(*names) if names else ():
            yield from ((f"{model.__name__}.{name}", row[name] or "") for name in names)


def test_no_accreditation_badge_and_no_mirror_is_loaded(loaded):
    texts = list(_texts_of_the_catalogue())
    assert len(texts) > 10_000
    assert [place for place, text in texts if "JCI" in text] == []
    assert [place for place, text in texts if "(mirror)" in text] == []
    mirrors = ("ceigl.com", "yuzhongnet.com", "syxj.com.cn", "sq12349.com", "privremenetetovaze")
    assert [place for place, text in texts for mirror in mirrors if mirror in text] == []


def test_a_mirrored_source_keeps_its_publisher(loaded):
    product = SpecialAccessProduct.objects.filter(source__startswith="China Daily 2025-04-23")
    assert set(product.values_list("source", flat=True)) == {"China Daily 2025-04-23"}


def test_what_nobody_can_look_up_is_low(loaded):
    for model in (Hospital, PriceBenchmark, Insurer, SpecialAccessProduct, VisaRule):
        unsourced = model.objects.filter(source__startswith="unsourced").exclude(
            source__contains=";"
        )
        assert set(unsourced.values_list("confidence", flat=True)) <= {Confidence.LOW}
    kept = Hospital.objects.filter(source="stored search result, address not kept")
    assert set(kept.values_list("confidence", flat=True)) <= {Confidence.LOW}
