"""An appointment in My care and behind its link: shown, moved, cancelled, put into a calendar."""

import datetime as dt

import pytest
from django.urls import reverse

from bookings.links import sign_appointment
from medtour.lib import clock
from messaging.models import Message
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, OfferFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = pytest.mark.django_db

NAMES = {
    "care": ("appointment", "move_appointment", "cancel_appointment", "calendar_file"),
    "link": ("linked_appointment", "linked_move", "linked_cancel", "linked_calendar_file"),
}


@pytest.fixture
def offer(hospital, frozen):
    return OfferFactory(hospital=hospital, treatment__name_en="Knee operation")


@pytest.fixture
def booked(offer, patient):
    return AppointmentFactory(
        slot=SlotFactory(offer=offer, starts_at=in_days(3)),
        patient=patient,
        intake={"notes": "Nut allergy"},
    )


@pytest.fixture
def other_slot(offer):
    return SlotFactory(offer=offer, starts_at=in_days(4, 10))


@pytest.fixture(params=["care", "link"])
def doors(request, client, user, booked):
    """Return the four addresses of the appointment's pages, once signed in and once by link."""
    if request.param == "care":
        client.force_login(user)
    key = booked.public_id if request.param == "care" else sign_appointment(booked)
    return [reverse(f"bookings:{name}", args=[key]) for name in NAMES[request.param]]


def test_shows_both_clocks_and_the_rule(client, doors, booked):
    client.cookies["zone"] = "Europe/Moscow"
    page = client.get(doors[0]).content.decode()
    assert booked.reference in page
    assert "<bdi>09:00</bdi>" in page
    assert "<bdi>04:00</bdi>" in page
    assert "Free of charge until:" in page
    assert "Wed 25 Nov" in page
    assert "Take me" in page or "请送我到这里" in page


def test_only_the_owner_reads_names_notes_and_treatment(client, doors, booked):
    page = client.get(doors[0]).content.decode()
    private = doors[0].startswith("/en/care/")
    for secret in ("ANNA TEST", "Nut allergy", "Knee operation"):
        assert (secret in page) is private
    assert "1984" not in page


def test_moving_gives_the_new_time_and_frees_the_old(client, doors, booked, other_slot):
    old = booked.slot
    page = client.get(doors[1]).content.decode()
    assert other_slot.public_id in page
    answer = client.post(doors[1], {"slot": other_slot.public_id, "version": booked.version})
    assert (answer.status_code, answer.headers["Location"]) == (303, doors[0])
    booked.refresh_from_db()
    old.refresh_from_db()
    other_slot.refresh_from_db()
    assert (booked.slot, old.booked, other_slot.booked) == (other_slot, 0, 1)
    assert Message.objects.filter(kind="bookings.appointment_moved").count() == 1


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"slot": ""}, 422, "Choose a time first."),
        ({"slot": "unknown"}, 409, "This time can no longer be booked."),
        ({"version": "99"}, 409, "This appointment was changed in the meantime."),
    ],
)
def test_a_refused_move_changes_nothing(
    client, doors, booked, other_slot, change, status, sentence
):
    before = snapshot()
    data = {"slot": other_slot.public_id, "version": booked.version} | change
    answer = client.post(doors[1], data)
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert snapshot() == before


def test_moving_to_a_full_time_changes_nothing(client, doors, booked, other_slot):
    AppointmentFactory(slot=other_slot)
    before = snapshot()
    data = {"slot": other_slot.public_id, "version": booked.version}
    answer = client.post(doors[1], data)
    assert answer.status_code == 409
    assert "Somebody else has just taken this place." in answer.content.decode()
    assert snapshot() == before


def test_reading_never_cancels(client, doors, booked):
    before = snapshot()
    page = client.get(doors[2]).content.decode()
    assert "Cancel this appointment?" in page
    assert snapshot() == before


def test_cancelling_frees_the_place_and_says_so(client, doors, booked):
    answer = client.post(doors[2], {"version": booked.version, "reason": "Flight\ncancelled"})
    assert (answer.status_code, answer.headers["Location"]) == (303, doors[0])
    booked.refresh_from_db()
    booked.slot.refresh_from_db()
    assert (booked.state, booked.ended_by, booked.slot.booked) == ("cancelled", "patient", 0)
    assert booked.ended_reason == "Flight cancelled"
    assert "This appointment is cancelled." in client.get(doors[0]).content.decode()


def test_cancelling_twice_is_refused_and_shows_the_present_state(client, doors, booked):
    client.post(doors[2], {"version": booked.version})
    before = snapshot()
    answer = client.post(doors[2], {"version": booked.version})
    assert answer.status_code == 409
    assert "This appointment is cancelled." in answer.content.decode()
    assert snapshot() == before


def test_a_reason_that_is_too_long_is_not_lost(client, doors, booked):
    before = snapshot()
    answer = client.post(doors[2], {"version": booked.version, "reason": "y" * 301})
    assert answer.status_code == 422
    assert "Write 300 letters or fewer" in answer.content.decode()
    assert "y" * 301 in answer.content.decode()
    assert snapshot() == before


def test_once_it_began_nothing_can_be_changed(client, doors, booked, other_slot):
    before = snapshot()
    with clock.freeze(booked.slot.starts_at + dt.timedelta(minutes=1)):
        page = client.get(doors[0]).content.decode()
        assert "Move to another time" not in page
        moved = client.post(doors[1], {"slot": other_slot.public_id, "version": booked.version})
        cancelled = client.post(doors[2], {"version": booked.version})
    assert (moved.status_code, cancelled.status_code) == (409, 409)
    assert snapshot() == before


def test_the_calendar_file_names_only_the_hospital(client, doors, booked):
    answer = client.get(doors[3])
    body = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/calendar; charset=utf-8")
    assert "SUMMARY:Appointment at First Hospital" in body
    assert "DTSTART:20261126T010000Z" in body
    assert "Knee" not in body


@pytest.mark.parametrize("name", NAMES["care"])
def test_a_stranger_finds_nothing(client, stranger, booked, other_slot, name):
    client.force_login(stranger)
    url = reverse(f"bookings:{name}", args=[booked.public_id])
    before = snapshot()
    assert client.get(url).status_code == 404
    data = {"version": booked.version, "slot": other_slot.public_id}
    assert client.post(url, data).status_code in (404, 405)
    assert snapshot() == before


@pytest.mark.parametrize("name", NAMES["care"])
def test_nobody_reads_without_signing_in(client, booked, name):
    answer = client.get(reverse(f"bookings:{name}", args=[booked.public_id]))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", NAMES["link"])
def test_a_forged_link_gets_a_page_that_helps(client, booked, name):
    answer = client.get(reverse(f"bookings:{name}", args=[booked.public_id]))
    assert answer.status_code == 404
    assert "This link does not work" in answer.content.decode()


def test_a_link_page_is_not_indexed_stored_or_told_to_others(client, booked):
    url = reverse("bookings:linked_appointment", args=[sign_appointment(booked)])
    answer = client.get(url)
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


def test_an_old_link_no_longer_opens(client, booked, monkeypatch):
    token = sign_appointment(booked)
    monkeypatch.setattr("bookings.links.MAX_AGE_SECONDS", -1)
    url = reverse("bookings:linked_appointment", args=[token])
    assert client.get(url).status_code == 404
