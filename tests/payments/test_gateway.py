"""Our gateway over the sandbox: what is asked, what comes back, what is refused."""

import datetime as dt

import pytest

from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import CheckoutRequest, GatewayDown, GatewayRefused, RefundRequest
from payments.gateways.sandbox import world

pytestmark = pytest.mark.django_db
CNY = Money(120_000, "CNY")


def request(**changes):
    """Return a checkout request on the platform's own account."""
    facts = {
        "payment_id": "pay2",
        "attempt": 1,
        "amount": CNY,
        "account_id": "",
        "language": "en",
        "label": "Deposit",
        "success_url": "http://127.0.0.1:8000/en/pay/x/back/",
        "cancel_url": "http://127.0.0.1:8000/en/pay/x/",
        "expires_at": clock.now() + dt.timedelta(minutes=31),
    }
    return CheckoutRequest(**{**facts, **changes})


@pytest.fixture
def stripe():
    return gateway()


@pytest.fixture
def open_page(stripe):
    return stripe.create_checkout(request())


@pytest.fixture
def paid(stripe, open_page):
    world.pay(open_page.session_id)
    return stripe.fetch_checkout(open_page.session_id, account_id="")


def refund(intent_id, minor, **changes):
    facts = {"refund_id": "ref2", "attempt": 1, "account_id": ""}
    return RefundRequest(
        **{**facts, "intent_id": intent_id, "amount": Money(minor, "CNY"), **changes}
    )


def test_a_new_checkout_is_open_and_unpaid(open_page):
    assert (open_page.status, open_page.is_paid, open_page.intent_id) == ("open", False, "")
    assert (open_page.amount, open_page.payment_id, open_page.is_live_mode) == (CNY, "pay2", False)
    assert open_page.url == f"http://127.0.0.1:8000/sandbox/checkout/{open_page.session_id}/"


def test_a_card_pays_at_once_and_costs_a_fee(stripe, paid):
    assert (paid.status, paid.is_paid) == ("complete", True)
    charge = stripe.fetch_charge(paid.intent_id, account_id="")
    assert (charge.status, charge.received, charge.method) == ("succeeded", CNY, "card")
    assert charge.fee == Money(4_080, "CNY")
    assert charge.payment_id == "pay2"


def test_a_declined_card_leaves_the_page_open_for_another_try(stripe, open_page):
    world.pay(open_page.session_id, "insufficient_funds")
    page = stripe.fetch_checkout(open_page.session_id, account_id="")
    charge = stripe.fetch_charge(page.intent_id, account_id="")
    assert (page.status, charge.status, charge.failure_code) == (
        "open",
        "failed",
        "insufficient_funds",
    )
    world.pay(open_page.session_id, "card")
    charge = stripe.fetch_charge(page.intent_id, account_id="")
    assert (charge.status, charge.failure_code) == ("succeeded", "")


def test_the_bank_may_ask_first(stripe, open_page):
    world.pay(open_page.session_id, "ask_3ds")
    page = stripe.fetch_checkout(open_page.session_id, account_id="")
    assert stripe.fetch_charge(page.intent_id, account_id="").status == "requires_action"
    world.pay(open_page.session_id, "fail_3ds")
    charge = stripe.fetch_charge(page.intent_id, account_id="")
    assert (charge.status, charge.failure_code) == (
        "failed",
        "payment_intent_authentication_failure",
    )
    world.pay(open_page.session_id, "ask_3ds")
    world.pay(open_page.session_id, "confirm_3ds")
    assert stripe.fetch_charge(page.intent_id, account_id="").status == "succeeded"


@pytest.mark.parametrize("wallet", ["alipay", "wechat_pay"])
@pytest.mark.parametrize(
    ("way", "end", "is_paid"), [("_later", "succeeded", True), ("_refused", "failed", False)]
)
def test_a_wallet_takes_its_time(stripe, open_page, wallet, way, end, is_paid):
    world.pay(open_page.session_id, wallet + way)
    page = stripe.fetch_checkout(open_page.session_id, account_id="")
    assert (page.status, page.is_paid) == ("complete", False)
    assert stripe.fetch_charge(page.intent_id, account_id="").status == "processing"
    world.finish_wallet(open_page.session_id)
    charge = stripe.fetch_charge(page.intent_id, account_id="")
    assert (charge.status, charge.method) == (end, wallet)
    assert stripe.fetch_checkout(open_page.session_id, account_id="").is_paid is is_paid


def test_the_same_key_makes_one_page_and_another_request_is_refused(stripe, open_page, frozen):
    first = stripe.create_checkout(request(payment_id="pay3"))
    assert stripe.create_checkout(request(payment_id="pay3")) == first
    with pytest.raises(GatewayRefused) as refused:
        stripe.create_checkout(request(payment_id="pay3", amount=Money(1, "CNY")))
    assert refused.value.code == "idempotency_error"
    assert stripe.create_checkout(request(payment_id="pay3", attempt=2)) != first


def test_an_ended_page_takes_no_money(stripe, frozen):
    page = stripe.create_checkout(request())
    with clock.freeze(frozen + dt.timedelta(minutes=32)):
        world.pay(page.session_id)
        ended = stripe.fetch_checkout(page.session_id, account_id="")
        assert (ended.status, ended.is_paid) == ("expired", False)
        assert stripe.expire_checkout(page.session_id, account_id="") == ended


def test_we_can_end_a_page_but_not_one_that_was_paid(stripe, open_page):
    other = stripe.create_checkout(request(payment_id="pay4"))
    assert stripe.expire_checkout(other.session_id, account_id="").status == "expired"
    world.pay(open_page.session_id)
    assert stripe.expire_checkout(open_page.session_id, account_id="").is_paid


@pytest.mark.parametrize("minutes", [29, 24 * 60 + 1])
def test_a_page_lives_thirty_minutes_to_a_day(stripe, minutes):
    with pytest.raises(GatewayRefused):
        stripe.create_checkout(request(expires_at=clock.now() + dt.timedelta(minutes=minutes)))


def test_what_an_unanswered_request_made_is_found(stripe):
    world.go_wrong("dropped_after", path="/v1/checkout/sessions")
    with pytest.raises(GatewayDown):
        stripe.create_checkout(request(payment_id="lost"))
    found = stripe.find_checkout("lost", account_id="")
    assert (found.status, found.payment_id, found.amount) == ("open", "lost", CNY)


def test_what_never_arrived_is_not_found(stripe):
    world.go_wrong("dropped_before")
    with pytest.raises(GatewayDown):
        stripe.create_checkout(request(payment_id="lost"))
    assert stripe.find_checkout("lost", account_id="") is None


@pytest.mark.parametrize("kind", ["409", "429", "500", "500_kept"])
def test_trouble_may_be_asked_again(stripe, kind):
    world.go_wrong(kind)
    with pytest.raises(GatewayDown):
        stripe.create_checkout(request())
    if kind == "500_kept":
        with pytest.raises(GatewayDown):
            stripe.create_checkout(request())
        assert stripe.find_checkout("pay2", account_id="") is None
    else:
        assert stripe.find_checkout("pay2", account_id="") is None
        stripe.create_checkout(request())


def test_refunds_stop_at_what_was_paid(stripe, paid):
    part = stripe.refund(refund(paid.intent_id, 50_000))
    assert (part.status, part.refund_id, part.amount) == ("succeeded", "ref2", Money(50_000, "CNY"))
    assert stripe.refund(refund(paid.intent_id, 50_000)) == part
    with pytest.raises(GatewayRefused):
        stripe.refund(refund(paid.intent_id, 70_001, refund_id="ref3"))
    stripe.refund(refund(paid.intent_id, 70_000, refund_id="ref4"))
    with pytest.raises(GatewayRefused) as refused:
        stripe.refund(refund(paid.intent_id, 1, refund_id="ref5"))
    assert refused.value.code == "charge_already_refunded"


def test_an_unanswered_refund_is_found(stripe, paid):
    world.go_wrong("dropped_after", path="/v1/refunds")
    with pytest.raises(GatewayDown):
        stripe.refund(refund(paid.intent_id, 100))
    found = stripe.find_refund("ref2", intent_id=paid.intent_id, account_id="")
    assert found == stripe.fetch_refund(found.gateway_id, account_id="")
    assert stripe.find_refund("ref3", intent_id=paid.intent_id, account_id="") is None
