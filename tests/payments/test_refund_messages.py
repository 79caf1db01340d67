"""Messages about money going back: true when sent, exact, and silent about hospital and health."""

import pytest

from medtour.lib.money import Money
from messaging.kinds import Suppressed
from messaging.models import Message
from messaging.rendering import render
from payments.models import RefundCause
from payments.services import refunds
from payments.transitions import RefundState
from tests.factories import ObligationFactory, PaymentFactory
from tests.payments.paid import card_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def obligation(frozen):
    return ObligationFactory(confirmed=True)


def told(kind):
    return render(Message.objects.get(kind=f"payments.{kind}"))


def test_begun_says_how_much_and_how_long(obligation):
    payment = card_payment(obligation, charge=Money(68_770, "KWD"))
    refunds.request_refund(
        payment, amount=Money(34_390, "KWD"), cause=RefundCause.PATIENT_CANCELLED
    )
    shown = told("refund_begun")
    assert shown.subject == f"Your refund is on its way ({obligation.transfer_reference})"
    assert "KWD 34.390" in shown.text.replace("\xa0", " ")
    assert "Banks need 5 to 10 days." in shown.text
    assert f"/care/cases/{obligation.case.public_id}/money/" in shown.text


def test_no_message_names_hospital_treatment_or_patient(obligation):
    payment = card_payment(obligation)
    refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    shown = told("refund_begun")
    for name in (
        obligation.hospital.name,
        obligation.case.treatment.name,
        obligation.case.patient.passport_name,
    ):
        assert name not in shown.subject + shown.text + shown.html


def test_done_takes_the_place_of_begun(obligation):
    refunds.refund_all(card_payment(obligation), cause=RefundCause.HOSPITAL_CANCELLED)
    refunds.send_due_refunds()
    begun = told("refund_begun")
    assert begun == Suppressed("refund is succeeded")
    done = told("refund_done")
    assert "Your money was sent back the way it was paid." in done.text


def test_failed_promises_the_transfer(obligation):
    payment = card_payment(obligation)
    payment.intent_id = "pi_unknown"
    payment.save(update_fields=["intent_id"])
    refund = refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    refunds.send_due_refunds()
    refund.refresh_from_db()
    assert refund.state == RefundState.FAILED
    shown = told("refund_failed")
    assert "It is not lost. The hospital will send it by bank transfer" in shown.text


def test_a_transfer_says_so(obligation):
    payment = PaymentFactory(succeeded=True, transfer=True, obligation=obligation)
    refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    shown = told("refund_begun")
    assert "It comes by bank transfer, within 14 days." in shown.text


def test_whoever_paid_a_share_gets_no_link_to_the_case(obligation):
    payment = PaymentFactory(
        succeeded=True, obligation=obligation, payer=None, payer_email="aunt@payer.example"
    )
    refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    keeper, payer = [render(message) for message in Message.objects.order_by("pk")]
    assert obligation.case.public_id in keeper.text
    assert obligation.case.public_id not in payer.text + payer.html
    assert "1,600.00" in payer.text
