"""The profile: settings, persons, agreements; each only its owner's."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Patient
from tests.factories import PatientFactory
from tests.factories.accounts import ConsentFactory

pytestmark = pytest.mark.django_db

SETTINGS = {"called": "Аня", "locale": "ar", "time_zone": "Asia/Dubai", "currency": "USD"}
PERSON = {
    "passport_name": "NEW PERSON",
    "relation": "other",
    "date_of_birth_day": "",
    "date_of_birth_month": "",
    "date_of_birth_year": "",
    "phone_country": "GB",
    "phone": "020 7946 0000",
    "language": "ru",
}
PROFILE = "accounts:profile"


def people():
    return list(Patient.objects.order_by("pk").values())


def test_the_profile_is_saved_and_answers_in_the_new_language(client, user):
    client.force_login(user)
    answer = client.post(reverse(PROFILE), SETTINGS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ar/care/profile/")
    user.refresh_from_db()
    saved = (user.called, user.locale, user.time_zone, user.currency)
    assert saved == ("Аня", "ar", "Asia/Dubai", "USD")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"time_zone": "CST"}, "Choose a place from the list, for example Europe/London."),
        ({"currency": "XXX"}, "Choose a currency from the list"),
        ({"locale": "de"}, "Select a valid choice"),
    ],
)
def test_a_wrong_setting_is_said_and_not_saved(client, user, change, sentence):
    client.force_login(user)
    answer = client.post(reverse(PROFILE), SETTINGS | change)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    user.refresh_from_db()
    assert (user.called, user.locale) == ("Anna", "en")


def test_a_person_is_added_and_the_way_goes_on(client, user):
    client.force_login(user)
    answer = client.post(reverse("accounts:add_patient"), PERSON | {"next": "/en/care/"})
    assert answer.headers["Location"] == "/en/care/"
    person = Patient.objects.get()
    assert (person.account, person.passport_name, person.language) == (user, "NEW PERSON", "ru")
    assert person.phone.as_e164 == "+442079460000"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_the_way_never_leads_to_another_site(client, user, address):
    client.force_login(user)
    answer = client.post(reverse("accounts:add_patient"), PERSON | {"next": address})
    assert answer.headers["Location"] == reverse(PROFILE)


def test_a_person_is_changed(client, user, patient):
    client.force_login(user)
    url = reverse("accounts:edit_patient", args=[patient.public_id])
    assert 'value="ANNA TEST"' in client.get(url).content.decode()
    born = {"date_of_birth_day": "5", "date_of_birth_month": "6", "date_of_birth_year": "1990"}
    client.post(url, PERSON | born | {"relation": "self"})
    patient.refresh_from_db()
    assert (patient.passport_name, patient.date_of_birth) == ("NEW PERSON", dt.date(1990, 6, 5))


def test_nobody_is_oneself_twice(client, user, patient, child):
    client.force_login(user)
    before = people()
    url = reverse("accounts:edit_patient", args=[child.public_id])
    answer = client.post(url, PERSON | {"relation": "self"})
    assert answer.status_code == 409
    assert "You have already saved your own details." in answer.content.decode()
    assert "NEW PERSON" in answer.content.decode()
    assert people() == before


def test_mistakes_about_a_person_change_nothing(client, user, patient):
    client.force_login(user)
    before = people()
    url = reverse("accounts:edit_patient", args=[patient.public_id])
    answer = client.post(url, PERSON | {"passport_name": ""})
    assert answer.status_code == 422
    assert 'href="#id_passport_name"' in answer.content.decode()
    assert people() == before


def test_a_stranger_does_not_find_the_person(client, stranger, patient):
    client.force_login(stranger)
    before = people()
    url = reverse("accounts:edit_patient", args=[patient.public_id])
    assert client.get(url).status_code == 404
    assert client.post(url, PERSON).status_code == 404
    assert people() == before


def named(consent):
    return {
        "patient": consent.patient.public_id,
        "purpose": consent.purpose,
        "recipient": consent.recipient,
    }


def test_an_agreement_is_shown_with_its_hospital_and_withdrawn(client, user, patient, hospital):
    consent = ConsentFactory(patient=patient, purpose="hospital_transfer", recipient=hospital.slug)
    client.force_login(user)
    page = client.get(reverse(PROFILE)).content.decode()
    assert "Send my details to this hospital in China" in page
    assert "First Hospital" in page
    client.post(reverse("accounts:withdraw_consent"), named(consent))
    consent.refresh_from_db()
    assert consent.withdrawn_at is not None
    assert "withdrawn" in client.get(reverse(PROFILE)).content.decode()


def test_a_stranger_withdraws_nothing(client, stranger, patient):
    consent = ConsentFactory(patient=patient)
    client.force_login(stranger)
    client.post(reverse("accounts:withdraw_consent"), named(consent))
    consent.refresh_from_db()
    assert consent.withdrawn_at is None


def test_reading_withdraws_nothing(client, user, patient):
    consent = ConsentFactory(patient=patient)
    client.force_login(user)
    client.get(reverse("accounts:withdraw_consent"), named(consent))
    consent.refresh_from_db()
    assert consent.withdrawn_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_takes_the_same_queries_for_any_number(
    client, user, hospital, django_assert_num_queries, count
):
    for _number in range(count):
        person = PatientFactory(account=user, relation="other")
        ConsentFactory(patient=person, purpose="hospital_transfer", recipient=hospital.slug)
    client.force_login(user)
    client.get(reverse(PROFILE))
    with django_assert_num_queries(5):
        client.get(reverse(PROFILE))


@pytest.mark.parametrize("name", ["profile", "add_patient", "withdraw_consent"])
def test_an_anonymous_visitor_signs_in_first(client, name):
    answer = client.get(reverse(f"accounts:{name}"))
    assert answer.headers["Location"].startswith(reverse("account_login"))
