"""kill -9 while a card is asked to keep a deposit, to give it, or to keep it no longer (PY-03).

| step | who is killed | just before |
| --- | --- | --- |
| pay | web | the attempt is written / the place is kept / the page is opened or written down |
| reserve, by news or return page | web, worker | the gateway is asked / the payment is reserved / the
place is confirmed / the message is queued |
| collect | worker | the gateway is asked / its answer is looked for / the money is posted, settled,
told of / its fee is posted |
| cancel | web | the place is given up / the wish to let go is written |
| release | worker | the gateway is asked / its answer is looked for / the payment ends / it is told |

Afterwards this process does the step again, as a supervisor's new worker does, and the sweep runs.
Each table ends in one state, whoever was killed where.
"""

import pytest

from bookings.models import Appointment
from hospitals.models import CancellationPolicy
from medtour.lib import clock
from messaging.models import Message
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import StoredObject
from payments.models import GatewayEvent, LedgerPosting, MoneyAlert, Obligation, Payment, Receipt
from payments.services import receipts, sweep
from tests.factories import SlotFactory
from tests.factories.bookings import in_days
from tests.payments import money_truths
from tests.payments.paid import balances
from tests.payments.paying import deposit_offer, due, waiting_appointment
from tests.slow.dying import die
from tests.slow.paying_step import back, cancel, collect, hear, pay, release, work

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.django_db(transaction=True)]
SERVICES = "payments.services."
# The step, the function before which the process dies, and at which call of it.
RESERVING = [
    ("pay", "payments.models:Payment.save", 1),
    ("pay", f"{SERVICES}deposits._keep_the_place", 1),
    ("pay", f"{SERVICES}deposits._open_page", 1),
    ("pay", f"{SERVICES}deposits.record_checkout", 1),
    ("hear", f"{SERVICES}inbox.receive", 2),
    ("work", f"{SERVICES}gateway_facts.fetch", 1),
    ("work", f"{SERVICES}reservations.reserve", 1),
    ("work", f"{SERVICES}arrivals.place_is_ours", 1),
    ("work", f"{SERVICES}payment_notices.deposit_reserved", 1),
    ("work", f"{SERVICES}inbox.process", 2),
    ("back", f"{SERVICES}gateway_facts.fetch", 1),
    ("back", f"{SERVICES}reservations.reserve", 1),
    ("back", f"{SERVICES}payment_notices.deposit_reserved", 1),
]
COLLECTING = [
    f"{SERVICES}collecting._act_on",
    f"{SERVICES}settlement.settle",
    f"{SERVICES}gateway_facts.fetch",
    f"{SERVICES}arrivals.receive",
    f"{SERVICES}postings.post_payment",
    f"{SERVICES}payment_notices.deposit_paid",
    f"{SERVICES}receipts.promise_receipt",
    f"{SERVICES}postings.post_fee",
]
CANCELLING = [
    f"{SERVICES}cancellation.close_obligation",
    f"{SERVICES}cancellation.end_with",
    f"{SERVICES}reservation_ends.want_release",
]
RELEASING = [
    f"{SERVICES}collecting._act_on",
    f"{SERVICES}settlement.settle",
    f"{SERVICES}gateway_facts.fetch",
    f"{SERVICES}reservations.end",
    f"{SERVICES}payment_notices.deposit_released",
]
WHOLE = 16_000
RESERVED_MESSAGES = ["bookings.appointment_confirmed", "payments.deposit_reserved"]


def near_deposit():
    """A deposit for an appointment in five days, whose hospital lets cards keep the money."""
    offer = deposit_offer()
    offer.cancellation_policy = CancellationPolicy.objects.create(
        hospital=offer.hospital, name="Near", bands=[[48, 100]]
    )
    offer.save()
    slot = SlotFactory(offer=offer, starts_at=in_days(5))
    appointment = waiting_appointment(offer, slot=slot)
    offer.hospital.payee_accounts.update(reserves_first=True)
    return due(appointment).pk


def kept_by_a_card():
    row = near_deposit()
    pay(row)
    world.pay(Payment.objects.get().session_id)
    back(row)
    assert Payment.objects.get().state == "reserved"
    return row


def end_state():
    """Return everything that must not depend on where a process was killed."""
    payment, obligation = Payment.objects.get(), Obligation.objects.get()
    found = balances()
    fee = found.pop(("fees", "CNY"), 0)
    if fee:
        found["processor", "CNY"] += fee
    return {
        "payment": (payment.state, payment.wanted, payment.contract_minor, payment.surplus_minor),
        "appointment": Appointment.objects.get().state,
        "obligation": (obligation.claimed_minor, bool(obligation.settled_at)),
        "closed": obligation.closed_reason,
        "balances without the fee": found,
        "postings": sorted(LedgerPosting.objects.values_list("kind", flat=True)),
        "messages": sorted(
            Message.objects.exclude(kind__contains="reminder")
            .exclude(kind__in=("bookings.pre_visit", "bookings.visa_deadline"))
            .values_list("kind", flat=True)
        ),
        "alerts": MoneyAlert.objects.count(),
        "receipts": Receipt.objects.count(),
        "at the gateway": [
            (body["object"], body["status"])
            for body in StoredObject.objects.filter(
                kind__in=("checkout.session", "payment_intent", "refund")
            )
            .order_by("kind")
            .values_list("body", flat=True)
        ],
    }


RESERVED = {
    "payment": ("reserved", "", WHOLE, 0),
    "appointment": "confirmed",
    "obligation": (WHOLE, False),
    "closed": "",
    "balances without the fee": {},
    "postings": [],
    "messages": RESERVED_MESSAGES,
    "alerts": 0,
    "receipts": 0,
    "at the gateway": [("checkout.session", "complete"), ("payment_intent", "requires_capture")],
}
COLLECTED = RESERVED | {
    "payment": ("succeeded", "", WHOLE, 0),
    "obligation": (WHOLE, True),
    "balances without the fee": {("processor", "CNY"): WHOLE, ("patient", "CNY"): -WHOLE},
    "postings": ["fee", "payment"],
    "messages": [*RESERVED_MESSAGES[:1], "payments.deposit_paid", *RESERVED_MESSAGES[1:]],
    "receipts": 1,
    "at the gateway": [("checkout.session", "complete"), ("payment_intent", "succeeded")],
}
RELEASED = RESERVED | {
    "payment": ("cancelled", "", WHOLE, 0),
    "appointment": "cancelled",
    "obligation": (0, False),
    "closed": "cancelled",
    "messages": [
        "bookings.appointment_cancelled",
        RESERVED_MESSAGES[0],
        "payments.deposit_released",
        RESERVED_MESSAGES[1],
    ],
    "at the gateway": [("checkout.session", "complete"), ("payment_intent", "canceled")],
}


def come_to_rest(expected):
    sweep.sweep()
    receipts.issue_due()
    assert end_state() == expected
    money_truths.hold_when_all_is_quiet()
    money_truths.agree()


@pytest.mark.parametrize(("step", "kill_at", "position"), RESERVING)
def test_a_card_keeps_the_money_once(step, kill_at, position):
    row = near_deposit()
    if step == "pay":
        die(step, row, kill_at, position)
    pay(row)
    world.pay(Payment.objects.get().session_id)
    for later in (hear, work) if step != "back" else (back, hear, work):
        if step == later.__name__:
            die(step, row, kill_at, position)
            is_kept = Payment.objects.get().state == "reserved"
            assert (Appointment.objects.get().state == "confirmed") is is_kept
            assert Message.objects.filter(kind="payments.deposit_reserved").exists() is is_kept
            # The worker's lease on what it was doing runs out.
            GatewayEvent.objects.update(next_attempt_at=clock.now())
        later(row)
    come_to_rest(RESERVED)


@pytest.mark.parametrize("kill_at", COLLECTING)
def test_what_a_card_keeps_is_collected_once(kill_at):
    row = kept_by_a_card()
    die("collect", row, kill_at, 1)
    is_paid = Payment.objects.get().state == "succeeded"
    assert LedgerPosting.objects.filter(kind="payment").exists() is is_paid
    assert Message.objects.filter(kind="payments.deposit_paid").exists() is is_paid
    collect(row)
    hear(row)
    work(row)
    come_to_rest(COLLECTED)


@pytest.mark.parametrize("kill_at", CANCELLING)
def test_a_killed_cancelling_left_nothing_and_is_done_once(kill_at):
    row = kept_by_a_card()
    die("cancel", row, kill_at, 1)
    assert end_state() == RESERVED
    cancel(row)
    release(row)
    come_to_rest(RELEASED)


@pytest.mark.parametrize("kill_at", RELEASING)
def test_a_card_is_let_go_once(kill_at):
    row = kept_by_a_card()
    cancel(row)
    die("release", row, kill_at, 1)
    payment = Payment.objects.get()
    assert (payment.state, payment.wanted) == ("reserved", "release")
    release(row)
    hear(row)
    work(row)
    come_to_rest(RELEASED)
