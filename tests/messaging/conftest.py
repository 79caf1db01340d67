"""Providers that answer on this machine, and a kind of message that is always true."""

from dataclasses import replace

import pytest

from messaging import kinds
from messaging.kinds import Ready
from tests.messaging.reached import NEWS, site_with_sms, site_with_whatsapp
from tests.providers.sms import SmsProvider
from tests.providers.whatsapp import WhatsAppProvider


@pytest.fixture
def whatsapp(settings):
    settings.CHANNEL_TIMEOUT_SECONDS = 0.3
    provider = WhatsAppProvider()
    site_with_whatsapp(settings, provider)
    yield provider
    provider.stop()


@pytest.fixture
def sms(settings):
    settings.CHANNEL_TIMEOUT_SECONDS = 0.3
    provider = SmsProvider()
    site_with_sms(settings, provider)
    yield provider
    provider.stop()


@pytest.fixture
def news_kind(monkeypatch):
    """Return a function that lets the kind of `reached.news` be as a test wants it."""

    shipped = kinds.get(NEWS)

    def be(*, ready=None, **fields):
        values = {"reference": "ABCDE23456", "amount": "¥100"}
        told = Ready(values, **(ready or {}))
        kind = replace(shipped, resolve=lambda _context: told, **fields)
        monkeypatch.setattr(kinds, "_kinds", kinds.all_kinds() | {NEWS: kind})
        return kind

    be()
    return be
