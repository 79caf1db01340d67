"""Prices that begin and end on their own days: what a search shows, counts and sorts by today."""

import datetime as dt

import pytest
from django.core.cache import cache

from hospitals.models import SearchDocument
from hospitals.search_terms import Criteria
from hospitals.selectors.search import search
from hospitals.services.search_index import rebuild_index
from hospitals.services.search_prices import refresh_prices
from medtour.lib import clock
from tests.factories.hospitals import OfferFactory, PriceLineFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 23)
MIDNIGHT = dt.datetime(2026, 11, 23, 16, tzinfo=dt.UTC)  # the next day begins in Shanghai


@pytest.fixture
def offer():
    """1,000.00 until today, 900.00 at a basic desk from tomorrow."""
    row = OfferFactory(unpriced=True)
    PriceLineFactory(
        offer=row, amount_minor=100_000, valid_from=TODAY - DAY, valid_until=TODAY, tier="vip"
    )
    PriceLineFactory(
        offer=row, amount_minor=90_000, valid_from=TODAY + DAY, valid_until=None, tier="basic"
    )
    return row


def shown(**chosen):
    """Return what the offers found cost, and how many there are at each tier."""
    cache.clear()  # counts are kept for a few seconds
    page = search(Criteria(language="en", chosen={"kind": ("o",), **chosen}, sort="price"))
    tiers = {each.value: each.hits for each in page.counts.facets["tier"] if each.hits}
    return [card.price and card.price.amount.minor for card in page.cards], tiers


def test_a_price_that_is_not_valid_yet_shows_nowhere(offer):
    rebuild_index()
    assert shown() == ([100_000], {"vip": 1})
    assert shown(tier=("basic",))[0] == []
    assert SearchDocument.objects.get(offer=offer).price_minor == 100_000


def test_an_offer_whose_first_price_is_still_to_come_shows_none():
    PriceLineFactory(offer=OfferFactory(unpriced=True), valid_from=TODAY + DAY)
    rebuild_index()
    assert shown() == ([None], {})


def test_when_the_day_comes_the_search_follows_without_anybody_saving(offer):
    other = OfferFactory(unpriced=True)
    PriceLineFactory(offer=other, amount_minor=95_000, tier="vip")
    rebuild_index()
    assert shown()[0] == [95_000, 100_000]
    with clock.freeze(MIDNIGHT - dt.timedelta(seconds=1)):
        assert refresh_prices() == 0
    with clock.freeze(MIDNIGHT):
        assert [refresh_prices() for _run in range(2)] == [1, 0]
        assert shown() == ([90_000, 95_000], {"basic": 1, "vip": 1})
        assert SearchDocument.objects.get(offer=offer).price_minor == 90_000


def test_a_price_that_ends_without_another_leaves_the_list_of_prices(offer):
    offer.price_lines.filter(tier="basic").delete()
    rebuild_index()
    with clock.freeze(MIDNIGHT + 7 * DAY):
        assert refresh_prices() == 1
        assert shown() == ([None], {})
        assert SearchDocument.objects.get(offer=offer).price_minor is None


def test_many_at_once_are_one_rebuilding(offer, monkeypatch):
    monkeypatch.setattr("hospitals.services.search_prices.MANY", 1)
    rebuild_index()
    before = SearchDocument.objects.get(kind="h").pk
    with clock.freeze(MIDNIGHT):
        assert refresh_prices() == 1
        assert SearchDocument.objects.get(kind="h").pk != before
        assert shown() == ([90_000], {"basic": 1})
