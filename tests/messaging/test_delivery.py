"""Claiming, sending, failing, giving up, forgetting: what a worker does with a message."""

import datetime as dt
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from messaging import delivery
from messaging.models import DeliveryAttempt, DevelopmentMail, InboundMessage, Message, Status
from tests.factories.messaging import MessageFactory

DEVELOPMENT = "messaging.channels.development_mail.EmailBackend"
MINUTE = dt.timedelta(minutes=1)


class DeadServer(EmailBackend):
    """A mail server that breaks off."""

    def send_messages(self, email_messages):
        raise SMTPServerDisconnected("gone")


class NoSuchAddress(EmailBackend):
    """A mail server that does not know the address."""

    def send_messages(self, email_messages):
        raise SMTPRecipientsRefused({"a@b.example": (550, b"unknown")})


class DyingWorker(EmailBackend):
    """The process ends after the mail has left and before that is recorded."""

    def send_messages(self, email_messages):
        super().send_messages(email_messages)
        raise SystemExit


def exists_mail(**fields):
    """A message that only needs an address of the site to be rendered."""
    return MessageFactory(
        kind="accounts.account_already_exists",
        context={"password_reset_url": "http://site.example/reset"},
        **fields,
    )


@pytest.fixture(params=["locmem", "development"])
def backend(request, settings):
    """Send both ways: outside the transaction, and as a row inside it."""
    if request.param == "development":
        settings.EMAIL_BACKEND = DEVELOPMENT
    return request.param


def handed_over():
    return len(mail.outbox) + DevelopmentMail.objects.count()


@pytest.mark.usefixtures("backend")
def test_a_due_message_goes_out_once_and_is_recorded(db, frozen):
    message = exists_mail(recipient__email="anna@patient.example")
    assert delivery.claim_due() == [message.public_id]
    assert delivery.deliver(message.public_id) == Status.SENT
    assert delivery.deliver(message.public_id) is None
    message.refresh_from_db()
    assert handed_over() == 1
    assert (message.status, message.sent_at, message.attempts) == ("sent", frozen, 1)
    assert message.subject == "You already have an account"
    assert message.body.startswith(
        "This is a demonstration. Bookings here are not real.\n\nSomebody,"
    )
    assert "Questions? Write to" not in message.body
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.number, attempt.ended_at, attempt.outcome) == (1, frozen, "handed over")


def test_a_claim_keeps_others_away_for_its_lease_which_doubles(db, frozen, settings):
    settings.OUTBOX_LEASE_SECONDS = 60
    message = exists_mail()
    assert delivery.claim_due(now=frozen) == [message.public_id]
    assert delivery.claim_due(now=frozen + 59 * dt.timedelta(seconds=1)) == []
    assert delivery.claim_due(now=frozen + MINUTE) == [message.public_id]
    message.refresh_from_db()
    assert (message.attempts, message.next_attempt_at) == (2, frozen + 3 * MINUTE)


def test_a_claim_takes_the_oldest_first_and_leaves_the_future(db, frozen):
    late = exists_mail(next_attempt_at=frozen - MINUTE)
    later = exists_mail(next_attempt_at=frozen - 2 * MINUTE)
    exists_mail(next_attempt_at=frozen + MINUTE, not_before=frozen + MINUTE)
    exists_mail(sent=True)
    assert delivery.claim_due(limit=1) == [later.public_id]
    assert delivery.claim_due() == [late.public_id]


def test_a_message_before_its_time_is_not_sent_even_when_asked(db, frozen):
    message = exists_mail(not_before=frozen + MINUTE, next_attempt_at=frozen + MINUTE)
    assert delivery.deliver(message.public_id) is None
    message.refresh_from_db()
    assert (message.status, mail.outbox) == ("queued", [])


def test_a_broken_server_means_another_try_later_and_later(db, frozen, settings):
    settings.EMAIL_BACKEND = "tests.messaging.test_delivery.DeadServer"
    message = exists_mail()
    assert delivery.deliver(message.public_id) == Status.FAILED
    message.refresh_from_db()
    assert message.status_reason == "SMTPServerDisconnected"
    assert message.next_attempt_at == frozen + dt.timedelta(seconds=30)
    assert delivery.deliver(message.public_id) == Status.FAILED
    message.refresh_from_db()
    assert message.next_attempt_at == frozen + MINUTE
    outcomes = DeliveryAttempt.objects.order_by("number").values_list("number", "outcome")
    assert list(outcomes) == [(1, "SMTPServerDisconnected"), (2, "SMTPServerDisconnected")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert delivery.deliver_all_due(now=frozen + MINUTE) == 1
    assert len(mail.outbox) == 1


def test_after_the_last_try_it_is_given_up(db, settings):
    settings.EMAIL_BACKEND = "tests.messaging.test_delivery.DeadServer"
    message = exists_mail()
    answers = [delivery.deliver(message.public_id) for _try in range(12)]
    assert answers == [Status.FAILED] * 11 + [Status.DEAD]
    assert delivery.deliver(message.public_id) is None


def test_an_address_that_does_not_exist_is_not_tried_again(db, settings):
    settings.EMAIL_BACKEND = "tests.messaging.test_delivery.NoSuchAddress"
    message = exists_mail()
    assert delivery.deliver(message.public_id) == Status.DEAD
    message.refresh_from_db()
    assert (message.status, message.status_reason) == ("dead", "AddressRefused")


def test_a_worker_that_dies_after_sending_leaves_a_message_with_the_same_id(db, frozen, settings):
    """The one ambiguity of e-mail (decision 004): sent again, under the same Message-ID."""
    settings.EMAIL_BACKEND = "tests.messaging.test_delivery.DyingWorker"
    message = exists_mail()
    with pytest.raises(SystemExit):
        delivery.deliver(message.public_id)
    message.refresh_from_db()
    assert message.status == Status.SENDING
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert delivery.claim_due(now=frozen + 5 * MINUTE) == []
    assert delivery.deliver(message.public_id) is None
    assert delivery.deliver_all_due(now=frozen + 6 * MINUTE) == 1
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert [a.outcome for a in message.delivery_attempts.all()] == [
        "not known: the process ended while sending",
        "handed over",
    ]


def test_a_message_that_cannot_be_put_into_words_waits_for_repair(db, settings):
    message = MessageFactory(kind="accounts.account_already_exists", context={})
    assert delivery.deliver(message.public_id) == Status.FAILED
    message.refresh_from_db()
    assert (message.status_reason, mail.outbox) == ("KeyError", [])


@pytest.mark.usefixtures("backend")
def test_a_code_is_sent_and_then_kept_nowhere(db, frozen):
    message = MessageFactory(
        kind="accounts.login_code",
        context={
            "code": "ABCD-EFGH",
            "minutes": "3",
            "expires_at": (frozen + 3 * MINUTE).isoformat(),
        },
    )
    assert delivery.deliver(message.public_id) == Status.SENT
    message.refresh_from_db()
    assert (message.subject, message.body, message.context) == ("", "", {})


def test_a_code_that_has_run_out_is_not_sent(db, frozen):
    context = {"code": "X", "minutes": "3", "expires_at": frozen.isoformat()}
    message = MessageFactory(kind="accounts.login_code", context=context)
    assert delivery.deliver(message.public_id) == Status.SUPPRESSED
    message.refresh_from_db()
    assert (message.status_reason, mail.outbox) == ("code has run out", [])


def test_words_are_forgotten_after_a_year_but_not_before(db, frozen):
    year = dt.timedelta(days=365)
    old = exists_mail(sent=True, created_at=frozen - year - MINUTE)
    young = exists_mail(sent=True, created_at=frozen - year)
    waiting = exists_mail(created_at=frozen - 2 * year)
    assert delivery.forget_old_messages() == 1
    assert delivery.forget_old_messages() == 0
    old.refresh_from_db()
    assert (old.subject, old.body, old.context, old.address) == ("", "", {}, "")
    young.refresh_from_db()
    assert young.body == "Your appointment is confirmed."
    waiting.refresh_from_db()
    assert waiting.context == {"password_reset_url": "http://site.example/reset"}


def test_unsent_codes_are_forgotten_after_a_day(db, frozen):
    dead = MessageFactory(
        kind="accounts.login_code",
        status=Status.DEAD,
        context={"code": "X"},
        created_at=frozen - dt.timedelta(days=1, minutes=1),
    )
    assert delivery.forget_old_messages() == 1
    assert Message.objects.get(pk=dead.pk).context == {}


def test_replies_are_emptied_once_they_are_old_and_dealt_with(db, frozen):
    year = dt.timedelta(days=365)
    for number, (received_at, done_at) in enumerate(
        [(frozen - year - MINUTE, frozen), (frozen - year, frozen), (frozen - 2 * year, None)]
    ):
        InboundMessage.objects.create(
            channel="sms",
            provider_id=str(number),
            number="+97699112233",
            body="My wound hurts",
            intent="words",
            received_at=received_at,
            done_at=done_at,
        )
    assert [delivery.forget_old_messages() for _time in range(2)] == [1, 0]
    kept = [(row.number, row.body) for row in InboundMessage.objects.order_by("pk")]
    words = ("+97699112233", "My wound hurts")
    assert kept == [("", ""), words, words]
