"""The gateway's news of refunds and disputes, from its signed message to the ledger."""

import pytest

from medtour.lib.money import Money
from messaging.models import Message
from payments.gateways import gateway
from payments.gateways.protocol import RefundRequest
from payments.gateways.sandbox import world
from payments.models import Dispute, GatewayEvent, Refund, RefundCause
from payments.services import inbox, refunds
from payments.transitions import RefundState
from tests.payments import sandbox
from tests.payments.paid import alerts, balances, card_payment, keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(frozen):
    return card_payment()


@pytest.fixture
def sent(payment):
    refund = refunds.request_refund(
        payment, amount=Money(60_000, "CNY"), cause=RefundCause.PATIENT_CANCELLED
    )
    refunds.send_due_refunds()
    refund.refresh_from_db()
    return refund


def hear(client, times=1):
    """Deliver everything that waits, each so often, newest first, and work on it."""
    rows = sandbox.waiting()[::-1]
    for _time in range(times):
        assert set(sandbox.deliver(client, rows)) <= {200}
    inbox.process_due()
    assert not GatewayEvent.objects.filter(processed_at=None).exists()


def test_news_of_what_we_know_changes_nothing(client, sent):
    hear(client)
    before = (balances(), keys(), Message.objects.count())
    hear(client, times=2)
    assert (balances(), keys(), Message.objects.count()) == before
    assert sent.state == RefundState.SUCCEEDED
    assert alerts() == []


def test_a_refund_that_comes_back_days_later_is_heard_of(client, sent):
    world.fail_refund(sent.gateway_id)
    hear(client, times=3)
    sent.refresh_from_db()
    assert sent.state == RefundState.FAILED
    assert Refund.objects.get(replaces=sent).amount == sent.amount
    assert alerts() == ["refund_failed"]
    assert balances()[("patient", "CNY")] == -100_000


def test_a_refund_past_us_is_heard_of_once(client, payment):
    gateway().refund(RefundRequest("", 1, payment.intent_id, Money(500, "CNY"), ""))
    hear(client, times=2)
    assert alerts() == ["ledger_differs"]
    assert not Refund.objects.exists()


@pytest.mark.parametrize("is_won", [True, False])
def test_a_dispute_from_its_first_to_its_last_message(client, payment, is_won):
    name = world.open_dispute(payment.intent_id)
    hear(client, times=2)
    assert Dispute.objects.get().state == Dispute.State.OPEN
    world.close_dispute(name, is_won=is_won)
    hear(client, times=2)
    assert Dispute.objects.get().state == ("won" if is_won else "lost")
    left = {account: minor for (account, _currency), minor in balances().items()}
    assert left.get("disputed") is None
    assert left.get("patient") == (-160_000 if is_won else None)
    assert set(alerts()) == {"dispute_opened"}
