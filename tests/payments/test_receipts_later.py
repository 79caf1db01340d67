"""A receipt that cannot be made never keeps money from being recorded: it comes later (PY-14)."""

import datetime as dt

import pytest

from bookings.models import Appointment
from medtour.lib import clock
from medtour.lib.money import Money
from payments import tasks
from payments.models import MoneyAlert, Payment, Receipt, Refund, RefundCause
from payments.services import receipts, refunds, settlement
from tests.factories import PaymentFactory
from tests.payments.paid import balances, card_payment
from tests.payments.paying import due, paid_unseen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


class PrinterOnFire(Exception):
    """Something that nobody foresaw."""


@pytest.fixture
def broken(monkeypatch):
    """The facts of a receipt cannot be read; call it to repair that."""

    def burn(_payment):
        raise PrinterOnFire

    with monkeypatch.context() as patch:
        patch.setattr(receipts, "payer_of", burn)
        yield patch.undo


def settle_and_commit(payment, run_after_commit):
    with run_after_commit(execute=True):
        settlement.settle(payment)
    payment.refresh_from_db()


def test_money_is_recorded_and_the_receipt_comes_later(
    broken, frozen, django_capture_on_commit_callbacks
):
    payment = paid_unseen(due())
    settle_and_commit(payment, django_capture_on_commit_callbacks)
    assert payment.state == "succeeded"
    assert balances()[("patient", "CNY")] == -16_000
    assert Appointment.objects.get().state == "confirmed"
    assert not Receipt.objects.exists()
    assert payment.receipt_due_at == frozen + dt.timedelta(minutes=1)
    broken()
    assert receipts.issue_due(now=frozen) == 0
    assert receipts.issue_due(now=frozen + dt.timedelta(minutes=1)) == 1
    payment.refresh_from_db()
    assert (payment.receipt.number[-6:], payment.receipt_due_at) == ("000001", None)


def test_it_is_issued_right_behind_the_commit(django_capture_on_commit_callbacks):
    payment = paid_unseen(due())
    settle_and_commit(payment, django_capture_on_commit_callbacks)
    assert Receipt.objects.get().payment == payment
    tasks.issue_receipts()
    assert Receipt.objects.count() == 1


def test_the_desk_hears_once_of_one_that_stays_stuck(broken, frozen):
    payment = paid_unseen(due())
    settlement.settle(payment)
    for minutes in (0, 5, 11, 30, 60):
        receipts.issue_due(now=frozen + dt.timedelta(minutes=minutes))
    alert = MoneyAlert.objects.get()
    assert (alert.kind, alert.payment) == ("receipt_stuck", payment)
    broken()
    receipts.issue_due(now=frozen + dt.timedelta(hours=3))
    assert Receipt.objects.get().payment == payment


def test_a_fault_leaves_no_gap_in_the_numbers(broken, frozen):
    first = paid_unseen(due())
    settlement.settle(first)
    receipts.issue_due()
    broken()
    second = PaymentFactory(succeeded=True, obligation=first.obligation, contract_minor=0,
                            surplus_minor=5, charge_minor=5)  # fmt: skip
    receipts.promise_receipt(second, now=frozen)
    receipts.issue_due(now=frozen)
    receipts.issue_due(now=frozen + dt.timedelta(minutes=2))
    numbers = Receipt.objects.order_by("number").values_list("number", "payment")
    assert [(number[-6:], payment) for number, payment in numbers] == [
        ("000001", second.pk),
        ("000002", first.pk),
    ]


def test_a_refunds_receipt_names_the_payments_although_that_was_late(broken, frozen):
    payment = card_payment()
    receipts.promise_receipt(payment, now=frozen)
    receipts.issue_due(now=frozen)
    broken()
    refunds.request_refund(payment, amount=Money(80_000, "CNY"), cause=RefundCause.PLACE_LOST)
    refunds.send_due_refunds()
    assert receipts.issue_due(now=frozen) == 1
    paid, back = Receipt.objects.order_by("number")
    assert (paid.payment, back.facts["of_receipt"]) == (payment, paid.number)
    with clock.freeze(frozen + dt.timedelta(hours=1)):
        assert receipts.issue_due() == 0
    assert not Payment.objects.exclude(receipt_due_at=None).exists()


def test_a_refund_that_came_back_before_has_none(frozen):
    payment = card_payment()
    refund = refunds.request_refund(
        payment, amount=Money(80_000, "CNY"), cause=RefundCause.PLACE_LOST
    )
    refunds.send_due_refunds()
    Refund.objects.update(state="failed")
    assert receipts.issue_due() == 0
    refund.refresh_from_db()
    assert refund.receipt_due_at is None
    assert not Receipt.objects.exists()
