"""Photos of a direct-pay card are kept encrypted beside the card, by consent and never in need."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Consent, MedicalDocument
from payments.models import DirectPayCard
from tests.factories.documents import picture
from tests.factories.insurance import DirectPayCardFactory, EligibilityCheckFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]


@pytest.fixture
def check(patient, user, client):
    client.force_login(user)
    card = DirectPayCardFactory(patient=patient)
    return EligibilityCheckFactory(patient=patient, asked_by=user, card=card, insurer=card.insurer)


def address(check):
    return reverse("payments:card_photos", args=[check.public_id])


def photo(content=None, name="IMG_0815.jpg"):
    return SimpleUploadedFile(name, content or picture(), content_type="image/jpeg")


def test_a_photo_is_kept_with_the_card_and_the_agreement(client, check, patient):
    response = client.post(address(check), {"front": photo(), "consent_health": "on"}, follow=True)
    card = DirectPayCard.objects.get()
    assert card.front.patient == patient
    assert card.back is None
    assert card.front.name.startswith("card-front")
    assert Consent.objects.get().purpose == "health_data"
    assert "We have one side of the card." in response.content.decode()


def test_without_agreement_or_photo_nothing_is_kept(client, check):
    response = client.post(address(check), {"front": photo()})
    assert response.status_code == 422
    assert "Tick this box so that we may keep the photos" in response.content.decode()
    response = client.post(address(check), {"consent_health": "on"})
    assert "Choose a photo of the front or the back" in response.content.decode()
    assert MedicalDocument.objects.count() == 0
    assert Consent.objects.count() == 0


def test_what_is_no_picture_is_refused_and_the_card_stays(client, check):
    sent = {"front": photo(b"#!/bin/sh\nrm"), "consent_health": "on"}
    response = client.post(address(check), sent)
    assert response.status_code == 415
    assert "PDF, JPEG and PNG" in response.content.decode()
    assert MedicalDocument.objects.count() == 0
    assert DirectPayCard.objects.get().front is None


def test_a_card_that_was_taken_away_takes_no_photo(client, check, frozen):
    DirectPayCard.objects.update(removed_at=frozen)
    response = client.post(address(check), {"front": photo(), "consent_health": "on"})
    assert response.status_code == 302
    assert MedicalDocument.objects.count() == 0


def test_a_stranger_adds_nothing(client, check, stranger):
    client.force_login(stranger)
    assert client.post(address(check), {"front": photo()}).status_code == 404
    assert MedicalDocument.objects.count() == 0
