"""Cancelling what was paid for: the page promises a sum and keeps it, on both sides of a step."""

import datetime as dt

import pytest
from django.urls import reverse

from bookings.links import sign_appointment
from medtour.lib import clock
from payments.models import Refund
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, ObligationFactory, SlotFactory
from tests.factories.bookings import in_days
from tests.payments.paid import card_payment

pytest_plugins = ["tests.payments.payers"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def booked(deposit_offer, patient, account):
    """Return a confirmed appointment in ten days whose deposit of CNY 1,600 is paid by card."""
    slot = SlotFactory(offer=deposit_offer, starts_at=in_days(10))
    booked = AppointmentFactory(slot=slot, patient=patient)
    card_payment(ObligationFactory(appointment=booked, settled_at=booked.confirmed_at))
    return booked


def page_of(booked):
    return reverse("bookings:cancel_appointment", args=[booked.public_id])


def answers(booked, promised="CNY-160000", cause="patient_cancelled"):
    return {"version": booked.version, "promised": promised, "cause": cause, "reason": ""}


def at(booked, hours, later=dt.timedelta()):
    return clock.freeze(booked.slot.starts_at - dt.timedelta(hours=hours) + later)


def test_the_page_promises_the_sum_the_way_and_the_next_step(signed_in, booked):
    page = signed_in.get(page_of(booked)).content.decode()
    for words in (
        "CNY\xa01,600.00",
        "<bdi>100 %</bdi> of CNY\xa01,600.00",
        "Back to the card or wallet it came from, within 5 to 10 working days.",
        "<bdi>50 %</bdi>",
        "CNY\xa0800.00",
        "09:00</bdi> · Thu 26 Nov",
        "04:00</bdi> · Thu 26 Nov",
        "My visa was refused",
    ):
        assert words in page.replace('<bdi class="num">', "").replace("00</bdi> ", "00</bdi> "), (
            words
        )


@pytest.mark.parametrize(
    ("hours", "later", "promised", "back"),
    [
        (168, dt.timedelta(), "CNY-160000", [160_000]),
        (168, SECOND, "CNY-80000", [80_000]),
        (48, dt.timedelta(), "CNY-80000", [80_000]),
        (48, SECOND, "", []),
    ],
)
def test_what_was_promised_comes_back(signed_in, booked, hours, later, promised, back):
    with at(booked, hours, later):
        page = signed_in.get(page_of(booked)).content.decode()
        assert f'name="promised" value="{promised}"' in page or not promised
        answer = signed_in.post(page_of(booked), answers(booked, promised))
        assert answer.status_code == 303
    assert list(Refund.objects.values_list("amount_minor", flat=True)) == back
    booked.refresh_from_db()
    assert booked.state == "cancelled"


def test_a_step_that_passed_while_looking_is_shown_and_not_done(signed_in, booked):
    with at(booked, 168, SECOND):
        before = snapshot()
        answer = signed_in.post(page_of(booked), answers(booked))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "What comes back has changed while you looked" in page
        assert 'value="CNY-80000"' in page
        assert snapshot() == before
        assert Refund.objects.count() == 0
        signed_in.post(page_of(booked), answers(booked, "CNY-80000"))
    assert Refund.objects.get().amount_minor == 80_000


def test_a_reason_with_proof_leads_to_the_letter(signed_in, booked):
    with at(booked, 100):
        answer = signed_in.post(page_of(booked), answers(booked, "CNY-80000", "visa_refused"))
    due = booked.obligations.get()
    address = reverse("payments:claim", args=[due.public_id])
    assert answer["Location"] == address, "what happened to somebody never stands in an address"
    assert Refund.objects.get().amount_minor == 80_000


def test_with_everything_back_no_letter_is_asked_for(signed_in, booked):
    answer = signed_in.post(page_of(booked), answers(booked, cause="visa_refused"))
    assert answer["Location"] == reverse("bookings:appointment", args=[booked.public_id])


def test_afterwards_the_appointment_shows_the_money_on_its_way(signed_in, booked):
    signed_in.post(page_of(booked), answers(booked))
    page = signed_in.get(reverse("bookings:appointment", args=[booked.public_id])).content.decode()
    assert "Money that goes back" in page
    assert "CNY\xa01,600.00" in page


def test_a_cause_must_be_chosen(signed_in, booked):
    answer = signed_in.post(page_of(booked), answers(booked, cause=""))
    assert answer.status_code == 422
    assert "Choose why you cancel" in answer.content.decode()
    assert Refund.objects.count() == 0


def test_the_link_of_a_message_promises_and_keeps_the_same(client, booked):
    address = reverse("bookings:linked_cancel", args=[sign_appointment(booked)])
    page = client.get(address).content.decode()
    assert "CNY\xa01,600.00" in page
    answer = client.post(address, answers(booked))
    assert answer.status_code == 303
    assert Refund.objects.get().amount_minor == 160_000


def test_where_nothing_was_paid_the_page_is_as_before(signed_in, patient, frozen):
    free = AppointmentFactory(patient=patient)
    page = signed_in.get(page_of(free)).content.decode()
    assert "comes back" not in page
    assert "If you change or cancel" in page
    assert signed_in.post(page_of(free), {"version": free.version, "reason": ""}).status_code == 303


def test_the_appointment_page_shows_the_agreed_ladder(signed_in, booked):
    page = signed_in.get(reverse("bookings:appointment", args=[booked.public_id])).content.decode()
    assert "CNY\xa0800.00" in page
    assert "Free of charge until" not in page
