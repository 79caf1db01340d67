"""A person books in a real browser, in English and in Arabic, with and without JavaScript."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment
from bookings.models.slot import Slot
from medtour.lib import clock
from tests.factories import SlotFactory
from tests.factories.bookings import in_days
from tests.journeys.conftest import newest_mail

pytestmark = pytest.mark.browser

EMAIL = "lena@people.example"


def test_books_in_english_and_every_page_on_the_way_is_sound(visitor, offer):
    page = visitor.page
    page.context.add_cookies([{"name": "zone", "value": "Europe/Moscow", "url": visitor.server}])
    visitor.go("bookings:picker", offer.public_id)
    visitor.look()
    visitor.keep_picture("1_times")
    hold = visitor.hold(offer)
    assert re.fullmatch(r"1[45]:\d\d", page.locator("[data-until]").inner_text())
    visitor.look()
    visitor.press()
    assert page.title().startswith("Error:")
    visitor.look()
    visitor.keep_picture("2_details_errors")
    visitor.say_who()
    visitor.look()
    visitor.keep_picture("3_notes")
    visitor.agree()
    visitor.look()
    visitor.keep_picture("4_account")
    visitor.sign_up(EMAIL)
    assert page.url == visitor.address("bookings:check", hold.public_id)
    visitor.look()
    visitor.keep_picture("5_check")
    visitor.press()
    visitor.look()
    visitor.keep_picture("6_confirmed")
    hold.refresh_from_db()
    assert (hold.state, hold.booker.email) == ("confirmed", EMAIL)
    assert hold.patient.passport_name == "SAMPLE NAME"
    assert hold.reference in page.inner_text("main")
    assert "First Hospital" in newest_mail(EMAIL).body


def test_books_in_arabic(arabic_visitor, offer):
    visitor = arabic_visitor
    visitor.go("bookings:picker", offer.public_id)
    visitor.keep_picture("1_times")
    booked = visitor.book(offer, EMAIL)
    visitor.keep_picture("6_confirmed")
    assert visitor.page.get_attribute("html", "dir") == "rtl"
    assert visitor.page.url == visitor.address("bookings:confirmed", booked.public_id)
    assert (booked.state, booked.language, booked.booker.locale) == ("confirmed", "ar", "ar")
    assert re.search("[\u0600-\u06ff]", newest_mail(EMAIL).body)


def test_books_without_javascript(plain_visitor, offer):
    booked = plain_visitor.book(offer, EMAIL)
    assert booked.state == "confirmed"


def test_pressing_twice_and_going_back_books_once(visitor, offer):
    page = visitor.page
    visitor.hold(offer)
    visitor.say_who()
    visitor.agree()
    visitor.sign_up(EMAIL)
    check = page.url
    button = page.locator("main form button.btn-lg")
    button.dblclick()
    # The second press ends the first one's navigation: look at the address, not at one of the two.
    expect(page).to_have_url(re.compile("/confirmed/$"))
    page.wait_for_load_state()
    page.go_back()
    page.goto(check)
    assert page.url.endswith("/confirmed/")
    assert Appointment.objects.count() == 1
    assert Slot.objects.filter(booked=1).count() == 1


def test_a_hold_that_ran_out_leads_back_to_the_times_of_that_day(visitor, offer):
    page = visitor.page
    hold = visitor.hold(offer)
    Appointment.objects.filter(pk=hold.pk).update(held_until=clock.now() - dt.timedelta(minutes=1))
    visitor.say_who("KEPT NAME")
    assert "This time is no longer held" in page.inner_text("main")
    visitor.look()
    visitor.keep_picture("hold_ended")
    with page.expect_navigation():
        page.locator("main a.btn-lg").first.click()
    assert page.locator("input[name=slot]:enabled").count() == 6


def test_more_time_is_given_without_losing_what_is_typed(visitor, offer):
    page = visitor.page
    visitor.hold(offer)
    page.fill("[name=passport_name]", "HALF TYPED")
    page.locator("#hold-aside [hx-post]").click()
    expect(page.locator("[data-until]")).to_have_text(re.compile(r"^(29|30):\d\d$"))
    expect(page.locator("#hold-aside [hx-post]")).to_have_count(0)
    assert page.input_value("[name=passport_name]") == "HALF TYPED"


def test_more_time_without_javascript_keeps_the_note_that_is_not_saved_yet(plain_visitor, offer):
    page = plain_visitor.page
    plain_visitor.hold(offer)
    plain_visitor.say_who()
    page.fill("[name=notes]", "Half a note")
    with page.expect_navigation():
        page.locator("#hold-aside [formaction]").click()
    assert page.input_value("[name=notes]") == "Half a note"
    assert page.locator("#hold-aside [formaction]").count() == 0
    page.locator("[name=consent_health]").check()
    plain_visitor.agree()
    assert "Half a note" in Appointment.objects.get().intake["notes"]


def test_another_day_is_swapped_in_without_losing_the_way_back(visitor, offer):
    page = visitor.page
    other = SlotFactory(offer=offer, starts_at=in_days(3, 8))
    visitor.go("bookings:picker", offer.public_id)
    first = page.url
    page.locator(".days a.day").nth(1).click()
    page.wait_for_selector(f"input[name=slot][value='{other.public_id}']", state="attached")
    assert "day=" in page.url
    page.go_back()
    page.wait_for_url(first)
    expect(page.locator("input[name=slot]:enabled")).to_have_count(6)
