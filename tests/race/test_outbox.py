"""Workers that want the same messages at the same moment."""

import threading

import pytest
from django.db import connection, transaction

from medtour.lib import clock, locks
from messaging import attempts, delivery
from messaging.enums import AttemptState
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


def test_a_receipt_in_the_moment_of_the_answer_makes_no_deadlock():
    """The receipt holds the message and wants the attempt, while the sender writes the answer."""
    message = link_mail(status="sending")
    attempt = DeliveryAttempt.objects.create(
        message=message, number=1, channel="email", started_at=clock.now()
    )
    holds_the_message = threading.Event()

    def both(number):
        if number:
            assert holds_the_message.wait(10)
            with transaction.atomic():
                return attempts.finish(attempt, "id-1", clock.now())
        with transaction.atomic():
            locks.lock_row(Message.objects.only("pk"), message.pk)
            holds_the_message.set()
            _wait_for_a_lock()
            return attempts.progress(attempt, AttemptState.DELIVERED)

    assert together(2, both) == [True, "sent"]
    attempt.refresh_from_db()
    assert attempt.state == "delivered"


def _wait_for_a_lock():
    """Return once another connection of this database waits for a lock."""
    deadline = clock.now().timestamp() + 10
    with connection.cursor() as cursor:
        while clock.now().timestamp() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
