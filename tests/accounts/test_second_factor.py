"""The second step of signing in: set up, asked for, kept encrypted, news by mail."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.urls import reverse

from accounts.second_factor import demonstration_codes, give_demonstration_app
from messaging.models import Message
from payments.models import InsurerOfficer
from tests.factories import InsurerFactory, UserFactory
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db
DESK = "/en/insurer/"


@pytest.fixture
def officer():
    user = UserFactory(verified=True)
    InsurerOfficer.objects.create(user=user, insurer=InsurerFactory())
    return user


def code_of(secret):
    return format_hotp_value(hotp_value(secret, list(counters())[1]))


def sign_in(client, user):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def test_an_officer_sets_it_up_and_reaches_the_desk(
    client, officer, django_capture_on_commit_callbacks
):
    sign_in(client, officer)
    step = client.get(DESK).url
    password_again = client.get(step).url
    assert password_again.startswith(reverse("account_reauthenticate"))
    assert client.post(password_again, {"password": PASSWORD}).url == step
    page = client.get(step).content.decode()
    secret = re.search(r'<code dir="ltr">([A-Z2-7]+)</code>', page)[1]

    wrong = client.post(step, {"code": "000000"})
    assert "This is not the code" in wrong.content.decode()
    assert not Authenticator.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(step, {"code": code_of(secret)})
    stored = Authenticator.objects.get(type="totp", user=officer)
    assert secret not in stored.data["secret"]
    assert Message.objects.get(kind="accounts.totp_activated").recipient == officer

    again = client.get(DESK).url
    assert again.startswith(reverse("mfa_reauthenticate"))
    done = client.post(again, {"code": code_of(secret)})
    assert done.url == DESK
    assert client.get(DESK).status_code == 200


def test_signing_in_asks_for_the_code_and_takes_each_once(client, officer):
    secret = generate_totp_secret()
    TOTP.activate(officer, secret)

    first = sign_in(client, officer)
    assert first.url == reverse("mfa_authenticate")
    assert client.get(DESK).status_code == 302
    client.post(first.url, {"code": code_of(secret)})
    assert client.get(DESK).status_code == 200

    client.post(reverse("account_logout"))
    sign_in(client, officer)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.get(DESK).status_code == 302


def test_a_code_by_mail_does_not_replace_the_second_step(client, officer):
    TOTP.activate(officer, generate_totp_secret())
    client.post(reverse("account_request_login_code"), {"email": officer.email})
    mail = Message.objects.get(kind="accounts.login_code")

    answer = client.post(reverse("account_confirm_login_code"), {"code": mail.context["code"]})

    assert answer.url == reverse("mfa_authenticate")
    assert client.get(DESK).status_code == 302


def test_only_demonstration_accounts_show_their_codes(officer):
    sample = UserFactory(is_demonstration=True)
    TOTP.activate(officer, generate_totp_secret())
    for user in (officer, sample, sample):
        give_demonstration_app(user)

    (shown,) = demonstration_codes()

    assert shown.email == sample.email
    assert re.fullmatch(r"\d{6}", shown.code)
    assert Authenticator.objects.filter(user=officer).count() == 1
