"""The desk speaks of money in words, and shows what an act does before it is pressed."""

import pytest

from bookings.models import Appointment, CaseEvent
from bookings.models.case import Actor
from bookings.services import history
from hospitals.models.staff import Role
from payments.admin.alert_words import details_in_words
from payments.models import MoneyAlert, Obligation, Payment, Refund
from payments.services import bills
from payments.services.bills import Billed
from tests.admin.test_money_desk import act, checked, facts
from tests.factories import ObligationFactory, PaymentFactory
from tests.factories.quotes import accepted_quote

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def desk(client, staff_of):
    client.force_login(staff_of(Role.COORDINATOR))
    return client


def test_cancelling_shows_what_goes_back_before_it_is_pressed(desk, payment, appointment):
    page = desk.get(act(appointment, "cancel"))
    assert facts(page) == {
        "Goes back": f"CNY{NBSP}1,600.00",
        "With the payer after": "5 to 10 days",
    }
    assert Appointment.objects.get().state == "confirmed"
    payment.disputes.create(gateway_id="du_1", amount_minor=5)
    assert (
        "nothing goes before the bank decides"
        in facts(desk.get(act(appointment, "cancel")))["Waits"]
    )


def test_cancelling_what_nobody_paid_for_says_nothing_of_money(desk, appointment):
    assert facts(desk.get(act(appointment, "cancel"))) == {}


def test_the_evidence_is_in_words(desk, dispute, appointment, user):
    lines = [
        history.appointment_event(appointment, "book", by=user, at=dispute.opened_at),
        history.case_event(
            appointment.case, "payment", before="pending", by=None, actor=Actor.SYSTEM,
            at=dispute.opened_at,
        ),
    ]  # fmt: skip
    lines[1].after, lines[1].appointment = "succeeded", appointment
    history.record(lines)
    page = desk.get(act(dispute, "change")).content.decode()
    assert "Appointment booked · Confirmed · patient" in page
    assert "Payment · Being paid → Paid · system" in page
    for code in ("pending", "succeeded", "· book "):
        assert code not in page


def test_the_history_of_an_appointment_names_payments_in_words(desk, appointment):
    CaseEvent.objects.create(
        appointment=appointment, case=appointment.case, action="payment", before="created",
        after="expired", actor=Actor.SYSTEM,
    )  # fmt: skip
    page = desk.get(act(appointment, "change")).content.decode()
    for text in ("Payment", "Begun", "Lapsed"):
        assert text in page


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("lapsed", "Nobody paid in time"),
        ("place_lost", "Money came after the place was gone"),
        ("cancelled", "The appointment was cancelled"),
    ],
)
def test_why_an_amount_is_no_longer_due_is_in_words(desk, due, frozen, reason, text):
    Obligation.objects.update(closed_at=frozen, closed_reason=reason)
    assert text in desk.get(act(due, "change")).content.decode()


@pytest.fixture
def low_bill(case, operator, hospital):
    """A quote of which CNY 30,000 were paid before, and a bill of CNY 25,000."""
    quote = accepted_quote(case, operator)
    asked = ObligationFactory(
        case=case, hospital=hospital, appointment=None, quote=quote, kind="top_up",
        amount_minor=3_000_000, opened_by=operator,
    )  # fmt: skip
    PaymentFactory(obligation=asked, succeeded=True)
    line = quote.lines.order_by("pk").first()
    return bills.record_final_bill(
        quote, lines=[Billed("Surgery", 2_500_000, line)], by=operator, reason="Shorter stay"
    )


def test_a_lower_bill_asks_the_desk_to_give_the_difference_back(desk, low_bill):
    alert = MoneyAlert.objects.get()
    assert (alert.kind, alert.payment) == ("bill_lower", Payment.objects.get())
    page = desk.get(act(low_bill, "change"))
    (way,) = page.context["acts"]
    assert f"CNY{NBSP}5,000.00" in page.content.decode()
    form = desk.get(way["address"]).context["step"].form
    assert (form["amount"].value(), form["cause"].value()) == ("5000.00", "final_bill")
    wanted = {"amount": "5000.00", "cause": "final_bill", "reason": "The bill was lower"}
    checked(desk, way["address"], wanted)
    assert Refund.objects.get().amount_minor == 500_000
    again = desk.get(act(low_bill, "change"))
    assert again.context["acts"] == []


def test_a_bill_that_was_not_lower_asks_for_nothing(desk, bill):
    assert desk.get(act(bill, "change")).context["acts"] == []
    assert not MoneyAlert.objects.filter(kind="bill_lower").exists()


def test_a_doctor_reads_the_bill_but_is_sent_to_no_refund(client, staff_of, low_bill):
    client.force_login(staff_of(Role.DOCTOR))
    assert client.get(act(low_bill, "change")).context["acts"] == []


def test_an_alert_is_in_words_on_the_hospitals_clock(desk, payment):
    alert = MoneyAlert.objects.create(
        kind=MoneyAlert.Kind.DISPUTE_OPENED,
        key="told",
        hospital=payment.obligation.hospital,
        payment=payment,
        details={
            "answer_by": "2026-12-03T01:00:00+00:00",
            "dispute": "du_1",
            "state": "lost",
            "obligation": payment.obligation.public_id,
        },
    )
    page = desk.get(act(alert, "change")).content.decode()
    for line in (
        "Answer by, hospital time: Thu 3 Dec 2026, 09:00 (UTC+8)",
        "Number at the gateway: du_1",
        "State: Lost",
    ):
        assert line in page
    assert "answer_by" not in page
    assert payment.obligation.public_id not in page


def test_what_does_not_fit_is_in_words():
    told = {"wrong": "live_mode", "difference": "amount_differs", "code": "", "new": "later"}
    assert details_in_words(told, "UTC") == (
        "What does not fit: real money was mixed up with test money\nDifference: the amounts differ"
    )


def test_nothing_left_of_a_payment_offers_no_refund(desk, payment):
    assert "Give money back" in desk.get(act(payment, "change")).content.decode()
    payment.disputes.create(gateway_id="du_1", amount_minor=payment.charge_minor, state="lost")
    assert "Give money back" not in desk.get(act(payment, "change")).content.decode()
