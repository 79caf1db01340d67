"""allauth's mails go through the outbox, in the language of the page or of the account."""

import datetime as dt

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.core import context
from django.core import mail
from django.utils import translation

from messaging import delivery
from messaging.kinds import UnknownKind
from messaging.models import Message


@pytest.fixture
def request_in_context(rf):
    """A visitor's request on the Arabic pages, clock set to Dubai."""
    request = rf.get("/ar/")
    request.visitor_zone, request.visitor_zone_chosen = "Asia/Dubai", True
    request.visitor_currency = "AED"
    with context.request_context(request), translation.override("ar"):
        yield request


def test_a_code_for_an_account_goes_in_its_own_language(user, frozen, request_in_context):
    user.locale = "zh-hans"
    get_adapter().send_mail(
        "account/email/email_confirmation_signup", user.email, {"user": user, "code": "AB-12"}
    )
    message = Message.objects.get()
    assert (message.kind, message.recipient) == ("accounts.email_confirmation", user)
    assert (message.locale, message.address) == ("zh-hans", "anna@patient.example")
    assert message.context == {
        "code": "AB-12",
        "minutes": "15",
        "expires_at": (frozen + dt.timedelta(minutes=15)).isoformat(),
    }
    assert mail.outbox == []


def test_the_code_arrives_and_leaves_no_trace(user, frozen, request_in_context):
    get_adapter().send_mail("account/email/login_code", user.email, {"code": "AB-12"})
    assert delivery.deliver_all_due() == 1
    (sent,) = mail.outbox
    assert sent.to == ["anna@patient.example"]
    assert sent.subject == "Your code to sign in"
    assert "Your code: AB-12\n" in sent.body
    assert "The code works for 3 minutes." in sent.body
    assert "AB-12" not in sent.subject
    message = Message.objects.get()
    assert (message.recipient, message.context, message.body) == (user, {}, "")


def test_an_unknown_address_gets_its_mail_without_an_account(db, request_in_context):
    send_unknown_account_mail(request_in_context, "nobody@else.example")
    message = Message.objects.get()
    assert (message.kind, message.recipient) == ("accounts.unknown_account", None)
    assert (message.locale, message.time_zone) == ("ar", "Asia/Dubai")
    assert delivery.deliver_all_due() == 1
    assert mail.outbox[0].to == ["nobody@else.example"]
    assert "http://testserver/ar/account/signup/" in mail.outbox[0].body


def test_a_change_is_told_with_its_time_on_the_persons_clock(user, frozen, request_in_context):
    get_adapter().send_notification_mail(
        "account/email/password_changed", user, {"timestamp": frozen}
    )
    assert delivery.deliver_all_due() == 1
    assert "When: Monday 23 November 2026, 04:00 (Moscow, UTC+3)" in mail.outbox[0].body


def test_a_mail_nobody_wrote_a_kind_for_is_an_error(user, request_in_context):
    with pytest.raises(UnknownKind):
        get_adapter().send_mail("account/email/news", user.email, {})
    assert Message.objects.count() == 0


@pytest.mark.django_db
def test_signing_up_keeps_the_language_and_clock_of_the_page(client):
    client.cookies["zone"] = "Asia/Dubai"
    client.cookies["currency"] = "AED"
    client.post(
        "/ar/account/signup/", {"email": "new@patient.example", "password1": "long-and-good-1"}
    )
    message = Message.objects.get()
    person = message.recipient
    assert (person.locale, person.time_zone, person.currency) == ("ar", "Asia/Dubai", "AED")
    assert (message.kind, message.locale) == ("accounts.email_confirmation", "ar")
