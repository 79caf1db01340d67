"""The outbox row is written with the change it tells of, once, in one statement."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging.kinds import UnknownKind
from messaging.models import Message
from messaging.services import Outgoing, mark_read, queue
from tests.factories import UserFactory
from tests.factories.messaging import MessageFactory


def confirmation(user, key="booked:1", **fields):
    return Outgoing(
        kind="bookings.appointment_confirmed",
        recipient=user,
        dedupe_key=key,
        context={"appointment": "abc"},
        **fields,
    )


def test_the_row_copies_language_clock_and_address_of_the_account(user, frozen):
    user.locale, user.time_zone = "ar", "Asia/Dubai"
    queue(confirmation(user))
    message = Message.objects.get()
    assert message.kind == "bookings.appointment_confirmed"
    assert (message.recipient, message.address) == (user, "anna@patient.example")
    assert (message.locale, message.time_zone) == ("ar", "Asia/Dubai")
    assert message.context == {"appointment": "abc"}
    assert message.status == "queued"
    assert message.not_before == message.next_attempt_at == message.created_at == frozen


def test_a_later_message_is_due_when_it_says(user, frozen):
    later = frozen + dt.timedelta(days=3)
    queue(confirmation(user, not_before=later))
    message = Message.objects.get()
    assert (message.not_before, message.next_attempt_at) == (later, later)


def test_the_same_fact_is_told_once_and_many_rows_take_one_statement(user):
    queue(confirmation(user, "booked:1"))
    with CaptureQueriesContext(connection) as queries:
        queue(confirmation(user, "booked:1"), confirmation(user, "booked:2"))
    assert len(queries) == 1
    assert sorted(Message.objects.values_list("dedupe_key", flat=True)) == ["booked:1", "booked:2"]


def test_somebody_without_an_account_is_reached_by_address(db):
    queue(
        Outgoing(
            kind="accounts.unknown_account",
            recipient=None,
            dedupe_key="x",
            context={"signup_url": "http://site.example/signup"},
            address="nobody@else.example",
            locale="zh-hans",
        )
    )
    message = Message.objects.get()
    assert (message.recipient, message.address) == (None, "nobody@else.example")
    assert (message.locale, message.time_zone) == ("zh-hans", "Asia/Shanghai")


def test_an_unknown_kind_is_refused_and_nothing_is_written(user):
    with pytest.raises(UnknownKind):
        queue(confirmation(user), Outgoing("bookings.nonsense", user, "y"))
    assert Message.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_fails_loudly():
    user = UserFactory()
    with pytest.raises(transaction.TransactionManagementError):
        queue(confirmation(user))
    assert Message.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_message_dies_with_the_change_it_tells_of():
    user = UserFactory()

    @transaction.atomic
    def change_that_fails():
        queue(confirmation(user))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_that_fails()
    assert Message.objects.count() == 0


def test_context_and_words_are_encrypted_at_rest(db):
    MessageFactory(sent=True, context={"appointment": "plain-context"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT context, subject, body FROM messaging_message")
        stored = " ".join(cursor.fetchone())
    assert "plain-context" not in stored
    assert "appointment" not in stored


def test_reading_is_noted_once(db, frozen):
    message = MessageFactory(sent=True)
    mark_read(message)
    mark_read(message, now=frozen + dt.timedelta(days=1))
    message.refresh_from_db()
    assert message.read_at == frozen
