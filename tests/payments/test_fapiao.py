"""Fapiaos: the hospital issues them, the cashier writes the number down, the patient hears of it."""

import pytest

from bookings.refusals import ReasonMissing
from messaging.kinds import Suppressed
from messaging.models import Message
from messaging.rendering import render
from payments.models import FapiaoRequest
from payments.services.fapiao import (
    FapiaoAskedAlready,
    FapiaoDecided,
    FapiaoDetails,
    FapiaoNumberMissing,
    NothingToInvoice,
    ask_fapiao,
    record_fapiao,
    refuse_fapiao,
)
from tests.factories import ObligationFactory, PaymentFactory, UserFactory

pytestmark = pytest.mark.django_db
NUMBER = "26312000001234567890"


@pytest.fixture
def payment(frozen):
    return PaymentFactory(succeeded=True, obligation=ObligationFactory(confirmed=True))


@pytest.fixture
def cashier(db):
    return UserFactory(staff=True)


def ask(payment):
    details = FapiaoDetails("company", "Dorji Trading Co", tax_number="91310000X")
    return ask_fapiao(payment, details, by=payment.obligation.case.patient.account)


@pytest.fixture
def wish(payment):
    return ask(payment)


def kept(wish):
    return FapiaoRequest.objects.filter(pk=wish.pk).values().get()


def test_the_number_is_recorded_with_who_and_when(wish, cashier, frozen):
    done = record_fapiao(wish, number=f"  {NUMBER} ", by=cashier)
    wish.refresh_from_db()
    assert (wish.state, wish.number) == ("issued", NUMBER)
    assert (wish.recorded_by, wish.recorded_at) == (cashier, frozen)
    assert done == wish
    message = Message.objects.get(kind="payments.fapiao_issued")
    assert message.recipient == wish.payment.obligation.case.patient.account


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12345678", "12345678"),
        ("3100 1234 5678 90123456", "3100 1234 5678 90123456"),
        ("ab12345678", "AB12345678"),
    ],
)
def test_old_and_new_numbers_are_taken(wish, cashier, typed, number):
    assert record_fapiao(wish, number=typed, by=cashier).number == number


@pytest.mark.parametrize(
    "typed", ["", "   ", "1234567", "yes", "12345678\n<b>", "1" * 41, "１２３４５６７８"]
)
def test_what_is_no_number_changes_nothing(wish, cashier, typed):
    before = kept(wish)
    with pytest.raises(FapiaoNumberMissing):
        record_fapiao(wish, number=typed, by=cashier)
    assert kept(wish) == before
    assert not Message.objects.exists()


def test_a_refusal_has_a_reason_and_the_patient_may_ask_again(wish, payment, cashier):
    before = kept(wish)
    with pytest.raises(ReasonMissing):
        refuse_fapiao(wish, reason="  ", by=cashier)
    assert kept(wish) == before
    refuse_fapiao(wish, reason="The tax number is not known.", by=cashier)
    wish.refresh_from_db()
    assert (wish.state, wish.answer, wish.number) == (
        "refused",
        "The tax number is not known.",
        "",
    )
    assert ask(payment).state == "requested"


def test_an_answer_is_final(wish, payment, cashier):
    record_fapiao(wish, number=NUMBER, by=cashier)
    before = kept(wish)
    with pytest.raises(FapiaoDecided):
        record_fapiao(wish, number="12345678", by=cashier)
    with pytest.raises(FapiaoDecided):
        refuse_fapiao(wish, reason="No", by=cashier)
    with pytest.raises(FapiaoAskedAlready):
        ask(payment)
    assert kept(wish) == before
    assert Message.objects.count() == 1


def test_nothing_is_invoiced_that_did_not_arrive(frozen):
    with pytest.raises(NothingToInvoice):
        ask(PaymentFactory(pending=True))


def test_messages_say_what_happened_and_keep_number_and_reason_behind_the_link(wish, cashier):
    refuse_fapiao(wish, reason="The tax number is not known.", by=cashier)
    shown = render(Message.objects.get(kind="payments.fapiao_refused"))
    obligation = wish.payment.obligation
    assert shown.subject == (
        f"The hospital cannot issue your fapiao ({obligation.transfer_reference})"
    )
    assert obligation.hospital.name in shown.text
    assert f"/care/cases/{obligation.case.public_id}/money/" in shown.text
    everything = shown.subject + shown.text + shown.html
    for hidden in ("tax number", "Dorji", obligation.case.patient.passport_name):
        assert hidden not in everything


def test_a_message_that_is_no_longer_true_is_not_sent(wish, cashier):
    record_fapiao(wish, number=NUMBER, by=cashier)
    message = Message.objects.get(kind="payments.fapiao_issued")
    FapiaoRequest.objects.filter(pk=wish.pk).update(state="refused")
    assert render(message) == Suppressed("fapiao is refused")
