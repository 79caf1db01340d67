"""The sandbox's news: signed as Stripe signs it, delivered late, twice, out of order or never."""

import datetime as dt

import pytest

from medtour.lib import clock
from payments.gateways import gateway
from payments.gateways.protocol import SignatureRefused, WebhookClosed
from payments.gateways.sandbox import deliveries, world
from payments.gateways.stripe import StripeGateway
from tests.payments import sandbox
from tests.payments.test_gateway import request

pytestmark = pytest.mark.django_db


@pytest.fixture
def stripe():
    return gateway()


@pytest.fixture
def begun(stripe):
    return stripe.create_checkout(request())


class Webhook:
    """Stands at the other end and answers with the statuses it was given, then 200."""

    def __init__(self, *statuses):
        self.statuses, self.taken = list(statuses), []

    def __call__(self, body, signature):
        self.taken.append(gateway().read_event(body, signature))
        return self.statuses.pop(0) if self.statuses else 200


def types(webhook):
    return [event.type for event in webhook.taken]


PAID = ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def test_a_payment_makes_the_news_that_stripe_makes(stripe, begun):
    world.pay(begun.session_id)
    webhook = Webhook()
    assert deliveries.deliver_due(webhook) == 3
    assert types(webhook) == PAID
    session = webhook.taken[-1]
    assert (session.object_id, session.object_type) == (begun.session_id, "checkout.session")
    assert session.intent_id == webhook.taken[1].object_id == webhook.taken[0].intent_id
    assert (session.account_id, session.is_live_mode) == ("", False)
    assert deliveries.deliver_due(webhook) == 0


def test_news_of_a_connected_account_names_it(stripe):
    world.open_account("acct_1Hospital", name="Example Hospital Ltd")
    page = stripe.create_checkout(request(account_id="acct_1Hospital"))
    world.pay(page.session_id)
    webhook = Webhook()
    deliveries.deliver_due(webhook)
    assert {event.account_id for event in webhook.taken} == {"acct_1Hospital"}


def test_what_is_not_taken_is_tried_again_later(frozen, begun):
    world.pay(begun.session_id, "card_declined")
    webhook = Webhook(503, 0)
    assert deliveries.deliver_due(webhook) == 0
    assert deliveries.deliver_due(webhook) == 0
    assert len(webhook.taken) == 2
    with clock.freeze(frozen + dt.timedelta(seconds=2)):
        assert deliveries.deliver_due(webhook) == 2
    assert types(webhook) == ["charge.failed", "payment_intent.payment_failed"] * 2


@pytest.mark.parametrize(
    ("plan", "at_once", "after_a_minute"),
    [("now", 3, 3), ("later", 0, 3), ("twice", 6, 6), ("never", 0, 0)],
)
def test_a_visitor_chooses_how_news_travels(stripe, frozen, plan, at_once, after_a_minute):
    page = stripe.create_checkout(request())
    world.pay(page.session_id, "card", plan=world.PLANS[plan])
    webhook = Webhook()
    deliveries.deliver_due(webhook)
    deliveries.deliver_due(webhook)
    assert len(webhook.taken) == at_once
    with clock.freeze(frozen + dt.timedelta(minutes=1)):
        deliveries.deliver_due(webhook)
    assert len(webhook.taken) == after_a_minute


def test_news_can_be_put_in_another_order(begun):
    world.pay(begun.session_id)
    for place, row in enumerate(reversed(sandbox.waiting())):
        row.place = place
        row.save()
    webhook = Webhook()
    deliveries.deliver_due(webhook)
    assert types(webhook) == PAID[::-1]


def test_time_ends_pages_and_wallets(stripe, frozen):
    lapsing = stripe.create_checkout(request(payment_id="a"))
    waiting = stripe.create_checkout(request(payment_id="b"))
    world.pay(waiting.session_id, "alipay_later")
    with clock.freeze(frozen + dt.timedelta(minutes=31)):
        deliveries.finish_due()
        assert stripe.fetch_checkout(lapsing.session_id, account_id="").status == "expired"
        assert stripe.fetch_checkout(waiting.session_id, account_id="").is_paid
    assert sandbox.kinds(sandbox.waiting()) == [
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
        "checkout.session.expired",
    ]


BODY = {"object": "event", "id": "evt_2", "type": "charge.refunded", "livemode": False}


def test_only_our_secret_opens_the_door(stripe):
    body, right = sandbox.signed(BODY)
    assert stripe.read_event(body, right).event_id == "evt_2"
    for wrong in ("", "t=1", sandbox.signed(BODY, "whsec_other")[1], right + "0"):
        with pytest.raises(SignatureRefused):
            stripe.read_event(body, wrong)
    with pytest.raises(SignatureRefused):
        stripe.read_event(body + b" ", right)
    with pytest.raises(SignatureRefused):
        stripe.read_event(b"\xff", right)


def test_an_old_signature_is_refused(stripe, monkeypatch):
    monkeypatch.setattr(deliveries.time, "time", lambda: 1_700_000_000)
    body, old = sandbox.signed(BODY)
    monkeypatch.undo()
    with pytest.raises(SignatureRefused):
        stripe.read_event(body, old)


def test_while_secrets_change_both_are_good():
    door = StripeGateway("sk_test_2", secrets=["whsec_new", "whsec_old"])
    for secret in ("whsec_new", "whsec_old"):
        assert door.read_event(*sandbox.signed(BODY, secret)).type == "charge.refunded"


def test_without_a_secret_the_door_is_closed():
    body, right = sandbox.signed(BODY)
    with pytest.raises(WebhookClosed):
        StripeGateway("sk_test_2", secrets=[]).read_event(body, right)
