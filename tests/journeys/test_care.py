"""A signed-in person looks after what they booked: My care, moving, cancelling, profile."""

import re

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.sessions import SessionStore
from bookings.links import sign_appointment
from bookings.models.slot import Slot
from tests.factories import (
    AppointmentFactory,
    OfferFactory,
    PatientFactory,
    UserFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
)
from tests.factories.bookings import CaseFactory, in_days

pytestmark = pytest.mark.browser


@pytest.fixture
def patient(offer):
    user = UserFactory(verified=True, email="anna@patient.example", time_zone="Europe/Moscow")
    return PatientFactory(account=user, passport_name="ANNA TEST")


@pytest.fixture
def booked(patient, offer):
    return AppointmentFactory(slot=offer.slots.earliest("starts_at"), patient=patient)


@pytest.fixture
def signed_in(visitor, patient):
    """Return the visitor with a session of the patient's account."""
    user, session = patient.account, SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookies = [
        {"name": "zone", "value": "Europe/Moscow", "url": visitor.server},
        {
            "name": settings.SESSION_COOKIE_NAME,
            "value": session.session_key,
            "url": visitor.server,
        },
    ]
    visitor.page.context.add_cookies(cookies)
    return visitor


def test_moves_and_cancels(signed_in, booked):
    page = signed_in.page
    signed_in.go("bookings:appointment", booked.public_id)
    signed_in.look()
    signed_in.keep_picture("appointment")
    signed_in.go("bookings:move_appointment", booked.public_id)
    signed_in.look()
    signed_in.keep_picture("move")
    page.locator("input[name=slot]:enabled").last.check(force=True)
    signed_in.press("#times")
    booked.refresh_from_db()
    assert booked.slot.starts_at == in_days(2, 16)
    assert "16:00" in page.inner_text("main")
    signed_in.go("bookings:cancel_appointment", booked.public_id)
    signed_in.look()
    page.fill("[name=reason]", "The flight was cancelled")
    signed_in.press()
    booked.refresh_from_db()
    assert (booked.state, booked.ended_reason) == ("cancelled", "The flight was cancelled")
    assert Slot.objects.filter(booked__gt=0).count() == 0


def test_cancels_behind_the_link_of_a_message(visitor, booked):
    page = visitor.page
    visitor.go("bookings:linked_appointment", sign_appointment(booked))
    visitor.look()
    visitor.keep_picture("linked")
    assert "ANNA TEST" not in page.content()
    visitor.go("bookings:linked_cancel", sign_appointment(booked))
    visitor.press()
    booked.refresh_from_db()
    assert booked.state == "cancelled"
    assert "This appointment is cancelled." in page.inner_text("main")


@pytest.mark.long
def test_every_page_of_my_care_is_sound(signed_in, booked, patient, offer):
    AppointmentFactory(slot=offer.slots.latest("starts_at"), patient=patient, cancelled=True)
    window = OfferFactory(hospital=offer.hospital, window=True)
    case = CaseFactory(patient=patient, hospital=offer.hospital, treatment=window.treatment)
    asked = WindowRequestFactory(offer=window, case=case)
    entry = WaitingEntryFactory(offer=offer, booker=patient.account, patient=patient)
    for name, *args in (
        ("bookings:care",),
        ("bookings:case", booked.case.public_id),
        ("bookings:request", asked.public_id),
        ("bookings:waiting_entry", entry.public_id),
        ("bookings:ask_for_dates", window.public_id),
        ("bookings:join_waiting_list", offer.public_id),
        ("accounts:profile",),
        ("accounts:add_patient",),
        ("accounts:edit_patient", patient.public_id),
    ):
        assert signed_in.go(name, *args).status == 200
        signed_in.look()
        signed_in.keep_picture(re.sub(r"\W", "_", name))
