"""From a held time to a booked appointment: each step, each refusal, and that nothing typed is lost."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import Consent, Patient
from bookings.models import Appointment
from bookings.services.holds import Holder, place_hold
from medtour.lib import clock, exchange, wording
from tests.bookings.snapshot import snapshot
from tests.factories import (
    AppointmentFactory,
    OfferFactory,
    PatientFactory,
    PayeeAccountFactory,
    SlotFactory,
)
from tests.factories.bookings import in_days

pytestmark = pytest.mark.django_db

PERSON = {
    "passport_name": "Zoë O'Connor-Šťastný",
    "relation": "self",
    "date_of_birth_day": "2",
    "date_of_birth_month": "3",
    "date_of_birth_year": "1984",
    "phone_country": "RU",
    "phone": "912 345 67 89",
}
NOTE = {"notes": "Nut allergy", "consent_health": "on", "consent_transfer": "on"}


@pytest.fixture
def offer(hospital, frozen):
    return OfferFactory(hospital=hospital)


@pytest.fixture
def slot(offer):
    return SlotFactory(offer=offer, starts_at=in_days(2))


@pytest.fixture
def hold(client, slot):
    """Return the hold of an anonymous visitor who uses `client`."""
    return take(client, slot)


def take(client, slot, key="k1"):
    data = {"slot": slot.public_id, "language": "en", "idempotency_key": key}
    client.post(reverse("bookings:hold_slot", args=[slot.offer.public_id]), data)
    return Appointment.objects.latest("pk")


def step(hold, name):
    return reverse(f"bookings:{name}", args=[hold.public_id])


def fill(client, hold, person=PERSON, note=NOTE):
    client.post(step(hold, "details_new"), person)
    return client.post(step(hold, "notes"), note)


def later(minutes):
    return clock.freeze(clock.now() + dt.timedelta(minutes=minutes))


def test_the_details_page_counts_down_and_offers_more_time(client, hold):
    page = client.get(step(hold, "details")).content.decode()
    assert 'data-until="2026-11-23T01:15:00+00:00"' in page
    assert "until <bdi>09:15</bdi> Shanghai" in page
    assert "Hold it 15 minutes longer" in page


def test_a_language_is_named_in_the_language_of_the_page(client, hold):
    Appointment.objects.filter(pk=hold.pk).update(language="kk")
    with translation.override("fr"):
        page = client.get(step(hold, "details")).content.decode()
    assert "kazakh" in page


def test_details_are_kept_encrypted_with_the_hold(client, hold):
    answer = client.post(step(hold, "details"), PERSON)
    assert answer.headers["Location"] == step(hold, "notes")
    hold.refresh_from_db()
    assert hold.intake["person"] == {
        "relation": "self",
        "passport_name": "Zoë O'Connor-Šťastný",
        "date_of_birth": "1984-03-02",
        "phone": "+79123456789",
    }
    assert 'value="Zoë O&#x27;Connor-Šťastný"' in client.get(step(hold, "details")).content.decode()


@pytest.mark.parametrize(
    ("change", "box", "sentence"),
    [
        (
            {"passport_name": " "},
            "id_passport_name",
            "Enter the full name as it is in the passport",
        ),
        ({"passport_name": "x" * 151}, "id_passport_name", "Enter a name of 150 letters or fewer"),
        (
            {"passport_name": "12345"},
            "id_passport_name",
            "Enter the full name as it is in the pass",
        ),
        ({"relation": ""}, "id_relation_0", "Choose who this person is"),
        (
            {"date_of_birth_month": "15"},
            "id_date_of_birth_0",
            "Enter the month as a number from 1 ",
        ),
        (
            {"date_of_birth_day": "31", "date_of_birth_month": "2"},
            "id_date_of_birth_0",
            "Enter a day ",
        ),
        ({"date_of_birth_year": "2031"}, "id_date_of_birth_0", "Enter a year of birth from 1900"),
        ({"phone": ""}, "id_phone", "Enter a telephone number, for example 201 555 0123"),
        ({"phone": "12"}, "id_phone", "Enter a telephone number of this country"),
        ({"phone_country": ""}, "id_phone_country", "Choose the country of the telephone number"),
    ],
)
def test_each_mistake_is_named_linked_and_nothing_is_lost(client, hold, change, box, sentence):
    before = snapshot()
    answer = client.post(step(hold, "details"), PERSON | change)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<a href="#{box}">{sentence}' in page
    assert f'id="{box}"' in page
    assert "<title>Error: Who is the patient?" in page
    assert "912" in page or "phone" in change
    assert snapshot() == before


def test_a_child_needs_a_date_of_birth_and_an_adult_does_not(client, hold):
    unknown = {f"date_of_birth_{part}": "" for part in ("day", "month", "year")}
    child = client.post(step(hold, "details"), PERSON | unknown | {"relation": "child"})
    assert "Enter the date of birth of the child" in child.content.decode()
    assert client.post(step(hold, "details"), PERSON | unknown).status_code == 303


@pytest.mark.parametrize("name", ["Suharto", "张伟", "عبد الرحمن بن محمد", "Þórunn Jónsdóttir"])
def test_any_passport_name_is_taken(client, hold, name):
    assert client.post(step(hold, "details"), PERSON | {"passport_name": name}).status_code == 303


def test_a_name_with_combining_marks_is_kept_composed(client, hold):
    client.post(step(hold, "details"), PERSON | {"passport_name": "Rene\u0301  Dupont"})
    hold.refresh_from_db()
    assert hold.intake["person"]["passport_name"] == "Ren\u00e9 Dupont"


def test_digits_of_other_scripts_make_a_date(client, hold):
    arabic = {
        "date_of_birth_day": "٢", "date_of_birth_month": "٣", "date_of_birth_year": "١٩٨٤",
    }  # fmt: skip
    client.post(step(hold, "details"), PERSON | arabic)
    hold.refresh_from_db()
    assert hold.intake["person"]["date_of_birth"] == "1984-03-02"


def test_no_box_is_ticked_beforehand_and_transfer_is_required(client, hold):
    client.post(step(hold, "details"), PERSON)
    page = client.get(step(hold, "notes")).content.decode()
    assert "checked" not in page
    assert "First Hospital in China" in page
    answer = client.post(step(hold, "notes"), {"notes": "Nut allergy", "consent_health": "on"})
    assert answer.status_code == 422
    assert "Nut allergy" in answer.content.decode()
    assert 'href="#id_consent_transfer"' in answer.content.decode()


def test_a_note_needs_its_own_agreement(client, hold):
    client.post(step(hold, "details"), PERSON)
    answer = client.post(step(hold, "notes"), {"notes": "Nuts", "consent_transfer": "on"})
    assert answer.status_code == 422
    assert "Tick this box so that we may keep your note" in answer.content.decode()
    assert client.post(step(hold, "notes"), {"consent_transfer": "on"}).status_code == 303


@pytest.mark.parametrize("name", ["notes", "check"])
def test_a_step_taken_too_early_leads_to_the_missing_one(client, hold, name):
    assert client.get(step(hold, name)).headers["Location"] == step(hold, "details")


def test_a_visitor_without_account_is_led_to_one_and_back(client, hold):
    fill(client, hold)
    assert client.get(step(hold, "check")).headers["Location"] == step(hold, "account_step")
    page = client.get(step(hold, "account_step")).content.decode()
    assert (
        f"{reverse('account_signup')}?next=%2Fen%2Fbook%2Fhold%2F{hold.public_id}%2Fcheck%2F"
        in page
    )


def test_signing_in_brings_the_hold_and_the_answers_along(client, user, hold):
    fill(client, hold)
    client.force_login(user)
    page = client.get(step(hold, "check")).content.decode()
    hold.refresh_from_db()
    assert (hold.booker, hold.holder_key) == (user, f"user:{user.pk}")
    assert "Zoë O&#x27;Connor-Šťastný" in page
    assert "Nut allergy" in page
    assert "2 Mar 1984" in page


def test_the_price_is_estimated_with_day_and_source_before_booking(client, user, hold):
    client.cookies["currency"] = "USD"
    fill(client, hold)
    client.force_login(user)
    page = " ".join(client.get(step(hold, "check")).content.decode().split())
    day = wording.written_date(exchange.bundled().day, "en")
    assert f"</bdi>, rate of {day}, European Central Bank" in page


@pytest.mark.parametrize("name", ["details", "details_new", "notes", "check", "account_step"])
def test_a_stranger_does_not_find_the_hold(client, stranger, hold, name):
    client.logout()
    assert client.get(step(hold, name)).status_code == 404
    client.force_login(stranger)
    assert client.get(step(hold, name)).status_code == 404


@pytest.mark.parametrize("name", ["extend_hold", "release_hold"])
def test_a_stranger_cannot_touch_the_hold(client, stranger, hold, name):
    client.logout()
    before = snapshot()
    assert client.post(step(hold, name)).status_code == 404
    client.force_login(stranger)
    assert client.post(step(hold, name)).status_code == 404
    assert snapshot() == before


def test_booking_makes_one_appointment_a_person_and_the_consents(client, user, hold):
    fill(client, hold)
    client.force_login(user)
    answer = client.post(step(hold, "check"))
    assert answer.status_code == 303
    assert answer.headers["Location"] == step(hold, "confirmed")
    hold.refresh_from_db()
    assert (hold.state, hold.booker, hold.intake) == ("confirmed", user, {"notes": "Nut allergy"})
    assert hold.patient.passport_name == "Zoë O'Connor-Šťastný"
    assert hold.patient.phone == "+79123456789"
    assert list(Consent.objects.order_by("pk").values_list("purpose", "recipient", "language")) == [
        ("health_data", "", "en"),
        ("hospital_transfer", "first-hospital", "en"),
    ]
    assert "answers" not in client.session


def test_pressing_book_twice_books_once(client, user, hold):
    fill(client, hold)
    client.force_login(user)
    client.post(step(hold, "check"))
    after = snapshot()
    again = client.post(step(hold, "check"))
    assert again.headers["Location"] == step(hold, "confirmed")
    assert snapshot() == after


@pytest.mark.parametrize("name", ["details", "notes", "check"])
def test_the_back_button_after_booking_leads_to_the_booking(client, user, hold, name):
    fill(client, hold)
    client.force_login(user)
    client.post(step(hold, "check"))
    assert client.get(step(hold, name)).headers["Location"] == step(hold, "confirmed")


def test_the_confirmed_page_says_all(client, user, hold):
    fill(client, hold)
    client.force_login(user)
    client.post(step(hold, "check"))
    page = client.get(step(hold, "confirmed")).content.decode()
    assert "Your appointment is confirmed" in page
    assert "We send you a message about it" in page
    assert "e-mail with" not in page, "whoever chose another way gets no mail and no file"
    assert hold.reference in page
    assert "<bdi>09:00</bdi>" in page
    assert reverse("bookings:calendar_file", args=[hold.public_id]) in page
    assert "第一医院" in page


def test_a_hold_that_ran_out_says_so_and_keeps_what_was_typed(client, hold, slot, offer):
    fill(client, hold)
    with later(16):
        answer = client.post(step(hold, "details_new"), PERSON)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "This time is no longer held" in page
        assert f"{reverse('bookings:picker', args=[offer.public_id])}?start=2026-11-25" in page
        again = take(client, slot, "k2")
        assert again.pk != hold.pk
        assert "O&#x27;Connor" in client.get(step(again, "details")).content.decode()
        assert "Nut allergy" in client.get(step(again, "notes")).content.decode()


def test_a_note_does_not_follow_to_another_hospital(client, hold, other_hospital):
    fill(client, hold)
    elsewhere = SlotFactory(offer=OfferFactory(hospital=other_hospital), starts_at=in_days(2, 14))
    moved = take(client, elsewhere, "k2")
    assert "O&#x27;Connor" in client.get(step(moved, "details")).content.decode()
    assert "Nut allergy" not in client.get(step(moved, "notes")).content.decode()


def test_booking_after_the_hold_ran_out_changes_nothing(client, user, hold):
    fill(client, hold)
    client.force_login(user)
    client.get(step(hold, "check"))
    before = snapshot()
    with later(16):
        answer = client.post(step(hold, "check"))
    assert answer.status_code == 409
    assert snapshot() == before
    assert Patient.objects.count() == 0


def test_a_person_cannot_be_in_two_places(client, user, patient, hold, slot):
    AppointmentFactory(
        patient=patient,
        slot=SlotFactory(offer=OfferFactory(), starts_at=slot.starts_at),
    )
    client.force_login(user)
    client.post(step(hold, "details"), {"who": patient.public_id})
    client.post(step(hold, "notes"), {"consent_transfer": "on"})
    answer = client.post(step(hold, "check"))
    assert answer.status_code == 409
    assert "already has an appointment at that time" in answer.content.decode()
    assert "Book this appointment" in answer.content.decode()
    hold.refresh_from_db()
    assert hold.state == "held"


def test_more_time_is_given_once(client, hold):
    answer = client.post(step(hold, "extend_hold"), {"step": "notes"})
    assert answer.headers["Location"] == step(hold, "notes")
    hold.refresh_from_db()
    assert hold.held_until == clock.now() + dt.timedelta(minutes=30)
    again = client.post(step(hold, "extend_hold"))
    assert again.status_code == 409
    assert "The time can be held longer only once." in again.content.decode()
    assert "Hold it 15 minutes longer" not in again.content.decode()


def test_letting_go_frees_the_place(client, hold, slot, offer):
    answer = client.post(step(hold, "release_hold"))
    assert answer.headers["Location"] == reverse("bookings:picker", args=[offer.public_id])
    slot.refresh_from_db()
    assert slot.booked == 0
    assert client.post(step(hold, "release_hold")).status_code == 409


def test_a_saved_person_is_chosen_and_not_asked_again(client, user, patient, slot, frozen):
    client.force_login(user)
    hold = take(client, slot)
    page = client.get(step(hold, "details")).content.decode()
    assert "ANNA TEST (Me)" in page
    answer = client.post(step(hold, "details"), {"who": patient.public_id})
    assert answer.headers["Location"] == step(hold, "notes")
    new = client.post(step(hold, "details"), {"who": "new"})
    assert new.headers["Location"] == step(hold, "details_new")
    assert client.post(step(hold, "details"), {}).status_code == 422


def test_somebody_elses_person_is_not_a_choice(client, user, patient, slot, stranger):
    client.force_login(stranger)
    PatientFactory(account=stranger)
    hold = take(client, slot)
    assert client.post(step(hold, "details"), {"who": patient.public_id}).status_code == 422


def test_a_deposit_keeps_the_place_and_says_what_to_do(client, user, hospital, frozen):
    PayeeAccountFactory(hospital=hospital)
    offer = OfferFactory(hospital=hospital, asks_deposit_online=True, deposit_percent=20)
    hold = take(client, SlotFactory(offer=offer, starts_at=in_days(2)))
    fill(client, hold)
    client.force_login(user)
    page = client.post(step(hold, "check"), follow=True).content.decode()
    hold.refresh_from_db()
    assert hold.state == "awaiting_payment"
    assert "<h1>Pay the deposit" in page
    assert "until <bdi>09:35</bdi> Shanghai" in page


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_confirmed_page_is_its_bookers_alone(client, stranger, user, signed_in):
    appointment = AppointmentFactory(patient=PatientFactory(account=user))
    if signed_in:
        client.force_login(stranger)
    answer = client.get(step(appointment, "confirmed"))
    assert answer.status_code == (404 if signed_in else 302)


def test_one_visitor_holds_one_time(client, hold, offer):
    other = SlotFactory(offer=offer, starts_at=in_days(3))
    take(client, other, "k2")
    hold.refresh_from_db()
    assert hold.state == "cancelled"
    assert client.get(step(hold, "details")).status_code == 409


def test_a_last_place_held_by_another_is_refused(client, slot):
    place_hold(slot, holder=Holder("visitor:other"), language="en")
    before = snapshot()
    data = {"slot": slot.public_id, "language": "en", "idempotency_key": "k"}
    answer = client.post(reverse("bookings:hold_slot", args=[slot.offer.public_id]), data)
    assert answer.status_code == 409
    assert snapshot() == before
