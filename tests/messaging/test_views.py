"""My care → Messages, and the mails of a laptop."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import delivery
from messaging.models import DeliveryAttempt, DevelopmentMail, Message
from tests.factories.messaging import MessageFactory


@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_takes_the_same_few_queries(client, user, count):
    for _index in range(count):
        MessageFactory(sent=True, recipient=user)
    client.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/en/care/messages/")
    assert page.content.decode().count("/en/care/messages/") >= count
    assert len([q for q in queries if "messaging_message" in q["sql"]]) == 2


def test_the_inbox_shows_own_messages_with_words_only(client, user, stranger):
    mine = MessageFactory(sent=True, recipient=user)
    waiting = MessageFactory(recipient=user)
    other = MessageFactory(sent=True, recipient=stranger)
    client.force_login(user)
    page = client.get("/en/care/messages/").content.decode()
    assert mine.public_id in page
    assert waiting.public_id not in page
    assert other.public_id not in page


def test_an_empty_inbox_says_what_will_be_there(client, user):
    client.force_login(user)
    assert "No messages yet" in client.get("/en/care/messages/").content.decode()


def test_opening_a_message_shows_it_and_notes_that(client, user, frozen):
    message = MessageFactory(
        sent=True, recipient=user, body="See <b>https://medtour.example/en/</b>"
    )
    client.force_login(user)
    page = client.get(f"/en/care/messages/{message.public_id}/").content.decode()
    assert "&lt;b&gt;" in page
    assert 'href="https://medtour.example/en/' in page
    message.refresh_from_db()
    assert message.read_at == frozen


def test_a_stranger_finds_nothing_and_nothing_is_marked(client, user, stranger):
    message = MessageFactory(sent=True, recipient=user)
    client.force_login(stranger)
    assert client.get(f"/en/care/messages/{message.public_id}/").status_code == 404
    message.refresh_from_db()
    assert message.read_at is None


def test_without_signing_in_there_is_no_inbox(client, db):
    message = MessageFactory(sent=True)
    for path in ("", f"{message.public_id}/"):
        answer = client.get(f"/en/care/messages/{path}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/en/account/login/?next=")


@pytest.fixture
def kept_mail(db, settings):
    settings.EMAIL_BACKEND = "messaging.channels.development_mail.EmailBackend"
    MessageFactory(
        kind="accounts.account_already_exists",
        context={"password_reset_url": "http://site.example/reset"},
        recipient__email="anna@patient.example",
    )
    assert delivery.deliver_all_due() == 1
    return DevelopmentMail.objects.get()


def test_the_mailbox_lists_mails_and_narrows_to_an_address(client, kept_mail):
    assert "anna@patient.example" in client.get("/dev/mail/").content.decode()
    assert "anna@patient.example" not in client.get("/dev/mail/?to=else").content.decode()


def test_a_mail_shows_its_parts(client, kept_mail):
    page = client.get(f"/dev/mail/{kept_mail.pk}/").content.decode()
    assert 'href="http://site.example/reset"' in page
    assert f'src="/dev/mail/{kept_mail.pk}/html/"' in page


def test_the_designed_part_is_locked_in(client, kept_mail):
    answer = client.get(f"/dev/mail/{kept_mail.pk}/html/")
    assert answer["Content-Security-Policy"] == (
        "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; "
        "frame-ancestors 'self'"
    )
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.content.decode().startswith("<!doctype html>")


def test_an_attachment_that_is_not_there_is_not_found(client, kept_mail):
    assert client.get(f"/dev/mail/{kept_mail.pk}/attachments/0/").status_code == 404


def test_handing_the_same_mail_over_twice_keeps_it_once(kept_mail):
    DeliveryAttempt.objects.all().delete()
    Message.objects.update(status="queued", next_attempt_at="2020-01-01T00:00Z")
    assert delivery.deliver_all_due() == 1
    assert DevelopmentMail.objects.count() == 1
