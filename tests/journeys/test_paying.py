"""A person pays a deposit in a real browser: every way to end, another payer, the way back."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from hospitals.models import CancellationPolicy
from payments.gateways.sandbox import world
from payments.models import Payment, PaymentShare, Refund
from tests.factories import (
    AppointmentFactory,
    PatientFactory,
    PayeeAccountFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.bookings import in_days
from tests.factories.quotes import accepted_quote
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EMAIL = "lena@people.example"


@pytest.fixture
def paid_offer(offer):
    """Let the offer of the journeys ask for 20 percent of CNY 1,935."""
    offer.asks_deposit_online, offer.deposit_percent = True, 20
    offer.cancellation_policy = CancellationPolicy.objects.create(
        hospital=offer.hospital, name="Deposits", bands=[[168, 100], [48, 50]]
    )
    offer.save()
    offer.price_lines.update(amount_minor=193_500)
    PayeeAccountFactory(hospital=offer.hospital)
    return offer


def waiting(offer, days=10):
    """Return an appointment of Anna's that waits for its deposit."""
    user = UserFactory(verified=True, email="anna@patient.example", time_zone="America/New_York")
    return AppointmentFactory(
        slot=SlotFactory(offer=offer, starts_at=in_days(days)),
        patient=PatientFactory(account=user, passport_name="ANNA TEST"),
        awaiting_payment=True,
        confirmed_at=None,
    )


def sign_in(visitor, user):
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    visitor.page.context.add_cookies([cookie | {"url": visitor.server}])


@pytest.fixture
def at_terms(visitor, paid_offer):
    """Return the appointment whose terms the signed-in visitor is looking at."""
    return open_terms(visitor, paid_offer)


def open_terms(visitor, offer, days=10):
    booked = waiting(offer, days)
    sign_in(visitor, booked.booker)
    visitor.go("payments:deposit", booked.public_id)
    return booked


def agree(visitor):
    visitor.page.locator("[name=agreed]").check()
    visitor.press("#pay")
    assert "/sandbox/checkout/" in visitor.page.url


def at_gateway(visitor, outcome):
    with visitor.page.expect_navigation():
        visitor.page.locator(f"button[name=outcome][value={outcome}]").click()


def heading(visitor):
    return visitor.page.locator("main h1").first.inner_text()


def look(visitor, name):
    visitor.look()
    visitor.keep_picture(name)


def test_books_and_pays_from_the_first_page_to_the_last(visitor, paid_offer):
    visitor.go("hospitals:offer", paid_offer.public_id)
    look(visitor, "pay_00_offer")
    booked = visitor.hold(paid_offer)
    visitor.say_who()
    visitor.agree()
    visitor.sign_up(EMAIL)
    look(visitor, "pay_01_check")
    visitor.press()
    assert visitor.page.url == visitor.address("payments:deposit", booked.public_id)
    look(visitor, "pay_02_terms")
    visitor.press("#pay")
    assert visitor.page.title().startswith("Error:")
    look(visitor, "pay_03_terms_error")
    agree(visitor)
    at_gateway(visitor, "card")
    assert heading(visitor) == "Paid: your appointment is confirmed"
    look(visitor, "pay_04_paid")
    booked.refresh_from_db()
    assert booked.state == "confirmed"
    visitor.go("bookings:appointment", booked.public_id)
    look(visitor, "pay_05_appointment")


def test_the_bank_asks_and_the_person_confirms(visitor, at_terms):
    agree(visitor)
    at_gateway(visitor, "ask_3ds")
    at_gateway(visitor, "confirm_3ds")
    assert heading(visitor) == "Paid: your appointment is confirmed"


def test_a_refused_card_then_another_one(visitor, at_terms):
    agree(visitor)
    at_gateway(visitor, "insufficient_funds")
    at_gateway(visitor, "card")
    assert heading(visitor) == "Paid: your appointment is confirmed"
    assert list(Payment.objects.values_list("state", flat=True)) == ["succeeded"]


@pytest.mark.long
def test_leaving_the_payment_page_and_paying_later(visitor, at_terms):
    agree(visitor)
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="Go back without paying").click()
    assert heading(visitor) == "Nothing was paid"
    look(visitor, "pay_06_left")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="Go back to the terms and pay").click()
    agree(visitor)
    at_gateway(visitor, "card")
    assert heading(visitor) == "Paid: your appointment is confirmed"
    assert Payment.objects.count() == 1


@pytest.mark.long
def test_a_wallet_that_takes_its_time_is_waited_for_without_a_reload(visitor, at_terms):
    agree(visitor)
    at_gateway(visitor, "alipay_later")
    assert heading(visitor) == "We are waiting for the payment"
    look(visitor, "pay_07_waiting")
    world.finish_wallet(Payment.objects.get().session_id)
    visitor.page.get_by_role("heading", name="Paid: your appointment is confirmed").wait_for()


@pytest.mark.long
def test_a_refused_wallet_says_so_and_can_be_tried_again(visitor, at_terms):
    agree(visitor)
    at_gateway(visitor, "alipay_refused")
    world.finish_wallet(Payment.objects.get().session_id)
    visitor.page.get_by_role("heading", name="The payment did not go through").wait_for()
    look(visitor, "pay_08_failed")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="Try again").click()
    agree(visitor)
    at_gateway(visitor, "card")
    assert heading(visitor) == "Paid: your appointment is confirmed"


def test_two_tabs_pay_once(visitor, at_terms):
    second = visitor.page.context.new_page()
    second.goto(visitor.address("payments:deposit", at_terms.public_id))
    agree(visitor)
    second.locator("[name=agreed]").check()
    second.locator("#pay button[type=submit].btn-lg").click()
    second.wait_for_url("**/sandbox/checkout/**")
    at_gateway(visitor, "card")
    assert heading(visitor) == "Paid: your appointment is confirmed"
    second.reload()
    with second.expect_navigation():
        second.locator("main a.btn-lg").click()
    assert second.locator("main h1").inner_text() == "Paid: your appointment is confirmed"
    assert list(Payment.objects.values_list("state", flat=True)) == ["succeeded"]


def test_the_back_button_after_paying_does_not_pay_again(visitor, at_terms):
    agree(visitor)
    at_gateway(visitor, "card")
    visitor.page.go_back()
    visitor.page.goto(visitor.address("payments:deposit", at_terms.public_id))
    assert visitor.page.url == visitor.address("bookings:appointment", at_terms.public_id)
    assert Payment.objects.count() == 1


def test_a_double_click_opens_one_payment(visitor, at_terms):
    visitor.page.locator("[name=agreed]").check()
    visitor.page.locator("#pay button[type=submit].btn-lg").dblclick()
    expect(visitor.page).to_have_url(re.compile("/sandbox/checkout/"))
    assert Payment.objects.count() == 1


@pytest.mark.long
def test_an_aunt_pays_a_part_by_link_in_her_own_browser(visitor, at_terms, open_page, live_server):
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="Somebody else pays a part").click()
    visitor.page.fill("[name=label]", "Aunt May")
    visitor.page.fill("[name=amount]", "100")
    visitor.press()
    look(visitor, "pay_09_shares")
    aunt = Visitor(open_page(locale="en-GB"), live_server)
    aunt.page.goto(visitor.page.locator("input[readonly]").input_value())
    assert "ANNA" not in aunt.page.content()
    look(aunt, "pay_10_share")
    agree(aunt)
    at_gateway(aunt, "card")
    assert heading(aunt) == "Thank you. Your share is paid"
    look(aunt, "pay_11_share_paid")
    assert PaymentShare.objects.get().paid_at is not None
    visitor.go("payments:deposit", at_terms.public_id)
    look(visitor, "pay_12_terms_with_share")
    agree(visitor)
    at_gateway(visitor, "card")
    assert heading(visitor) == "Paid: your appointment is confirmed"
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="See the money of this case").click()
    look(visitor, "pay_13_money")
    assert aunt.complaints == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("days", "promised"), [(10, "CNY\xa0387.00"), (5, "CNY\xa0193.50"), (1, "CNY\xa00.00")]
)
def test_cancelling_brings_back_what_the_page_promised(visitor, paid_offer, days, promised):
    booked = open_terms(visitor, paid_offer, days)
    agree(visitor)
    at_gateway(visitor, "card")
    visitor.go("bookings:cancel_appointment", booked.public_id)
    assert promised in visitor.page.locator(".back-sum").inner_text()
    look(visitor, f"pay_14_cancel_{days}")
    visitor.press()
    look(visitor, f"pay_15_cancelled_{days}")
    back = {10: [38_700], 5: [19_350], 1: []}[days]
    assert list(Refund.objects.values_list("amount_minor", flat=True)) == back


@pytest.mark.long
def test_a_letter_about_a_visa_is_sent_after_cancelling(visitor, paid_offer, tmp_path):
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7 refused")
    booked = open_terms(visitor, paid_offer, 5)
    agree(visitor)
    at_gateway(visitor, "card")
    visitor.go("bookings:cancel_appointment", booked.public_id)
    visitor.page.locator("[name=cause][value=visa_refused]").check()
    visitor.press()
    look(visitor, "pay_16_claim")
    visitor.page.locator("[name=cause][value=visa_refused]").check()
    visitor.page.set_input_files("[name=proof]", letter)
    visitor.press()
    assert "You asked for everything back" in visitor.page.inner_text("main")
    look(visitor, "pay_17_money_claim")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="Ask the hospital for a fapiao").click()
    look(visitor, "pay_18_fapiao")


@pytest.mark.long
def test_adds_to_the_deposit_of_a_quote_and_sees_how_to_transfer(visitor, paid_offer):
    booked = waiting(paid_offer)
    sign_in(visitor, booked.booker)
    PayeeAccountFactory(hospital=paid_offer.hospital, transfer=True)
    quote = accepted_quote(booked.case, booked.booker)
    visitor.go("payments:case_money", quote.case.public_id)
    look(visitor, "pay_19_money_of_a_quote")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="Add to the deposit").click()
    look(visitor, "pay_20_add")
    visitor.page.fill("[name=amount]", "100")
    visitor.press()
    look(visitor, "pay_21_terms_of_a_quote")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name="Pay by bank transfer").click()
    look(visitor, "pay_22_transfer")
    visitor.go("payments:share", "broken")
    look(visitor, "pay_23_share_broken")


def test_pays_without_javascript(plain_visitor, paid_offer):
    open_terms(plain_visitor, paid_offer)
    agree(plain_visitor)
    at_gateway(plain_visitor, "card")
    assert heading(plain_visitor) == "Paid: your appointment is confirmed"


@pytest.mark.long
def test_pays_in_arabic(arabic_visitor, paid_offer, open_page, live_server):
    visitor = arabic_visitor
    booked = open_terms(visitor, paid_offer)
    look(visitor, "pay_02_terms")
    visitor.go("payments:shares", booked.obligations.get().public_id)
    visitor.page.fill("[name=label]", "مي")
    visitor.page.fill("[name=amount]", "١٠٠")
    visitor.press()
    look(visitor, "pay_09_shares")
    aunt = Visitor(open_page(locale="ar"), live_server, "ar")
    aunt.page.goto(visitor.page.locator("input[readonly]").input_value())
    assert "/ar/" in aunt.page.url
    look(aunt, "pay_10_share")
    agree(aunt)
    at_gateway(aunt, "card")
    look(aunt, "pay_11_share_paid")
    visitor.go("payments:deposit", booked.public_id)
    agree(visitor)
    at_gateway(visitor, "card")
    look(visitor, "pay_04_paid")
    visitor.go("payments:case_money", booked.case.public_id)
    look(visitor, "pay_13_money")
    visitor.go("bookings:cancel_appointment", booked.public_id)
    look(visitor, "pay_14_cancel")
    visitor.press()
    look(visitor, "pay_15_cancelled")
