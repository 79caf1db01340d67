"""Sixty-four people press "Book now" for one last place, over real connections (G4)."""

import http.client
import threading
from collections import Counter
from urllib.parse import urlencode

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse

from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent, give_consents
from accounts.sessions import SessionStore
from bookings.models import Appointment, Case, CaseEvent
from messaging.models import Message
from tests.factories import PatientFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PEOPLE = 64
CSRF = "c" * 32


def signed_in(user):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.AccountBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


@pytest.fixture
def everybody(settings):
    """Return (session key, patient) of people who are ready to book at the slot's hospital."""
    slot = SlotFactory(starts_at=in_days(10, 9), capacity=1)
    people = []
    for _ in range(PEOPLE):
        patient = PatientFactory()
        consent = GivenConsent(Purpose.HOSPITAL_TRANSFER, slot.hospital.slug, "I agree", "en")
        give_consents(patient, [consent])
        people.append((signed_in(patient.account), patient))
    return slot, people


def press(host, port, slot, session, patient, key, start):
    """Send one booking as the page's form does; return its status and what the page says."""
    body = urlencode(
        {
            "slot": slot.public_id,
            "language": "en",
            "idempotency_key": key,
            "patient": patient.public_id,
            "csrfmiddlewaretoken": CSRF,
        }
    )
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
    }
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.connect()
        start.wait(60)
        address = reverse("bookings:book_now", args=[slot.offer.public_id])
        connection.request("POST", address, body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_one_of_sixty_four_gets_the_last_place(everybody, live_server):
    slot, people = everybody
    start = threading.Barrier(PEOPLE)
    answers = [(0, "")] * PEOPLE

    def go(number):
        session, patient = people[number]
        place = (live_server.thread.host, live_server.thread.port)
        answers[number] = press(*place, slot, session, patient, f"key-{number}", start)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert Counter(status for status, _page in answers) == {303: 1, 409: PEOPLE - 1}
    assert all("taken" in page for status, page in answers if status == 409)
    winner = next(number for number, (status, _page) in enumerate(answers) if status == 303)
    appointment = Appointment.objects.get()
    assert appointment.patient == people[winner][1]
    slot.refresh_from_db()
    assert slot.booked == 1
    assert (Case.objects.count(), CaseEvent.objects.count()) == (1, 2)
    assert set(Message.objects.values_list("recipient", flat=True)) == {appointment.booker_id}
