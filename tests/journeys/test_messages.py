"""From the booking to the hospital's call on a clock that jumps: each mail in its turn and language.

Worker and beat are run by hand after each jump; the pages are real, in Chromium.
"""

import datetime as dt
import re
import time

import pytest
from django.conf import settings as site
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from accounts.sessions import SessionStore
from bookings.models import FollowUpTask
from bookings.services import attendance, follow_ups
from bookings.services.discharges import record_discharge
from medtour.lib import clock
from messaging.delivery import deliver_all_due
from messaging.models import Message
from tests.factories import MembershipFactory, OfferFactory, SlotFactory
from tests.factories.bookings import in_days
from tests.factories.follow_up import WELL, facts
from tests.journeys.conftest import NARROW, Visitor

pytestmark = [pytest.mark.long, pytest.mark.browser]

EMAIL = "layla@people.example"
MOSCOW = "Europe/Moscow"
ARABIC = re.compile("[\u0600-\u06ff]")
HIGH_FEVER = {**WELL, "fever": "yes", "temperature": "39.4"}
DAY = dt.timedelta(days=1)


class Ahead:
    """Lets the whole site, every thread of it, live at another instant; the time goes on there."""

    def __init__(self):
        self.by = dt.timedelta()

    def get(self):
        return dt.datetime.now(dt.UTC) + self.by

    def jump_to(self, instant):
        self.by = instant - dt.datetime.now(dt.UTC)
        follow_ups.advance_due()
        deliver_all_due()


@pytest.fixture
def ahead(monkeypatch):
    made = Ahead()
    monkeypatch.setattr(clock, "_frozen", made)
    return made


@pytest.fixture
def coordinator(offer):
    return MembershipFactory(hospital=offer.hospital, user__email="desk@first.example").user


def news():
    """Return the kinds that reached the person, in the order they did, without codes to sign in."""
    sent = Message.objects.filter(address=EMAIL, status="sent").order_by("sent_at", "pk")
    kinds = sent.exclude(kind__startswith="accounts.").values_list("kind", flat=True)
    return [kind.removeprefix("bookings.") for kind in kinds]


def eight_in_moscow(instant):
    return clock.at_wall_time(clock.local(instant, MOSCOW).date(), dt.time(8), MOSCOW)


def book_in_eight_days(visitor, offer, site_settings):
    """Book soon enough that at no hour of the day a notice about the visa is due as well."""
    site_settings.SITE_URL = visitor.server
    zone = {"name": "zone", "value": MOSCOW, "url": visitor.server}
    visitor.page.context.add_cookies([zone])
    later = OfferFactory(hospital=offer.hospital, languages=["en", "ar"])
    SlotFactory(offer=later, starts_at=in_days(8, 10))
    booked = visitor.book(later, EMAIL)
    deliver_all_due()
    assert (booked.state, booked.booker.time_zone) == ("confirmed", MOSCOW)
    return booked


def treat(appointment, coordinator):
    """Let the person come, be treated and go home, as the hospital's desk notes it."""
    attendance.mark_arrived(appointment, by=coordinator)
    appointment.refresh_from_db()
    attendance.mark_completed(appointment, by=coordinator)
    appointment.case.refresh_from_db()
    papers = facts(language="ar", discharged_on=clock.today("Asia/Shanghai"))
    return record_discharge(appointment.case, facts=papers, by=coordinator)


def answer_on_a_phone(person, link):
    """Open the link of the mail, say who it is about, and answer with a high fever."""
    page = person.page
    page.set_viewport_size(NARROW)
    page.goto(link)
    for part, value in (("day", "2"), ("month", "3"), ("year", "1984")):
        page.fill(f"[name=date_of_birth_{part}]", value)
    person.press()
    for code, value in HIGH_FEVER.items():
        box = page.locator(f"[name={code}]")
        if code == "temperature":
            box.fill(value)
        else:
            page.locator(f"[name={code}][value='{value}']").check(force=True)
    person.press()


def sign_in(page, user, server):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = site.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    name = site.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session.session_key, "url": server}])


def wait_for_the_visit(ahead, starts_at):
    """Let the days before the visit pass; each reminder comes when it is day where the person is."""
    assert news() == ["appointment_confirmed"]
    ahead.jump_to(starts_at - 7 * DAY + dt.timedelta(seconds=1))
    assert news()[1:] == [], "it is five in the morning there: a reminder waits"
    ahead.jump_to(eight_in_moscow(starts_at - 7 * DAY))
    assert news()[1:] == ["reminder_7d"]
    ahead.jump_to(eight_in_moscow(starts_at - 2 * DAY))
    ahead.jump_to(starts_at - DAY + dt.timedelta(seconds=1))
    ahead_of_it = ["pre_visit", "reminder_2d", "reminder_24h"]
    assert news()[2:] == ahead_of_it, "in Shanghai by now, where it is ten"


def read_the_mails():
    """Return the link to the questions; every mail so far is in Arabic."""
    mails = [letter for letter in mail.outbox if letter.to == [EMAIL]]
    for letter in mails:
        assert ARABIC.search(letter.subject), letter.subject
        assert letter.extra_headers["Content-Language"] == "ar"
    (link,) = re.findall(r"http\S+/f/\S+", mails[-1].body)
    return link


def see_whom_to_call(person):
    expect(person.page.locator("#call")).to_be_in_viewport()
    assert person.page.get_attribute("html", "dir") == "rtl"
    assert person.page.locator("a[href='tel:120']").first.is_visible()
    person.keep_picture("fever_sent")
    person.look()


def see_the_fever_at_the_desk(page, coordinator, server):
    sign_in(page, coordinator, server.url)
    page.goto(server.url + reverse("admin:bookings_followuptask_changelist"))
    first = page.locator("#result_list tbody tr").first
    expect(first).to_contain_text("SAMPLE NAME")
    expect(first).to_contain_text("red", ignore_case=True)


def test_from_the_booking_to_a_fever_that_the_hospital_hears_of(
    arabic_visitor, open_page, live_server, offer, coordinator, ahead, settings, request
):
    booked = book_in_eight_days(arabic_visitor, offer, settings)
    wait_for_the_visit(ahead, booked.slot.starts_at)

    ahead.jump_to(booked.slot.starts_at + dt.timedelta(hours=1))
    discharge = treat(booked, coordinator)
    deliver_all_due()
    task = FollowUpTask.objects.get(discharge=discharge, day=1)
    ahead.jump_to(task.next_at)
    assert news()[5:] == ["discharge_pack", "follow_up_questions"]

    person = Visitor(open_page(), live_server, "ar")
    answer_on_a_phone(person, read_the_mails())
    answered_at = time.monotonic()
    see_whom_to_call(person)

    request.getfixturevalue("lenient_templates")  # the admin's own rely on it
    see_the_fever_at_the_desk(open_page(), coordinator, live_server)
    assert time.monotonic() - answered_at < 60
    task.refresh_from_db()
    assert (task.state, task.level) == ("escalated", "red")
    assert task.target_at - clock.now() < dt.timedelta(hours=1)
    deliver_all_due()
    assert news()[-1] == "follow_up_red"
    assert person.complaints == []
