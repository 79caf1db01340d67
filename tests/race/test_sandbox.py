"""The sandbox under many hands at once, as Stripe would hold: one page a key, no refund too much."""

import pytest

from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import GatewayDown, GatewayRefused
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import StoredObject
from tests.payments.test_gateway import refund, request
from tests.race.together import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
HANDS = 6


def count(kind):
    return StoredObject.objects.filter(kind=kind).count()


def test_one_key_makes_one_page():
    asked = request()
    results = together(HANDS, lambda _number: gateway().create_checkout(asked))
    pages = {result.session_id for result in results if not isinstance(result, Exception)}
    assert all(isinstance(each, GatewayDown) for each in results if isinstance(each, Exception))
    assert len(pages) == count("checkout.session") == 1


def test_many_hands_pay_a_page_once():
    page = gateway().create_checkout(request())
    together(HANDS, lambda _number: world.pay(page.session_id))
    assert count("charge") == 1


def test_refunds_never_exceed_the_charge():
    page = gateway().create_checkout(request(amount=Money(1_000, "CNY")))
    world.pay(page.session_id)
    intent_id = gateway().fetch_checkout(page.session_id, account_id="").intent_id
    results = together(
        HANDS, lambda number: gateway().refund(refund(intent_id, 300, refund_id=f"ref{number}"))
    )
    refused = [each for each in results if isinstance(each, GatewayRefused | GatewayDown)]
    assert len(refused) == HANDS - count("refund")
    assert count("refund") <= 3
    assert StoredObject.objects.get(kind="charge").body["amount_refunded"] <= 900
