"""The system checks speak up when a setting or a page would let somebody in."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.management import call_command
from django.urls import path

from medtour import checks


def ids(errors):
    return [error.id for error in errors]


@login_not_required
def careless(request):
    """A private page that somebody marked public."""


urlpatterns = [path("en/care/leak/", careless)]


def test_our_own_pages_and_settings_are_in_order():
    call_command("check")
    assert checks.pages_are_closed_by_default(None) == []


def test_a_public_page_in_a_private_area_is_an_error(settings):
    settings.ROOT_URLCONF = "tests.house.test_checks"
    assert ids(checks.pages_are_closed_by_default(None)) == ["medtour.E002"]


def test_open_by_default_is_an_error(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "LoginRequired" not in name]
    assert ids(checks.pages_are_closed_by_default(None)) == ["medtour.E001"]


SAFE = {
    "DEBUG": False,
    "SECRET_KEY": "x" * 60,
    "FIELD_ENCRYPTION_KEYS": ["2026:c29tZXRoaW5nLWVsc2UtZm9yLXByb2R1Y3Rpb24hIQ=="],
    "CLAMD_ADDRESS": "tcp://clamav:3310",
    "LOOKUP_HASH_KEY": "c29tZXRoaW5nLWVsc2UtZm9yLXByb2R1Y3Rpb24hIQ==",
    "DEVELOPMENT_MAIL_VISIBLE": False,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "SITE_URL": "https://care.medtour.example",
    "SESSION_COOKIE_SECURE": True,
    "ALLOWED_HOSTS": ["care.medtour.example"],
    "PAYMENTS_SANDBOX": False,
    "STRIPE_SECRET_KEY": "sk_live_2",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_2"],
    "DEMONSTRATION": False,
}


@pytest.fixture
def production(settings):
    for key, value in SAFE.items():
        setattr(settings, key, value)
    return settings


def test_production_settings_pass(production):
    assert checks.settings_are_fit_for_production(None) == []


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("DEBUG", True, "E010"),
        ("SECRET_KEY", "development-only-key", "E011"),
        (
            "FIELD_ENCRYPTION_KEYS",
            ["dev:bWVkdG91ci1kZXZlbG9wbWVudC1vbmx5LWtleS0zMmI="],
            "E012",
        ),
        ("LOOKUP_HASH_KEY", "bWVkdG91ci1kZXZlbG9wbWVudC1sb29rdXAta2V5LTE=", "E022"),
        ("LOOKUP_HASH_KEY", "c2hvcnQ=", "E022"),
        ("DEVELOPMENT_MAIL_VISIBLE", True, "E013"),
        ("EMAIL_BACKEND", "messaging.channels.development_mail.EmailBackend", "E014"),
        ("SITE_URL", "http://care.medtour.example", "E015"),
        ("SESSION_COOKIE_SECURE", False, "E016"),
        (
            "CONTENT_SECURITY_POLICY",
            {"DIRECTIVES": {"script-src": ["'self'", "'unsafe-eval'"]}},
            "E017",
        ),
        ("ALLOWED_HOSTS", ["*"], "E018"),
        ("PAYMENTS_SANDBOX", True, "E019"),
        ("STRIPE_SECRET_KEY", "sk_test_2", "E020"),
        ("STRIPE_WEBHOOK_SECRETS", [], "E021"),
        ("CLAMD_ADDRESS", "", "E023"),
    ],
)
def test_each_loose_setting_is_an_error(production, key, value, code):
    setattr(production, key, value)
    assert ids(checks.settings_are_fit_for_production(None)) == [f"medtour.{code}"]
