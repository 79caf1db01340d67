"""The sandbox's news over real HTTP, through the site's own webhook address."""

import pytest
from django.db import transaction

from payments.gateways import gateway
from payments.gateways.sandbox import deliveries, world
from payments.gateways.sandbox.models import Delivery
from payments.models import GatewayEvent
from tests.payments.test_gateway import request

pytestmark = pytest.mark.django_db(transaction=True)


def test_news_arrives_once_however_often_it_is_sent(live_server, settings):
    settings.SITE_URL = live_server.url
    page = gateway().create_checkout(request())
    world.pay(page.session_id, plan=world.PLANS["twice"])
    assert deliveries.deliver_due() == 3
    assert deliveries.deliver_due() == 3
    assert sorted(GatewayEvent.objects.values_list("type", flat=True)) == [
        "charge.succeeded",
        "checkout.session.completed",
        "payment_intent.succeeded",
    ]
    assert set(Delivery.objects.values_list("delivered", "last_status")) == {(2, 200)}


def test_a_site_that_is_down_hears_of_it_later(settings):
    settings.SITE_URL = "http://127.0.0.1:9"
    page = gateway().create_checkout(request())
    world.pay(page.session_id)
    assert deliveries.deliver_due() == 0
    assert set(Delivery.objects.values_list("delivered", "tries", "last_status")) == {(0, 1, 0)}


def test_the_sandbox_refuses_to_answer_inside_a_transaction():
    """A network would not roll back with us either: services must commit before they ask."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        gateway().create_checkout(request())
