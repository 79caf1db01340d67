"""Receipts: numbers without gaps, frozen facts, the ledger's own sums."""

import datetime as dt

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Account, LedgerEntry, Receipt, RefundCause
from payments.services import receipts, refunds, settlement, transfers
from payments.services.receipts import issue_receipt
from tests.factories import (
    ObligationFactory,
    PayeeAccountFactory,
    PaymentFactory,
    PaymentShareFactory,
    UserFactory,
)
from tests.payments.paid import card_payment
from tests.payments.paying import due, paid_unseen

pytestmark = pytest.mark.django_db


def counts(receipts):
    return [receipt.number.rpartition("-")[2] for receipt in receipts]


def test_a_payment_that_settles_has_its_receipt_and_only_one(frozen):
    payment = paid_unseen(due())
    settlement.settle(payment)
    settlement.settle(payment)
    assert (receipts.issue_due(), receipts.issue_due()) == (1, 0)
    receipt = Receipt.objects.get()
    hospital = payment.obligation.hospital
    assert receipt.payment == payment
    assert receipt.number == f"2026-{hospital.pk:04d}-000001"
    assert receipt.issued_at == frozen
    assert receipt.facts["charge"] == {"minor": payment.charge_minor, "currency": "CNY"}
    assert receipt.facts["at"] == frozen.isoformat()
    assert receipt.facts["payee"] == payment.payee_account.holder_name


def test_money_by_bank_has_a_receipt_with_the_banks_day(frozen):
    obligation = ObligationFactory()
    PayeeAccountFactory(hospital=obligation.hospital, transfer=True)
    transfers.record_receipt(
        obligation,
        amount=Money(170_000, "CNY"),
        received_on=dt.date(2026, 11, 20),
        remitter="AUNT TEST",
        bank_reference="REF1",
        by=UserFactory(staff=True),
    )
    receipts.issue_due()
    receipt = Receipt.objects.get()
    assert receipt.payer == "AUNT TEST"
    assert receipt.facts["received_on"] == "2026-11-20"
    assert receipt.facts["contract"] == {"minor": 160_000, "currency": "CNY"}
    assert receipt.facts["surplus"] == {"minor": 10_000, "currency": "CNY"}
    assert receipt.facts["charge"] == {"minor": 170_000, "currency": "CNY"}


def test_a_refund_that_was_paid_out_has_one_and_never_says_why(frozen):
    payment = card_payment()
    issue_receipt(payment)
    refunds.request_refund(
        payment, amount=Money(80_000, "CNY"), cause=RefundCause.MEDICALLY_UNFIT, reason="Fever"
    )
    assert Receipt.objects.count() == 1
    refunds.send_due_refunds()
    refunds.send_due_refunds()
    receipts.issue_due()
    receipt = Receipt.objects.get(refund__isnull=False)
    assert receipt.facts["charge"] == {"minor": 80_000, "currency": "CNY"}
    assert receipt.facts["of_receipt"] == Receipt.objects.get(payment=payment).number
    assert counts(Receipt.objects.order_by("pk")) == ["000001", "000002"]
    assert "Fever" not in str(receipt.facts)
    assert "unfit" not in str(receipt.facts)


@pytest.mark.parametrize(
    ("currency", "minor"), [("CNY", 160_000), ("JPY", 35_127), ("KWD", 68_430)]
)
def test_its_sums_are_the_ledgers_to_the_minor_unit(frozen, currency, minor):
    payment = card_payment(charge=Money(minor, currency))
    facts = issue_receipt(payment).facts
    legs = LedgerEntry.objects.filter(posting__payment=payment)
    charged = legs.get(account=Account.PROCESSOR)
    owed = legs.get(account=Account.PATIENT)
    assert facts["charge"] == {"minor": charged.amount_minor, "currency": charged.currency}
    assert facts["contract"] == {"minor": -owed.amount_minor, "currency": owed.currency}


def test_numbers_of_a_hospitals_year_have_no_gaps(frozen):
    first = PaymentFactory(succeeded=True)
    hospital = first.obligation.hospital
    one = issue_receipt(first)
    with transaction.atomic():
        issue_receipt(PaymentFactory(succeeded=True, obligation=_due_at(hospital)))
        transaction.set_rollback(True)
    two = issue_receipt(PaymentFactory(succeeded=True, obligation=_due_at(hospital)))
    other = issue_receipt(PaymentFactory(succeeded=True))
    # New year comes eight hours earlier to Shanghai than to UTC.
    with clock.freeze(dt.datetime(2026, 12, 31, 15, 59, tzinfo=dt.UTC)):
        last = issue_receipt(PaymentFactory(succeeded=True, obligation=_due_at(hospital)))
    with clock.freeze(dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)):
        new_year = issue_receipt(PaymentFactory(succeeded=True, obligation=_due_at(hospital)))
    assert counts([one, two, other, last, new_year]) == [
        "000001",
        "000002",
        "000001",
        "000003",
        "000001",
    ]
    assert new_year.number.startswith("2027-")


def _due_at(hospital):
    due = ObligationFactory()
    due.hospital = hospital
    due.save()
    return due


def test_facts_stay_when_what_they_were_taken_from_changes(frozen):
    payment = PaymentFactory(succeeded=True)
    receipt = issue_receipt(payment)
    before = dict(receipt.facts)
    payment.payee_account.holder_name = "Renamed Ltd"
    payment.payee_account.save()
    payment.refresh_from_db()
    assert issue_receipt(payment).facts == before
    assert before["payee"] != "Renamed Ltd"


@pytest.mark.parametrize("change", [{"number": "2026-0001-999999"}, {"facts": {}}])
def test_the_database_refuses_to_change_a_receipt(frozen, change):
    receipt = issue_receipt(PaymentFactory(succeeded=True))
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Receipt.objects.filter(pk=receipt.pk).update(**change)
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        receipt.delete()


def test_the_payer_is_named_as_they_wished_and_is_encrypted(frozen, patient):
    due = ObligationFactory()
    share = PaymentShareFactory(obligation=due, label="Aunt")
    labelled = issue_receipt(
        PaymentFactory(
            succeeded=True, obligation=due, share=share, contract_minor=50_000, payer=None
        )
    )
    share = PaymentShareFactory(obligation=due, label="Uncle")
    named = issue_receipt(
        PaymentFactory(
            succeeded=True,
            obligation=due,
            share=share,
            contract_minor=50_000,
            payer=None,
            payer_name="Dorji Foundation",
        )
    )
    own = issue_receipt(PaymentFactory(succeeded=True, payer=patient.account))
    assert [each.payer for each in (labelled, named)] == ["Aunt", "Dorji Foundation"]
    assert own.payer == patient.passport_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT payer, facts::text FROM payments_receipt")
        kept = str(cursor.fetchall())
    assert not any(name in kept for name in ("Aunt", "Dorji", patient.passport_name))
