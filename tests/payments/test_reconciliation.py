"""Reconciliation: what agrees is silent, every difference has a name, an amount and one alert."""

import datetime as dt

import pytest

from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways import gateway
from payments.gateways.protocol import GatewayDown, RefundRequest
from payments.gateways.sandbox import world
from payments.models import (
    Account,
    MoneyAlert,
    PostingKind,
    ReconciliationDifference,
    ReconciliationRun,
    RefundCause,
)
from payments.services import disputes, ledger, postings, refunds
from payments.services.reconciliation import reconcile, reconcile_due
from tests.factories import PayeeAccountFactory, PaymentFactory
from tests.payments.paid import alerts, card_payment

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def payment(frozen):
    paid = card_payment()
    note_fee(paid)
    return paid


def note_fee(payment):
    fee = gateway().fetch_charge(payment.intent_id, account_id="").fee
    postings.post_fee(payment, fee, at=clock.now())
    return fee


def compare(frozen, **facts):
    given = {"since": frozen - DAY, "until": frozen + DAY}
    return reconcile("", **{**given, **facts})


def named():
    return [
        (each.kind, each.type, each.object_id, each.currency, each.ledger_minor, each.gateway_minor)
        for each in ReconciliationDifference.objects.order_by("pk")
    ]


def test_a_day_with_everything_in_it_agrees(payment, frozen):
    part = refunds.request_refund(
        payment, amount=Money(10_000, "CNY"), cause=RefundCause.PATIENT_CANCELLED
    )
    refunds.send_due_refunds()
    part.refresh_from_db()
    world.fail_refund(part.gateway_id)
    refunds.follow_refund(part)
    note_fee(card_payment(charge=Money(22_037, "USD")))
    other = card_payment()
    note_fee(other)
    name = world.open_dispute(other.intent_id)
    disputes.follow_dispute(name, account_id="")
    world.close_dispute(name, is_won=True)
    disputes.follow_dispute(name, account_id="")
    run = compare(frozen)
    assert named() == []
    # Three charges with their fees, a refund and its return, a dispute and its end.
    assert run.compared == 10
    assert "ledger_differs" not in alerts()


def test_what_the_gateway_alone_knows_is_missing_in_the_ledger(payment, frozen):
    facts = gateway().refund(
        RefundRequest(
            refund_id="",
            attempt=1,
            intent_id=payment.intent_id,
            amount=Money(700, "CNY"),
            account_id="",
        )
    )
    compare(frozen)
    assert named() == [("missing_in_ledger", "refund", facts.gateway_id, "CNY", None, -700)]
    assert alerts() == ["ledger_differs"]


def test_what_the_ledger_alone_knows_is_missing_at_the_gateway(payment, frozen):
    invented = PaymentFactory(
        succeeded=True,
        payee_account=payment.payee_account,
        obligation__hospital=payment.obligation.hospital,
    )
    compare(frozen)
    assert named() == [("missing_at_gateway", "charge", invented.intent_id, "CNY", 160_000, None)]


def test_another_amount_is_named_with_both(payment, frozen):
    ledger.post(
        "correction:1",
        PostingKind.FEE,
        case=payment.obligation.case,
        hospital=payment.obligation.hospital,
        entries=[
            (Account.FEES, Money(5, "CNY")),
            (Account.PROCESSOR, Money(-5, "CNY")),
        ],
        payment=payment,
    )
    fee = gateway().fetch_charge(payment.intent_id, account_id="").fee
    compare(frozen)
    assert named() == [
        ("amount_differs", "fee", payment.intent_id, "CNY", -fee.minor - 5, -fee.minor)
    ]


def test_a_fee_that_was_never_posted_is_named(frozen):
    payment = card_payment()
    fee = gateway().fetch_charge(payment.intent_id, account_id="").fee
    compare(frozen)
    assert named() == [("missing_in_ledger", "fee", payment.intent_id, "CNY", None, -fee.minor)]


def test_news_that_came_days_late_is_no_difference(frozen):
    with clock.freeze(frozen - 3 * DAY):
        payment = card_payment()
    fee = gateway().fetch_charge(payment.intent_id, account_id="").fee
    postings.post_fee(payment, fee, at=frozen)
    compare(frozen, since=frozen - 4 * DAY, until=frozen - 2 * DAY)
    compare(frozen, since=frozen - DAY, until=frozen + DAY)
    assert named() == []


def test_the_same_difference_alerts_once(payment, frozen):
    world.open_dispute(payment.intent_id)
    compare(frozen)
    compare(frozen)
    assert ReconciliationRun.objects.count() == 2
    assert ReconciliationDifference.objects.count() == 2
    assert MoneyAlert.objects.filter(kind="ledger_differs").count() == 1


def test_accounts_are_kept_apart(payment, frozen):
    account = PayeeAccountFactory(account_id="acct_hospital2")
    run = reconcile("acct_hospital2", since=frozen - DAY, until=frozen + DAY)
    assert (run.compared, named()) == (0, [])
    assert account.hospital != payment.obligation.hospital


def test_each_account_is_compared_from_where_it_was_left(payment, frozen):
    midnight = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    assert reconcile_due(now=frozen) == 1
    run = ReconciliationRun.objects.get()
    assert (run.from_at, run.until_at) == (midnight - DAY, midnight)
    assert reconcile_due(now=frozen) == 0
    assert reconcile_due(now=frozen + 3 * DAY) == 1
    run = ReconciliationRun.objects.first()
    assert (run.from_at, run.until_at, run.compared) == (midnight, midnight + 3 * DAY, 2)
    assert named() == []


def test_a_gateway_that_is_down_writes_nothing(payment, frozen):
    world.go_wrong("500", path="/balance_transactions", times=2)
    with pytest.raises(GatewayDown):
        compare(frozen)
    assert reconcile_due(now=frozen) == 0
    assert not ReconciliationRun.objects.exists()
