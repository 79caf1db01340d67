"""Signing up and in: every page in our look, the way back is kept, nobody is told who exists."""

from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils.html import escape

from accounts.models import User
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db
OURS = settings.BASE_DIR / "templates/account"
NOT_REACHABLE = {
    "base_confirm_code.html",
    "base_entrance.html",
    "base_manage.html",
    "base_manage_email.html",
    "base_manage_password.html",
    "base_manage_phone.html",
    "base_reauthenticate.html",
    "confirm_phone_verification_code.html",
    "email_change.html",
    "phone_change.html",
    "signup_by_passkey.html",
}


def test_no_page_of_the_library_is_shown_undressed():
    theirs = Path(allauth.__file__).parent / "templates/account"
    missing = {path.name for path in theirs.glob("*.html")} - {p.name for p in OURS.glob("*.html")}
    assert missing <= NOT_REACHABLE


def test_our_account_pages_extend_our_base():
    for path in OURS.glob("*.html"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(('{% extends "account/base_', '{% extends "layouts/')), path.name


@pytest.mark.parametrize(
    "path",
    ["login/", "signup/", "login/code/", "password/reset/", "inactive/", "password/reset/done/"],
)
@pytest.mark.parametrize("language", ["en", "ar", "mn"])
def test_open_account_pages(client, path: str, language: str):
    response = client.get(f"/{language}/account/{path}")
    page = response.content.decode()
    assert response.status_code == 200
    assert "css/bundle.css" in page
    assert page.count("<h1") == 1
    assert "undefined template variable" not in page
    assert "placeholder=" not in page


@pytest.mark.parametrize("path", ["logout/", "email/", "password/change/"])
def test_account_pages_of_signed_in_people(client, user, path: str):
    client.force_login(user)
    response = client.get(f"/en/account/{path}", follow=True)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert "css/bundle.css" in page
    assert "undefined template variable" not in page


def test_the_way_back_is_kept_between_signing_in_and_signing_up(client):
    back = "/en/book/hold/abc/account/"
    page = client.get("/en/account/login/", {"next": back}).content.decode()
    assert f'name="next" value="{back}"' in page
    assert f"/en/account/signup/?next={escape('%2Fen%2Fbook%2Fhold%2Fabc%2Faccount%2F')}" in page
    page = client.get("/en/account/signup/", {"next": back}).content.decode()
    assert f'name="next" value="{back}"' in page


def test_signing_in_leads_back(client, user):
    response = client.post(
        "/en/account/login/", {"login": user.email, "password": PASSWORD, "next": "/en/place/"}
    )
    assert response.status_code == 302
    assert response["Location"] == "/en/place/"


def test_a_wrong_password_is_an_error_with_a_summary(client, user):
    response = client.post("/en/account/login/", {"login": user.email, "password": "wrong"})
    page = response.content.decode()
    assert "<title>Error: Sign in" in page
    assert 'class="errsum"' in page


def test_signing_up_asks_for_a_code_and_ends_where_it_was_wanted(client, monkeypatch):
    from allauth.account.adapter import DefaultAccountAdapter

    monkeypatch.setattr(
        DefaultAccountAdapter, "generate_email_verification_code", lambda _self: "ABC123"
    )
    response = client.post(
        "/en/account/signup/",
        {"email": "new@patient.example", "password1": "plain words 17", "next": "/en/place/"},
        follow=True,
    )
    page = response.content.decode()
    assert "Confirm your e-mail address" in page
    assert "undefined template variable" not in page
    response = client.post("/en/account/confirm-email/", {"code": "ZZZZZZ"})
    assert "<title>Error: " in response.content.decode()
    response = client.post("/en/account/confirm-email/", {"code": "ABC123"})
    assert response["Location"] == "/en/place/"
    assert EmailAddress.objects.get(email="new@patient.example").verified


def test_a_known_address_is_not_given_away(client, user):
    known = {"email": user.email, "password1": "plain words 17"}
    response = client.post("/en/account/signup/", known, follow=True)
    assert "Confirm your e-mail address" in response.content.decode()
    assert User.objects.filter(email=user.email).count() == 1
