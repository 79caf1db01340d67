"""Workers that want the same messages at the same moment."""

import pytest
from django.db import transaction

from messaging import delivery
from messaging.models import DeliveryAttempt, DevelopmentMail, Message
from messaging.services import Outgoing, queue
from tests.factories.messaging import MessageFactory
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WORKERS = 8


def link_mail(**fields):
    return MessageFactory(
        kind="accounts.account_already_exists",
        context={"password_reset_url": "http://site.example/reset"},
        **fields,
    )


def test_relays_share_the_due_rows_and_never_take_the_same():
    due = sorted(link_mail().public_id for _index in range(40))

    claimed = together(WORKERS, lambda _number: delivery.claim_due(limit=10))

    assert sorted(public_id for ids in claimed for public_id in ids) == due
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


def test_workers_with_the_same_message_send_it_once(settings):
    settings.EMAIL_BACKEND = "messaging.channels.development_mail.EmailBackend"
    message = link_mail()

    results = together(WORKERS, lambda _number: delivery.deliver(message.public_id))

    assert tally(results) == {"Status": 1, "NoneType": WORKERS - 1}
    assert DevelopmentMail.objects.count() == DeliveryAttempt.objects.count() == 1


def test_the_same_fact_queued_together_is_one_row():
    @transaction.atomic
    def tell(_number):
        queue(
            Outgoing(
                "accounts.account_already_exists",
                None,
                "the same fact",
                {"password_reset_url": "http://site.example/reset"},
                address="anna@patient.example",
            )
        )

    results = together(WORKERS, tell)

    assert tally(results) == {"NoneType": WORKERS}
    assert Message.objects.count() == 1
