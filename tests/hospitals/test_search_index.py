"""The index: what a search finds after a rebuild, after a change, and in which order."""

import datetime as dt

import pytest
from django.http import QueryDict

from hospitals.forms import search_criteria
from hospitals.models import NextOpening, SearchDocument, SearchWord
from hospitals.search_terms import Criteria
from hospitals.selectors.search import search
from hospitals.services.search_index import (
    index_hospital,
    index_offer,
    rebuild_index,
    set_next_openings,
)
from tests.factories.hospitals import (
    CityFactory,
    DepartmentFactory,
    DesignationFactory,
    HospitalFactory,
    InsurerFactory,
    OfferFactory,
    PriceLineFactory,
    ProgrammeFactory,
    SpecialtyFactory,
    SpokenLanguageFactory,
    TreatmentFactory,
)

pytestmark = pytest.mark.django_db


def found(text="", language="en", **options):
    page = search(Criteria(language=language, text=text, **options))
    return [card.title or card.hospital_name for card in page.cards]


def offer(name, price=80_000, hospital=None, **options):
    treatment = options.pop("treatment", None) or TreatmentFactory(name_en=name)
    row = OfferFactory(
        treatment=treatment, hospital=hospital or HospitalFactory(), unpriced=True, **options
    )
    if price is not None:
        PriceLineFactory(offer=row, amount_minor=price, tier=options.get("tier", "international"))
    return row


def counts(page, facet):
    return {count.value: count.hits for count in page.counts.facets[facet]}


def test_offers_and_hospitals_are_found_by_their_names():
    offer("Acupuncture session", hospital=HospitalFactory(name_en="Green Hill Hospital"))
    rebuild_index()
    assert found("acupuncture") == ["Acupuncture session", "Green Hill Hospital"]
    assert found("green hill") == ["Green Hill Hospital", "Acupuncture session"]
    assert found("dentist") == []


def test_drafts_are_not_found():
    offer("Acupuncture session", is_published=False)
    assert rebuild_index() == 1
    assert found("acupuncture") == []


def test_rebuilding_twice_leaves_the_same_index():
    offer("Acupuncture session")
    rebuild_index()
    before = list(SearchWord.objects.values_list("language", "stem", "targets"))
    assert rebuild_index() == 2
    assert list(SearchWord.objects.values_list("language", "stem", "targets")) == before
    assert SearchDocument.objects.count() == 2


def test_documents_lie_in_the_order_of_their_price():
    for price in (300, 100, 200):
        offer("Scan", price=price)
    rebuild_index()
    prices = SearchDocument.objects.order_by("pk").values_list("price_minor", flat=True)
    assert list(prices) == [100, 200, 300, None, None, None]


def test_words_of_other_languages_lead_to_the_same_offer():
    treatment = TreatmentFactory(
        name_en="Acupuncture",
        name_zh_hans="针灸治疗",
        name_ar="الوخز بالإبر",
        name_ru="Иглоукалывание",
    )
    offer("", treatment=treatment)
    rebuild_index()
    assert found("وخز بالابر", language="ar")[0] == "الوخز بالإبر"
    assert found("acupuncture", language="ar")[0] == "الوخز بالإبر"
    assert found("针灸", language="en")[0] == "Acupuncture"
    assert found("иглоукалывания", language="ru")[0] == "Иглоукалывание"
    assert found("Иглоукалывание", language="en") == []


def test_a_mistyped_word_is_corrected_and_can_be_insisted_on():
    offer("Acupuncture")
    rebuild_index()
    page = search(Criteria(language="en", text="acupunture"))
    assert page.corrected_text == "acupuncture"
    assert page.total == 2
    exact = search(Criteria(language="en", text="acupunture", exact=True))
    assert (exact.total, exact.similar_words) == (0, ["acupuncture"])


def test_an_unknown_word_is_left_out_when_others_are_known():
    offer("Acupuncture")
    rebuild_index()
    page = search(Criteria(language="en", text="acupuncture qqqq"))
    assert (page.total, page.left_out) == (2, ["qqqq"])


def test_the_last_word_may_be_a_beginning():
    offer("Acupuncture session")
    rebuild_index()
    assert found("acup")[0] == "Acupuncture session"
    assert search(Criteria(language="en", text="acup session")).left_out == ["acup"]


def test_a_title_of_its_own_finds_only_that_offer():
    treatment = TreatmentFactory(name_en="Check-up")
    offer("", treatment=treatment, title_en="Check-up for pilots", title_fr="Bilan pour pilotes")
    offer("", treatment=treatment)
    rebuild_index()
    assert found("pilots") == ["Check-up for pilots"]
    assert found("bilan", language="fr") == ["Bilan pour pilotes"]


def test_every_facet_is_counted():
    city = CityFactory(slug="shanghai", name_en="Shanghai")
    hospital = HospitalFactory(city=city)
    DesignationFactory(hospital=hospital, programme=ProgrammeFactory(code="pilot"))
    InsurerFactory(slug="insurer-x").direct_billing_hospitals.add(hospital)
    SpokenLanguageFactory(hospital=hospital, code="ru")
    specialty = SpecialtyFactory(code="dentistry")
    DepartmentFactory(hospital=hospital, specialty=specialty)
    treatment = TreatmentFactory(name_en="Filling", specialty=specialty)
    offer("", treatment=treatment, hospital=hospital, price=40_000, languages=[])
    offer("", treatment=treatment, hospital=hospital, price=900_000, languages=["en"])
    rebuild_index()
    page = search(Criteria(language="en"))
    assert page.total == 3
    assert counts(page, "kind") == {"o": 2, "h": 1}
    assert counts(page, "city") == {"shanghai": 3}
    assert counts(page, "designation") == {"pilot": 3}
    assert counts(page, "insurer") == {"insurer-x": 3}
    assert counts(page, "specialty") == {"dentistry": 3}
    assert counts(page, "speaks") == {"ru": 2, "en": 1}
    assert counts(page, "tier") == {"international": 2}
    assert counts(page, "price") == {"0": 1, "2": 1}
    assert counts(page, "how") == {"instant": 2}
    assert [count.label for count in page.counts.facets["city"]] == ["Shanghai"]


def test_values_of_one_facet_widen_and_facets_narrow():
    cities = {slug: CityFactory(slug=slug) for slug in ("aa", "bb", "cc")}
    for slug, mode in (("aa", "instant"), ("bb", "instant"), ("bb", "window"), ("cc", "case")):
        offer("Scan", hospital=HospitalFactory(city=cities[slug]), booking_mode=mode)
    rebuild_index()
    chosen = {"kind": ("o",), "city": ("aa", "bb"), "how": ("instant",)}
    page = search(Criteria(language="en", chosen=chosen))
    assert page.total == 2
    assert counts(page, "city") == {"aa": 1, "bb": 1}
    assert counts(page, "how") == {"instant": 2, "window": 1}
    assert counts(page, "kind") == {"o": 2}


def test_sorting_by_price_opening_and_name(frozen):
    cheap, dear = offer("Beta", price=100), offer("Alpha", price=900)
    rebuild_index()
    set_next_openings(
        {cheap.pk: frozen + dt.timedelta(days=9), dear.pk: frozen + dt.timedelta(days=1)}
    )
    only = {"kind": ("o",)}
    assert found(chosen=only, sort="price") == ["Beta", "Alpha"]
    assert found(chosen=only, sort="opening") == ["Alpha", "Beta"]
    assert found(chosen=only, sort="name") == ["Alpha", "Beta"]
    assert found(chosen=only, open_within_days=7) == ["Alpha"]


def test_next_openings_are_replaced_and_removed(frozen):
    row = offer("Scan")
    set_next_openings({row.pk: frozen})
    later = frozen + dt.timedelta(hours=1)
    set_next_openings({row.pk: later})
    assert list(NextOpening.objects.values_list("offer_id", "starts_at")) == [(row.pk, later)]
    set_next_openings({row.pk: None})
    assert NextOpening.objects.count() == 0


def test_a_changed_offer_is_indexed_alone():
    row = offer("Acupuncture", price=None)
    rebuild_index()
    PriceLineFactory(offer=row, amount_minor=12_300)
    index_offer(row.pk)
    page = search(Criteria(language="en", text="acupuncture", chosen={"kind": ("o",)}))
    assert [card.price.amount.minor for card in page.cards] == [12_300]
    row.is_published = False
    row.save(update_fields=["is_published"])
    index_offer(row.pk)
    assert found("acupuncture") == []
    assert SearchDocument.objects.count() == 1


def test_a_deleted_offer_leaves_the_index():
    row = offer("Acupuncture", price=None)
    rebuild_index()
    pk = row.pk
    row.delete()
    index_offer(pk)
    assert SearchDocument.objects.filter(kind="o").count() == 0


def test_a_renamed_hospital_is_found_by_its_new_name_only():
    hospital = HospitalFactory(name_en="Oldname Clinic", aliases="nickname")
    rebuild_index()
    hospital.name_en = "Newname Clinic"
    hospital.save(update_fields=["name_en"])
    index_hospital(hospital.pk)
    assert found("newname") == ["Newname Clinic"]
    assert found("nickname") == ["Newname Clinic"]
    assert found("oldname", exact=True) == []


def test_a_search_takes_two_statements_with_words_and_without(django_assert_num_queries):
    for _ in range(3):
        offer("Acupuncture")
    rebuild_index()
    misspelt = Criteria(language="en", text="acupunture", chosen={"how": ("instant",)})
    with django_assert_num_queries(3):  # the first one after a rebuild reads the sets of facets
        search(misspelt)
    with django_assert_num_queries(2):
        search(misspelt)
    with django_assert_num_queries(2):
        search(Criteria(language="en"))


def test_a_renamed_city_has_its_new_name_once_the_index_is_built_again():
    place = offer("Scan").hospital.city
    rebuild_index()
    before = search(Criteria(language="en", text="scan")).counts.facets["city"]
    place.name_en = "New Harbour"
    place.save()
    rebuild_index()
    after = search(Criteria(language="en", text="scan")).counts.facets["city"]

    assert [count.label for count in after] == ["New Harbour"]
    assert [count.hits for count in after] == [count.hits for count in before]


def test_a_page_beyond_the_end_is_empty():
    offer("Scan")
    rebuild_index()
    assert found(page=100) == []


@pytest.mark.parametrize(
    "query",
    [
        "q=%00%27%3B--&city=%27);drop&sort=evil&page=-1&open=999&tier[]=x",
        "q=" + "x" * 500,
        "city=" + "&city=".join(f"c{n}" for n in range(100)),
        "page=99999999999999999999",
        "page=²",
        "q=%25%5F'&page=abc",
    ],
)
def test_anything_in_an_address_is_survived(query):
    offer("Scan")
    rebuild_index()
    criteria = search_criteria(QueryDict(query), "en")
    assert len(criteria.text) <= 100
    assert criteria.sort == "relevance"
    assert 1 <= criteria.page <= 100
    search(criteria)
