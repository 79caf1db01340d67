"""Redis is away: nobody signs in unchecked, everything else goes on (RL-09)."""

import socket

import pytest
from django.core.cache import cache
from django.urls import reverse

from bookings.models import Appointment
from messaging.models import Message
from tests.factories import OfferFactory, SlotFactory
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed_port():
    """Return a port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def redis_is_away(settings, closed_port):
    settings.CACHES = {
        "default": {
            "BACKEND": "medtour.cache.FailOpenRedisCache",
            "LOCATION": f"redis://127.0.0.1:{closed_port}/1",
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
    settings.ACCOUNT_RATE_LIMITS = {}
    settings.HOLDS_AT_ONCE_PER_ADDRESS, settings.HOLDS_PER_HOUR_PER_ADDRESS = 6, 30


ATTEMPTS = {
    "account_login": {"login": "anna@patient.example", "password": PASSWORD},
    "account_request_login_code": {"email": "anna@patient.example"},
    "account_signup": {"email": "new@patient.example", "password1": PASSWORD},
    "account_reset_password": {"email": "anna@patient.example"},
}


@pytest.mark.usefixtures("redis_is_away")
@pytest.mark.parametrize("page", ATTEMPTS)
def test_nobody_signs_in_or_asks_for_a_code(client, user, page):
    answer = client.post(reverse(page), ATTEMPTS[page])

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    text = answer.content.decode()
    assert "You cannot sign in for a moment" in text
    assert "Please try again in a few minutes." in text
    assert "_auth_user_id" not in client.session
    assert Message.objects.count() == 0
    assert type(user).objects.count() == 1


@pytest.mark.usefixtures("redis_is_away", "frozen")
def test_looking_around_and_holding_a_time_go_on(client, hospital):
    slot = SlotFactory(offer=OfferFactory(hospital=hospital))
    assert client.get(reverse("home")).status_code == 200
    assert client.get(reverse("account_login")).status_code == 200
    address = reverse("bookings:hold_slot", args=[slot.offer.public_id])
    data = {"slot": slot.public_id, "language": "en", "idempotency_key": "k"}
    assert client.post(address, data).status_code == 303
    assert Appointment.objects.get().state == "held"


@pytest.mark.usefixtures("redis_is_away")
def test_the_rest_of_the_cache_answers_that_it_knows_nothing():
    assert (cache.get("a", 7), cache.add("a", 1), cache.incr("a"), cache.delete("a")) == (
        7,
        True,
        0,
        False,
    )
    assert cache.touch("a", 60) is False


def test_with_redis_back_one_signs_in(client, user, settings):
    settings.ACCOUNT_RATE_LIMITS = {}
    answer = client.post(reverse("account_login"), ATTEMPTS["account_login"])
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_too_many_attempts_are_told_in_our_look(client, user, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    wrong = ATTEMPTS["account_login"] | {"password": "something else"}
    client.post(reverse("account_login"), wrong)
    answer = client.post(reverse("account_login"), wrong)
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    assert "css/bundle.css" in answer.content.decode()
