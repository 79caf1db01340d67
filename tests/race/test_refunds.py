"""Races for the same money: on real connections, each ends as if only one had come."""

from collections import Counter
from threading import Barrier

import pytest
from django.db import IntegrityError

from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.transitions import AppointmentState
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.money import Money
from messaging.models import Message
from payments.gateways.protocol import RefundFacts
from payments.gateways.sandbox.models import StoredObject
from payments.models import Obligation, Payment, Refund, RefundCause
from payments.refund_rules import Left
from payments.services import refund_begin, refunds, settlement, transfers
from payments.services.cancellation import cancel_with_refund
from tests.factories import (
    CaseFactory,
    ObligationFactory,
    PayeeAccountFactory,
    PaymentFactory,
    UserFactory,
)
from tests.factories.quotes import accepted_quote
from tests.payments.paid import balances, card_payment
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 6


@pytest.fixture
def payment():
    return PaymentFactory(succeeded=True, obligation=ObligationFactory(confirmed=True))


def of(payment):
    return Payment.objects.get(pk=payment.pk)


def half(payment):
    return refunds.request_refund(
        of(payment), amount=Money(80_001, "CNY"), cause=RefundCause.PATIENT_CANCELLED
    )


def test_everything_is_sent_back_once(payment):
    results = together(
        THREADS, lambda _number: refunds.refund_all(of(payment), cause=RefundCause.PLACE_LOST)
    )
    assert tally(results) == {"Refund": 1, "NoneType": THREADS - 1}
    assert of(payment).refunded_minor == 160_000
    assert balances() == {("processor", "CNY"): 160_000, ("refund_payable", "CNY"): -160_000}


def test_two_halves_and_a_bit_do_not_fit(payment):
    results = together(THREADS, lambda _number: half(payment))
    assert tally(results) == {"Refund": 1, "RefundTooLarge": THREADS - 1}
    assert of(payment).refunded_minor == 80_001


def test_without_the_lock_the_constraint_still_lets_one_win(payment, monkeypatch):
    """Negative control: everybody reads before anybody writes, and the database says no."""
    before = [of(payment) for _number in range(THREADS)]
    whole = Money(160_000, "CNY")
    monkeypatch.setattr(refunds, "lock_payment", lambda _pk: before.pop())
    monkeypatch.setattr(refund_begin, "left_of", lambda _payment: Left(whole, whole))
    results = together(THREADS, lambda _number: half(payment))
    broken = [result for result in results if isinstance(result, IntegrityError)]
    assert tally(results) == {"Refund": 1, "IntegrityError": THREADS - 1}
    assert {constraint_name(error) for error in broken} == {"payments_payment_not_overrefunded"}
    assert of(payment).refunded_minor == 80_001


def shares_of_one_case():
    """Return four payments of CNY 3,000 towards one quote; one person may give 5,000 back."""
    case = CaseFactory()
    quote = accepted_quote(case, UserFactory(staff=True))
    about = {"appointment": None, "case": case, "hospital": case.hospital, "quote": quote}
    dues = [ObligationFactory(kind="top_up", amount_minor=300_000, **about) for _share in range(4)]
    return [PaymentFactory(succeeded=True, obligation=due) for due in dues]


def give_back_alone(payments, people):
    """Let each person give one share back at the same instant; returns how many asked nobody."""
    given = together(
        4,
        lambda number: refunds.request_refund(
            of(payments[number]),
            amount=Money(300_000, "CNY"),
            cause=RefundCause.GOODWILL,
            by=people[number],
            reason="Waited",
        ),
    )
    assert tally(given) == {"Refund": 4}
    return [refund.needs_approval for refund in given].count(False)


def test_shares_given_back_at_once_count_together():
    people = [UserFactory(staff=True) for _person in range(4)]
    assert give_back_alone(shares_of_one_case(), people) == 1


def test_without_a_turn_each_share_is_counted_alone(monkeypatch):
    """Negative control: all of them read the sum before anybody has written."""
    everybody_read = Barrier(4)

    def read_and_wait(payment, amount, **beside):
        answer = is_above(payment, amount, **beside)
        everybody_read.wait(60)
        return answer

    is_above = refunds.is_above_threshold
    monkeypatch.setattr(refunds, "one_at_a_time", lambda _case: None)
    monkeypatch.setattr(refunds, "is_above_threshold", read_and_wait)
    people = [UserFactory(staff=True) for _person in range(4)]
    assert give_back_alone(shares_of_one_case(), people) == 4


def test_patient_and_hospital_cancel_at_once(payment):
    appointment = payment.obligation.appointment

    def cancel(number):
        mine = Appointment.objects.get(pk=appointment.pk)
        actor = Actor.HOSPITAL if number % 2 else Actor.PATIENT
        return cancel_with_refund(mine, by=mine.booker, actor=actor, version=mine.version)

    results = together(THREADS, cancel)
    counted = Counter(tally(results))
    assert counted.pop("Appointment") == 1
    assert set(counted) <= {"StaleVersion", "MoveRefused", "Busy"}
    assert Refund.objects.count() == 1
    assert Message.objects.filter(kind="bookings.appointment_cancelled").count() == 1


def test_two_workers_send_a_refund_once():
    payment = card_payment()
    refunds.refund_all(payment, cause=RefundCause.PLACE_LOST)
    results = together(4, lambda _number: refunds.send_due_refunds())
    assert sorted(results) == [0, 0, 0, 1]
    assert StoredObject.objects.filter(kind="refund").count() == 1
    assert balances() == {}


def test_the_same_news_at_once_is_posted_and_told_once():
    payment = card_payment()
    refund = refunds.refund_all(payment, cause=RefundCause.PLACE_LOST)
    facts = RefundFacts("re_1", refund.public_id, payment.intent_id, "succeeded", refund.amount, "")
    together(THREADS, lambda _number: refunds.apply_refund(refund, facts))
    assert Message.objects.filter(kind="payments.refund_done").count() == 1
    assert balances() == {}


def test_one_of_two_approvals_counts():
    obligation = ObligationFactory(confirmed=True, amount_minor=2_000_000)
    payment = PaymentFactory(succeeded=True, obligation=obligation)
    refund = refunds.request_refund(
        payment,
        amount=Money(600_000, "CNY"),
        cause=RefundCause.GOODWILL,
        reason="Complaint upheld",
        place="keep",
        by=UserFactory(),
    )
    people = [UserFactory() for _number in range(THREADS)]
    results = together(THREADS, lambda number: refunds.approve_refund(refund, by=people[number]))
    assert tally(results) == {"Refund": 1, "RefundDecided": THREADS - 1}
    assert balances()[("refund_payable", "CNY")] == -600_000


def test_money_that_comes_while_the_patient_cancels_is_never_kept():
    """Whoever is first: a cancelled appointment keeps nothing, a kept one has its money."""
    obligation = ObligationFactory()
    running = card_payment(obligation, pending=True)
    appointment = obligation.appointment

    def act(number):
        if number % 2:
            return settlement.settle(of(running))
        mine = Appointment.objects.get(pk=appointment.pk)
        return cancel_with_refund(mine, by=mine.booker, actor=Actor.PATIENT, version=mine.version)

    together(2, act)
    settlement.settle(of(running))
    appointment.refresh_from_db()
    fresh = of(running)
    assert fresh.state == "succeeded"
    kept = appointment.state == AppointmentState.CONFIRMED
    assert fresh.refunded_minor == (0 if kept else fresh.charge_minor)
    assert appointment.state in (AppointmentState.CONFIRMED, AppointmentState.CANCELLED)


def receive(obligation, number, **facts):
    given = {
        "amount": obligation.amount,
        "received_on": clock.today("Asia/Shanghai"),
        "remitter": "AUNT TEST",
        "bank_reference": f"SWIFT{number}",
        "by": None,
    }
    fresh = Obligation.objects.select_related("hospital", "case").get(pk=obligation.pk)
    return transfers.record_receipt(fresh, **{**given, **facts})


@pytest.fixture
def due():
    obligation = ObligationFactory()
    PayeeAccountFactory(hospital=obligation.hospital, transfer=True)
    return obligation


def test_two_cashiers_record_one_transfer_once(due):
    results = together(THREADS, lambda _number: receive(due, 1))
    assert tally(results) == {"Payment": 1, "ReceiptKnown": THREADS - 1}
    assert balances() == {("bank", "CNY"): 160_000, ("patient", "CNY"): -160_000}


def test_of_two_transfers_for_the_same_sum_one_goes_back(due):
    results = together(2, lambda number: receive(due, number))
    assert tally(results) == {"Payment": 2}
    due.refresh_from_db()
    assert due.claimed_minor == due.amount_minor
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause) == (due.amount, RefundCause.PAID_TWICE)
    assert balances() == {
        ("bank", "CNY"): 320_000,
        ("patient", "CNY"): -160_000,
        ("refund_payable", "CNY"): -160_000,
    }
