"""Tasks and beat: what they do when the broker or the database is away."""

import datetime as dt

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError
from kombu.exceptions import OperationalError as BrokerError

from medtour.celery import app
from messaging import beat, heartbeats, tasks
from messaging.models import Heartbeat, Message
from tests.factories.messaging import MessageFactory


def test_due_messages_are_sent_by_the_task_without_asking_the_broker(db, frozen, monkeypatch):
    """A broker that is away costs the beats that it misses, and no message."""

    def refuse(*_args, **_kwargs):
        raise BrokerError("no broker")

    monkeypatch.setattr("celery.app.task.Task.apply_async", refuse)
    context = {"password_reset_url": "http://x.example/"}
    MessageFactory(kind="accounts.account_already_exists", context=context)
    tasks.dispatch_due()
    tasks.dispatch_due()
    assert Message.objects.get().status == "sent"
    assert len(mail.outbox) == 1


def test_draining_has_a_queue_of_its_own_that_every_worker_serves(settings):
    """Workers take turns between the queues: a long drain keeps no other task waiting."""
    assert settings.CELERY_TASK_ROUTES == {"messaging.dispatch_due": {"queue": "messages"}}
    assert set(app.amqp.queues) == {"celery", "messages"}
    assert app.conf.task_default_queue == "celery"


def test_a_broker_that_goes_away_finds_no_drain_to_give_back():
    """A run lasts seconds and the next one is never far: it is done with when it begins."""
    assert tasks.dispatch_due.acks_late is False
    assert tasks.worker_heartbeat.acks_late is True


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
