"""Wherever a price stands: the contract's currency, and an estimate with day, source and age."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from medtour.lib import clock, exchange
from medtour.lib.exchange import RateTable
from tests.factories.quotes import issued_quote

pytest_plugins = ["tests.payments.payers"]
pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)
RATES = RateTable(DAY, {"CNY": Decimal("8"), "USD": Decimal("1.2"), "EUR": Decimal(1)})
SAID = "rate of 20 Nov 2026, European Central Bank"


@pytest.fixture(autouse=True)
def rates():
    exchange.use_source(lambda: RATES)


@pytest.fixture
def american(client):
    client.cookies["currency"] = "USD"
    return client


@pytest.fixture
def offer_page(deposit_offer):
    return reverse("hospitals:offer", args=[deposit_offer.public_id])


def read(client, address):
    return " ".join(client.get(address).content.decode().split())


def test_the_offer_names_contract_estimate_day_and_source(american, offer_page):
    page = read(american, offer_page)
    assert "1,935" in page
    assert "about <bdi>USD 290</bdi>" in page
    assert SAID in page
    assert "Older rate" not in page


def test_rates_of_more_than_a_week_are_marked_everywhere(american, offer_page, frozen):
    assert "Older rate" not in read(american, offer_page)
    with clock.freeze(frozen + dt.timedelta(days=5)):
        page = read(american, offer_page)
    assert SAID in page
    assert "Older rate" in page


def test_new_rates_are_shown_at_once_when_the_process_knows_them(american, offer_page):
    assert "290" in read(american, offer_page)
    newer = RateTable(
        DAY + dt.timedelta(days=3), {"CNY": Decimal("8"), "USD": Decimal("1.6"), "EUR": Decimal(1)}
    )
    exchange.use_source(lambda: newer)
    page = read(american, offer_page)
    assert "387" in page
    assert "rate of 23 Nov 2026, European Central Bank" in page


def test_without_a_currency_of_their_own_nobody_sees_an_estimate(client, offer_page):
    assert "rate of" not in read(client, offer_page)


def test_the_terms_of_a_deposit_and_a_quote_have_it_too(american, user, waiting):
    user.currency = "USD"
    user.save()
    american.force_login(user)
    assert SAID in read(american, reverse("payments:deposit", args=[waiting.public_id]))
    quote = issued_quote(waiting.case, user)
    assert SAID in read(american, reverse("payments:quote", args=[quote.public_id]))
