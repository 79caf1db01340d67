"""Killing the worker or the broker at any moment loses no message and doubles none (RL-01)."""

import pytest
from django.db import transaction

from messaging.models import DeliveryAttempt, DevelopmentMail, Heartbeat, Message, Status
from messaging.services import Outgoing, queue
from tests.slow.background import Background, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MESSAGES = 80


@pytest.fixture
def background(tmp_path):
    processes = Background(tmp_path)
    processes.start_broker()
    processes.start("beat")
    processes.start("worker")
    yield processes
    processes.stop()


@transaction.atomic
def queue_messages():
    queue(
        *(
            Outgoing(
                kind="accounts.account_already_exists",
                recipient=None,
                dedupe_key=f"drill:{number}",
                context={"password_reset_url": "http://site.example/reset"},
                address=f"person{number}@people.example",
            )
            for number in range(MESSAGES)
        )
    )


def kept() -> int:
    return DevelopmentMail.objects.count()


def nothing_is_left() -> bool:
    return not Message.objects.exclude(status=Status.SENT).exists()


def assert_each_went_out_once():
    to = sorted(DevelopmentMail.objects.values_list("to", flat=True))
    assert to == sorted(f"person{number}@people.example" for number in range(MESSAGES))
    attempts = DeliveryAttempt.objects.values_list("message", "number", "outcome")
    expected = [(pk, 1, "handed over") for pk in Message.objects.values_list("pk", flat=True)]
    assert sorted(attempts) == sorted(expected)


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(background):
    queue_messages()
    wait_until(lambda: kept() >= 10, "the first mails went out")
    background.kill("worker")
    at_the_kill = kept()
    assert at_the_kill < MESSAGES, "the worker was already done: the kill proves nothing"
    background.start("worker")
    wait_until(nothing_is_left, "every message was sent")
    assert_each_went_out_once()
    wait_until(
        lambda: set(Heartbeat.objects.values_list("process", flat=True)) == {"worker", "beat"},
        "worker and beat had shown that they live",
    )


@pytest.mark.long
def test_a_broker_that_dies_with_its_data_loses_and_doubles_nothing(background):
    queue_messages()
    wait_until(lambda: kept() >= 10, "the first mails went out")
    background.kill("broker")
    at_the_kill = kept()
    assert at_the_kill < MESSAGES, "the worker was already done: the kill proves nothing"
    wait_until(lambda: "broker lost" in background.log_of("worker"), "the worker missed it")
    background.start_broker()
    wait_until(nothing_is_left, "every message was sent")
    assert_each_went_out_once()
