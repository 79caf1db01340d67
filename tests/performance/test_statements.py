"""How many statements the hot requests send; exact, so that one more has to be explained (G5)."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent, give_consents
from bookings.models import Appointment
from hospitals.services.search_index import rebuild_index
from tests.factories import OfferFactory, PriceLineFactory, SlotFactory, TreatmentFactory
from tests.factories.bookings import in_days

pytestmark = pytest.mark.django_db

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")


def statements_of(request):
    """Return the response of `request()` and the statements it sent, without transaction control."""
    with CaptureQueriesContext(connection) as captured:
        response = request()
    sent = [query["sql"] for query in captured.captured_queries]
    return response, [sql for sql in sent if not sql.startswith(TRANSACTION)]


@pytest.fixture
def slot(hospital, frozen):
    offer = OfferFactory(hospital=hospital, treatment__name_en="Consultation")
    return SlotFactory(offer=offer, starts_at=in_days(10, 9), capacity=3)


@pytest.fixture
def ready(patient, hospital):
    consent = GivenConsent(Purpose.HOSPITAL_TRANSFER, hospital.slug, "I agree", "en")
    give_consents(patient, [consent])
    return patient


def taking(slot, **more):
    return {"slot": slot.public_id, "language": "en", "idempotency_key": "key-1", **more}


def test_booking_sends_five(client, ready, slot):
    client.force_login(ready.account)
    address = reverse("bookings:book_now", args=[slot.offer.public_id])

    response, sent = statements_of(
        lambda: client.post(address, taking(slot, patient=ready.public_id))
    )

    assert response.status_code == 303
    assert Appointment.objects.get().state == "confirmed"
    assert len(sent) == 5  # session, account, slot, patient; one writes everything


def test_a_hold_of_an_account_sends_four(client, user, slot):
    client.force_login(user)
    address = reverse("bookings:hold_slot", args=[slot.offer.public_id])

    response, sent = statements_of(lambda: client.post(address, taking(slot)))

    assert response.status_code == 303
    assert Appointment.objects.get().state == "held"
    assert len(sent) == 4


def test_a_hold_that_replaces_another_sends_eight(client, user, slot):
    client.force_login(user)
    address = reverse("bookings:hold_slot", args=[slot.offer.public_id])
    client.post(address, taking(slot, idempotency_key="key-0"))
    later = SlotFactory(offer=slot.offer, starts_at=in_days(11, 9))

    response, sent = statements_of(lambda: client.post(address, taking(later)))

    assert response.status_code == 303
    assert list(Appointment.objects.order_by("pk").values_list("state", "slot")) == [
        ("cancelled", slot.pk),
        ("held", later.pk),
    ]
    assert len(sent) == 8


def test_availability_of_a_hospital_sends_one(client, hospital, slot):
    response, sent = statements_of(
        lambda: client.get(reverse("bookings:hospital_openings", args=[hospital.slug]))
    )

    assert response.status_code == 200
    assert len(sent) == 1


def test_the_times_of_an_offer_send_at_most_four(client, slot):
    response, sent = statements_of(
        lambda: client.get(reverse("bookings:picker", args=[slot.offer.public_id]))
    )

    assert response.status_code == 200
    assert len(sent) <= 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 3),
        ("?city=shanghai", 3),
        ("?q=acupuncture", 3),
        ("?q=acupunture", 3),
        ("?q=acupuncture&city=shanghai&tier=basic", 3),
    ],
)
def test_a_search_sends_three(client, hospital, frozen, query, expected):
    treatment = TreatmentFactory(name_en="Acupuncture")
    for _ in range(3):
        offer = OfferFactory(hospital=hospital, treatment=treatment)
        PriceLineFactory(offer=offer, tier="basic")
        SlotFactory(offer=offer, starts_at=in_days(2, 9))
    rebuild_index()
    cache.clear()

    response, sent = statements_of(lambda: client.get(f"/en/search/{query}"))

    assert response.status_code == 200
    assert len(response.context["cards"]) >= 3
    assert len(sent) == expected
