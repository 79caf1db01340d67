"""Who a session belongs to: read with written-out statements, by Django's and allauth's rules."""

import datetime as dt

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.urls import reverse

from accounts.backends import AccountBackend
from accounts.models import User
from accounts.sessions import SessionStore
from medtour.lib import clock

pytestmark = pytest.mark.django_db


def kept(**values):
    session = SessionStore()
    session.update(values)
    session.save()
    return session.session_key


def test_a_live_session_says_what_was_kept():
    assert SessionStore(kept(colour="red")).load() == {"colour": "red"}


def test_an_ended_session_is_empty_and_gives_its_key_up():
    key = kept(colour="red")
    Session.objects.update(expire_date=clock.now() - dt.timedelta(seconds=1))

    session = SessionStore(key)

    assert session.get("colour") is None
    assert session.session_key is None


def test_an_unknown_session_is_empty_and_gives_its_key_up():
    session = SessionStore("k" * 32)
    assert dict(session.items()) == {}
    assert session.session_key is None


def test_the_account_has_every_field_without_asking_again(user, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = AccountBackend().get_user(user.pk)
        assert found == user
        names = [field.attname for field in User._meta.concrete_fields]
        assert {name: getattr(found, name) for name in names} == {
            name: getattr(user, name) for name in names
        }


def test_a_closed_account_is_nobody_at_once(client, user):
    client.force_login(user)
    assert client.session[BACKEND_SESSION_KEY] == "accounts.backends.AccountBackend"
    page = reverse("messaging:inbox")
    assert client.get(page).status_code == 200

    User.objects.update(is_active=False)

    assert client.get(page).status_code == 302
    assert AccountBackend().get_user(user.pk) is None


def test_nobody_has_an_unknown_key():
    assert AccountBackend().get_user(0) is None
