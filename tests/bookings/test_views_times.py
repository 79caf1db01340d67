"""The page of times: what it shows, what holding does, how it says no."""

import datetime as dt

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent, give_consents
from bookings.models import Appointment, CaseEvent
from bookings.transitions import AppointmentState
from medtour.lib import clock
from messaging.models import Message
from tests.factories import (
    AppointmentFactory,
    DoctorFactory,
    InterpreterFactory,
    OfferFactory,
    SlotFactory,
)
from tests.factories.bookings import in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(hospital, frozen):
    return OfferFactory(hospital=hospital, treatment__name_en="Consultation")


@pytest.fixture
def slot(offer):
    return SlotFactory(offer=offer, starts_at=in_days(2, 9), capacity=2)


@pytest.fixture
def ready(patient, hospital):
    """Return a person who has agreed that this hospital gets their details."""
    give_consents(
        patient, [GivenConsent(Purpose.HOSPITAL_TRANSFER, hospital.slug, "I agree", "en")]
    )
    return patient


def picker(offer, **query):
    return reverse("bookings:picker", args=[offer.public_id], query=query)


def taking(slot, key="key-1", **more):
    return {"slot": slot.public_id, "language": "en", "idempotency_key": key, **more}


def hold_url(offer):
    return reverse("bookings:hold_slot", args=[offer.public_id])


def test_shows_both_clocks_places_and_tier(client, offer, slot):
    client.cookies["zone"] = "Europe/Moscow"
    page = client.get(picker(offer)).content.decode()
    assert "Time on Wednesday 25 November 2026" in page
    assert "<b><bdi>09:00</bdi></b>" in page
    assert "<bdi>04:00</bdi> Wed 25 Nov" in page
    assert "2 places left" in page
    assert "International" in page
    assert "CNY 800" in page
    assert "第一医院" in page


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_language_shows_times_and_doctors(client, offer, slot, language):
    slot.doctor = DoctorFactory(hospital=offer.hospital, name_en="Li Wei", name_ind="Li Wei (id)")
    slot.save()
    with translation.override(language):
        page = client.get(picker(offer)).content.decode()
    assert ("Li Wei (id)" if language == "id" else "Li Wei") in page


def test_looking_writes_nothing(client, offer, slot):
    client.get(picker(offer))
    assert Appointment.objects.count() == 0
    assert "sessionid" not in client.cookies


def test_morning_and_afternoon_are_apart_and_full_times_stay_visible(client, offer, slot):
    later = SlotFactory(offer=offer, starts_at=in_days(2, 14))
    AppointmentFactory(slot=later)
    answer = client.get(picker(offer))
    times = answer.context["times"]
    assert [each.public_id for each in times.morning] == [slot.public_id]
    assert [each.public_id for each in times.afternoon] == [later.public_id]
    assert [each.places_left for each in times.morning + times.afternoon] == [2, 0]
    assert '<span class="left">taken</span>' in answer.content.decode()


def test_strip_has_fourteen_days_and_pages_on(client, offer, slot):
    times = client.get(picker(offer)).context["times"]
    assert [day.date for day in times.days] == clock.days(dt.date(2026, 11, 23), 14)
    assert times.earlier_query == ""
    assert times.later_query == "start=2026-12-07&language=en"


@pytest.mark.parametrize(
    "query", [{"start": "2020-01-01"}, {"start": "x", "day": "y"}, {"language": "xx"}]
)
def test_nonsense_in_the_address_shows_today(client, offer, slot, query):
    times = client.get(picker(offer, **query)).context["times"]
    assert times.days[0].date == dt.date(2026, 11, 23)
    assert times.language == "en"


def test_a_language_without_doctor_or_interpreter_offers_nothing(client, offer, slot, hospital):
    assert client.get(picker(offer, language="ru")).context["times"].is_full
    InterpreterFactory(hospital=hospital, languages=["ru"])
    assert not client.get(picker(offer, language="ru")).context["times"].is_full


def test_a_full_fortnight_leads_to_the_waiting_list(client, offer):
    page = client.get(picker(offer)).content.decode()
    assert "No free times in these days" in page
    assert reverse("bookings:join_waiting_list", args=[offer.public_id]) in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_two_statements(client, offer, hospital, django_assert_num_queries, count):
    for hour in range(count):
        SlotFactory(offer=offer, starts_at=in_days(2, 9 + hour))
    client.get(picker(offer))
    with django_assert_num_queries(2):
        client.get(picker(offer))


def test_htmx_gets_the_times_alone(client, offer, slot):
    page = client.get(picker(offer), headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith("<form")
    assert "09:00" in page


def test_an_unpublished_offer_is_not_found(client, hospital):
    hidden = OfferFactory(hospital=hospital, draft=True)
    assert client.get(picker(hidden)).status_code == 404


def test_a_window_offer_asks_for_dates(client, hospital):
    offer = OfferFactory(hospital=hospital, window=True)
    answer = client.get(picker(offer))
    assert answer.headers["Location"] == reverse("bookings:ask_for_dates", args=[offer.public_id])


def test_holding_takes_one_place_and_leads_to_the_details(client, offer, slot):
    answer = client.post(hold_url(offer), taking(slot))
    hold = Appointment.objects.get()
    assert answer.status_code == 303
    assert answer.headers["Location"] == reverse("bookings:details", args=[hold.public_id])
    assert (hold.state, hold.slot, hold.language) == (AppointmentState.HELD, slot, "en")
    assert hold.held_until == clock.now() + dt.timedelta(minutes=15)
    assert hold.holder_key == client.session["holder_key"]
    slot.refresh_from_db()
    assert slot.booked == 1


def test_pressing_twice_holds_once(client, offer, slot):
    first = client.post(hold_url(offer), taking(slot))
    second = client.post(hold_url(offer), taking(slot))
    assert first.headers["Location"] == second.headers["Location"]
    assert Appointment.objects.count() == 1


def test_the_same_form_with_another_time_is_refused(client, offer, slot):
    other = SlotFactory(offer=offer, starts_at=in_days(3))
    client.post(hold_url(offer), taking(slot))
    answer = client.post(hold_url(offer), taking(other))
    assert answer.status_code == 422
    assert "already sent with other answers" in answer.content.decode()
    assert Appointment.objects.count() == 1


def test_a_full_time_answers_409_with_fresh_times(client, offer, slot):
    full = SlotFactory(offer=offer, starts_at=in_days(2, 10))
    AppointmentFactory(slot=full)
    before = (Appointment.objects.count(), CaseEvent.objects.count(), Message.objects.count())
    answer = client.post(hold_url(offer), taking(full, day="2026-11-25"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else has just taken this place. Please choose another time." in page
    assert slot.public_id in page
    after = (Appointment.objects.count(), CaseEvent.objects.count(), Message.objects.count())
    assert after == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"slot": ""}, "Choose a time first."),
        ({"slot": "nothing-like-this"}, "This time can no longer be booked."),
        ({"language": "ru"}, "No interpreter for your language is free"),
    ],
)
def test_what_cannot_be_held_is_said(client, offer, slot, change, sentence):
    answer = client.post(hold_url(offer), taking(slot) | change)
    assert answer.status_code in (409, 422)
    assert sentence in answer.content.decode()
    assert Appointment.objects.count() == 0


def test_a_time_of_another_offer_is_not_taken(client, offer, hospital):
    foreign = SlotFactory(offer=OfferFactory(hospital=hospital))
    answer = client.post(hold_url(offer), taking(foreign))
    assert answer.status_code == 409
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("name", ["hold_slot", "book_now"])
def test_reading_a_doing_address_leads_to_the_times(client, user, offer, name):
    client.force_login(user)
    answer = client.get(reverse(f"bookings:{name}", args=[offer.public_id]))
    assert answer.headers["Location"] == picker(offer)


def test_a_ready_person_is_booked_with_one_press(client, user, ready, offer, slot):
    client.force_login(user)
    assert "Book now for" in client.get(picker(offer)).content.decode()
    url = reverse("bookings:book_now", args=[offer.public_id])
    answer = client.post(url, taking(slot, patient=ready.public_id))
    booked = Appointment.objects.get()
    assert answer.headers["Location"] == reverse("bookings:confirmed", args=[booked.public_id])
    assert (booked.state, booked.patient, booked.booker) == ("confirmed", ready, user)


def test_booking_at_once_takes_few_statements(
    client, user, ready, offer, slot, django_assert_num_queries
):
    client.force_login(user)
    url = reverse("bookings:book_now", args=[offer.public_id])
    with django_assert_num_queries(5 + 2):  # the test's own transaction adds a savepoint
        client.post(url, taking(slot, patient=ready.public_id))
    assert Appointment.objects.count() == 1


def test_somebody_elses_person_cannot_be_booked(client, stranger, ready, offer, slot):
    client.force_login(stranger)
    assert "Book now for" not in client.get(picker(offer)).content.decode()
    url = reverse("bookings:book_now", args=[offer.public_id])
    answer = client.post(url, taking(slot, patient=ready.public_id))
    assert answer.status_code == 422
    assert Appointment.objects.count() == 0


def test_without_consent_nothing_is_booked_at_once(client, user, patient, offer, slot):
    client.force_login(user)
    url = reverse("bookings:book_now", args=[offer.public_id])
    answer = client.post(url, taking(slot, patient=patient.public_id))
    assert answer.status_code == 422
    assert Appointment.objects.count() == 0
