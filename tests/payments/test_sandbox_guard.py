"""The sandbox cannot run where somebody could believe that money moved."""

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payments.gateways import gateway
from payments.gateways.protocol import GatewayRefused
from payments.gateways.sandbox.apps import refuse_in_production

LAPTOP = {
    "settings_module": "medtour.settings.dev",
    "site_url": "http://127.0.0.1:8000",
    "key": "",
}
PRODUCTION = {
    "SECRET_KEY": "p" * 64,
    "FIELD_ENCRYPTION_KEYS": "k1:c29tZXRoaW5nLWVsc2UtZm9yLXByb2R1Y3Rpb24hIQ==",
    "LOOKUP_HASH_KEY": "c29tZXRoaW5nLWVsc2UtZm9yLXByb2R1Y3Rpb24hIQ==",
    "ALLOWED_HOSTS": "care.medtour.example",
    "SITE_URL": "https://care.medtour.example",
    "DATABASE_URL": "postgres://app@127.0.0.1:1/app",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def test_a_laptop_may_have_it():
    refuse_in_production(**LAPTOP)
    assert settings.PAYMENTS_SANDBOX
    assert apps.is_installed("payments.gateways.sandbox")


@pytest.mark.parametrize(
    "change",
    [
        {"settings_module": "medtour.settings.base"},
        {"settings_module": "production"},
        {"site_url": "https://care.medtour.example"},
        {"key": "sk_live_2"},
    ],
)
def test_anything_else_stops_the_process(change):
    with pytest.raises(ImproperlyConfigured, match="sandbox"):
        refuse_in_production(**LAPTOP | change)


def start(settings_module, code, *, folder=".", **environment):
    """Start a process with these settings only and return how it ended."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        env={
            **kept,
            **environment,
            "DJANGO_SETTINGS_MODULE": settings_module,
            "PYTHONPATH": f"{folder}:{settings.BASE_DIR}",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_production_with_the_sandbox_does_not_start(tmp_path):
    (tmp_path / "careless.py").write_text(
        "from medtour.settings.base import *\n"
        "PAYMENTS_SANDBOX = True\n"
        "INSTALLED_APPS += ['payments.gateways.sandbox']\n"
    )
    ended = start("careless", "print('started')", folder=tmp_path, **PRODUCTION)
    assert ended.returncode != 0
    assert "The payment sandbox is installed" in ended.stderr
    assert "started" not in ended.stdout


def test_production_has_neither_its_page_nor_its_tables():
    code = (
        "from django.core.exceptions import ImproperlyConfigured\n"
        "from django.urls import resolve, Resolver404\n"
        "try: resolve('/sandbox/checkout/cs_test_2/'); print('page')\n"
        "except Resolver404: print('no page')\n"
        "try: import payments.gateways.sandbox.server; print('tables')\n"
        "except ImproperlyConfigured: print('no tables')\n"
    )
    ended = start("medtour.settings.base", f"exec({code!r})", **PRODUCTION)
    assert ended.stdout.split("\n")[:2] == ["no page", "no tables"], ended.stderr


def test_a_laptop_with_a_key_talks_to_stripe():
    code = "from django.conf import settings; print(settings.PAYMENTS_SANDBOX)"
    ended = start("medtour.settings.dev", code, STRIPE_SECRET_KEY="sk_test_2")
    assert ended.stdout.strip() == "False", ended.stderr


def test_without_a_key_and_without_the_sandbox_there_is_no_gateway(settings):
    settings.PAYMENTS_SANDBOX = False
    with pytest.raises(GatewayRefused) as refused:
        gateway()
    assert refused.value.code == "no_key"


def test_there_is_no_other_gateway():
    with pytest.raises(LookupError):
        gateway("paper")
