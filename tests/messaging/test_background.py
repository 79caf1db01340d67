"""Tasks and beat: what they do when the broker or the database is away."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import override_settings
from kombu.exceptions import OperationalError as BrokerError

from medtour.celery import app
from messaging import beat, heartbeats, tasks
from messaging.models import Heartbeat, Message
from tests.factories.messaging import MessageFactory


@pytest.fixture
def sent_tasks(monkeypatch):
    """Catch what would go to the broker."""
    calls = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda args, **kw: calls.append((args, kw)))
    return calls


def test_due_messages_go_to_the_queue_by_id_only(db, frozen, sent_tasks):
    message = MessageFactory()
    with override_settings(OUTBOX_LEASE_SECONDS=60):
        tasks.dispatch_due()
        tasks.dispatch_due()
    assert sent_tasks == [((message.public_id,), {"expires": 120})]


def test_a_dead_broker_leaves_the_rows_for_later(db, frozen, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise BrokerError("no broker")

    monkeypatch.setattr(tasks.deliver, "apply_async", refuse)
    message = MessageFactory()
    tasks.dispatch_due()
    message.refresh_from_db()
    assert message.status == "queued"
    assert message.next_attempt_at > frozen


def test_every_periodic_task_of_the_schedule_exists(settings):
    app.loader.import_default_modules()
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert planned <= set(app.tasks)


def test_superseded_runs_expire():
    assert tasks.dispatch_due.expires == 30
    assert tasks.worker_heartbeat.expires == 30


@pytest.fixture
def scheduler(monkeypatch):
    """A scheduler whose schedule is empty and that opens no file."""
    made = object.__new__(beat.HeartbeatScheduler)
    monkeypatch.setattr(beat.PersistentScheduler, "tick", lambda *_args: 300.0)
    monkeypatch.setattr(beat, "close_old_connections", lambda: None)
    return made


def test_beat_shows_that_it_lives_and_never_sleeps_long(db, frozen, scheduler):
    assert scheduler.tick() == 5
    assert Heartbeat.objects.get().process == "beat"
    assert Heartbeat.objects.get().beat_at == frozen
    Heartbeat.objects.all().delete()
    scheduler.tick()
    assert Heartbeat.objects.count() == 0, "beats at most every five seconds"


def test_beat_survives_a_database_that_is_away(scheduler, monkeypatch):
    def refuse(_process):
        raise OperationalError("no database")

    monkeypatch.setattr(heartbeats, "beat", refuse)
    assert scheduler.tick() == 5


def test_the_worker_shows_that_it_lives(db, frozen):
    tasks.worker_heartbeat()
    assert heartbeats.ages()["worker"].total_seconds() == 0


def test_old_words_are_forgotten_by_the_task(db, frozen):
    MessageFactory(sent=True, created_at=frozen - dt.timedelta(days=366))
    tasks.forget_old_messages()
    assert Message.objects.get().body == ""


def test_the_command_delivers_without_a_broker(db, frozen, capsys):
    MessageFactory(
        kind="accounts.account_already_exists", context={"password_reset_url": "http://x.example/"}
    )
    call_command("deliver_messages")
    assert capsys.readouterr().out == "1 messages sent\n"
