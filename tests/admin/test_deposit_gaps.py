"""The desk decides about appointments whose deposit went back: who may, and what is shown before."""

import pytest
from django.urls import reverse

from bookings.models import Appointment
from hospitals.models.staff import Role
from medtour.lib.money import Money
from payments.models import DepositGap, Dispute, Refund
from payments.selectors.refundable import left_of
from payments.services import deposit_gaps, refund_postings
from payments.services.refunds import request_refund
from tests.admin.test_money_desk import act, checked, facts, said
from tests.factories import MembershipFactory
from tests.payments.paid import money_snapshot

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def gap(payment, frozen):
    """A dispute over CNY 600 of the deposit of tomorrow's appointment was lost."""
    lost = Dispute.objects.create(
        payment=payment, gateway_id="du_7", amount_minor=60_000, state="lost"
    )
    amount = Money(60_000, "CNY")
    left = left_of(payment)
    refund_postings.post_dispute_opened(lost, amount, at=frozen)
    refund_postings.post_dispute_lost(lost, amount, left=left, at=frozen)
    return deposit_gaps.ask_the_desk(lost, now=frozen)


@pytest.fixture
def desk(client, staff_of):
    client.force_login(staff_of(Role.COORDINATOR))
    return client


def state():
    return Appointment.objects.get().state


def test_the_task_is_counted_listed_and_shown(desk, gap):
    money = desk.get(reverse("admin:index")).context["day"]["money"]
    (count,) = [each for each in money if each["label"] == "Appointments without deposit"]
    assert count["value"] == 1
    page = desk.get(count["address"])
    assert page.context["cl"].result_count == 1
    assert f"CNY{NBSP}600.00" in page.content.decode()
    shown = desk.get(act(gap, "change")).content.decode()
    for text in ("The bank decided for the payer", "Keep the appointment", act(gap, "cancel")):
        assert text in shown


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_a_fixed_number_of_queries(
    desk, gap, count, frozen, django_assert_num_queries
):
    for _each in range(count - 1):
        DepositGap.objects.create(
            obligation=gap.obligation, payment=gap.payment, missing_minor=5, opened_at=frozen
        )
    address = reverse("admin:payments_depositgap_changelist")
    desk.get(address)
    with django_assert_num_queries(6):
        page = desk.get(address)
    assert page.context["cl"].result_count == count


def test_keeping_is_explained_and_signed(desk, gap):
    page = desk.get(act(gap, "keep"))
    assert facts(page)["Missing"] == f"CNY{NBSP}600.00"
    assert desk.post(act(gap, "keep"), {"reason": ""}).status_code == 200
    assert (state(), DepositGap.objects.get().state) == ("confirmed", "open")
    answer = desk.post(act(gap, "keep"), {"reason": "The bank made a mistake"})
    assert said(answer) == ["Kept. The patient is told that nothing more is asked for."]
    gap.refresh_from_db()
    assert (gap.state, gap.reason, state()) == ("kept", "The bank made a mistake", "confirmed")
    assert desk.post(act(gap, "keep"), {"reason": "Again"}).status_code == 409


def test_cancelling_shows_what_goes_back(desk, gap):
    page = desk.get(act(gap, "cancel"))
    assert facts(page)["Goes back"] == f"CNY{NBSP}1,000.00"
    assert desk.post(act(gap, "cancel"), {"reason": "No deposit"}).status_code == 302
    assert state() == "cancelled"
    assert Refund.objects.get().amount_minor == 100_000
    assert "Appointment cancelled" in desk.get(act(gap, "change")).content.decode()


def test_an_appointment_that_ended_needs_no_answer(desk, gap):
    Appointment.objects.update(state="cancelled")
    page = desk.get(act(gap, "change")).content.decode()
    assert ("The appointment is over" in page, act(gap, "keep") in page) == (True, False)
    waiting = desk.get(reverse("admin:payments_depositgap_changelist"), {"waits": "yes"})
    assert waiting.context["cl"].result_count == 0


@pytest.mark.parametrize("name", ["keep", "cancel"])
def test_a_cashier_reads_and_others_find_nothing(client, gap, staff_of, other_coordinator, name):
    before = money_snapshot()
    client.force_login(staff_of(Role.CASHIER))
    assert act(gap, name) not in client.get(act(gap, "change")).content.decode()
    assert client.post(act(gap, name), {"reason": "x"}).status_code in (403, 404)
    client.force_login(other_coordinator)
    assert client.post(act(gap, name), {"reason": "x"}).status_code == 404
    assert client.get(act(gap, "change")).status_code == 404
    assert (money_snapshot(), state()) == (before, "confirmed")


def refund(amount, **fields):
    return {"amount": amount, "cause": "goodwill", "reason": "Mother died", **fields}


def test_a_refund_of_the_deposit_asks_about_the_appointment(desk, payment):
    page = desk.post(act(payment, "refund"), refund("1600"))
    assert page.status_code == 422
    assert "Please say whether the appointment is cancelled or kept" in page.content.decode()
    assert not Refund.objects.exists()
    first, second = checked(desk, act(payment, "refund"), refund("600", place="cancel"))
    shown = facts(first)
    assert "Cancel it: everything paid goes back" in shown["The appointment"]
    assert shown["Goes back in all, to everybody who paid"] == f"CNY{NBSP}1,600.00"
    assert shown["Second person"] == "Not needed"
    assert (second.status_code, state()) == (302, "cancelled")


def test_a_cashier_learns_that_somebody_must_agree(client, payment, staff_of, hospital):
    client.force_login(staff_of(Role.CASHIER))
    first, _second = checked(client, act(payment, "refund"), refund("100", place="keep"))
    assert "somebody else" in facts(first)["Second person"]
    asked = Refund.objects.get()
    client.force_login(MembershipFactory(hospital=hospital, role=Role.CASHIER).user)
    page = client.get(act(asked, "approve"))
    assert facts(page)["The appointment"] == "Keep it: nothing more is asked for"
    assert client.post(act(asked, "approve")).status_code == 302
    assert DepositGap.objects.get().state == "kept"


def test_a_visit_that_is_over_asks_nothing(desk, payment):
    Appointment.objects.update(state="completed")
    assert "place" not in desk.get(act(payment, "refund")).context["step"].form.fields
    checked(desk, act(payment, "refund"), refund("100"))
    assert Refund.objects.get().place == ""


def test_the_refund_page_shows_the_decision(desk, payment, operator):
    asked = request_refund(
        payment, amount=Money(5, "CNY"), cause="goodwill", by=operator, reason="x", place="keep"
    )
    assert "Keep it: nothing more is asked for" in desk.get(act(asked, "change")).content.decode()
