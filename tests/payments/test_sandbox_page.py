"""The test-payment page: every outcome, back to the site, safe against being sent twice."""

import datetime as dt

import pytest
from django.test import Client

from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.sandbox.models import Delivery, StoredObject
from tests.payments.test_gateway import request

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8000/en/pay/x/back/"


@pytest.fixture
def stripe():
    return gateway()


@pytest.fixture
def begun(frozen, stripe):
    return stripe.create_checkout(request(amount=Money(1_234_560, "CNY"), label="Deposit <b>"))


@pytest.fixture
def path(begun):
    return begun.url.removeprefix("http://127.0.0.1:8000")


def charges():
    return StoredObject.objects.filter(kind="charge", body__status="succeeded").count()


def test_it_says_what_it_is_and_how_much(client, path):
    page = client.get(path).content.decode()
    assert "Test payment – no money moves" in page
    assert "CNY 12,345.60" in page.replace("\xa0", " ")
    assert "Deposit &lt;b&gt;" in page


@pytest.mark.parametrize("outcome", ["card", "alipay", "alipay_later", "wechat_pay_refused"])
def test_what_ends_the_page_leads_back(client, path, outcome):
    answer = client.post(path, {"outcome": outcome})
    assert (answer.status_code, answer["Location"]) == (302, BACK)


def test_paying_twice_takes_the_money_once(client, path, stripe, begun):
    for _time in range(2):
        assert client.post(path, {"outcome": "card"})["Location"] == BACK
    assert charges() == 1
    assert "used already" in client.get(path).content.decode()
    client.post(path, {"outcome": "card_declined"})
    assert stripe.fetch_checkout(begun.session_id, account_id="").is_paid


def test_a_refused_card_is_named_and_another_try_is_free(client, path):
    answer = client.post(path, {"outcome": "insufficient_funds"}, follow=True)
    assert answer.redirect_chain == [(path, 302)]
    assert "Not enough money on the card" in answer.content.decode()
    assert client.post(path, {"outcome": "card"})["Location"] == BACK


def test_the_bank_asks_first(client, path):
    asked = client.post(path, {"outcome": "ask_3ds"}, follow=True).content.decode()
    assert "Your bank asks" in asked
    assert "Pay by test card" not in asked
    refused = client.post(path, {"outcome": "fail_3ds"}, follow=True).content.decode()
    assert "The bank did not confirm that it is you" in refused
    assert charges() == 0
    client.post(path, {"outcome": "ask_3ds"})
    assert client.post(path, {"outcome": "confirm_3ds"})["Location"] == BACK
    assert charges() == 1


def test_a_confirmation_that_nobody_asked_for_pays_nothing(client, path):
    client.post(path, {"outcome": "confirm_3ds"})
    client.post(path, {"outcome": "made_up"})
    assert charges() == 0


def test_an_ended_page_only_leads_back(client, path, frozen):
    with clock.freeze(frozen + dt.timedelta(minutes=40)):
        client.post(path, {"outcome": "card"})
        page = client.get(path).content.decode()
    assert charges() == 0
    assert 'href="http://127.0.0.1:8000/en/pay/x/"' in page
    assert "<form" not in page.split("<main", 1)[1].split("</main>")[0]


def test_the_visitor_says_how_the_site_hears_of_it(client, path):
    client.post(path, {"outcome": "card", "news": "never"})
    assert set(Delivery.objects.values_list("copies", flat=True)) == {0}


def test_a_made_up_address_is_nothing(client):
    assert client.get("/sandbox/checkout/cs_test_2/").status_code == 404


def test_another_site_cannot_pay_for_the_visitor(path):
    assert Client(enforce_csrf_checks=True).post(path, {"outcome": "card"}).status_code == 403


@pytest.mark.parametrize("language", ["ar", "zh-hans", "mn"])
def test_it_is_shown_in_the_visitors_language(client, path, language):
    assert client.get(path, HTTP_ACCEPT_LANGUAGE=language).status_code == 200


def test_the_pay_button_may_lead_to_the_payment_page(client, path):
    policy = client.get(path)["Content-Security-Policy"]
    assert "form-action 'self' https://checkout.stripe.com" in policy
