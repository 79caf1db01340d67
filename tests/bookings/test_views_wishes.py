"""Asking for dates and the waiting list: forms, answers, refusals, strangers."""

import datetime as dt

import pytest
from django.urls import reverse

from bookings.models import WaitingEntry, WindowRequest
from bookings.services import waiting, windows
from medtour.lib import clock
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, OfferFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = pytest.mark.django_db

DAYS = {
    "first_on_day": "1", "first_on_month": "12", "first_on_year": "2026",
    "last_on_day": "10", "last_on_month": "12", "last_on_year": "2026",
}  # fmt: skip


@pytest.fixture
def offer(hospital, frozen):
    return OfferFactory(hospital=hospital, window=True)


@pytest.fixture
def instant_offer(hospital, frozen):
    return OfferFactory(hospital=hospital)


@pytest.fixture
def wish(patient):
    return DAYS | {
        "who": patient.public_id,
        "language": "en",
        "part_of_day": "morning",
        "notes": "",
        "consent_transfer": "on",
        "idempotency_key": "k1",
    }


@pytest.fixture
def asked(client, user, offer, wish):
    client.force_login(user)
    client.post(reverse("bookings:ask_for_dates", args=[offer.public_id]), wish)
    return WindowRequest.objects.get()


@pytest.fixture
def offered(asked, offer, coordinator):
    slots = [SlotFactory(offer=offer, starts_at=in_days(9, hour)) for hour in (9, 10)]
    return windows.offer_times(asked, slots=slots, by=coordinator)


def act(name, thing):
    return reverse(f"bookings:{name}", args=[thing.public_id])


def test_asking_sends_the_wish_once(client, user, offer, wish, patient):
    client.force_login(user)
    url = reverse("bookings:ask_for_dates", args=[offer.public_id])
    answer = client.post(url, wish)
    asked = WindowRequest.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, act("request", asked))
    assert (asked.first_on, asked.last_on) == (dt.date(2026, 12, 1), dt.date(2026, 12, 10))
    assert (asked.part_of_day, asked.case.patient, asked.language) == ("morning", patient, "en")
    client.post(url, wish)
    assert WindowRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"who": ""}, "Choose who the appointment is for"),
        ({"first_on_month": "13"}, "Enter the month as a number from 1 to 12"),
        ({"first_on_year": "2025"}, "Enter a day that is not in the past"),
        ({"last_on_month": "11", "last_on_day": "30"}, "The last day must not be before the first"),
        ({"last_on_year": "2027", "last_on_month": "6"}, "within three months of the first day"),
        ({"consent_transfer": ""}, "without your agreement we may not send"),
        ({"notes": "Nuts"}, "Tick this box so that we may keep your note"),
    ],
)
def test_each_mistake_is_said_and_nothing_is_sent(client, user, offer, wish, change, sentence):
    client.force_login(user)
    before = snapshot()
    answer = client.post(reverse("bookings:ask_for_dates", args=[offer.public_id]), wish | change)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("name", ["ask_for_dates", "join_waiting_list"])
def test_an_account_without_persons_adds_one_first(client, stranger, offer, name):
    client.force_login(stranger)
    url = reverse(f"bookings:{name}", args=[offer.public_id])
    answer = client.get(url)
    assert answer.headers["Location"].startswith(f"{reverse('accounts:add_patient')}?next=%2Fen%2F")


@pytest.mark.parametrize("name", ["ask_for_dates", "join_waiting_list"])
def test_an_anonymous_visitor_signs_in_and_comes_back(client, offer, name):
    url = reverse(f"bookings:{name}", args=[offer.public_id])
    assert client.get(url).headers["Location"] == f"{reverse('account_login')}?next={url}"


def test_the_request_page_shows_the_deadline_in_both_clocks(client, asked):
    client.cookies["zone"] = "Europe/Moscow"
    page = client.get(act("request", asked)).content.decode()
    assert "The hospital answers by" in page
    assert "<bdi>18:00</bdi>" in page
    assert "<bdi>13:00</bdi>" in page
    assert "Dates asked for" in page


def test_taking_one_time_confirms_it_and_frees_the_others(client, asked, offered):
    page = client.get(act("request", asked)).content.decode()
    assert page.count("Take this time") == 2
    answer = client.post(act("accept_time", asked), {"time": offered[1].public_id})
    assert answer.headers["Location"] == act("confirmed", offered[1])
    states = [type(row).objects.get(pk=row.pk).state for row in offered]
    assert states == ["cancelled", "confirmed"]


def test_taking_a_time_too_late_is_refused(client, asked, offered):
    before = snapshot()
    with clock.freeze(clock.now() + dt.timedelta(hours=49)):
        answer = client.post(act("accept_time", asked), {"time": offered[0].public_id})
    assert answer.status_code == 409
    assert snapshot() == before


def test_none_of_the_times_asks_again(client, asked, offered):
    client.post(act("decline_times", asked))
    asked.refresh_from_db()
    assert asked.state == "requested"
    assert {type(row).objects.get(pk=row.pk).state for row in offered} == {"declined"}


def test_withdrawing_ends_it_and_twice_is_refused(client, asked):
    client.post(act("withdraw_request", asked))
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    before = snapshot()
    assert client.post(act("withdraw_request", asked)).status_code == 409
    assert snapshot() == before


@pytest.mark.parametrize("name", ["request", "accept_time", "decline_times", "withdraw_request"])
def test_a_stranger_does_not_find_the_request(client, stranger, asked, offered, name):
    client.force_login(stranger)
    before = snapshot()
    data = {"time": offered[0].public_id}
    answer = (
        client.get(act(name, asked)) if name == "request" else client.post(act(name, asked), data)
    )
    assert answer.status_code == 404
    assert snapshot() == before


@pytest.fixture
def entry(client, user, patient, instant_offer):
    AppointmentFactory(slot=SlotFactory(offer=instant_offer, starts_at=in_days(9)))
    client.force_login(user)
    data = DAYS | {"who": patient.public_id, "language": "en", "consent_transfer": "on"}
    client.post(act("join_waiting_list", instant_offer), data)
    return WaitingEntry.objects.get()


@pytest.fixture
def free_place(entry, instant_offer):
    SlotFactory(offer=instant_offer, starts_at=in_days(10))
    waiting.offer_waiting()
    return entry.offered_appointments.get()


def test_joining_stands_in_line_with_consent(client, entry, patient):
    assert (entry.patient, entry.state) == (patient, "waiting")
    assert patient.consents.get().recipient == "first-hospital"
    assert "You are on the list." in client.get(act("waiting_entry", entry)).content.decode()


def test_joining_twice_or_with_free_places_is_refused(client, user, patient, entry, instant_offer):
    data = DAYS | {"who": patient.public_id, "language": "en"}
    before = snapshot()
    again = client.post(act("join_waiting_list", instant_offer), data)
    assert again.status_code == 409
    assert "already on the waiting list" in again.content.decode()
    assert snapshot() == before
    SlotFactory(offer=instant_offer, starts_at=in_days(11))
    free = client.post(act("join_waiting_list", instant_offer), data)
    assert "There are free times in these days." in free.content.decode()
    assert 'value="10"' in free.content.decode()


def test_the_offered_place_can_be_taken(client, entry, free_place):
    assert "A place is free for you" in client.get(act("waiting_entry", entry)).content.decode()
    answer = client.post(act("accept_place", entry), {"time": free_place.public_id})
    assert answer.headers["Location"] == act("confirmed", free_place)
    free_place.refresh_from_db()
    entry.refresh_from_db()
    assert (free_place.state, entry.state) == ("confirmed", "accepted")


def test_leaving_ends_the_wait(client, entry):
    client.post(act("leave_waiting_list", entry))
    entry.refresh_from_db()
    assert entry.state == "left"
    assert client.post(act("leave_waiting_list", entry)).status_code == 409


@pytest.mark.parametrize("name", ["waiting_entry", "accept_place", "leave_waiting_list"])
def test_a_stranger_does_not_find_the_entry(client, stranger, entry, free_place, name):
    client.force_login(stranger)
    before = snapshot()
    url = act(name, entry)
    answer = client.get(url) if name == "waiting_entry" else client.post(url, {"time": "x"})
    assert answer.status_code == 404
    assert snapshot() == before
