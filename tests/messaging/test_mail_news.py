"""Bounces, complaints and the one-click end of mails (MS-06, MS-07)."""

import base64
import json

import pytest
from django.core import mail
from django.test import Client

from messaging import delivery
from messaging.enums import Category
from messaging.models import ChannelConsent, StaffTask, Suppression
from messaging.services.suppressions import lift
from messaging.stop_links import stop_address
from tests.messaging.reached import news

pytestmark = [pytest.mark.django_db]

SECRET = "mail:password"


@pytest.fixture
def provider(settings):
    settings.EMAIL_EVENTS_PROVIDER = "postmark"
    settings.EMAIL_EVENTS_SECRET = SECRET


def post(client, event, secret=SECRET):
    basic = base64.b64encode(secret.encode()).decode()
    return client.post(
        "/webhooks/email/",
        data=json.dumps(event),
        content_type="application/json",
        headers={"Authorization": f"Basic {basic}"},
    ).status_code


def event(message, record, **fields):
    at = {"Bounce": "BouncedAt", "SpamComplaint": "BouncedAt", "Delivery": "DeliveredAt"}[record]
    return {
        "RecordType": record,
        "MessageID": "pm-1",
        "Metadata": {"attempt": f"{message.public_id}.1"},
        "Email": message.recipient.email,
        "Recipient": message.recipient.email,
        at: "2026-11-23T01:00:00Z",
        **fields,
    }


@pytest.fixture
def sent(news_kind, provider, user, frozen):
    message = news(user)
    delivery.deliver(message.public_id)
    return message


def test_a_delivery_is_noted(client, sent):
    assert post(client, event(sent, "Delivery")) == 200
    sent.refresh_from_db()
    assert sent.status == "delivered"


def test_a_bounce_ends_the_address_and_staff_has_to_call(client, sent, user):
    assert post(client, event(sent, "Bounce", Type="HardBounce")) == 200
    assert sorted(Suppression.objects.values_list("category", "reason")) == [
        ("follow_up", "bounce"),
        ("marketing", "bounce"),
        ("service", "bounce"),
    ]
    assert delivery.deliver_all_due() == 0
    assert StaffTask.objects.get().message == sent
    later = news(user)
    assert delivery.deliver(later.public_id) == "dead"
    assert len(mail.outbox) == 1


def test_an_address_that_was_put_right_is_used_again(client, sent, user, operator):
    post(client, event(sent, "Bounce", Type="HardBounce"))
    for row in Suppression.objects.all():
        lift(row, by=operator)
    assert delivery.deliver(news(user).public_id) == "sent"


def test_a_full_mailbox_says_nothing_about_the_address(client, sent):
    post(client, event(sent, "Bounce", Type="Transient"))
    assert Suppression.objects.count() == 0


def test_a_complaint_ends_what_is_optional_and_not_the_bookings(client, sent, user):
    assert post(client, event(sent, "SpamComplaint", Type="SpamComplaint")) == 200
    assert sorted(Suppression.objects.values_list("category", flat=True)) == [
        "follow_up",
        "marketing",
    ]
    assert delivery.deliver(news(user).public_id) == "sent"


def test_a_forged_event_changes_nothing(client, sent):
    assert post(client, event(sent, "Bounce", Type="HardBounce"), secret="x:y") == 400
    assert Suppression.objects.count() == 0


class TestOneClick:
    def test_only_what_is_optional_carries_it(self, news_kind, user, frozen):
        delivery.deliver(news(user).public_id)
        news_kind(category=Category.FOLLOW_UP)
        delivery.deliver(news(user).public_id)
        service, follow_up = mail.outbox
        assert "List-Unsubscribe" not in service.extra_headers
        address = stop_address(user, Category.FOLLOW_UP)
        assert follow_up.extra_headers["List-Unsubscribe"] == f"<{address}>"
        assert follow_up.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_no_kind_about_bookings_or_money_is_optional(self):
        from messaging.kinds import all_kinds

        wrong = [
            name
            for name, kind in all_kinds().items()
            if kind.category != Category.SERVICE and name.startswith(("accounts.", "payments."))
        ]
        assert wrong == []

    @pytest.fixture
    def path(self, user, settings):
        return stop_address(user, Category.FOLLOW_UP).removeprefix(settings.SITE_URL)

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_looking_ends_nothing(self, client, path, method):
        assert getattr(client, method)(path).status_code == 200
        assert ChannelConsent.objects.count() == 0

    def test_one_click_ends_it_without_signing_in_or_a_token_of_a_page(
        self, path, news_kind, user, frozen
    ):
        strict = Client(enforce_csrf_checks=True)
        for _time in range(2):
            answer = strict.post(path, {"List-Unsubscribe": "One-Click"})
            assert (answer.status_code, answer.content) == (200, b"")
        ended = ChannelConsent.objects.get()
        assert (ended.given_at, ended.withdrawn_at) == (None, frozen)
        news_kind(category=Category.FOLLOW_UP)
        assert delivery.deliver(news(user).public_id) == "suppressed"
        news_kind()
        assert delivery.deliver(news(user).public_id) == "sent"

    def test_a_person_is_told_what_has_ended(self, client, path):
        page = client.post(path).content.decode()
        assert "From now on we send you no more mails of this kind" in page

    def test_a_forged_address_is_not_there(self, client, path, user, settings):
        assert client.get(path[:-3] + "x/").status_code == 404
        from django.core import signing

        token = signing.Signer(salt="messaging.stop").sign_object([user.public_id, "service"])
        assert client.post(f"/stop-mails/{token}/").status_code == 404
