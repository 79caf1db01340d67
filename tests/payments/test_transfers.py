"""Bank transfers: a part, the whole, too much, twice, too late; each to the minor unit."""

import datetime as dt

import pytest

from bookings.transitions import AppointmentState
from medtour.lib.money import Money
from messaging.models import Message
from payments.models import Payment, Refund, RefundCause, RefundRoute
from payments.refund_refusals import (
    NothingReceived,
    ReceiptKnown,
    ReceivedLater,
    ReferenceMissing,
)
from payments.refusals import CurrencyNotTaken, NoPayee, PayeeMismatch
from payments.selectors.desk import transfer_outcome
from payments.services import transfers
from payments.services.obligations import close_obligation
from payments.transitions import BALANCE_CHANGED, PaymentState
from tests.factories import ObligationFactory, PayeeAccountFactory, PaymentFactory, UserFactory
from tests.payments.paid import alerts, balances, money_snapshot

pytestmark = pytest.mark.django_db
BANK, PATIENT = ("bank", "CNY"), ("patient", "CNY")


@pytest.fixture
def due(frozen):
    obligation = ObligationFactory()
    PayeeAccountFactory(hospital=obligation.hospital)
    PayeeAccountFactory(hospital=obligation.hospital, transfer=True)
    return obligation


@pytest.fixture
def cashier(db):
    return UserFactory(staff=True)


def record(obligation, minor, by, **facts):
    given = {
        "amount": Money(minor, "CNY"),
        "received_on": dt.date(2026, 11, 23),
        "remitter": "AUNT TEST",
        "bank_reference": f"REF{Payment.objects.count()}",
    }
    return transfers.record_receipt(obligation, by=by, **{**given, **facts})


def test_the_whole_sum_settles_and_confirms(due, cashier, frozen):
    payment = record(due, 160_000, cashier)
    due.refresh_from_db()
    due.appointment.refresh_from_db()
    assert (payment.state, payment.recorded_by) == (PaymentState.SUCCEEDED, cashier)
    assert (payment.payer_name, payment.method) == ("AUNT TEST", "bank_transfer")
    assert due.settled_at == frozen
    assert due.appointment.state == AppointmentState.CONFIRMED
    assert balances() == {BANK: 160_000, PATIENT: -160_000}
    assert Message.objects.filter(kind="payments.deposit_paid").count() == 1


def test_a_part_leaves_the_rest_due(due, cashier):
    record(due, 60_000, cashier)
    due.refresh_from_db()
    assert (due.settled_at, due.unclaimed) == (None, Money(100_000, "CNY"))
    record(due, 100_000, cashier)
    due.refresh_from_db()
    assert due.settled_at is not None
    assert balances() == {BANK: 160_000, PATIENT: -160_000}


def test_too_much_is_a_surplus_an_alert_and_a_task(due, cashier):
    payment = record(due, 160_001, cashier)
    assert (payment.contract_minor, payment.surplus_minor) == (160_000, 1)
    refund = Refund.objects.get()
    assert (refund.amount, refund.route) == (Money(1, "CNY"), RefundRoute.BANK_TRANSFER)
    assert refund.cause == RefundCause.PAID_TWICE
    assert alerts() == ["overpaid"]
    assert balances() == {BANK: 160_001, PATIENT: -160_000, ("refund_payable", "CNY"): -1}


def test_a_transfer_when_all_is_paid_goes_back_whole(due, cashier):
    record(due, 160_000, cashier)
    second = record(due, 500, cashier)
    assert (second.contract_minor, second.surplus_minor) == (0, 500)
    assert Refund.objects.get().amount == Money(500, "CNY")
    assert balances()[PATIENT] == -160_000


def test_a_transfer_for_what_is_no_longer_due_goes_back_whole(due, cashier, frozen):
    close_obligation(due, reason="cancelled", now=frozen)
    payment = record(due, 160_000, cashier)
    assert payment.contract_minor == 0
    assert Refund.objects.get().amount == Money(160_000, "CNY")


@pytest.fixture
def replaced(due, frozen):
    """Return a balance that was closed for a lower one, and the lower one."""
    old, new = (
        ObligationFactory(
            case=due.case, hospital=due.hospital, appointment=None, kind="balance",
            amount_minor=minor,
        )
        for minor in (500_000, 300_000)
    )  # fmt: skip
    return close_obligation(old, reason=BALANCE_CHANGED, now=frozen), new


def test_a_transfer_under_way_counts_towards_what_asks_for_it_now(replaced, cashier):
    old, new = replaced
    payment = record(old, 500_000, cashier)
    assert (payment.obligation, payment.contract_minor) == (new, 300_000)
    assert payment.surplus_minor == 200_000
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.claimed_minor, old.settled_at) == (0, None)
    assert (new.claimed_minor, new.settled_at is None) == (300_000, False)
    assert Refund.objects.get().amount == Money(200_000, "CNY")
    assert balances()[PATIENT] == -300_000


def test_a_transfer_follows_a_balance_that_changed_twice(replaced, cashier, frozen):
    old, new = replaced
    last = ObligationFactory(
        case=old.case, hospital=old.hospital, appointment=None, kind="balance", amount_minor=400_000
    )
    close_obligation(new, reason=BALANCE_CHANGED, now=frozen)
    payment = record(old, 100_000, cashier)
    assert (payment.obligation, payment.contract_minor) == (last, 100_000)


def test_nothing_asks_instead_of_what_is_really_over(replaced, cashier, frozen):
    old, new = replaced
    close_obligation(new, reason="cancelled", now=frozen)
    payment = record(old, 100_000, cashier)
    assert (payment.obligation, payment.contract_minor) == (old, 0)


def test_the_desk_is_told_what_recording_then_does(due, cashier):
    PaymentFactory(obligation=due, state=PaymentState.RESERVED, contract_minor=60_000)
    told = transfer_outcome(due, Money(160_000, "CNY"))
    assert (told.counts, told.surplus) == (Money(100_000, "CNY"), Money(60_000, "CNY"))
    payment = record(due, 160_000, cashier)
    assert (payment.contract_minor, payment.surplus_minor) == (100_000, 60_000)


def test_running_attempts_make_room(due, cashier):
    running = PaymentFactory(pending=True, obligation=due)
    record(due, 160_000, cashier)
    running.refresh_from_db()
    due.refresh_from_db()
    assert running.state == PaymentState.CANCELLED
    assert (due.claimed_minor, due.settled_at is None) == (160_000, False)


def test_an_attempt_that_leaves_room_goes_on(due, cashier):
    running = PaymentFactory(pending=True, obligation=due, contract_minor=100_000)
    record(due, 60_000, cashier)
    running.refresh_from_db()
    assert running.state == PaymentState.PENDING


def test_one_transfer_is_counted_once(due, cashier):
    record(due, 60_000, cashier, bank_reference="SWIFT1")
    before = money_snapshot()
    with pytest.raises(ReceiptKnown):
        record(due, 60_000, cashier, bank_reference=" SWIFT1 ")
    assert money_snapshot() == before


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"amount": Money(10_000, "USD")}, CurrencyNotTaken),
        ({"amount": Money(0, "CNY")}, NothingReceived),
        ({"amount": Money(-1, "CNY")}, NothingReceived),
        ({"bank_reference": " "}, ReferenceMissing),
        ({"received_on": dt.date(2026, 11, 24)}, ReceivedLater),
    ],
    ids=["currency", "nothing", "negative", "no reference", "tomorrow"],
)
def test_refused_receipts_change_nothing(due, cashier, facts, refusal):
    before = money_snapshot()
    with pytest.raises(refusal):
        record(due, 60_000, cashier, **facts)
    assert money_snapshot() == before


def test_without_an_account_there_is_nothing_to_receive(frozen, cashier):
    with pytest.raises(NoPayee):
        record(ObligationFactory(), 100, cashier)


def test_an_account_of_somebody_else_receives_nothing(frozen, cashier):
    obligation = ObligationFactory()
    PayeeAccountFactory(hospital=obligation.hospital, transfer=True, foreign=True)
    with pytest.raises(PayeeMismatch):
        record(obligation, 100, cashier)
    assert not Payment.objects.exists()
    assert alerts() == ["payee_differs"]
