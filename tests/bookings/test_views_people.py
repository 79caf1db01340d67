"""Who an appointment is for: "me" is one person of the account and stays who it is."""

import pytest
from django.urls import reverse

from accounts.models import Patient
from bookings.models import Appointment
from tests.bookings.snapshot import snapshot
from tests.factories import OfferFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
BORIS = {
    "passport_name": "BORIS TEST",
    "relation": "self",
    "phone_country": "RU",
    "phone": "912 345 67 89",
}
NOTE = {"notes": "", "consent_transfer": "on"}


@pytest.fixture
def slot(hospital):
    return SlotFactory(offer=OfferFactory(hospital=hospital), starts_at=in_days(2))


@pytest.fixture
def hold(client, slot):
    data = {"slot": slot.public_id, "language": "en", "idempotency_key": "k"}
    client.post(reverse("bookings:hold_slot", args=[slot.offer.public_id]), data)
    return Appointment.objects.get()


def step(hold, name):
    return reverse(f"bookings:{name}", args=[hold.public_id])


def names():
    return list(Patient.objects.order_by("pk").values_list("passport_name", "relation"))


def test_another_person_named_me_is_refused_beside_the_box(client, user, patient, hold):
    client.force_login(user)
    before = snapshot()

    answer = client.post(step(hold, "details_new"), BORIS)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert '<a href="#id_relation_0">You have already saved your own details.' in text
    assert 'value="BORIS TEST"' in text
    after = snapshot()
    assert after.pop("Appointment")[0]["state"] == before.pop("Appointment")[0]["state"] == "held"
    assert after == before


def test_another_person_is_booked_as_another_person(client, user, patient, hold):
    client.force_login(user)
    client.post(step(hold, "details_new"), BORIS | {"relation": "other"})
    client.post(step(hold, "notes"), NOTE)

    assert client.post(step(hold, "check")).status_code == 303

    hold.refresh_from_db()
    assert names() == [("ANNA TEST", "self"), ("BORIS TEST", "other")]
    assert hold.patient.passport_name == "BORIS TEST"


def test_one_who_typed_me_and_then_signed_in_to_an_account_of_somebody_else(
    client, user, patient, hold
):
    client.post(step(hold, "details_new"), BORIS)
    client.post(step(hold, "notes"), NOTE)
    client.force_login(user)
    before = snapshot()

    answer = client.post(step(hold, "check"))

    assert answer.status_code == 409
    assert "You have already saved your own details." in answer.content.decode()
    assert step(hold, "details") in answer.content.decode()
    assert names() == [("ANNA TEST", "self")]
    assert {**snapshot(), "Appointment": 0} == {**before, "Appointment": 0}


def test_naming_me_and_then_changing_to_another_person(client, user, hold):
    client.force_login(user)
    client.post(step(hold, "details"), BORIS)
    client.post(step(hold, "details_new"), BORIS | {"passport_name": "MASHA", "relation": "other"})
    client.post(step(hold, "notes"), NOTE)
    client.post(step(hold, "check"))
    assert names() == [("MASHA", "other")]
