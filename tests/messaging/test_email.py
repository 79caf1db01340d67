"""What a mail looks like on the wire: two parts, honest headers, direction of the script."""

from email import message_from_bytes
from email.policy import default

import pytest

from messaging import delivery
from messaging.models import DevelopmentMail
from tests.factories.messaging import MessageFactory


@pytest.fixture(autouse=True)
def _development_mail(settings):
    settings.EMAIL_BACKEND = "messaging.channels.development_mail.EmailBackend"


def sent(**fields):
    message = MessageFactory(
        kind="accounts.account_already_exists",
        context={"password_reset_url": "http://site.example/reset?a=1&b=2"},
        **fields,
    )
    assert delivery.deliver(message.public_id) == "sent"
    row = DevelopmentMail.objects.get()
    return message, message_from_bytes(bytes(row.source), policy=default)


def test_text_and_designed_part_are_alternatives(db):
    _message, wire = sent(recipient__email="anna@patient.example")
    assert wire.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in wire.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in wire.iter_parts())
    assert "http://site.example/reset?a=1&b=2" in text
    assert 'href="http://site.example/reset?a=1&amp;b=2"' in html
    assert wire["To"] == "anna@patient.example"
    assert wire["Subject"] == "You already have an account"


def test_headers_tell_machines_not_to_answer(db):
    message, wire = sent()
    assert wire["Auto-Submitted"] == "auto-generated"
    assert wire["Content-Language"] == "en"
    assert wire["Message-ID"].endswith("@medtour.example>")
    assert message.public_id not in wire["Message-ID"]


@pytest.mark.parametrize(
    ("locale", "tag", "way"), [("ar", "ar", "rtl"), ("zh-hans", "zh-Hans", "ltr")]
)
def test_the_designed_part_runs_the_way_of_its_script(db, locale, tag, way):
    _message, wire = sent(recipient__locale=locale)
    html = wire.get_body(("html",)).get_content()
    assert f'<html lang="{tag}" dir="{way}">' in html


def test_nothing_is_loaded_from_anywhere(db):
    _message, wire = sent()
    html = wire.get_body(("html",)).get_content()
    assert "src=" not in html
    assert "url(" not in html
    assert "<script" not in html
