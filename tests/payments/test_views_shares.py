"""Letting others pay by link: the patient's list, the payer's page, and what neither may see."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import translation

from medtour.lib import clock
from payments.gateways.sandbox import world
from payments.links import share_from_token, sign_share
from payments.models import Payment, PaymentShare, Receipt
from payments.services.obligations import open_deposit
from payments.services.receipts import issue_due
from payments.services.shares import offer_share, withdraw_share
from tests.payments.paying import cny

pytest_plugins = ["tests.payments.payers"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.fixture
def due(waiting):
    return open_deposit(waiting, by=waiting.booker, language="en")


@pytest.fixture
def share(due):
    return offer_share(due, label="Aunt May", amount=cny(10_000), by=due.opened_by)


def listed(due):
    return reverse("payments:shares", args=[due.public_id])


def link(share):
    return reverse("payments:share", args=[sign_share(share)])


def read(client, address):
    return client.get(address).content.decode()


def test_a_link_is_made_and_listed(signed_in, due):
    answer = signed_in.post(listed(due), {"label": "Aunt May", "amount": "100.50"})
    assert (answer.status_code, answer["Location"]) == (303, listed(due))
    share = PaymentShare.objects.get()
    assert (share.label, share.amount_minor) == ("Aunt May", 10_050)
    page = read(signed_in, listed(due))
    assert "Aunt May" in page
    assert "CNY\xa0100.50" in page
    (token,) = re.findall(r'value="http://testserver/share/([^"]+)"', page)
    assert share_from_token(token) == share
    assert "CNY\xa0286.50" in page


@pytest.mark.parametrize("typed", ["100,50", "1 00.50", "١٠٠٫٥٠", " 100.5 "])
def test_an_amount_is_read_the_way_people_write_it(signed_in, due, typed):
    signed_in.post(listed(due), {"label": "A", "amount": typed})
    assert PaymentShare.objects.get().amount_minor == 10_050


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"label": ""}, "Enter a name for the person who pays"),
        ({"amount": ""}, "Enter an amount"),
        ({"amount": "a lot"}, "Enter the amount in figures"),
        ({"amount": "1.005,5"}, "Enter an amount that is not more than what is left"),
        ({"amount": "0"}, "Enter an amount of more than nothing"),
        ({"amount": "387.01"}, "Enter an amount that is not more than what is left"),
        ({"amount": "10.123"}, "Enter an amount that is not more than what is left"),
        ({"amount": "10.1234"}, "Enter the amount in figures"),
    ],
)
def test_each_mistake_is_named_and_what_was_typed_is_kept(signed_in, due, answers, sentence):
    answer = signed_in.post(listed(due), {"label": "Aunt May", "amount": "100"} | answers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "Aunt May" in page or "label" in answers
    assert PaymentShare.objects.count() == 0


def test_a_share_that_nobody_paid_is_taken_back(signed_in, share):
    answer = signed_in.post(reverse("payments:withdraw_share", args=[share.public_id]))
    assert answer["Location"] == listed(share.obligation)
    assert "Taken back" in read(signed_in, listed(share.obligation))


def test_a_share_that_is_being_paid_is_not(signed_in, client, share):
    share_payment(client, share)
    answer = signed_in.post(reverse("payments:withdraw_share", args=[share.public_id]))
    assert answer.status_code == 409
    assert "Nothing was charged" in answer.content.decode()
    share.refresh_from_db()
    assert share.withdrawn_at is None


def test_strangers_find_neither_list_nor_share(client, stranger, share):
    client.force_login(stranger)
    assert client.get(listed(share.obligation)).status_code == 404
    assert client.post(listed(share.obligation), {}).status_code == 404
    address = reverse("payments:withdraw_share", args=[share.public_id])
    assert client.post(address).status_code == 404


def share_payment(client, share, **answers):
    answer = client.post(link(share), {"currency": "CNY-10000", "agreed": "on"} | answers)
    assert answer.status_code == 303, answer.content.decode()
    return Payment.objects.latest("pk")


def test_a_payer_sees_amount_payee_and_terms_and_nothing_else(client, share, waiting):
    page = read(client, link(share))
    for words in ("Aunt May", "CNY\xa0100.00", "Test Hospital International Ltd", "CNY\xa050.00"):
        assert words in page, words
    offer = waiting.slot.offer
    for secret in (
        "ANNA",
        "Anna",
        "First Hospital",
        "The visit",
        "387",
        "1,935",
        str(offer.treatment.name),
        waiting.reference,
        waiting.public_id,
    ):
        assert secret not in page, secret
    assert page.count("<h2") >= 2


def test_the_address_is_kept_private(client, share):
    answer = client.get(link(share))
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "strict-origin"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_the_link_opens_in_the_language_of_the_browser(client, share):
    token = sign_share(share)
    answer = client.get(reverse("share_link", args=[token]), HTTP_ACCEPT_LANGUAGE="ar")
    with translation.override("ar"):
        assert answer["Location"] == reverse("payments:share", args=[token])
    assert client.get(reverse("share_link", args=["forged"])).status_code == 404


def test_a_payer_pays_and_is_thanked(client, signed_in, share):
    payment = share_payment(client, share, name="May Test", email="may@people.example")
    assert (payment.share, payment.payer, payment.payer_name) == (share, None, "May Test")
    world.pay(payment.session_id)
    address = reverse(
        "payments:share_paying",
        kwargs={"token": sign_share(share), "attempt": payment.public_id},
    )
    client.logout()
    page = read(client, address)
    assert "Thank you. Your share is paid" in page
    assert "CNY\xa0100.00" in page
    assert "ANNA" not in page
    assert "This share is paid" in read(client, link(share))


def test_the_patient_sees_who_paid_what(signed_in, client, share):
    payment = share_payment(client, share)
    world.pay(payment.session_id)
    read(signed_in, reverse("payments:paying", args=[payment.public_id]))
    issue_due()
    address = reverse("payments:case_money", args=[share.obligation.case.public_id])
    page = read(signed_in, address)
    assert "Aunt May" in page
    assert "CNY\xa0287.00" in page
    receipt = Receipt.objects.get()
    assert reverse("payments:receipt", args=[receipt.public_id]) in page
    assert receipt.number in page


def test_two_payers_of_one_link_pay_once(client, share):
    first = share_payment(client, share)
    second = share_payment(client, share)
    assert first == second
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("withdrawn", "This share was taken back"),
        ("paid", "This share is paid"),
        ("over", "This share is closed"),
    ],
)
def test_a_share_that_ended_says_so_and_takes_nothing(client, share, end, sentence):
    if end == "withdrawn":
        withdraw_share(share, by=None)
    elif end == "paid":
        PaymentShare.objects.filter(pk=share.pk).update(paid_at=clock.now())
    else:
        share.obligation.closed_at = clock.now()
        share.obligation.save()
    assert sentence in read(client, link(share))
    page = client.post(link(share), {"currency": "CNY-10000", "agreed": "on"}).content.decode()
    assert sentence in page
    assert Payment.objects.count() == 0


def test_a_share_ends_with_the_time_that_is_held(client, share):
    with clock.freeze(clock.now() + dt.timedelta(minutes=36)):
        assert "This share is closed" in read(client, link(share))


def test_a_broken_link_helps_without_saying_what_it_was(client):
    answer = client.get(reverse("payments:share", args=["broken"]))
    assert answer.status_code == 404
    assert "Ask the person who sent it for a new one" in answer.content.decode()


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"agreed": ""}, "Read the terms and tick the box to go on"),
        ({"email": "may"}, "Enter an e-mail address like name@example.com"),
        ({"currency": "CNY-1"}, "The amount has changed since you opened this page"),
    ],
)
def test_a_payers_mistakes_are_named_and_nothing_is_lost(client, share, answers, sentence):
    sent = {"currency": "CNY-10000", "agreed": "on", "name": "May Test"} | answers
    answer = client.post(link(share), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="May Test"' in page
    assert Payment.objects.count() == 0


def test_one_share_does_not_open_the_payment_of_another(client, due, share):
    other = offer_share(due, label="Uncle", amount=cny(5_000), by=due.opened_by)
    payment = share_payment(client, share)
    address = reverse(
        "payments:share_paying",
        kwargs={"token": sign_share(other), "attempt": payment.public_id},
    )
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_database_as_often_for_three(
    signed_in, due, count, django_assert_num_queries
):
    for number in range(count):
        offer_share(due, label=f"Payer {number}", amount=cny(1_000), by=due.opened_by)
    with django_assert_num_queries(5):
        signed_in.get(listed(due))
