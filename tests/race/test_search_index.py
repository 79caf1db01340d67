"""Two writers of the search index at once leave one true entry for each offer and hospital."""

import threading
from collections import Counter

import pytest
from django.db import transaction

from hospitals.models import SearchDocument, SearchPair
from hospitals.search_terms import FACETS_OF_A_SET
from hospitals.services.search_index import index_hospital, index_offer, rebuild_index
from tests.factories.hospitals import HospitalFactory, OfferFactory, PriceLineFactory
from tests.race.together import PATIENCE_SECONDS, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WRITERS = 6


@pytest.fixture
def offers():
    hospital = HospitalFactory()
    made = [OfferFactory(hospital=hospital, title_en=f"Title {n}") for n in range(3)]
    rebuild_index()
    return made


def entries():
    return Counter(SearchDocument.objects.values_list("kind", "hospital_id", "offer_id"))


def once(offers):
    hospital_id = offers[0].hospital_id
    return Counter([("h", hospital_id, None), *(("o", hospital_id, offer.pk) for offer in offers)])


def assert_pairs_are_true():
    columns = ("given", "given_set_id", "counted", "counted_set_id", "hits")
    stored = {row[:-1]: row[-1] for row in SearchPair.objects.values_list(*columns)}
    assert stored == Counter(
        (given, getattr(row, f"{given}_id"), counted, getattr(row, f"{counted}_id"))
        for row in SearchDocument.objects.all()
        for given in FACETS_OF_A_SET
        for counted in FACETS_OF_A_SET
    )


def test_one_offer_indexed_by_many_at_once_stands_there_once(offers):
    PriceLineFactory(offer=offers[0], amount_minor=100, currency="CNY")

    results = together(WRITERS, lambda _number: index_offer(offers[0].pk))

    assert results == [None] * WRITERS
    assert entries() == once(offers)
    assert SearchDocument.objects.get(offer=offers[0]).price_minor == 100
    assert_pairs_are_true()


def test_offers_of_one_hospital_and_itself_indexed_at_once(offers):
    def index(number):
        if number % 3 == 2:
            index_hospital(offers[0].hospital_id)
        else:
            index_offer(offers[number % 3].pk)

    results = together(WRITERS, index)

    assert results == [None] * WRITERS
    assert entries() == once(offers)
    assert_pairs_are_true()


def test_control_who_looks_before_taking_turns_indexes_a_hospital_twice(offers):
    """The same work without the lock at its start: both saw the old entry, and both write one."""
    barrier = threading.Barrier(2)

    @transaction.atomic
    def replace(_number):
        stale = SearchDocument.objects.get(kind="h")
        barrier.wait(PATIENCE_SECONDS)
        SearchDocument.objects.filter(pk=stale.pk).delete()
        stale.pk = None
        stale.save(force_insert=True)

    assert together(2, replace) == [None, None]
    assert entries()[("h", offers[0].hospital_id, None)] == 2
