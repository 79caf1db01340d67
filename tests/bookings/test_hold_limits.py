"""Visitors behind one address cannot empty a hospital's day; who signs in is not held up."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Appointment
from bookings.views.holder import SESSION_KEY
from medtour.lib import clock
from tests.bookings.snapshot import snapshot
from tests.factories import OfferFactory, SlotFactory

pytestmark = [pytest.mark.long, pytest.mark.django_db]
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _limits(settings):
    settings.HOLDS_AT_ONCE_PER_ADDRESS = 6
    settings.HOLDS_PER_HOUR_PER_ADDRESS = 30
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0


@pytest.fixture
def slot(hospital, frozen):
    return SlotFactory(offer=OfferFactory(hospital=hospital), capacity=60)


def take(slot, client=None, key="k", **headers):
    address = reverse("bookings:hold_slot", args=[slot.offer.public_id])
    data = {"slot": slot.public_id, "language": "en", "idempotency_key": key}
    return (client or Client()).post(address, data, **headers)


def held():
    return Appointment.objects.filter(state="held").count()


def test_the_seventh_visitor_behind_an_address_waits(slot):
    assert [take(slot).status_code for _ in range(6)] == [303] * 6
    before = snapshot()

    answer = take(slot)

    assert answer.status_code == 429
    assert "Too many times are held from your internet connection" in answer.content.decode()
    assert snapshot() == before


def test_another_address_is_not_held_up(slot):
    for _ in range(6):
        take(slot)
    assert take(slot, REMOTE_ADDR="192.0.2.7").status_code == 303


def test_a_household_with_many_addresses_of_version_6_is_one(slot):
    answers = [take(slot, REMOTE_ADDR=f"2001:db8:1:2::{n}").status_code for n in range(1, 8)]
    assert answers == [303] * 6 + [429]
    assert take(slot, REMOTE_ADDR="2001:db8:1:3::1").status_code == 303


def test_an_address_that_the_visitor_claims_is_not_believed(slot):
    answers = [take(slot, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}").status_code for n in range(7)]
    assert answers == [303] * 6 + [429]


def test_the_address_that_our_own_proxy_saw_is_believed(slot, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    answers = [
        take(slot, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}, 198.51.100.4").status_code for n in range(7)
    ]
    assert answers == [303] * 6 + [429]
    assert take(slot, HTTP_X_FORWARDED_FOR="198.51.100.4, 192.0.2.9").status_code == 303


def test_choosing_again_is_always_possible(slot):
    clients = [Client() for _ in range(6)]
    for each in clients:
        take(slot, each)
    assert take(slot, clients[0], key="again").status_code == 303
    assert held() == 6


def test_a_hold_that_ran_out_makes_room(slot, frozen):
    for _ in range(6):
        take(slot)
    with clock.freeze(frozen + 15 * MINUTE):
        assert take(slot).status_code == 303


def test_thirty_times_in_an_hour_are_enough(slot, frozen, client):
    answers = [take(slot, client, key=f"k{n}").status_code for n in range(31)]
    assert answers == [303] * 30 + [429]
    assert held() == 1
    with clock.freeze(frozen + 60 * MINUTE):
        assert take(slot, client, key="later").status_code == 303


def test_an_account_holds_one_time_and_is_not_counted_with_its_address(slot, user, client):
    for _ in range(6):
        take(slot)
    client.force_login(user)
    answers = [take(slot, client, key=f"k{n}").status_code for n in range(31)]
    assert answers == [303] * 31
    assert Appointment.objects.filter(state="held", booker=user).count() == 1


def test_the_key_does_not_tell_the_address(slot, client):
    take(slot, client, REMOTE_ADDR="192.0.2.7")
    key = client.session[SESSION_KEY]
    assert "192.0.2.7" not in key
    assert [len(part) for part in key.split(":")] == [7, 16, 32]
    assert len(key) <= Appointment._meta.get_field("holder_key").max_length


def test_zero_means_no_limit(slot, settings):
    settings.HOLDS_AT_ONCE_PER_ADDRESS = settings.HOLDS_PER_HOUR_PER_ADDRESS = 0
    assert {take(slot).status_code for _ in range(31)} == {303}
