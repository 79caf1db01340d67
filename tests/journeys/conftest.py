"""What browser journeys share: a Chromium, a hospital with times, eyes for every page."""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from bookings.models import Appointment
from messaging.delivery import deliver_all_due
from tests.factories import CityFactory, HospitalFactory, OfferFactory, SlotFactory
from tests.factories.bookings import in_days
from tests.people import sign_in_with_second_step

# Playwright runs an event loop in this thread; the tests still use Django's database in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CODE = re.compile(r"\b([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\b")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PASSWORD = "long plain test words 9"


@pytest.fixture
def open_page(browser):
    """Return a function that opens a page with cookies and history of its own."""
    contexts = []

    def open_one(**options):
        context = browser.new_context(viewport=WIDE, timezone_id="Europe/Moscow", **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def offer(transactional_db):
    """Return an offer with six times on the day after tomorrow, two places each."""
    city = CityFactory(slug="shanghai", name_en="Shanghai", name_zh_hans="上海", name_ar="شنغهاي")
    hospital = HospitalFactory(
        slug="first-hospital", name_en="First Hospital", name_zh_hans="第一医院", city=city
    )
    offer = OfferFactory(hospital=hospital, languages=["en", "ar"])
    for hour in (9, 10, 11, 14, 15, 16):
        SlotFactory(offer=offer, starts_at=in_days(2, hour), capacity=2)
    return offer


class Visitor:
    """A person with a browser: knows the way through booking by the names of the boxes."""

    def __init__(self, page, live_server, language="en"):
        self.page, self.server, self.language = page, live_server.url, language
        self.complaints = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message):
        refused = "status of 4" in message.text  # a page that says no is not a fault of the page
        if message.type == "error" and not refused:
            self.complaints.append(message.text)

    def address(self, name, *args):
        with translation.override(self.language):
            return self.server + reverse(name, args=args)

    def go(self, name, *args):
        return self.page.goto(self.address(name, *args))

    def press(self, scope="main"):
        """Press the first button of the main form and wait for the next page."""
        with self.page.expect_navigation():
            self.page.locator(f"{scope} button[type=submit].btn-lg").first.click()

    def hold(self, offer, nth=0):
        self.go("bookings:picker", offer.public_id)
        self.page.locator("input[name=slot]:enabled").nth(nth).check(force=True)
        self.press("#times")
        return Appointment.objects.latest("pk")

    def say_who(self, name="SAMPLE NAME"):
        self.page.fill("[name=passport_name]", name)
        self.page.locator("[name=relation][value=self]").check()
        for part, value in (("day", "2"), ("month", "3"), ("year", "1984")):
            self.page.fill(f"[name=date_of_birth_{part}]", value)
        self.page.select_option("[name=phone_country]", "RU")
        self.page.fill("[name=phone]", "912 345 67 89")
        self.press()

    def agree(self):
        self.page.locator("[name=consent_transfer]").check()
        self.press()

    def sign_up(self, email):
        with self.page.expect_navigation():
            self.page.locator("main a.btn-lg").first.click()
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password1]", PASSWORD)
        with self.page.expect_navigation():
            self.page.locator("main form:has([name=email]) button[type=submit]").first.click()
        self.page.fill("[name=code]", newest_code(email))
        with self.page.expect_navigation():
            self.page.locator("main form:has([name=code]) button[type=submit]").first.click()

    def book(self, offer, email):
        """Go the whole way from the times to the confirmed page."""
        hold = self.hold(offer)
        self.say_who()
        self.agree()
        self.sign_up(email)
        self.press()
        hold.refresh_from_db()
        return hold

    def look(self):
        """Hold the page up to the light: accessible, and no sideways scrolling on a telephone."""
        found = Axe().run(self.page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], self.page.url
        self.page.set_viewport_size(NARROW)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size(WIDE)
        assert width <= NARROW["width"], self.page.url

    def keep_picture(self, name):
        """Save pictures of the page when BROWSER_PICTURES names a folder."""
        folder = os.environ.get("BROWSER_PICTURES")
        if not folder:
            return
        for size in (WIDE, NARROW):
            self.page.set_viewport_size(size)
            path = Path(folder) / f"{name}_{self.language}_{size['width']}.png"
            self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size(WIDE)


@pytest.fixture
def signed_in(open_page, live_server):
    """Return a function that gives an account a browser of its own, as if it had signed in."""

    def sign_in(user, language="en", second_step=False):
        client = Client()
        if second_step:
            sign_in_with_second_step(client, user)
        else:
            client.force_login(user)
        visitor = Visitor(open_page(), live_server, language=language)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        kept = {"zone": "Europe/Moscow", "currency": "EUR", settings.SESSION_COOKIE_NAME: session}
        visitor.page.context.add_cookies(
            [{"name": name, "value": value, "url": visitor.server} for name, value in kept.items()]
        )
        return visitor

    return sign_in


def press(page, words):
    """Press the button with these words and wait for the next page."""
    with page.expect_navigation():
        page.locator("main, #main, body").first.get_by_role("button", name=words).first.click()


def follow(page, words):
    """Follow the link with these words and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("link", name=words).first.click()


def newest_mail(address):
    deliver_all_due()
    return [each for each in mail.outbox if each.to == [address]][-1]


def newest_code(address):
    return CODE.search(newest_mail(address).body)[1]


@pytest.fixture
def visitor(open_page, live_server, transactional_db):
    person = Visitor(open_page(), live_server)
    yield person
    assert person.complaints == []


@pytest.fixture
def arabic_visitor(open_page, live_server, transactional_db):
    person = Visitor(open_page(), live_server, "ar")
    yield person
    assert person.complaints == []


@pytest.fixture
def plain_visitor(open_page, live_server, transactional_db):
    """Return a visitor whose browser runs no JavaScript."""
    return Visitor(open_page(java_script_enabled=False), live_server)
