"""One run of the drain: batches that are read together, turns, and what a slow provider leaves."""

import datetime as dt

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from bookings.models import Appointment
from messaging import batches, delivery, kinds, policies
from messaging.models import DeliveryAttempt, Message
from tests.factories import AppointmentFactory, SlotFactory
from tests.factories.messaging import MessageFactory

MINUTE = dt.timedelta(minutes=1)


class Stopwatch:
    """A clock for how long things took, which only moves when a mail is handed over."""

    seconds_a_mail = 0.0
    on_a_mail = staticmethod(lambda: None)

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stopwatch(monkeypatch):
    made = Stopwatch()
    monkeypatch.setattr("messaging.delivery.time.monotonic", made)
    monkeypatch.setattr(SlowServer, "stopwatch", made)
    return made


class SlowServer(EmailBackend):
    """A mail server that takes as long as the test says, and something happens meanwhile."""

    stopwatch = Stopwatch()

    def send_messages(self, email_messages):
        self.stopwatch.now += self.stopwatch.seconds_a_mail
        self.stopwatch.on_a_mail()
        return super().send_messages(email_messages)


@pytest.fixture
def slow_server(stopwatch, settings):
    settings.EMAIL_BACKEND = "tests.messaging.test_drain.SlowServer"
    return stopwatch


def link_mail(**fields):
    return MessageFactory(
        kind="accounts.account_already_exists",
        context={"password_reset_url": "http://site.example/reset"},
        **fields,
    )


def reminder(frozen, *, kind="bookings.reminder_7d", **fields):
    """A due reminder of a confirmed appointment in a week, at noon where its reader is."""
    slot = SlotFactory(starts_at=frozen + dt.timedelta(days=7))
    appointment = AppointmentFactory(slot=slot)
    reader = appointment.booker
    reader.time_zone = "Asia/Shanghai"
    reader.save()
    context = {"appointment": appointment.public_id, "starts_at": slot.starts_at.isoformat()}
    return MessageFactory(kind=kind, recipient=reader, context={**context, **fields})


def sent_to():
    return [letter.to[0] for letter in mail.outbox]


def test_everything_due_is_sent_batch_by_batch(db, frozen, monkeypatch):
    monkeypatch.setattr(policies, "BATCH", 2)
    for _number in range(5):
        link_mail()
    assert delivery.drain() == 5
    assert delivery.drain() == 0
    assert (len(mail.outbox), DeliveryAttempt.objects.count()) == (5, 5)
    assert set(Message.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_what_waited_longest_and_what_is_new_take_turns(db, frozen, monkeypatch):
    """A code to sign in does not wait until a hundred thousand reminders are gone."""
    monkeypatch.setattr(policies, "BATCH", 1)
    for minutes, name in [(9, "oldest"), (8, "old"), (7, "middle"), (0, "new")]:
        since = frozen - minutes * MINUTE
        link_mail(
            recipient__email=f"{name}@people.example", not_before=since, next_attempt_at=since
        )
    assert delivery.drain() == 4
    assert sent_to() == [f"{name}@people.example" for name in ("oldest", "new", "old", "middle")]


def test_what_there_was_no_time_for_is_given_back_at_once(db, frozen, slow_server):
    slow_server.seconds_a_mail = policies.DRAIN_SECONDS / 2
    for _number in range(3):
        link_mail()
    assert delivery.drain() == 2
    left = Message.objects.get(status="queued")
    assert (left.attempts, left.next_attempt_at) == (0, frozen)
    assert delivery.drain() == 1
    assert len(mail.outbox) == 3


def test_a_row_that_was_touched_meanwhile_is_not_given_back(db, frozen, slow_server):
    slow_server.seconds_a_mail = policies.DRAIN_SECONDS
    messages = [link_mail() for _number in range(2)]
    later = frozen + 7 * MINUTE
    others = Message.objects.filter(pk=messages[1].pk)
    slow_server.on_a_mail = lambda: others.update(next_attempt_at=later)
    assert delivery.drain() == 1
    assert others.get().next_attempt_at == later


def test_the_truth_is_read_again_before_it_is_old(db, frozen, slow_server):
    """A slow provider must not let a reminder go whose appointment was cancelled meanwhile."""
    slow_server.seconds_a_mail = policies.TRUTH_HOLDS
    for _number in range(2):
        reminder(frozen)
    slow_server.on_a_mail = lambda: Appointment.objects.update(state="cancelled")
    assert delivery.drain() == 1
    assert sorted(Message.objects.values_list("status", "status_reason")) == [
        ("sent", ""),
        ("suppressed", "appointment is cancelled"),
    ]


def test_somebody_else_who_was_faster_is_not_repeated(db, frozen):
    """The row is no longer as the batch read it: nothing is sent and nothing is written."""
    first, second = reminder(frozen), reminder(frozen)
    batch = batches.read_batch([first.public_id, second.public_id], frozen)
    Appointment.objects.filter(public_id=second.context["appointment"]).update(state="cancelled")
    suppressed = batches.read_batch([second.public_id], frozen)
    taken = frozen + MINUTE
    Message.objects.update(next_attempt_at=taken)
    assert delivery._deliver(batch.messages[first.public_id], batch, frozen) is None
    assert delivery._deliver(suppressed.messages[second.public_id], suppressed, frozen) is None
    assert set(Message.objects.values_list("status", "next_attempt_at")) == {("queued", taken)}
    assert (mail.outbox, DeliveryAttempt.objects.count()) == ([], 0)


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_is_read_by_the_same_few_statements(db, frozen, count, django_assert_num_queries):
    """Messages, wordings, appointments, hospitals, cities, suppressed addresses, trips."""
    ids = [reminder(frozen).public_id for _number in range(count)]
    with django_assert_num_queries(7):
        batch = batches.read_batch(ids, frozen)
    assert len(batch.messages) == count


def test_each_message_costs_two_statements_of_its_own(db, frozen, django_assert_num_queries):
    batch = batches.read_batch([reminder(frozen).public_id], frozen)
    (message,) = batch.messages.values()
    with django_assert_num_queries(2):
        assert delivery._deliver(message, batch, frozen) == "sent"


def test_a_reminder_whose_appointment_is_gone_fails_alone(db, frozen):
    whole, broken = reminder(frozen), reminder(frozen, appointment="nowhere")
    assert delivery.drain() == 1
    assert Message.objects.get(pk=whole.pk).status == "sent"
    failed = Message.objects.get(pk=broken.pk)
    assert (failed.status, failed.status_reason) == ("failed", "DoesNotExist")


def test_a_kind_of_another_version_waits_and_stops_nobody(db, frozen, caplog):
    unknown = link_mail()
    Message.objects.filter(pk=unknown.pk).update(kind="bookings.not_yet_known")
    link_mail()
    assert delivery.drain() == 1
    unknown.refresh_from_db()
    assert unknown.status == "queued"
    assert unknown.next_attempt_at > frozen
    assert "message_of_unknown_kind" in caplog.text


def test_kinds_read_together_say_the_same_as_alone(db, frozen, monkeypatch):
    """Every kind with `resolve_many`: in one batch or on its own, the values are equal."""
    monkeypatch.setattr("django.core.signing.time.time", lambda: 0)  # links bear the second
    together = [kind for kind in kinds.all_kinds().values() if kind.resolve_many]
    assert {kind.name for kind in together} == {
        "bookings.reminder_7d",
        "bookings.reminder_2d",
        "bookings.reminder_24h",
    }
    contexts = [reminder(frozen).context for _number in range(2)]
    for kind in together:
        told = [tell() for tell in kind.resolve_many(contexts)]
        assert told == [kind.resolve(context) for context in contexts]
