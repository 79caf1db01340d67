"""Faults one by one with real processes: every due message out once, none after its truth ended.

The clock is moved by moving the rows: a message that is two hours older looks to worker and beat as
it does after they slept for two hours. A restart of the database is what its clients see of one:
every connection cut at once. At the end the table of the drill is printed.
"""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.db.models import F

from medtour.lib import clock
from messaging import delivery
from messaging.models import DeliveryAttempt, DevelopmentMail, Message, Status
from messaging.quiet_hours import awake_at
from messaging.selectors.channels import channel_health
from messaging.services import Outgoing, queue
from messaging.services.news import take_in
from messaging.services.receipts import Receipt
from tests.factories import PaymentFactory, UserFactory
from tests.messaging.reached import agreed, with_number
from tests.providers.whatsapp import PHONE_NUMBER_ID, TOKEN, WhatsAppProvider
from tests.slow.background import Background, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]

COUNT = 12
AWAKE_ZONES = ("UTC", "Pacific/Honolulu", "Asia/Tokyo", "America/New_York", "Pacific/Auckland")
HOUR = dt.timedelta(hours=1)
GONE = (Status.SENT, Status.DELIVERED, Status.READ)


@pytest.fixture(scope="module")
def table(request):
    """Collect a line a fault and print them all."""
    lines = []
    yield lines
    writer = request.config.get_terminal_writer()
    writer.line()
    writer.line(f"{'fault':<46}{'due':>5}{'out':>5}{'twice':>7}{'lag s':>7}")
    for fault, due, out, twice, lag in lines:
        writer.line(f"{fault:<46}{due:>5}{out:>5}{twice:>7}{lag:>7}")


@pytest.fixture
def provider():
    made = WhatsAppProvider()
    yield made
    made.stop()


@pytest.fixture
def background(tmp_path, provider):
    processes = Background(tmp_path)
    processes.more_environment = {
        "WHATSAPP_API_URL": provider.address,
        "WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
        "WHATSAPP_TOKEN": TOKEN,
    }
    processes.start_broker()
    yield processes
    processes.stop()


def awake_zone():
    now = clock.now()
    return next(name for name in AWAKE_ZONES if awake_at(now, name) == now)


@transaction.atomic
def queue_mails(*, not_before=None):
    queue(
        *(
            Outgoing(
                kind="accounts.account_already_exists",
                recipient=None,
                dedupe_key=f"drill:{number}",
                context={"password_reset_url": "http://site.example/reset"},
                address=f"person{number}@people.example",
                not_before=not_before,
            )
            for number in range(COUNT)
        )
    )


@transaction.atomic
def queue_for_phone():
    """One message that goes by WhatsApp and needs nothing but the clock to be true."""
    reader = UserFactory(verified=True, time_zone=awake_zone())
    with_number(reader)
    agreed(reader, "whatsapp")
    payment = PaymentFactory(succeeded=True, contract_minor=1_000)
    queue(Outgoing("payments.share_paid", reader, "drill:phone", {"payment": payment.public_id}))


def move_clock(hours):
    """Let every waiting row be as it looks so many hours later."""
    step = dt.timedelta(hours=hours)
    waiting = Message.objects.filter(status__in=("queued", "sending", "failed"))
    waiting.update(
        next_attempt_at=F("next_attempt_at") - step,
        not_before=F("not_before") - step,
        created_at=F("created_at") - step,
    )


def all_gone():
    return not Message.objects.exclude(status__in=GONE).exists()


def note(table, fault, due, out, ambiguous=0):
    """Assert what every drill must end with, and keep its line."""
    waiting = Message.objects.filter(status__in=("queued", "sending", "failed"))
    twice = out - due
    assert twice <= ambiguous, "sent more than once"
    assert out >= due, "lost"
    assert not waiting.exists(), "the outbox is not empty"
    lag = max(line.lag for line in channel_health())
    table.append((fault, due, out, twice, int(lag.total_seconds())))


def mails():
    addresses = list(DevelopmentMail.objects.values_list("to", flat=True))
    assert len(set(addresses)) == len(addresses)
    return len(addresses)


def test_killed_between_claim_and_send(background, table, settings):
    settings.OUTBOX_LEASE_SECONDS = 3
    queue_mails()
    assert len(delivery.claim_due()) == COUNT  # a worker that dies now has lent them all
    background.start("beat")
    background.start("worker")
    wait_until(all_gone, "the lease ended and every message was sent")
    note(table, "kill -9 between claim and send", COUNT, mails())


def test_beat_stopped_for_two_hours(background, table):
    queue_mails(not_before=clock.now() + HOUR)
    background.start("worker")
    move_clock(2)
    assert mails() == 0
    background.start("beat")
    wait_until(all_gone, "beat caught up")
    note(table, "beat stopped for two hours", COUNT, mails())


def test_two_beats(background, table):
    background.start("beat")
    background.start("beat", name="beat2")
    background.start("worker")
    queue_mails()
    wait_until(all_gone, "every message was sent")
    note(table, "two beats at once", COUNT, mails())


def test_the_clock_jumps_a_day(background, table):
    """What was for tomorrow goes once; a code that ran out in between does not go at all."""
    queue_mails(not_before=clock.now() + 23 * HOUR)
    with transaction.atomic():
        over = {"code": "X", "minutes": "3", "expires_at": clock.now().isoformat()}
        queue(
            Outgoing("accounts.login_code", None, "drill:code", over, address="late@people.example")
        )
    background.start("beat")
    background.start("worker")
    code = Message.objects.filter(dedupe_key="drill:code")
    wait_until(lambda: code.filter(status="suppressed").exists(), "the code was dropped")
    move_clock(24)
    rest = Message.objects.exclude(dedupe_key="drill:code")
    wait_until(lambda: not rest.exclude(status__in=GONE).exists(), "tomorrow's messages went")
    note(table, "clock jumps a day", COUNT, mails())
    assert not DevelopmentMail.objects.filter(to__contains="late@").exists()


def test_the_database_restarts(background, table):
    background.start("beat")
    background.start("worker")
    queue_mails()
    wait_until(lambda: mails() >= 2, "the first mails went out")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    wait_until(all_gone, "worker and beat connected again")
    note(table, "database cuts every connection", COUNT, mails())


def test_the_broker_restarts(background, table):
    background.start("beat")
    background.start("worker")
    queue_mails()
    wait_until(lambda: mails() >= 2, "the first mails went out")
    background.kill("broker")
    wait_until(lambda: "broker lost" in background.log_of("worker"), "the worker missed it")
    background.start_broker()
    wait_until(all_gone, "every message was sent")
    note(table, "broker restarts empty", COUNT, mails())


@pytest.mark.parametrize("ending", ["429", "500"])
def test_a_provider_that_refuses_is_asked_again(background, provider, table, ending):
    provider.go_wrong(ending)
    queue_for_phone()
    background.start("beat")
    background.start("worker")
    wait_until(lambda: provider.asked == 1, "the provider was asked")
    failed = Message.objects.filter(status="failed")
    wait_until(failed.exists, "the failure was noted")
    move_clock(1)
    wait_until(all_gone, "it went the second time")
    note(table, f"provider answers {ending}", 1, len(provider.taken) + mails())


def test_a_worker_killed_between_send_and_record_asks_whatsapp_once(background, provider, table):
    """The one documented ambiguity: nobody knows, so a mail says the same."""
    provider.go_wrong("taken_then_silent")
    queue_for_phone()
    background.start("beat")
    background.start("worker")
    wait_until(lambda: len(provider.taken) == 1, "the provider took it")
    background.kill("worker")
    assert Message.objects.get(kind="payments.share_paid").status == "sending"
    move_clock(1)
    background.start("worker")
    wait_until(all_gone, "a mail said the same")
    assert (provider.asked, mails()) == (1, 1)
    states = DeliveryAttempt.objects.order_by("number").values_list("channel", "state")
    assert list(states) == [("whatsapp", "unknown"), ("email", "sent")]
    note(table, "kill -9 between send and record, no receipt", 1, 2, ambiguous=1)


def test_its_receipt_takes_the_ambiguity_away(background, provider, table):
    provider.go_wrong("taken_then_silent")
    queue_for_phone()
    background.start("beat")
    background.start("worker")
    wait_until(lambda: len(provider.taken) == 1, "the provider took it")
    background.kill("worker")
    key = provider.taken[0]["biz_opaque_callback_data"]
    told = [Receipt("whatsapp", "wamid.1", each, clock.now(), key=key) for each in ("read", "sent")]
    take_in([*told, *told])  # both twice, the later one first
    assert Message.objects.get(kind="payments.share_paid").status == "read"
    move_clock(1)
    background.start("worker")
    queue_mails()
    wait_until(all_gone, "the worker did the rest")
    assert (provider.asked, mails()) == (1, COUNT)
    note(table, "kill -9 between send and record, receipts", COUNT + 1, 1 + mails())


def test_a_provider_that_never_answers_is_not_asked_again(background, provider, table):
    provider.go_wrong("silent")
    queue_for_phone()
    background.start("beat")
    background.start("worker")
    unknown = DeliveryAttempt.objects.filter(state="unknown")
    wait_until(unknown.exists, "the time was over")
    move_clock(1)
    wait_until(all_gone, "a mail went")
    assert (provider.asked, mails()) == (1, 1)
    note(table, "provider never answers", 1, len(provider.taken) + mails())
