"""The terms of a deposit and the way to the gateway's page: shown whole, refused in plain words."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from bookings.models import Appointment
from medtour.lib import clock
from payments.gateways.sandbox import world
from payments.models import Obligation, Payment
from payments.services.settlement import settle
from tests.bookings.snapshot import snapshot

pytest_plugins = ["tests.payments.payers"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]

CNY = {"currency": "CNY-38700", "agreed": "on"}


def terms_of(appointment):
    return reverse("payments:deposit", args=[appointment.public_id])


def pay(client, appointment, **answers):
    return client.post(terms_of(appointment), CNY | answers)


def money_state():
    rows = Payment.objects.order_by("pk").values_list("state", "charge_minor", "attempt")
    return [*rows], Obligation.objects.values_list("claimed_minor", flat=True).get()


def test_the_page_says_everything_before_anything_is_charged(signed_in, waiting):
    page = signed_in.get(terms_of(waiting)).content.decode()
    due = Obligation.objects.get()
    assert (due.amount_minor, due.currency, due.terms_language) == (38_700, "CNY", "en")
    for words in (
        "CNY\xa0387.00",
        "<bdi>20 %</bdi> of the lowest price",
        "CNY\xa01,935.00",
        "The visit",
        "Medicines",
        "Test Hospital International Ltd",
        "<bdi>100 %</bdi>",
        "<bdi>50 %</bdi>",
        "CNY\xa0193.50",
        "your visa is refused",
        due.transfer_reference,
        "ANNA TEST",
        "09:00</bdi> · Thu 26 Nov",
        "09:00</bdi> · Tue 1 Dec",
    ):
        assert words in page, words
    assert page.count('type="radio" name="currency"') == 4
    assert Payment.objects.count() == 0


def test_both_clocks_stand_at_every_step_of_the_ladder(signed_in, waiting):
    page = signed_in.get(terms_of(waiting)).content.decode()
    assert "09:00</bdi> · Thu 26 Nov" in page
    assert "04:00</bdi> · Thu 26 Nov" in page


def test_each_language_has_the_page_and_keeps_the_first_as_agreed(signed_in, waiting):
    for code in ("ar", "zh-hans", "ru"):
        with translation.override(code):
            assert signed_in.get(terms_of(waiting)).status_code == 200
    assert Obligation.objects.get().terms_language == "ar"


def test_paying_leads_to_the_gateways_page(signed_in, waiting):
    answer = pay(signed_in, waiting)
    payment = Payment.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, payment.session_url)
    assert (payment.charge_minor, payment.charge_currency) == (38_700, "CNY")
    assert (payment.state, payment.payer) == ("pending", waiting.booker)
    waiting.refresh_from_db()
    assert waiting.held_until == clock.now() + dt.timedelta(minutes=35)


def test_a_double_click_opens_one_page(signed_in, waiting):
    first, second = pay(signed_in, waiting), pay(signed_in, waiting)
    assert first["Location"] == second["Location"]
    assert money_state() == ([("pending", 38_700, 1)], 38_700)


def test_another_currency_ends_the_first_attempt(signed_in, waiting):
    pay(signed_in, waiting)
    page = signed_in.get(terms_of(waiting)).content.decode()
    value = page.split('value="USD-')[1].split('"')[0]
    assert pay(signed_in, waiting, currency=f"USD-{value}").status_code == 303
    assert [each[0] for each in money_state()[0]] == ["cancelled", "pending"]
    assert Payment.objects.latest("pk").charge_minor == int(value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"agreed": ""}, "Read the terms and tick the box to go on"),
        ({"currency": ""}, "Choose a currency to be charged"),
        ({"currency": "CNY-1"}, "The amount has changed since you opened this page"),
        ({"currency": "GBP-4000"}, "Choose one of the currencies on this page"),
    ],
)
def test_each_mistake_is_named_and_nothing_begins(signed_in, waiting, change, sentence):
    signed_in.get(terms_of(waiting))
    before = snapshot()
    answer = pay(signed_in, waiting, **change)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "<title>Error: " in page
    assert snapshot() == before
    assert Payment.objects.count() == 0


def test_a_chosen_currency_is_not_lost_when_the_tick_is_missing(signed_in, waiting):
    page = signed_in.get(terms_of(waiting)).content.decode()
    value = "USD-" + page.split('value="USD-')[1].split('"')[0]
    again = pay(signed_in, waiting, currency=value, agreed="").content.decode()
    assert f'value="{value}" checked' in again


def test_an_account_of_somebody_else_takes_nothing(signed_in, waiting, account):
    account.holder_name = "Somebody Else Ltd"
    account.save()
    page = signed_in.get(terms_of(waiting)).content.decode()
    assert "the account does not belong to the payee" in page
    assert 'name="agreed"' not in page
    assert pay(signed_in, waiting).status_code == 409
    assert Payment.objects.count() == 0


def test_a_hospital_without_an_account_says_so(signed_in, waiting, account):
    account.delete()
    page = signed_in.get(terms_of(waiting)).content.decode()
    assert "This hospital cannot take payments here yet" in page


def test_a_gateway_that_is_down_charges_nothing_and_keeps_the_page(signed_in, waiting):
    signed_in.get(terms_of(waiting))
    world.go_wrong("dropped_before", times=10)
    answer = pay(signed_in, waiting)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "The payment page cannot be reached at this moment" in page
    assert 'name="agreed"' in page


def test_a_time_that_is_no_longer_held_leads_to_the_other_times(signed_in, waiting):
    signed_in.get(terms_of(waiting))
    Appointment.objects.filter(pk=waiting.pk).update(held_until=clock.now())
    answer = pay(signed_in, waiting)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Please choose a time again" in page
    assert reverse("bookings:picker", args=[waiting.slot.offer.public_id]) in page
    assert Payment.objects.count() == 0


def test_a_paid_one_leads_to_its_appointment(signed_in, waiting):
    pay(signed_in, waiting)
    payment = Payment.objects.get()
    world.pay(payment.session_id)
    settle(payment)
    answer = signed_in.get(terms_of(waiting))
    assert answer["Location"] == reverse("bookings:appointment", args=[waiting.public_id])
    assert pay(signed_in, waiting).status_code == 302
    assert Payment.objects.count() == 1


def test_a_stranger_finds_nothing(client, stranger, waiting):
    client.force_login(stranger)
    assert client.get(terms_of(waiting)).status_code == 404
    assert pay(client, waiting).status_code == 404
    assert Obligation.objects.count() == 0


def test_the_check_page_leads_here(signed_in, waiting):
    answer = signed_in.get(reverse("bookings:confirmed", args=[waiting.public_id]))
    assert answer["Location"] == terms_of(waiting)


def test_the_appointment_has_the_button(signed_in, waiting):
    page = signed_in.get(reverse("bookings:appointment", args=[waiting.public_id])).content.decode()
    assert f'href="{terms_of(waiting)}"' in page
    assert "not open" not in page


@pytest.mark.parametrize("attempts", [1, 3])
def test_the_page_asks_the_database_as_often_for_three_attempts(
    signed_in, waiting, attempts, django_assert_num_queries
):
    for _attempt in range(attempts):
        pay(signed_in, waiting)
        payment = Payment.objects.latest("pk")
        world.pay(payment.session_id, "card_declined")
        Payment.objects.filter(pk=payment.pk).update(state="failed")
    with django_assert_num_queries(10):
        signed_in.get(terms_of(waiting))


def test_before_booking_the_deposit_is_said_with_its_rule(client, deposit_offer, account):
    for name in ("bookings:picker", "hospitals:offer"):
        page = client.get(reverse(name, args=[deposit_offer.public_id])).content.decode()
        assert "CNY\xa0387.00" in page
        assert "That is <bdi>20 %</bdi> of the lowest price" in page
    deposit_offer.deposit_percent, deposit_offer.deposit_minor = None, 50_000
    deposit_offer.save()
    page = client.get(reverse("bookings:picker", args=[deposit_offer.public_id])).content.decode()
    assert "CNY\xa0500.00" in page
    assert "A fixed amount." in page


def test_the_offer_says_its_ladder_before_anybody_books(client, deposit_offer):
    page = client.get(reverse("hospitals:offer", args=[deposit_offer.public_id])).content.decode()
    assert "If you cancel at least 7 days before the start" in page
    assert "If you cancel at least 2 days before the start" in page
    assert "CNY\xa0193.50" in page
    assert "Free until" not in page


def test_an_attempt_that_was_begun_is_named(signed_in, waiting):
    pay(signed_in, waiting)
    page = signed_in.get(terms_of(waiting)).content.decode()
    assert "You have begun to pay" in page
    address = reverse("payments:paying", args=[Payment.objects.get().public_id])
    assert f'href="{address}"' in page
