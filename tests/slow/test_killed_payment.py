"""kill -9 of the web process or the worker at each step of a payment: the end is always the same.

| step | who is killed | just before |
| --- | --- | --- |
| button | web | the attempt is written / committed / the place is kept / the page is opened |
| page | web | what the gateway answered is written down |
| news | web | an event is stored, the first one or a later one |
| work | worker | the gateway is asked / the money is posted / the place confirmed / messages queued |
| return | web | the same, on the return page; and before the receipt, behind the commit |
| refund | worker | the gateway is asked / its answer is taken over / the ledger is written |

Afterwards this process, which knows nothing of the killed one, does the step again, as a person who
presses the button again or a worker that a supervisor started, and the sweep runs.
"""

import pytest

from bookings.models import Appointment
from medtour.lib import clock
from messaging.models import Message
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import StoredObject
from payments.models import (
    GatewayEvent,
    LedgerPosting,
    MoneyAlert,
    Obligation,
    Payment,
    Receipt,
    Refund,
    RefundCause,
)
from payments.services import receipts, refunds, sweep
from tests.payments import money_truths
from tests.payments.paid import balances
from tests.payments.paying import due
from tests.slow.dying import die
from tests.slow.paying_step import back, hear, pay, send_back, work

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.django_db(transaction=True)]
SERVICES = "payments.services."
# The step, the function before which the process dies, and at which call of it.
PAYING = [
    ("pay", "payments.models:Payment.save", 1),
    ("pay", f"{SERVICES}attempts.record", 1),
    ("pay", f"{SERVICES}deposits._keep_the_place", 1),
    ("pay", f"{SERVICES}deposits._open_page", 1),
    ("pay", f"{SERVICES}deposits.record_checkout", 1),
    ("pay", f"{SERVICES}settlement.note_page", 1),
    ("hear", f"{SERVICES}inbox.receive", 1),
    ("hear", f"{SERVICES}inbox.receive", 2),
    ("work", f"{SERVICES}inbox.handle", 1),
    ("work", f"{SERVICES}gateway_facts.fetch", 1),
    ("work", f"{SERVICES}arrivals.receive", 1),
    ("work", f"{SERVICES}postings.post_payment", 1),
    ("work", "bookings.services.paid.confirm_paid", 1),
    ("work", f"{SERVICES}payment_notices.deposit_paid", 1),
    ("work", f"{SERVICES}postings.post_fee", 1),
    ("work", f"{SERVICES}inbox.process", 2),
    ("back", f"{SERVICES}gateway_facts.fetch", 1),
    ("back", f"{SERVICES}postings.post_payment", 1),
    ("back", f"{SERVICES}postings.post_fee", 1),
    ("back", f"{SERVICES}receipts.issue_receipt", 1),
]
SENDING_BACK = [
    ("send_back", f"{SERVICES}refund_sending._work_on", 1),
    ("send_back", f"{SERVICES}refund_sending.apply_refund", 1),
    ("send_back", f"{SERVICES}refund_postings.post_sent", 1),
    ("send_back", f"{SERVICES}refund_notices.done", 1),
]


def end_state():
    payment = Payment.objects.exclude(state="cancelled").get()
    appointment = Appointment.objects.get()
    obligation = Obligation.objects.get()
    return {
        "payment": (payment.state, payment.contract_minor, payment.surplus_minor),
        "appointment": (appointment.state, appointment.held_until),
        "obligation": (obligation.claimed_minor, obligation.closed_at, bool(obligation.settled_at)),
        "balances": balances(),
        "postings": sorted(LedgerPosting.objects.values_list("kind", flat=True)),
        "messages": sorted(
            Message.objects.exclude(kind__contains="reminder")
            .exclude(kind__in=("bookings.pre_visit", "bookings.visa_deadline"))
            .values_list("kind", flat=True)
        ),
        "alerts": MoneyAlert.objects.count(),
        "charges": StoredObject.objects.filter(kind="charge").count(),
        "pages": StoredObject.objects.filter(kind="checkout.session").count(),
    }


PAID = {
    "payment": ("succeeded", 16_000, 0),
    "appointment": ("confirmed", None),
    "obligation": (16_000, None, True),
    "postings": ["fee", "payment"],
    "messages": ["bookings.appointment_confirmed", "payments.deposit_paid"],
    "alerts": 0,
    "charges": 1,
    "pages": 1,
}


@pytest.mark.parametrize(("step", "kill_at", "position"), PAYING)
def test_a_payment_ends_the_same_wherever_it_was_killed(step, kill_at, position):
    row = due().pk
    if step == "pay":
        die(step, row, kill_at, position)
        assert not LedgerPosting.objects.exists()
    pay(row)
    world.pay(Payment.objects.get().session_id)
    for later in (hear, work) if step != "back" else (back, hear, work):
        if step == later.__name__:
            die(step, row, kill_at, position)
            nothing_is_half_done()
            # The worker's lease on what it was doing runs out.
            GatewayEvent.objects.update(next_attempt_at=clock.now())
        later(row)
    sweep.sweep()
    receipts.issue_due()
    assert Receipt.objects.get().payment == Payment.objects.get()
    found = end_state()
    fee = -found["balances"][("processor", "CNY")] + 16_000
    assert found.pop("balances") == {
        ("processor", "CNY"): 16_000 - fee,
        ("fees", "CNY"): fee,
        ("patient", "CNY"): -16_000,
    }
    assert found == PAID
    money_truths.hold_when_all_is_quiet()
    money_truths.agree()


def nothing_is_half_done():
    """Money, place, ledger and message come together or not at all."""
    is_paid = Payment.objects.get().state == "succeeded"
    assert (Appointment.objects.get().state == "confirmed") is is_paid
    assert LedgerPosting.objects.filter(kind="payment").exists() is is_paid
    assert Message.objects.filter(kind="payments.deposit_paid").exists() is is_paid


@pytest.mark.parametrize(("step", "kill_at", "position"), SENDING_BACK)
def test_a_refund_is_sent_once_wherever_it_was_killed(step, kill_at, position):
    row = due().pk
    pay(row)
    world.pay(Payment.objects.get().session_id)
    back(row)
    refund = refunds.refund_all(Payment.objects.get(), cause=RefundCause.HOSPITAL_CANCELLED)
    die(step, row, kill_at, position)
    refund.refresh_from_db()
    assert refund.state == "created"
    Refund.objects.update(next_attempt_at=clock.now())
    send_back(row)
    refund.refresh_from_db()
    assert (refund.state, refund.amount_minor) == ("succeeded", 16_000)
    assert StoredObject.objects.filter(kind="refund").count() == 1
    assert LedgerPosting.objects.filter(kind="refund_sent").count() == 1
    assert Message.objects.filter(kind="payments.refund_done").count() == 1
    money_truths.agree()
