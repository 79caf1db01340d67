"""My care: what it lists, in a fixed number of queries, and only to its owner."""

import pytest
from django.urls import reverse

from bookings.models import CaseEvent
from medtour.lib import clock
from tests.factories import (
    AppointmentFactory,
    OfferFactory,
    SlotFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
)
from tests.factories.bookings import CaseFactory, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(hospital, frozen):
    return OfferFactory(hospital=hospital, treatment__name_en="Consultation")


def book(offer, patient, days, **traits):
    slot = SlotFactory(offer=offer, starts_at=in_days(days))
    return AppointmentFactory(slot=slot, patient=patient, **traits)


def test_nothing_yet_helps_on(client, user, frozen):
    client.force_login(user)
    page = client.get(reverse("bookings:care")).content.decode()
    assert "No appointments yet" in page
    assert reverse("hospitals:search") in page


def test_the_soonest_comes_first_and_the_past_last(client, user, patient, offer):
    later, sooner = book(offer, patient, 9), book(offer, patient, 3)
    ended = book(offer, patient, 5, cancelled=True)
    client.force_login(user)
    answer = client.get(reverse("bookings:care"))
    page = answer.content.decode()
    assert answer.context["page"].upcoming == [sooner, later]
    assert answer.context["page"].past == [ended]
    assert page.index("Your next appointment") < page.index("Past and ended")
    assert reverse("bookings:appointment", args=[sooner.public_id]) in page


@pytest.mark.parametrize("count", [1, 3])
def test_takes_the_same_queries_for_any_number(
    client, user, patient, offer, hospital, django_assert_num_queries, count
):
    for number in range(count):
        book(offer, patient, 3 + number)
        book(offer, patient, 3 + number, cancelled=True)
        case = CaseFactory(patient=patient, hospital=hospital, treatment=offer.treatment)
        WindowRequestFactory(offer=OfferFactory(hospital=hospital, window=True), case=case)
        WaitingEntryFactory(offer=OfferFactory(hospital=hospital), booker=user, patient=patient)
    client.force_login(user)
    client.get(reverse("bookings:care"))
    with django_assert_num_queries(8):
        client.get(reverse("bookings:care"))


def test_a_stranger_sees_none_of_it(client, stranger, patient, offer):
    appointment = book(offer, patient, 3)
    client.force_login(stranger)
    page = client.get(reverse("bookings:care")).content.decode()
    assert appointment.reference not in page
    assert "No appointments yet" in page


def test_a_case_shows_its_appointments_and_history(client, user, patient, offer):
    appointment = book(offer, patient, 3)
    CaseEvent.objects.create(
        at=clock.now(), case=appointment.case, appointment=appointment, action="book",
        after="confirmed", actor="patient", by=user,
    )  # fmt: skip
    client.force_login(user)
    page = client.get(reverse("bookings:case", args=[appointment.case.public_id])).content.decode()
    assert appointment.case.reference in page
    assert "Appointment booked" in page
    assert "ANNA TEST" in page


def test_a_stranger_does_not_find_the_case(client, stranger, patient, offer):
    appointment = book(offer, patient, 3)
    client.force_login(stranger)
    url = reverse("bookings:case", args=[appointment.case.public_id])
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["care"])
def test_an_anonymous_visitor_signs_in_first(client, name):
    answer = client.get(reverse(f"bookings:{name}"))
    assert answer.headers["Location"].startswith(reverse("account_login"))
