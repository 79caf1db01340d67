"""A withdrawn agreement is asked for again before an offered time is taken."""

import hashlib

import pytest
from django.urls import reverse

from accounts.models import Consent
from bookings.models import Appointment
from bookings.refusals import TransferNotAgreed
from bookings.services import appointments, waiting, windows
from medtour.lib import clock
from tests.bookings.snapshot import snapshot
from tests.factories import (
    AppointmentFactory,
    ConsentFactory,
    OfferFactory,
    SlotFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SENTENCE = "You have withdrawn your agreement to send this person’s details to the hospital."


@pytest.fixture
def withdrawn(patient, hospital):
    return ConsentFactory(
        patient=patient,
        purpose="hospital_transfer",
        recipient=hospital.slug,
        withdrawn_at=clock.now(),
    )


@pytest.fixture
def asked(patient, hospital, withdrawn, coordinator):
    request = WindowRequestFactory(
        case__patient=patient,
        case__hospital=hospital,
        offer=OfferFactory(hospital=hospital, window=True),
    )
    windows.offer_times(request, slots=[SlotFactory(offer=request.offer)], by=coordinator)
    return request


@pytest.fixture
def entry(patient, hospital, withdrawn):
    offer = OfferFactory(hospital=hospital)
    found = WaitingEntryFactory(offer=offer, patient=patient, booker=patient.account)
    SlotFactory(offer=offer)
    assert waiting.offer_waiting() == 1
    return found


@pytest.fixture(params=["asked", "entry"])
def thing(request):
    """Return who asked for a time that is on offer now: a request, or a place in the line."""
    return request.getfixturevalue(request.param)


def accept(thing, user):
    offered = thing.offered_appointments.get()
    take = windows.accept_time if offered.request_id else appointments.accept_place
    return take(offered, by=user)


def pages(thing):
    is_request = type(thing).__name__ == "WindowRequest"
    names = ("request", "accept_time") if is_request else ("waiting_entry", "accept_place")
    return [reverse(f"bookings:{name}", args=[thing.public_id]) for name in names]


def test_without_the_agreement_nothing_is_accepted(thing, user):
    before = snapshot()

    with pytest.raises(TransferNotAgreed):
        accept(thing, user)

    assert snapshot() == before


def test_an_agreement_for_another_hospital_does_not_count(thing, user, patient, other_hospital):
    ConsentFactory(patient=patient, purpose="hospital_transfer", recipient=other_hospital.slug)
    before = snapshot()

    with pytest.raises(TransferNotAgreed):
        accept(thing, user)

    assert snapshot() == before


def test_the_page_says_what_to_do_and_keeps_the_place(client, thing, user):
    client.force_login(user)
    _page, address = pages(thing)
    before = snapshot()

    answer = client.post(address, {"time": thing.offered_appointments.get().public_id})

    assert answer.status_code == 422
    assert SENTENCE in answer.content.decode()
    assert 'name="consent_transfer"' in answer.content.decode()
    assert snapshot() == before


def test_agreeing_again_takes_the_time_and_keeps_the_words(client, thing, user, hospital):
    client.force_login(user)
    page, address = pages(thing)
    form = client.get(page).context["agreement"]
    offered = thing.offered_appointments.get()

    answer = client.post(address, {"time": offered.public_id, "consent_transfer": "on"})

    assert answer.headers["Location"] == reverse("bookings:confirmed", args=[offered.public_id])
    assert Appointment.objects.get(pk=offered.pk).state == "confirmed"
    given = Consent.objects.get(withdrawn_at=None)
    words = str(form.fields["consent_transfer"].label)
    assert (given.purpose, given.recipient) == ("hospital_transfer", hospital.slug)
    assert given.text_sha256 == hashlib.sha256(words.encode()).hexdigest()


def test_who_still_agrees_is_not_asked(client, user, patient, hospital, entry):
    ConsentFactory(patient=patient, purpose="hospital_transfer", recipient=hospital.slug)
    client.force_login(user)
    page, _address = pages(entry)

    answer = client.get(page)

    assert answer.context["agreement"] is None
    assert "consent_transfer" not in answer.content.decode()


def test_an_agreement_withdrawn_after_booking_changes_no_appointment(client, user, patient):
    booked = AppointmentFactory(patient=patient)
    ConsentFactory(
        patient=patient,
        purpose="hospital_transfer",
        recipient=booked.hospital.slug,
        withdrawn_at=clock.now(),
    )
    client.force_login(user)
    page = reverse("bookings:appointment", args=[booked.public_id])
    assert client.get(page).status_code == 200
