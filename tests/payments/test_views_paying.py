"""The return page: before the news and after it, every way to end, back button and reload."""

import datetime as dt

import pytest
from django.urls import reverse

from bookings.models import Appointment
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from payments.gateways.sandbox import world
from payments.models import LedgerPosting, Payment, Refund
from payments.services import deposits
from payments.services.obligations import open_deposit
from payments.services.shares import offer_share
from tests.factories import AppointmentFactory, PatientFactory
from tests.payments import sandbox
from tests.payments.paying import cny

pytest_plugins = ["tests.payments.payers"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.fixture
def due(waiting):
    return open_deposit(waiting, by=waiting.booker, language="en")


@pytest.fixture
def payment(due):
    return begun(due, payer=due.opened_by)


def begun(due, **facts):
    payment = deposits.start_payment(due, charge_currency="CNY", language="en", **facts)
    return deposits.begin_checkout(
        payment, success_url="http://testserver/en/", cancel_url="http://testserver/en/"
    )


def back(payment, left=False):
    return reverse("payments:paying", args=[payment.public_id]) + ("?left=1" if left else "")


def read(client, payment, **kwargs):
    return client.get(back(payment, **kwargs)).content.decode()


def test_it_waits_and_looks_again_while_nothing_is_known(signed_in, payment):
    page = read(signed_in, payment)
    assert "We are waiting for the payment" in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert 'hx-trigger="load delay:3s"' in page
    assert f'href="{payment.session_url}"' in page
    assert "confirmed" not in page.split("<h1>")[1].split("</h1>")[0]


def test_only_the_part_that_changed_is_swapped_in(signed_in, payment):
    part = signed_in.get(back(payment), HTTP_HX_REQUEST="true").content.decode()
    assert part.strip().startswith('<div id="paying"')
    assert "<html" not in part


def test_it_finds_the_money_before_the_news_comes(signed_in, payment):
    world.pay(payment.session_id)
    page = read(signed_in, payment)
    assert "Paid: your appointment is confirmed" in page
    assert "CNY\xa0387.00" in page
    assert "refresh" not in page
    payment.obligation.appointment.refresh_from_db()
    assert payment.obligation.appointment.state == "confirmed"


def test_the_news_before_and_after_it_change_nothing_more(signed_in, client, payment):
    world.pay(payment.session_id)
    sandbox.deliver(client)
    first = read(signed_in, payment)
    sandbox.deliver(client, sandbox.waiting())
    again = read(signed_in, payment)
    assert first.split("<main")[1] == again.split("<main")[1]
    assert LedgerPosting.objects.filter(kind="payment").count() == 1


@pytest.mark.parametrize(
    ("outcome", "why", "now"),
    [
        ("insufficient_funds", "There was not enough money on the card", "Try another card"),
        ("expired_card", "The card has expired", "Try another card"),
        ("card_declined", "The bank said no, without saying why", "Try another card"),
    ],
)
def test_a_payment_that_failed_says_why_and_can_be_tried_again(
    signed_in, payment, outcome, why, now
):
    Payment.objects.filter(pk=payment.pk).update(state="failed", failure_code=outcome)
    page = read(signed_in, payment)
    assert why in page
    assert now in page
    assert "Nothing was charged." in page
    address = reverse("payments:deposit", args=[payment.obligation.appointment.public_id])
    assert f'href="{address}"' in page


def test_leaving_the_page_is_no_failure(signed_in, payment):
    page = read(signed_in, payment, left=True)
    assert "Nothing was paid" in page
    assert "Go back to the terms and pay" in page
    assert "data-until" in page


def test_the_back_button_after_paying_shows_that_it_is_paid(signed_in, payment):
    world.pay(payment.session_id)
    assert "Paid: your appointment is confirmed" in read(signed_in, payment, left=True)


def test_a_wallet_that_pays_later_is_waited_for(signed_in, payment):
    world.pay(payment.session_id, "alipay_later")
    assert "We are waiting for the payment" in read(signed_in, payment)
    world.finish_wallet(payment.session_id)
    assert "Paid: your appointment is confirmed" in read(signed_in, payment)


def test_without_an_answer_from_the_gateway_it_keeps_waiting(signed_in, payment):
    world.go_wrong("dropped_before", times=20)
    assert "We are waiting for the payment" in read(signed_in, payment)


def test_a_time_that_ran_out_says_what_to_do(signed_in, payment):
    Payment.objects.filter(pk=payment.pk).update(state="expired")
    Appointment.objects.filter(pk=payment.obligation.appointment_id).update(
        held_until=clock.now() - dt.timedelta(seconds=1)
    )
    page = read(signed_in, payment)
    assert "The time is no longer kept for you" in page
    assert "Choose a time again" in page


def test_money_for_a_place_that_is_gone_goes_back_and_the_page_says_so(signed_in, payment, waiting):
    world.pay(payment.session_id)
    later = clock.now() + dt.timedelta(minutes=40)
    with clock.freeze(later):
        expire_stale_holds()
        other = PatientFactory()
        AppointmentFactory(slot=waiting.slot, patient=other)
        page = read(signed_in, payment)
    assert "The time was gone when the money came" in page
    assert "You get all of your money back" in page
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.cause) == (38_700, "place_lost")
    assert "CNY\xa0387.00" in page


def test_a_part_that_is_paid_says_what_is_open(signed_in, due):
    offer_share(due, label="Aunt May", amount=cny(10_000), by=due.opened_by)
    payment = begun(due, payer=due.opened_by)
    world.pay(payment.session_id)
    page = read(signed_in, payment)
    assert "This part is paid" in page
    assert "CNY\xa0287.00" in page
    assert "Still open: " in page
    assert "CNY\xa0100.00" in page


def test_an_older_attempt_leads_to_what_was_paid_since(signed_in, due):
    first = begun(due, payer=due.opened_by)
    Payment.objects.filter(pk=first.pk).update(state="failed", failure_code="card_declined")
    second = begun(due, payer=due.opened_by)
    world.pay(second.session_id)
    read(signed_in, second)
    answer = signed_in.get(back(first))
    assert answer["Location"] == reverse("bookings:confirmed", args=[due.appointment.public_id])


def test_a_stranger_finds_nothing(client, stranger, payment):
    client.force_login(stranger)
    assert client.get(back(payment)).status_code == 404


@pytest.mark.parametrize("attempts", [1, 3])
def test_it_asks_the_database_as_often_for_three_attempts(
    signed_in, due, attempts, django_assert_num_queries
):
    for _attempt in range(attempts):
        payment = begun(due, payer=due.opened_by)
        Payment.objects.filter(pk=payment.pk).update(state="failed")
    with django_assert_num_queries(7):
        signed_in.get(back(payment))
