"""One notification is one row with its attempts, whichever channels it takes (MS-01, MS-02, MS-05)."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.cache.backends.locmem import LocMemCache
from django.core.mail.backends.locmem import EmailBackend

from messaging import delivery
from messaging.channels import registry
from messaging.models import ContactPoint, DeliveryAttempt, StaffTask
from messaging.quiet_hours import Timing
from tests.messaging.reached import agreed, news, preferring, with_number

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("news_kind")]


@pytest.fixture
def reader(user, frozen):
    """Somebody in Hawaii (it is 15:00 there) with a number, who agreed to WhatsApp."""
    user.time_zone, user.locale = "Pacific/Honolulu", "en"
    user.save()
    with_number(user)
    agreed(user, "whatsapp")
    return user


def attempts(message):
    rows = message.delivery_attempts.order_by("number")
    return [(row.channel, row.state) for row in rows]


def test_outside_the_window_a_template_without_any_fact_goes(whatsapp, reader, settings):
    message = news(reader)
    assert delivery.deliver(message.public_id) == "sent"
    (taken,) = whatsapp.taken
    assert taken["to"] == "+97699112233"
    assert taken["template"] == {
        "name": "medtour_update_1",
        "language": {"code": "en"},
        "components": [
            {
                "type": "button",
                "sub_type": "url",
                "index": "0",
                "parameters": [{"type": "text", "text": f"en/care/messages/{message.public_id}/"}],
            }
        ],
    }
    message.refresh_from_db()
    assert (message.status, message.channel, mail.outbox) == ("sent", "whatsapp", [])
    attempt = message.delivery_attempts.get()
    assert (attempt.state, attempt.provider_id) == ("sent", "wamid.1")
    assert taken["biz_opaque_callback_data"] == f"{message.public_id}.1"
    assert "ABCDE23456" in message.body, "the copy in My care has the words"


@pytest.mark.parametrize(
    ("ago", "form"),
    [(24 * HOUR - dt.timedelta(seconds=1), "text"), (24 * HOUR, "template")],
)
def test_the_window_closes_at_twenty_four_hours(whatsapp, reader, frozen, ago, form):
    ContactPoint.objects.update(last_inbound_at=frozen - ago)
    delivery.deliver(news(reader).public_id)
    assert whatsapp.taken[0]["type"] == form


def test_inside_the_window_the_same_sentence_goes_as_text_also_in_mongolian(
    whatsapp, reader, frozen, settings
):
    settings.SITE_URL = "https://medtour.example"
    reader.locale = "mn"
    reader.save()
    ContactPoint.objects.update(last_inbound_at=frozen - HOUR)
    message = news(reader)
    delivery.deliver(message.public_id)
    assert whatsapp.taken[0]["text"]["body"] == (
        "Medtour: танд шинэ мэдээ ирлээ. Нэвтэрч орж уншина уу.\n"
        f"https://medtour.example/mn/care/messages/{message.public_id}/"
    )


@pytest.mark.parametrize(("second", "code"), [("ru", "ru"), ("", "en")])
def test_mongolian_has_no_template_and_takes_the_second_language(whatsapp, reader, second, code):
    reader.locale = "mn"
    reader.save()
    preferring(reader, second_language=second)
    delivery.deliver(news(reader).public_id)
    assert whatsapp.taken[0]["template"]["language"] == {"code": code}


def test_a_window_that_closed_in_between_takes_the_template_next(whatsapp, reader, frozen):
    ContactPoint.objects.update(last_inbound_at=frozen - 23 * HOUR)
    whatsapp.go_wrong("131047")
    message = news(reader)
    assert delivery.deliver(message.public_id) == "failed"
    assert delivery.deliver(message.public_id) == "sent"
    assert [taken["type"] for taken in whatsapp.taken] == ["template"]
    assert attempts(message) == [("whatsapp", "failed"), ("whatsapp", "sent")]


def test_a_number_without_whatsapp_gets_a_mail_at_once_and_is_not_tried_again(
    whatsapp, reader, frozen
):
    whatsapp.go_wrong("131026")
    message = news(reader)
    assert delivery.deliver(message.public_id) == "failed"
    message.refresh_from_db()
    assert (message.status_reason, message.next_attempt_at) == ("AddressRefused 131026", frozen)
    assert delivery.deliver(message.public_id) == "sent"
    assert attempts(message) == [("whatsapp", "refused"), ("email", "sent")]
    assert [letter.to for letter in mail.outbox] == [["anna@patient.example"]]
    delivery.deliver(news(reader).public_id)
    assert (whatsapp.asked, len(mail.outbox)) == (1, 2)


@pytest.mark.parametrize("ending", ["429", "130429", "131016"])
def test_a_busy_provider_is_asked_three_times_then_a_mail_goes(whatsapp, reader, frozen, ending):
    whatsapp.go_wrong(ending, ending, ending)
    message = news(reader)
    times = []
    for _try in range(3):
        assert delivery.deliver(message.public_id) == "failed"
        message.refresh_from_db()
        times.append(message.next_attempt_at - frozen)
    assert times == [MINUTE / 2, MINUTE, dt.timedelta()]
    assert delivery.deliver(message.public_id) == "sent"
    assert (len(whatsapp.taken), len(mail.outbox)) == (0, 1)


@pytest.mark.parametrize(
    "ending", ["taken_then_silent", "taken_then_dropped", "500_bare", "500", "131000"]
)
def test_an_unknown_outcome_is_never_repeated_there(whatsapp, reader, frozen, ending):
    """A receipt gets two minutes to say what became of it; then a mail says the same (RL-02)."""
    whatsapp.go_wrong(ending)
    message = news(reader)
    assert delivery.deliver(message.public_id) == "failed"
    message.refresh_from_db()
    assert message.next_attempt_at == frozen + 2 * MINUTE
    assert attempts(message) == [("whatsapp", "unknown")]
    assert delivery.deliver_all_due(now=frozen + 2 * MINUTE) == 1
    assert (whatsapp.asked, len(mail.outbox)) == (1, 1)
    assert attempts(message) == [("whatsapp", "unknown"), ("email", "sent")]


def test_a_provider_that_is_down_is_left_alone_for_a_minute(whatsapp, reader):
    whatsapp.go_wrong(*["429"] * 5)
    for _message in range(5):
        delivery.deliver(news(reader).public_id)
    assert whatsapp.asked == 5
    assert delivery.deliver(news(reader).public_id) == "sent"
    assert (whatsapp.asked, len(mail.outbox)) == (5, 1)


def test_failures_at_the_same_moment_are_all_counted(monkeypatch):
    """Workers fail together when a provider goes down: none may write over another's count."""
    meeting = threading.Barrier(registry.FAILURES_IN_A_ROW)
    read = LocMemCache.get

    def reading_together(self, *args, **kwargs):
        found = read(self, *args, **kwargs)
        meeting.wait(5)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(LocMemCache, "get", reading_together)
        with ThreadPoolExecutor(registry.FAILURES_IN_A_ROW) as pool:
            list(pool.map(registry.note_failure, ["sms"] * registry.FAILURES_IN_A_ROW))
    assert not registry.is_open("sms")
    registry.note_success("sms")
    assert registry.is_open("sms")


def test_four_failures_leave_a_channel_open():
    for _failure in range(registry.FAILURES_IN_A_ROW - 1):
        registry.note_failure("sms")
    assert registry.is_open("sms")
    registry.note_failure("email")
    assert registry.is_open("email")


def test_in_china_mail_goes_first_and_then_a_text_message(sms, whatsapp, reader, settings):
    preferring(reader, place="china", preferred="whatsapp")
    agreed(reader, "sms")
    settings.EMAIL_BACKEND = "tests.messaging.test_delivery.NoSuchAddress"
    settings.SITE_URL = "https://medtour.example"
    message = news(reader)
    assert delivery.deliver(message.public_id) == "failed"
    assert delivery.deliver(message.public_id) == "sent"
    assert attempts(message) == [("email", "refused"), ("sms", "sent")]
    (taken,) = sms.taken
    assert taken["text"] == (
        "Medtour: you have an update. Sign in to read it. "
        f"https://medtour.example/en/care/messages/{message.public_id}/"
    )
    assert whatsapp.asked == 0


def test_a_gateway_that_drops_repeats_is_asked_again_under_the_same_key(sms, reader, settings):
    sms.dedupes = settings.SMS_GATEWAY_DEDUPES = True
    preferring(reader, preferred="sms")
    agreed(reader, "sms")
    sms.go_wrong("taken_then_dropped")
    message = news(reader)
    assert delivery.deliver(message.public_id) == "failed"
    assert delivery.deliver(message.public_id) == "sent"
    assert (sms.asked, len(sms.taken)) == (2, 1)
    assert [attempt.provider_id for attempt in message.delivery_attempts.order_by("number")] == [
        "",
        "sms-1",
    ]


def test_a_repeat_that_the_gateway_knows_already_counts_as_sent(sms, reader, settings):
    """It answers with the first id, which a receipt has given to the first attempt meanwhile."""
    sms.dedupes = settings.SMS_GATEWAY_DEDUPES = True
    preferring(reader, preferred="sms")
    agreed(reader, "sms")
    sms.go_wrong("taken_then_dropped")
    message = news(reader)
    delivery.deliver(message.public_id)
    message.delivery_attempts.update(provider_id="sms-1")
    assert delivery.deliver(message.public_id) == "sent"
    assert attempts(message) == [("sms", "unknown"), ("sms", "sent")]
    assert (len(sms.taken), mail.outbox) == (1, [])


def test_when_every_way_fails_staff_has_to_call(whatsapp, reader, settings, frozen):
    whatsapp.go_wrong("131026")
    settings.EMAIL_BACKEND = "tests.messaging.test_delivery.NoSuchAddress"
    message = news(reader)
    assert [delivery.deliver(message.public_id) for _try in range(3)] == ["failed", "dead", None]
    task = StaffTask.objects.get()
    assert (task.message, task.opened_at, task.done_at) == (message, frozen, None)


def test_what_nobody_agreed_to_is_not_sent_and_calls_nobody(news_kind, reader):
    news_kind(category="marketing")
    message = news(reader)
    assert delivery.deliver(message.public_id) == "suppressed"
    message.refresh_from_db()
    assert message.status_reason == "not agreed to"
    assert (StaffTask.objects.count(), DeliveryAttempt.objects.count()) == (0, 0)


def test_a_phone_waits_for_the_morning_where_its_owner_is(whatsapp, reader, frozen):
    reader.time_zone = "Europe/Moscow"  # 04:00 there
    reader.save()
    message = news(reader)
    assert delivery.deliver(message.public_id) == "queued"
    message.refresh_from_db()
    morning = dt.datetime(2026, 11, 23, 5, 0, tzinfo=dt.UTC)
    assert (message.not_before, message.next_attempt_at) == (morning, morning)
    assert delivery.deliver_all_due(now=morning - MINUTE) == 0
    assert delivery.deliver_all_due(now=morning) == 1
    assert len(whatsapp.taken) == 1


@pytest.mark.parametrize(
    ("number", "hour"),
    [
        ("+79161234567", 6),  # from Kaliningrad to Kamchatka: 08:00 and 18:00
        ("+97699112233", 1),  # Mongolia: 08:00 in the west, 09:00 in the east
        ("+15550001111", 1),  # tells no country: the clock that everybody begins with
    ],
)
def test_of_a_clock_nobody_chose_all_of_the_numbers_country_counts(
    whatsapp, reader, frozen, number, hour
):
    reader.time_zone = "Asia/Shanghai"
    reader.save()
    ContactPoint.objects.update(number=number)
    message = news(reader)
    delivery.deliver(message.public_id)
    message.refresh_from_db()
    assert max(message.not_before, frozen) == frozen.replace(hour=hour)
    assert (message.status == "sent") is (hour == 1)


def test_a_clock_that_was_chosen_counts_alone(whatsapp, reader, frozen):
    reader.time_zone = "Asia/Kamchatka"
    reader.save()
    ContactPoint.objects.update(number="+79161234567")
    assert delivery.deliver(news(reader).public_id) == "sent"


def test_urgent_news_wakes_people(whatsapp, reader, news_kind):
    reader.time_zone = "Europe/Moscow"
    reader.save()
    news_kind(ready={"is_urgent": True})
    assert delivery.deliver(news(reader).public_id) == "sent"
    assert len(whatsapp.taken) == 1


def test_what_would_come_too_late_goes_at_once(reader, news_kind, frozen):
    reader.time_zone = "Europe/Moscow"
    reader.save()
    news_kind(timing=Timing.AWAKE, ready={"useless_after": frozen + 4 * HOUR})
    assert delivery.deliver(news(reader).public_id) == "sent"
    assert len(mail.outbox) == 1


class TestUnread:
    @pytest.fixture
    def sent(self, whatsapp, reader, news_kind, frozen):
        news_kind(ready={"event_at": frozen + 48 * HOUR})
        message = news(reader)
        delivery.deliver(message.public_id)
        return message

    def test_a_mail_follows_a_day_before_the_event_once(self, sent, frozen):
        almost = frozen + 24 * HOUR - dt.timedelta(seconds=1)
        assert delivery.fall_back_unread(now=almost) == 0
        due = frozen + 24 * HOUR
        assert [delivery.fall_back_unread(now=due) for _run in range(2)] == [1, 0]
        assert delivery.deliver_all_due(now=due) == 1
        assert delivery.fall_back_unread(now=due + HOUR) == 0
        assert attempts(sent) == [("whatsapp", "sent"), ("email", "sent")]
        assert len(mail.outbox) == 1

    def test_what_was_read_needs_no_mail(self, sent, frozen):
        type(sent).objects.update(status="read")
        assert delivery.fall_back_unread(now=frozen + 24 * HOUR) == 0

    def test_after_the_event_nothing_follows(self, sent, frozen):
        assert delivery.fall_back_unread(now=frozen + 48 * HOUR) == 0

    def test_what_has_only_just_left_gets_an_hour(self, sent, frozen):
        due = frozen + 24 * HOUR
        type(sent).objects.update(sent_at=due - HOUR + MINUTE)
        assert delivery.fall_back_unread(now=due) == 0
        assert delivery.fall_back_unread(now=due + MINUTE) == 1


class Dying(EmailBackend):
    def send_messages(self, email_messages):
        raise SystemExit


def test_a_worker_that_died_with_a_phone_message_repeats_it_by_mail_only(
    whatsapp, reader, frozen, monkeypatch
):
    """Sent and not recorded: nobody knows, so WhatsApp is not asked twice (decision 004)."""
    monkeypatch.setattr(
        "messaging.attempts.finish", lambda *_args: (_ for _ in ()).throw(SystemExit)
    )
    message = news(reader)
    with pytest.raises(SystemExit):
        delivery.deliver(message.public_id)
    monkeypatch.undo()
    assert attempts(message) == [("whatsapp", "sending")]
    assert len(whatsapp.taken) == 1
    whatsapp_asked = whatsapp.asked
    assert delivery.claim_due(now=frozen + 5 * MINUTE) == []
    claimed = delivery.claim_due(now=frozen + 6 * MINUTE)
    assert claimed == [message.public_id]
    assert attempts(message) == [("whatsapp", "unknown")]
    assert whatsapp.asked == whatsapp_asked
