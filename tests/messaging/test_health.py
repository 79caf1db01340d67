"""Probes: one word for each part, 503 when one is not well, nothing more for strangers."""

import datetime as dt

import pytest
from django.db import DatabaseError

from medtour import health
from medtour.lib import clock
from messaging import heartbeats
from messaging.models import Heartbeat
from tests.factories.messaging import MessageFactory

WELL = {
    "database": "ok",
    "schema": "ok",
    "worker": "ok",
    "beat": "ok",
    "outbox": "ok",
    "cache": "ok",
}
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def well(db, frozen):
    heartbeats.beat("worker")
    heartbeats.beat("beat")
    return frozen


def test_health_asks_nobody(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_ready_when_every_part_works(client, well):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, WELL)


@pytest.mark.parametrize(("process", "limit"), [("worker", 60), ("beat", 30)])
def test_a_process_that_stopped_beating_is_late(client, well, process, limit):
    Heartbeat.objects.filter(process=process).update(beat_at=well - (limit + 1) * SECOND)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, WELL | {process: "late"})


def test_a_process_that_never_beat_is_down(client, well):
    Heartbeat.objects.filter(process="worker").delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, WELL | {"worker": "down"})


def test_an_overdue_message_makes_the_outbox_late_even_while_it_is_lent_out(client, well, settings):
    settings.OUTBOX_LAG_LIMIT_SECONDS = 300
    due = well - 301 * SECOND
    message = MessageFactory(not_before=due, next_attempt_at=well + 60 * SECOND, created_at=due)
    assert client.get("/readyz").json() == WELL | {"outbox": "late"}
    message.not_before = well - 300 * SECOND
    message.save()
    assert client.get("/readyz").json() == WELL


def test_messages_that_failed_or_lie_ahead_do_not_count(client, well):
    long_ago = well - dt.timedelta(days=1)
    MessageFactory(not_before=long_ago, status="failed")
    MessageFactory(not_before=well + SECOND, next_attempt_at=well + SECOND)
    assert client.get("/readyz").json() == WELL


def test_without_a_database_everything_in_it_is_down(client, well, monkeypatch):
    def refuse(**_kwargs):
        raise DatabaseError("secret host name")

    monkeypatch.setattr(health.heartbeats, "ages", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == dict.fromkeys(WELL, "down") | {"cache": "ok"}
    assert b"secret" not in answer.content


def test_a_beat_replaces_the_one_before(db, frozen):
    heartbeats.beat("worker", now=frozen - SECOND)
    heartbeats.beat("worker", now=frozen)
    assert heartbeats.ages(now=clock.now()) == {"worker": dt.timedelta(), "beat": None}
