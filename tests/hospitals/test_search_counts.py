"""Counts, order and pairs of sets compared with a plain look at every document."""

import datetime as dt
import random
from collections import Counter

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from hospitals.models import (
    Hospital,
    NextOpening,
    SearchDocument,
    SearchFacets,
    SearchLexeme,
    SearchPair,
    Treatment,
)
from hospitals.search_terms import EVERYTHING, FACETS_OF_A_SET, PAGE_SIZE, SET_OF, Criteria
from hospitals.selectors import search as search_selector
from hospitals.selectors import search_cards, search_matches
from hospitals.selectors.search import search
from hospitals.services.search_index import (
    index_hospital,
    index_offer,
    rebuild_index,
    set_next_openings,
)
from medtour.lib import clock
from tests.factories.hospitals import (
    CityFactory,
    HospitalFactory,
    OfferFactory,
    PriceLineFactory,
    SpecialtyFactory,
    TreatmentFactory,
)

pytestmark = [pytest.mark.long, pytest.mark.django_db]
TITLES = ("heart", "knee", "spine", "heart knee")


@pytest.fixture
def offers():
    """Thirty offers of four hospitals in three cities, priced and spoken at random."""
    chance = random.Random(7)
    cities = [CityFactory(slug=f"city-{n}") for n in range(3)]
    hospitals = [HospitalFactory(city=cities[n % 3]) for n in range(4)]
    treatments = [
        TreatmentFactory(specialty=SpecialtyFactory(code=f"specialty-{n}")) for n in range(3)
    ]
    made = []
    for _ in range(30):
        row = OfferFactory(
            treatment=chance.choice(treatments),
            hospital=chance.choice(hospitals),
            booking_mode=chance.choice(("instant", "window", "case")),
            languages=chance.choice((["en"], ["en", "ru"], ["ar"])),
            title_en=chance.choice(TITLES),
            unpriced=True,
        )
        PriceLineFactory(
            offer=row,
            amount_minor=chance.choice((10_000, 100_000, 900_000)),
            tier=chance.choice(("basic", "international")),
        )
        made.append(row)
    rebuild_index()
    return made


def documents():
    """Return (document, its lexemes) of the whole index."""
    names = dict(SearchLexeme.objects.values_list("pk", "lexeme"))
    rows = SearchDocument.objects.order_by("price_minor", "pk")
    return [(row, {names[number] for number in row.lexemes}) for row in rows]


def plainly_found(everything, words, chosen, without=""):
    return [
        (row, held)
        for row, held in everything
        if all(f"title:en:{word}" in held for word in words)
        and all(
            held & {f"{facet}:{value}" for value in values}
            for facet, values in chosen.items()
            if facet != without
        )
    ]


def plainly_counted(everything, words, chosen):
    """Return the hits of each facet value, one document after the other."""
    counted = {}
    for facet in SET_OF:
        without = facet if facet in chosen else ""
        hits = Counter(
            lexeme.partition(":")[2]
            for _row, held in plainly_found(everything, words, chosen, without)
            for lexeme in held
            if lexeme.startswith(f"{facet}:")
        )
        for value in chosen.get(facet, ()):
            hits.setdefault(value, 0)
        counted[facet] = dict(hits)
    return counted


def random_question(chance):
    values = {
        "city": ("city-0", "city-1", "city-2"),
        "specialty": ("specialty-0", "specialty-1", "specialty-2"),
        "how": ("instant", "window", "case"),
        "kind": ("o", "h"),
        "speaks": ("en", "ru", "ar"),
        "tier": ("basic", "international"),
        "price": ("0", "1", "2"),
    }
    facets = chance.sample(sorted(values), chance.choice((0, 1, 1, 2, 2, 3)))
    chosen = {
        facet: tuple(sorted(chance.sample(values[facet], chance.choice((1, 1, 2)))))
        for facet in facets
    }
    words = chance.choice(((), (), ("heart",), ("knee",), ("heart", "knee")))
    return words, chosen


@pytest.mark.parametrize("many", [2000, 3])
def test_random_questions_are_answered_as_by_a_plain_look(offers, monkeypatch, many):
    monkeypatch.setattr(search_cards, "MANY", many)  # few matches are sorted, many walked
    everything = documents()
    chance = random.Random(many)
    for _ in range(60):
        words, chosen = random_question(chance)
        page = search(Criteria(language="en", text=" ".join(words), chosen=chosen, sort="price"))
        expected = plainly_found(everything, words, chosen)

        question = f"{words} {chosen}"
        assert page.total == len(expected), question
        shown = [card.offer_id for card in page.cards]
        assert shown == [row.offer_id for row, _held in expected][:PAGE_SIZE], question
        hits = {
            facet: {count.value: count.hits for count in page.counts.facets[facet]}
            for facet in SET_OF
        }
        assert hits == plainly_counted(everything, words, chosen), question


def plainly_sorted(rows, sort):
    """Return documents in the order of a sort, told from the catalogue itself."""
    openings = dict(NextOpening.objects.values_list("offer_id", "starts_at"))
    treatments = dict(Treatment.objects.values_list("pk", "name_en"))
    hospitals = dict(Hospital.objects.values_list("pk", "name_en"))

    def by_price(row):
        return (row.price_minor is None, row.price_minor or 0, row.pk)

    def by_opening(row):
        starts_at = openings.get(row.offer_id)
        return (starts_at is None, starts_at.timestamp() if starts_at else 0, *by_price(row))

    def by_name(row):
        treatment = treatments.get(row.treatment_id)
        return (
            treatment is not None,
            (treatment or "").lower(),
            hospitals[row.hospital_id].lower(),
        )

    order = {"opening": by_opening, "name": by_name}.get(sort, by_price)
    return sorted(rows, key=lambda row: (*order(row), row.pk))


def pages_of(**criteria):
    """Return what each card of every page stands for, and the total of the first page."""
    first = search(Criteria(language="en", **criteria))
    shown = list(first.cards)
    for number in range(2, first.last_page + 2):  # one behind the last: it is empty
        page = search(Criteria(language="en", page=number, **criteria))
        assert (page.total, page.counts) == (first.total, first.counts)
        shown += page.cards
    return [(card.offer_id, card.hospital_slug) for card in shown], first.total


@pytest.mark.parametrize("sort", ["relevance", "price", "opening", "name"])
@pytest.mark.parametrize("text", ["", "knee"])
@pytest.mark.parametrize("chosen", [{}, {"city": ("city-0", "city-1"), "speaks": ("en",)}])
def test_every_page_of_every_sort_follows_the_one_before(offers, monkeypatch, sort, text, chosen):
    monkeypatch.setattr(search_cards, "PAGE_SIZE", 3)
    monkeypatch.setattr(search_matches, "PAGE_SIZE", 3)
    monkeypatch.setattr(search_selector, "PAGE_SIZE", 3)
    for module in (search_cards, search_matches):
        module._statement.cache_clear()
    soon = clock.now() + dt.timedelta(days=2)
    set_next_openings(
        {offer.pk: soon + dt.timedelta(hours=n % 5) for n, offer in enumerate(offers[:12])}
    )
    try:
        shown, total = pages_of(text=text, chosen=chosen, sort=sort)
    finally:
        for module in (search_cards, search_matches):
            module._statement.cache_clear()

    slugs = dict(Hospital.objects.values_list("pk", "slug"))
    found = [row for row, _held in plainly_found(documents(), text.split(), chosen)]
    assert total == len(found) > 3
    expected = plainly_sorted(found, sort)
    assert shown == [(row.offer_id, slugs[row.hospital_id]) for row in expected]


@pytest.mark.parametrize("text", ["", "knee"])
def test_what_opens_soon_is_counted_and_shown_alone(offers, text):
    now = clock.now()
    opens = {offers[n].pk: now + dt.timedelta(days=n) for n in range(1, 20)}
    set_next_openings(opens)

    page = search(Criteria(language="en", text=text, open_within_days=14, sort="price"))

    expected = [
        row.offer_id
        for row, _held in plainly_found(documents(), text.split(), {})
        if row.offer_id in opens and opens[row.offer_id] <= now + dt.timedelta(days=14)
    ]
    assert [card.offer_id for card in page.cards] == expected
    assert page.total == len(expected) > 0


def test_words_without_any_match_still_count_what_other_choices_would_find(offers):
    page = search(Criteria(language="en", text="knee", chosen={"city": ("nowhere",)}))

    assert (page.total, page.cards) == (0, [])
    cities = {count.value: count.hits for count in page.counts.facets["city"]}
    assert cities == plainly_counted(documents(), ("knee",), {"city": ("nowhere",)})["city"]
    assert cities["nowhere"] == 0 < sum(cities.values())


def test_the_narrow_index_can_be_taken_back_and_built_again(offers):
    """Migrating back fills the text lexemes from their numbers, and forth the numbers from them."""
    before = [(row.pk, held) for row, held in documents()]
    pairs = stored_pairs()

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MigrationExecutor(connection).migrate([("hospitals", "0007_deposits_and_rates")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, tsvector_to_array(tokens) FROM hospitals_searchdocument")
        texts = {pk: set(tokens) for pk, tokens in cursor.fetchall()}
    assert texts == dict(before)

    MigrationExecutor(connection).migrate([("hospitals", "0008_narrow_search")])
    assert [(row.pk, held) for row, held in documents()] == before
    assert stored_pairs() == pairs == counted_pairs()


def stored_pairs():
    columns = ("given", "given_set_id", "counted", "counted_set_id", "hits")
    return {row[:-1]: row[-1] for row in SearchPair.objects.values_list(*columns)}


def counted_pairs():
    return Counter(
        (given, getattr(row, f"{given}_id"), counted, getattr(row, f"{counted}_id"))
        for row in SearchDocument.objects.all()
        for given in FACETS_OF_A_SET
        for counted in FACETS_OF_A_SET
    )


def test_pairs_stay_true_while_offers_and_hospitals_change(offers):
    assert stored_pairs() == counted_pairs()
    repriced, hidden, deleted, moved = offers[:4]

    PriceLineFactory(offer=repriced, amount_minor=100)
    index_offer(repriced.pk)
    assert stored_pairs() == counted_pairs()

    hidden.is_published = False
    hidden.save(update_fields=["is_published"])
    index_offer(hidden.pk)
    assert stored_pairs() == counted_pairs()

    deleted.delete()  # takes its document with it, past the indexer
    assert stored_pairs() == counted_pairs()

    moved.hospital.city = CityFactory(slug="city-9")
    moved.hospital.save(update_fields=["city"])
    index_hospital(moved.hospital.pk)
    assert stored_pairs() == counted_pairs()

    assert search(Criteria(language="en")).total == SearchDocument.objects.count() == 32
    before = sorted(stored_pairs().values())
    rebuild_index()
    assert stored_pairs() == counted_pairs()
    assert sorted(stored_pairs().values()) == before
    assert all(EVERYTHING in row.own.lexemes for row in SearchDocument.objects.all())


def test_a_document_is_replaced_and_never_altered(offers):
    other = SearchFacets.objects.create(lexemes=["city:nowhere"])
    before = stored_pairs()
    with pytest.raises(DatabaseError, match="replaced, never altered"), transaction.atomic():
        SearchDocument.objects.update(place=other)
    assert stored_pairs() == before == counted_pairs()


def test_a_lexeme_has_one_number(offers):
    index_offer(offers[0].pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT lexeme) FROM hospitals_searchlexeme")
        rows, distinct = cursor.fetchone()
    assert rows == distinct
