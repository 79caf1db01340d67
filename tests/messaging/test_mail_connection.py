"""A run of the drain talks to the mail server over one connection, and anew where it broke."""

import pytest

from messaging import delivery
from messaging.models import DeliveryAttempt, Message
from tests.factories.messaging import MessageFactory
from tests.providers.smtp import mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def server(settings):
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        settings.EMAIL_TIMEOUT = 5
        yield running


def due(count):
    return [
        MessageFactory(
            kind="accounts.account_already_exists",
            context={"password_reset_url": "http://site.example/reset"},
            address=f"reader{number}@people.example",
        )
        for number in range(count)
    ]


def states():
    return sorted(Message.objects.values_list("status", flat=True))


def test_many_mails_go_over_one_connection(server):
    wanted = {message.address for message in due(5)}
    assert delivery.drain() == 5
    assert (set(server.mails), len(server.mails), server.connections) == (wanted, 5, 1)
    due(1)
    assert delivery.drain() == 1
    assert server.connections == 2


def test_a_refused_address_keeps_the_connection(server):
    messages = due(3)
    server.unknown = {messages[1].address}
    assert delivery.drain() == 2
    assert server.connections == 1
    assert Message.objects.get(pk=messages[1].pk).status != "sent"


def test_a_connection_that_was_cut_is_opened_anew_for_the_next(server):
    due(4)
    server.most = 2
    assert delivery.drain() == 3
    assert (len(server.mails), server.connections) == (3, 2)
    assert states() == ["failed", "sent", "sent", "sent"]
    (lost,) = DeliveryAttempt.objects.exclude(state="sent")
    assert lost.outcome == "SMTPServerDisconnected"


def test_one_mail_alone_has_a_connection_of_its_own(server):
    (message,) = due(1)
    delivery.deliver(message.public_id)
    assert (len(server.mails), server.connections) == (1, 1)
