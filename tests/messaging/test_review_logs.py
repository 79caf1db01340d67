"""Symptom found by reading: an address in the log of a refused mail."""

import io
import logging
from logging.config import DictConfigurator
from smtplib import SMTPDataError, SMTPRecipientsRefused

import pytest
from django.core.mail.backends.locmem import EmailBackend

from medtour.settings.logs import logging_config
from messaging import delivery
from tests.messaging.test_delivery import DeadServer, exists_mail


class Refusing(EmailBackend):
    def send_messages(self, email_messages):
        raise SMTPRecipientsRefused({"anna@patient.example": (550, b"unknown")})


class Complaining(EmailBackend):
    def send_messages(self, email_messages):
        raise SMTPDataError(554, b"no mail for anna@patient.example")


@pytest.fixture
def log():
    """Return what production would write to its log."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    formatter = logging_config(as_json=True, level="INFO")["formatters"]["structured"]
    handler.setFormatter(DictConfigurator({}).configure_formatter(formatter))
    logging.getLogger("messaging.delivery").addHandler(handler)
    yield written
    logging.getLogger("messaging.delivery").removeHandler(handler)


@pytest.mark.parametrize("backend", [Refusing, Complaining])
def test_the_log_of_a_refused_mail_names_no_address(db, settings, log, backend):
    settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"
    delivery.deliver(exists_mail().public_id)
    assert "message_failed" in log.getvalue()
    assert "anna@patient.example" not in log.getvalue()


def test_any_other_failure_is_logged_with_where_it_happened(db, settings, log, monkeypatch):
    monkeypatch.setattr(DeadServer, "send_messages", lambda *_mails: 1 / 0)
    settings.EMAIL_BACKEND = "tests.messaging.test_delivery.DeadServer"
    delivery.deliver(exists_mail().public_id)
    assert "ZeroDivisionError" in log.getvalue()
    assert "Traceback" in log.getvalue()
