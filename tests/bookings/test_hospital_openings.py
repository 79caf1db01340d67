"""The list of a hospital's next free times: what is in it, what is not, and what it costs."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertNumQueries

from bookings.selectors.hospital_openings import MOST_SHOWN
from tests.factories import AppointmentFactory, OfferFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = pytest.mark.django_db


def address(hospital):
    return reverse("bookings:hospital_openings", args=[hospital.slug])


def shown(client, hospital):
    return client.get(address(hospital)).context["found"].openings


def test_each_offer_stands_once_with_its_first_free_time_soonest_first(client, hospital, frozen):
    later, sooner = OfferFactory(hospital=hospital), OfferFactory(hospital=hospital)
    taken = SlotFactory(offer=sooner, starts_at=in_days(1, 9))
    AppointmentFactory(slot=taken)
    SlotFactory(offer=sooner, starts_at=in_days(1, 11), capacity=2)
    SlotFactory(offer=sooner, starts_at=in_days(3, 9))
    SlotFactory(offer=later, starts_at=in_days(2, 9))

    openings = shown(client, hospital)

    assert [(each.offer_public_id, each.starts_at, each.places_left) for each in openings] == [
        (sooner.public_id, in_days(1, 11), 2),
        (later.public_id, in_days(2, 9), 1),
    ]


def test_leaves_out_what_cannot_be_booked_here(client, hospital, other_hospital, frozen):
    SlotFactory(offer=OfferFactory(hospital=hospital), starts_at=in_days(15, 9))
    SlotFactory(offer=OfferFactory(hospital=hospital, is_published=False), starts_at=in_days(2, 9))
    SlotFactory(
        offer=OfferFactory(hospital=hospital, booking_mode="window"), starts_at=in_days(2, 9)
    )
    SlotFactory(offer=OfferFactory(hospital=hospital), starts_at=in_days(0, 9, 30))
    SlotFactory(
        offer=OfferFactory(hospital=hospital),
        starts_at=in_days(2, 9),
        last_confirmed_at=in_days(-15, 9),
    )
    SlotFactory(offer=OfferFactory(hospital=other_hospital), starts_at=in_days(2, 9))

    page = client.get(address(hospital)).content.decode()

    assert "No free times in the next 14 days." in page


def test_shows_both_clocks_and_leads_to_the_times(client, hospital, frozen):
    offer = OfferFactory(hospital=hospital, treatment__name_en="Consultation")
    SlotFactory(offer=offer, starts_at=in_days(2, 9))
    client.cookies["zone"] = "Europe/Moscow"

    page = client.get(address(hospital)).content.decode()

    assert f'href="{reverse("bookings:picker", args=[offer.public_id])}">Consultation</a>' in page
    assert "<bdi>09:00</bdi> · Wed 25 Nov" in page
    assert "<bdi>04:00</bdi> · Wed 25 Nov" in page
    assert "1 place left" in page


def test_an_english_name_on_a_page_in_another_language_is_marked(client, hospital, frozen):
    offer = OfferFactory(hospital=hospital, treatment__name_en="Consultation")
    SlotFactory(offer=offer, starts_at=in_days(2, 9))

    page = client.get(f"/ar/hospitals/{hospital.slug}/openings/").content.decode()

    assert '<bdi lang="en">Consultation</bdi>' in page


def test_an_unknown_hospital_is_not_found(client, db):
    assert client.get("/en/hospitals/nowhere/openings/").status_code == 404


def test_one_statement_however_many_offers_and_no_session(client, hospital, frozen):
    for number in range(MOST_SHOWN + 2):
        SlotFactory(offer=OfferFactory(hospital=hospital), starts_at=in_days(1 + number % 10, 9))

    with assertNumQueries(1):
        response = client.get(address(hospital))

    assert len(response.context["found"].openings) == MOST_SHOWN
    assert "sessionid" not in response.cookies
