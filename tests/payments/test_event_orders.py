"""Three events in every order, each once to three times, worked on at once or later: one end.

A story leaves three pieces of news. However they travel, the rows of money, the appointment, the
messages and the alerts are the same afterwards, and the same as when the sweep alone finds out.
"""

import itertools
from collections import Counter

import pytest

from bookings.models import Appointment
from bookings.models.case import Actor
from messaging.models import Message
from payments.gateways import gateway
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import Delivery
from payments.models import (
    Dispute,
    GatewayEvent,
    LedgerPosting,
    MoneyAlert,
    Obligation,
    Payment,
    Refund,
)
from payments.services import inbox, refunds, settlement
from payments.services.cancellation import cancel_with_refund
from tests.payments import money_truths
from tests.payments.again import rolled_back
from tests.payments.paid import balances
from tests.payments.paying import at_the_page, due, paid_unseen
from tests.payments.sandbox import signed

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
COUNTS = list(itertools.product((1, 2, 3), repeat=3))
# Of most stories: each event once, twice and three times somewhere.
FEW = [(1, 2, 3)]


def paid_by_card():
    paid_unseen(due(), "USD")
    return ("charge.succeeded", "payment_intent.succeeded", "checkout.session.completed")


def paid_by_a_wallet_later():
    payment = at_the_page(due())
    world.pay(payment.session_id, "alipay_later")
    world.finish_wallet(payment.session_id)
    return (
        "checkout.session.completed",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    )


def declined_and_given_up():
    payment = at_the_page(due())
    world.pay(payment.session_id, "insufficient_funds")
    account = payment.payee_account.account_id
    gateway().expire_checkout(payment.session_id, account_id=account)
    return (
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "checkout.session.expired",
    )


def paid_and_sent_back():
    """The hospital cancels, the money is sent, and we hear of all of it only by news."""
    payment = settlement.settle(paid_unseen(due(), "JPY"))
    appointment = Appointment.objects.get()
    cancel_with_refund(
        appointment, by=None, actor=Actor.HOSPITAL, version=appointment.version, reason="Closed"
    )
    world.go_wrong("dropped_after", path="/refunds", method="post")
    refunds.send_due_refunds()
    assert Refund.objects.get().state == "created"
    assert payment.charge_currency == "JPY"
    return ("refund.created", "charge.refunded", "refund.updated")


def sent_back_and_returned_by_the_bank():
    settlement.settle(paid_unseen(due()))
    appointment = Appointment.objects.get()
    cancel_with_refund(
        appointment, by=None, actor=Actor.HOSPITAL, version=appointment.version, reason="Closed"
    )
    refunds.send_due_refunds()
    refund = Refund.objects.get()
    world.fail_refund(refund.gateway_id)
    return ("refund.updated", "refund.failed", "charge.refund.updated")


def disputed_and_lost():
    payment = settlement.settle(paid_unseen(due(), "USD"))
    world.close_dispute(world.open_dispute(payment.intent_id), is_won=False)
    return (
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    )


def paid_and_disputed_before_we_heard_of_it():
    """Nobody told us of the payment when the payer complains: both pieces of news count."""
    payment = paid_unseen(due())
    charge = world.session_of(payment.public_id)["payment_intent"]
    world.close_dispute(world.open_dispute(charge, amount=4_000), is_won=False)
    return ("checkout.session.completed", "charge.dispute.created", "charge.dispute.closed")


STORIES = [
    paid_by_card,
    paid_by_a_wallet_later,
    declined_and_given_up,
    paid_and_sent_back,
    sent_back_and_returned_by_the_bank,
    disputed_and_lost,
    paid_and_disputed_before_we_heard_of_it,
]


def orders(counts):
    """Yield every order of three events by number, each as often as `counts` says.

    In turn once one after the other, and once round by round.
    """
    for number, (order, times) in enumerate(
        itertools.product(itertools.permutations(range(3)), counts)
    ):
        row = list(zip(order, times, strict=True))
        if number % 2:
            yield [event for time in range(3) for event, count in row if time < count]
        else:
            yield [event for event, count in row for _time in range(count)]


def end_state():
    """Return all that money means, without what only names the rows."""
    return {
        "appointments": list(Appointment.objects.order_by("pk").values_list("state", "version")),
        "obligations": list(
            Obligation.objects.order_by("pk").values_list(
                "claimed_minor", "settled_at", "closed_at", "closed_reason"
            )
        ),
        "payments": list(
            Payment.objects.order_by("pk").values_list(
                "state", "contract_minor", "surplus_minor", "refunded_minor", "failure_code"
            )
        ),
        "refunds": Counter(
            Refund.objects.values_list("state", "amount_minor", "contract_minor", "cause", "route")
        ),
        "disputes": list(Dispute.objects.order_by("pk").values_list("state", "amount_minor")),
        "postings": Counter(LedgerPosting.objects.values_list("kind", flat=True)),
        "balances": balances(),
        "messages": Counter(Message.objects.values_list("kind", flat=True)),
        "alerts": Counter(MoneyAlert.objects.values_list("kind", flat=True)),
    }


def after(news, order, *, at_once):
    """Return the end state after this order of news; each of it was answered."""
    with rolled_back():
        for number in order:
            event = inbox.receive(*signed(news[number]))
            if at_once and event is not None:
                inbox.process(event)
        inbox.process_due()
        assert not GatewayEvent.objects.filter(processed_at=None).exists()
        return end_state()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_any_order_and_any_number_of_three_events_ends_the_same(story):
    kinds = story()
    bodies = {
        delivery.event.body["type"]: delivery.event.body
        for delivery in Delivery.objects.select_related("event").order_by("pk")
    }
    news = [bodies[kind] for kind in kinds]
    expected = after(news, (0, 1, 2), at_once=True)
    money_truths.hold_always()
    assert expected != end_state(), "the news changes something"
    for number, order in enumerate(orders(COUNTS if story is paid_by_card else FEW)):
        assert after(news, order, at_once=number % 4 > 0) == expected, [
            kinds[each] for each in order
        ]
