"""Refunds, disputes, balance and accounts, over the sandbox."""

import datetime as dt
import time

import pytest

from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import GatewayRefused
from payments.gateways.sandbox import deliveries, world
from tests.factories import PayeeAccountFactory
from tests.payments import sandbox
from tests.payments.test_gateway import CNY, refund, request

pytestmark = pytest.mark.django_db
HOSPITAL = "acct_1Hospital"


@pytest.fixture
def stripe():
    return gateway()


def paid(stripe, outcome="card", account_id=""):
    page = stripe.create_checkout(request(account_id=account_id))
    world.pay(page.session_id, outcome)
    return stripe.fetch_checkout(page.session_id, account_id=account_id).intent_id


def test_a_wallet_gets_its_money_back_later(stripe, frozen):
    intent_id = paid(stripe, "alipay")
    facts = stripe.refund(refund(intent_id, 100))
    assert facts.status == "pending"
    with clock.freeze(frozen + dt.timedelta(minutes=1)):
        deliveries.finish_due()
    assert stripe.fetch_refund(facts.gateway_id, account_id="").status == "succeeded"


def test_a_refund_can_be_told_to_wait(stripe):
    world.go_wrong("refund_waits")
    facts = stripe.refund(refund(paid(stripe), 100))
    assert facts.status == "pending"
    deliveries.finish_due()
    assert stripe.fetch_refund(facts.gateway_id, account_id="").status == "pending"
    world.finish_refund(facts.gateway_id)
    assert stripe.fetch_refund(facts.gateway_id, account_id="").status == "succeeded"


def test_a_refund_that_comes_back_can_be_made_again(stripe):
    intent_id = paid(stripe)
    facts = stripe.refund(refund(intent_id, CNY.minor))
    world.fail_refund(facts.gateway_id)
    failed = stripe.fetch_refund(facts.gateway_id, account_id="")
    assert (failed.status, failed.failure_code) == ("failed", "expired_or_canceled_card")
    assert "refund.failed" in sandbox.kinds(sandbox.waiting())
    again = stripe.refund(refund(intent_id, CNY.minor, refund_id="ref3"))
    assert (again.status, again.amount) == ("succeeded", CNY)


@pytest.mark.parametrize(("is_won", "end"), [(True, "won"), (False, "lost")])
def test_a_dispute_takes_the_money_until_it_is_decided(stripe, frozen, is_won, end):
    intent_id = paid(stripe)
    dispute_id = world.open_dispute(intent_id, amount=50_000, reason="product_not_received")
    facts = stripe.fetch_dispute(dispute_id, account_id="")
    assert (facts.status, facts.amount, facts.reason) == (
        "open",
        Money(50_000, "CNY"),
        "product_not_received",
    )
    assert (facts.intent_id, facts.is_held) == (intent_id, True)
    assert facts.evidence_due_at == frozen + dt.timedelta(days=9)
    with pytest.raises(GatewayRefused) as refused:
        stripe.refund(refund(intent_id, 100))
    assert refused.value.code == "charge_disputed"
    world.close_dispute(dispute_id, is_won=is_won)
    assert stripe.fetch_dispute(dispute_id, account_id="").status == end


def test_the_balance_adds_up(stripe, frozen):
    intent_id = paid(stripe)
    made = stripe.refund(refund(intent_id, 20_000))
    world.fail_refund(made.gateway_id)
    dispute_id = world.open_dispute(intent_id)
    world.close_dispute(dispute_id, is_won=True)
    lines = list(
        stripe.balance_lines(
            "", since=frozen - dt.timedelta(hours=1), until=frozen + dt.timedelta(seconds=1)
        )
    )
    assert [(line.type, line.source_id, line.amount.minor) for line in reversed(lines)] == [
        ("charge", intent_id, 120_000),
        ("refund", made.gateway_id, -20_000),
        ("refund_failure", made.gateway_id, 20_000),
        ("dispute", dispute_id, -120_000),
        ("dispute_reversal", dispute_id, 120_000),
    ]
    assert lines[-1].fee == Money(4_080, "CNY")
    assert (
        list(stripe.balance_lines("", since=frozen + dt.timedelta(seconds=1), until=frozen)) == []
    )


def test_a_long_balance_comes_page_by_page(stripe, frozen):
    for number in range(51):
        intent_id = paid_once(stripe, number)
        stripe.refund(refund(intent_id, 100, refund_id=f"ref{number}"))
    lines = list(stripe.balance_lines("", since=frozen, until=frozen + dt.timedelta(seconds=1)))
    assert len({line.gateway_id for line in lines}) == 102


def paid_once(stripe, number):
    page = stripe.create_checkout(request(payment_id=f"pay{number}"))
    world.pay(page.session_id)
    return stripe.fetch_checkout(page.session_id, account_id="").intent_id


def test_accounts_see_nothing_of_each_other(stripe):
    world.open_account(HOSPITAL, name="Example Hospital Ltd")
    page = stripe.create_checkout(request(account_id=HOSPITAL))
    world.pay(page.session_id)
    assert stripe.fetch_checkout(page.session_id, account_id=HOSPITAL).is_paid
    with pytest.raises(GatewayRefused) as refused:
        stripe.fetch_checkout(page.session_id, account_id="")
    assert refused.value.code == "resource_missing"
    assert stripe.find_checkout("pay2", account_id="") is None
    assert stripe.find_checkout("pay2", account_id=HOSPITAL).session_id == page.session_id


def test_an_account_of_our_books_opens_under_the_name_there(stripe):
    payee = PayeeAccountFactory(account_id="acct_1Books", holder_name="Books Hospital (HK) Ltd")
    assert stripe.account_holder("acct_1Books") == payee.holder_name
    world.open_account("acct_1Books", name="Somebody Else Ltd")
    assert stripe.account_holder("acct_1Books") == "Somebody Else Ltd"
    assert stripe.account_holder("") == "Medtour test account"


def test_a_strange_account_is_refused(stripe):
    with pytest.raises(GatewayRefused) as refused:
        stripe.create_checkout(request(account_id="acct_1Nobody"))
    assert refused.value.code == "account_invalid"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (Money(49, "USD"), "amount_too_small"),
        (Money(100_000_000, "CNY"), "amount_too_large"),
        (Money(12_345, "KWD"), "amount_not_chargeable"),
    ],
)
def test_sums_that_nobody_can_charge_are_refused(stripe, amount, code):
    with pytest.raises(GatewayRefused) as refused:
        stripe.create_checkout(request(amount=amount))
    assert refused.value.code == code


def test_the_sandbox_is_never_live(stripe):
    assert stripe.is_live_mode is False


def test_a_slow_answer_is_an_answer(stripe):
    world.go_wrong("slow", seconds=0.05)
    begun = time.monotonic()
    assert stripe.create_checkout(request()).status == "open"
    assert time.monotonic() - begun >= 0.05
