"""Holding a time longer keeps what is half typed, with and without JavaScript, and saves none of it."""

import pytest
from django.urls import reverse

from bookings.models import Appointment
from medtour.lib import clock
from tests.factories import OfferFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PERSON = {
    "passport_name": "HALF TYPED",
    "date_of_birth_day": "31",
    "date_of_birth_month": "2",
    "phone_country": "RU",
    "phone": "12",
}


@pytest.fixture
def hold(client, hospital):
    slot = SlotFactory(offer=OfferFactory(hospital=hospital), starts_at=in_days(2))
    data = {"slot": slot.public_id, "language": "en", "idempotency_key": "k"}
    client.post(reverse("bookings:hold_slot", args=[slot.offer.public_id]), data)
    return Appointment.objects.get()


def step(hold, name):
    return reverse(f"bookings:{name}", args=[hold.public_id])


def minutes_left(hold):
    hold.refresh_from_db()
    return (hold.held_until - clock.now()).total_seconds() / 60


def who(client, hold):
    whole = PERSON | {"relation": "self", "phone": "912 345 67 89", "date_of_birth_day": ""}
    client.post(step(hold, "details_new"), whole | {"date_of_birth_month": ""})


def test_the_button_of_the_notes_page_sends_its_own_form(client, hold):
    who(client, hold)
    page = client.get(step(hold, "notes")).content.decode()
    assert 'id="step-form"' in page
    assert f'form="step-form" formaction="{step(hold, "extend_hold")}"' in page


def test_a_note_comes_back_and_is_not_saved(client, hold):
    who(client, hold)
    sent = {"step": "notes", "notes": "<b>Nut allergy</b>", "consent_health": "on"}

    answer = client.post(step(hold, "extend_hold"), sent)

    page = answer.content.decode()
    assert (answer.status_code, minutes_left(hold)) == (200, 30)
    assert "&lt;b&gt;Nut allergy&lt;/b&gt;</textarea>" in page
    form = answer.context["form"]
    assert [form[name].value() for name in ("consent_health", "consent_transfer")] == [True, False]
    assert answer.context["form"].errors == {}
    assert "Hold it 15 minutes longer" not in page
    assert 'data-until="2026-11-23T01:30:00+00:00"' in page
    assert "notes" not in hold.intake


def test_a_person_half_typed_comes_back_without_complaints(client, hold):
    answer = client.post(step(hold, "extend_hold"), PERSON | {"step": "details"})

    page = answer.content.decode()
    assert (answer.status_code, minutes_left(hold)) == (200, 30)
    for shown in ('value="HALF TYPED"', 'value="31"', 'value="12"', '<option value="RU" selected'):
        assert shown in page
    assert "There is a problem" not in page
    assert hold.intake is None


def test_a_chosen_person_comes_back(client, user, patient, hold):
    client.force_login(user)
    answer = client.post(step(hold, "extend_hold"), {"step": "details", "who": patient.public_id})
    assert answer.status_code == 200
    assert answer.context["form"]["who"].value() == patient.public_id


def test_asking_twice_says_no_and_still_loses_nothing(client, hold):
    who(client, hold)
    sent = {"step": "notes", "notes": "Nut allergy"}
    client.post(step(hold, "extend_hold"), sent)

    again = client.post(step(hold, "extend_hold"), sent)

    assert (again.status_code, minutes_left(hold)) == (409, 30)
    assert "The time can be held longer only once." in again.content.decode()
    assert "Nut allergy</textarea>" in again.content.decode()


def test_a_page_without_a_form_of_its_own_still_asks_for_longer(client, user, hold):
    who(client, hold)
    client.post(step(hold, "notes"), {"notes": "", "consent_transfer": "on"})
    page = client.get(step(hold, "account_step")).content.decode()
    assert page.count('id="step-form"') == 1
    answer = client.post(step(hold, "extend_hold"), {"step": "account_step"})
    assert answer.headers["Location"] == step(hold, "account_step")
    assert minutes_left(hold) == 30
