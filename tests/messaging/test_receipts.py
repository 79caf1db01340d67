"""Receipts of providers: signed, in any order, twice, never backwards; replies and STOP (MS-03, MS-04)."""

import datetime as dt
import itertools

import pytest
from django.core import mail

from messaging import delivery
from messaging.enums import Intent
from messaging.models import ChannelConsent, ContactPoint, DeliveryEvent, InboundMessage
from messaging.services.inbound import MAY_MEAN_MORE, START_WORDS, STOP_WORDS, intent_of
from tests.messaging.reached import NUMBER, agreed, news, with_number
from tests.providers import sms as sms_provider
from tests.providers.whatsapp import APP_SECRET, VERIFY_TOKEN, posted, sign, status, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("news_kind")]

ADDRESS = "/webhooks/whatsapp/"
DAY = dt.timedelta(days=1)
HIDDEN = "MN.13491208655302741918"


@pytest.fixture
def reader(user, frozen):
    user.time_zone = "Pacific/Honolulu"
    user.save()
    with_number(user)
    agreed(user, "whatsapp")
    return user


@pytest.fixture
def sent(whatsapp, reader):
    message = news(reader)
    assert delivery.deliver(message.public_id) == "sent"
    return message


def post(client, body, signature, address=ADDRESS, header="X-Hub-Signature-256"):
    return client.post(
        address, data=body, content_type="application/json", headers={header: signature}
    ).status_code


def tell(client, *statuses):
    return post(client, *posted(statuses=statuses))


def states(message):
    message.refresh_from_db()
    return message.status, message.delivery_attempts.latest("number").state


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read"])))
def test_any_order_ends_at_the_furthest(client, sent, order):
    for state in order:
        assert tell(client, status("wamid.1", state)) == 200
    assert states(sent) == ("read", "read")
    assert DeliveryEvent.objects.count() == 3


def test_the_same_news_ten_times_is_one_event(client, sent):
    for _time in range(10):
        assert tell(client, *[status("wamid.1", "delivered")] * 2) == 200
    assert states(sent) == ("delivered", "delivered")
    assert DeliveryEvent.objects.count() == 1


def test_a_failure_after_arrival_changes_nothing(client, sent):
    tell(client, status("wamid.1", "delivered"), status("wamid.1", "failed", code=131026))
    assert states(sent) == ("delivered", "delivered")
    assert ContactPoint.objects.get().whatsapp_refused_at is None


def test_undeliverable_takes_the_mail_and_forgets_whatsapp(client, sent, frozen):
    tell(client, status("wamid.1", "failed", code=131026))
    assert states(sent) == ("failed", "refused")
    assert ContactPoint.objects.get().whatsapp_refused_at == frozen
    assert delivery.deliver_all_due() == 1
    assert len(mail.outbox) == 1


def test_a_closed_window_takes_the_template(client, whatsapp, reader, frozen):
    ContactPoint.objects.update(last_inbound_at=frozen)
    message = news(reader)
    delivery.deliver(message.public_id)
    tell(client, status("wamid.1", "failed", code=131047))
    assert delivery.deliver_all_due() == 1
    assert [taken["type"] for taken in whatsapp.taken] == ["text", "template"]


def test_a_receipt_tells_what_a_lost_answer_did_not(client, whatsapp, reader, frozen):
    """Our own key comes back with it: the message counts as sent and nothing goes twice."""
    whatsapp.go_wrong("taken_then_dropped")
    message = news(reader)
    assert delivery.deliver(message.public_id) == "failed"
    key = whatsapp.taken[0]["biz_opaque_callback_data"]
    tell(client, status("wamid.1", "sent", key=key))
    assert states(message) == ("sent", "sent")
    assert delivery.deliver_all_due(now=frozen + DAY) == 0
    assert (whatsapp.asked, mail.outbox) == (1, [])


def test_a_receipt_of_nobodys_message_is_kept_and_harmless(client, sent):
    assert tell(client, status("wamid.unknown", "read")) == 200
    assert DeliveryEvent.objects.get().attempt is None
    assert states(sent) == ("sent", "sent")


@pytest.mark.parametrize("signature", ["", "sha256=00", "x", sign(b"other body")])
def test_a_forged_post_changes_nothing(client, sent, signature):
    body, _right = posted(statuses=[status("wamid.1", "read")])
    assert post(client, body, signature) == 400
    assert states(sent) == ("sent", "sent")
    assert DeliveryEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "header"),
    [
        (ADDRESS, "X-Hub-Signature-256"),
        ("/webhooks/sms/", "X-Signature-256"),
        ("/webhooks/email/", "X-None"),
    ],
)
def test_without_a_secret_the_door_is_closed(client, address, header):
    body = b"{}"
    assert post(client, body, sign(body, ""), address, header) == 503


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"entry": 1}',
        b'{"entry": [{"changes": [1, {"value": []}]}]}',
        b"\xff",
    ],
)
def test_what_has_no_shape_is_no_accident(client, whatsapp, body):
    assert post(client, body, sign(body, APP_SECRET)) in (200, 400)
    assert DeliveryEvent.objects.count() == 0


def test_the_challenge_is_answered_for_our_token_only(client, whatsapp):
    ask = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": VERIFY_TOKEN}
    answer = client.get(ADDRESS, ask)
    assert (answer.status_code, answer.content) == (200, b"42")
    assert client.get(ADDRESS, ask | {"hub.verify_token": "x"}).status_code == 403


def test_no_token_set_answers_no_challenge(client, settings):
    settings.WHATSAPP_VERIFY_TOKEN = ""
    assert client.get(ADDRESS, {"hub.mode": "subscribe", "hub.verify_token": ""}).status_code == 403


class TestReplies:
    def test_words_are_kept_encrypted_for_staff_and_open_the_window(self, client, sent):
        at = 1_795_395_600  # before the frozen clock
        body, signature = posted(messages=[words("I have a question", at=at)])
        assert [post(client, body, signature) for _time in range(2)] == [200, 200]
        reply = InboundMessage.objects.get()
        assert (reply.body, reply.intent, reply.done_at) == ("I have a question", "words", None)
        assert reply.number == NUMBER
        opened = dt.datetime.fromtimestamp(at, tz=dt.UTC)
        assert ContactPoint.objects.get().last_inbound_at == opened

    def test_an_older_reply_never_shortens_the_window(self, client, reader, whatsapp, frozen):
        ContactPoint.objects.update(last_inbound_at=frozen)
        old = words("hello", at=int((frozen - DAY).timestamp()))
        post(client, *posted(messages=[old]))
        assert ContactPoint.objects.get().last_inbound_at == frozen

    def test_stop_ends_the_channel_at_once_and_start_brings_it_back(
        self, client, whatsapp, reader, frozen
    ):
        agreed(reader, "whatsapp", category="follow_up")
        agreed(reader, "sms")
        post(client, *posted(messages=[words("СТОП!", message="in.1")]))
        live = ChannelConsent.objects.filter(withdrawn_at=None)
        assert list(live.values_list("category", "channel")) == [("service", "sms")]
        delivery.deliver(news(reader).public_id)
        assert (whatsapp.asked, len(mail.outbox)) == (0, 1)
        post(client, *posted(messages=[words("start", message="in.2")]))
        assert live.filter(channel="whatsapp", text="Tell me").count() == 2

    def test_start_does_not_bring_back_what_was_ended_on_the_page_since(
        self, client, whatsapp, reader, frozen
    ):
        post(client, *posted(messages=[words("stop", message="in.1")]))
        agreed(reader, "whatsapp")
        live = ChannelConsent.objects.filter(withdrawn_at=None)
        live.update(withdrawn_at=frozen, withdrawn_by="how_we_reach_you")
        post(client, *posted(messages=[words("start", message="in.2")]))
        assert live.count() == 0

    @pytest.mark.parametrize(
        ("said", "waits"), [("отмена", True), ("Cancel!", True), ("stop", False)]
    )
    def test_a_word_that_may_mean_the_appointment_is_obeyed_and_shown_to_staff(
        self, client, whatsapp, reader, said, waits
    ):
        post(client, *posted(messages=[words(said)]))
        reply = InboundMessage.objects.get()
        assert (reply.intent, reply.done_at is None) == ("stop", waits)
        assert not ChannelConsent.objects.filter(withdrawn_at=None).exists()

    def test_a_stop_by_text_message_counts_for_everybody_with_that_number(
        self, client, sms, reader, stranger
    ):
        with_number(stranger)
        agreed(reader, "sms")
        agreed(stranger, "sms")
        news_of = {"type": "inbound", "id": "1", "from": NUMBER, "text": "Stop"}
        body, signature = sms_provider.posted(**news_of)
        assert post(client, body, signature, "/webhooks/sms/", "X-Signature-256") == 200
        live = ChannelConsent.objects.filter(withdrawn_at=None)
        assert list(live.values_list("channel", flat=True)) == ["whatsapp"]

    @pytest.mark.parametrize("learnt_from", ["receipt", "reply"])
    def test_a_stop_without_a_number_counts_once_the_user_is_known(
        self, client, sent, stranger, learnt_from
    ):
        with_number(stranger, number="+97699999999")
        agreed(stranger, "whatsapp")
        if learnt_from == "receipt":
            tell(client, status("wamid.1", "delivered", user=HIDDEN))
        else:
            post(client, *posted(messages=[words("hello", message="in.1", user=HIDDEN)]))
        post(client, *posted(messages=[words("stop", number="", message="in.2", user=HIDDEN)]))
        live = ChannelConsent.objects.filter(withdrawn_at=None)
        assert list(live.values_list("user", flat=True)) == [stranger.pk]
        reply = InboundMessage.objects.get(provider_id="in.2")
        assert (reply.contact.user, reply.number, reply.done_at is None) == (
            sent.recipient, HIDDEN, False,
        )  # fmt: skip

    def test_a_stop_of_a_hidden_number_that_nobody_knows_is_left_to_staff(self, client, sent):
        post(client, *posted(messages=[words("stop", number="", user=HIDDEN)]))
        reply = InboundMessage.objects.get()
        assert (reply.contact, reply.intent, reply.done_at) == (None, "stop", None)
        assert ChannelConsent.objects.filter(withdrawn_at=None).count() == 1

    def test_the_id_of_a_hidden_number_is_not_kept_in_the_clear(self, client, sent):
        tell(client, status("wamid.1", "delivered", user=HIDDEN))
        kept = ContactPoint.objects.get().whatsapp_user
        assert len(kept) == 64
        assert HIDDEN not in kept

    def test_a_reply_from_nobody_is_kept(self, client, whatsapp):
        post(client, *posted(messages=[words("hello", number="15550001111")]))
        reply = InboundMessage.objects.get()
        assert (reply.contact, reply.number) == (None, "+15550001111")


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("stop", Intent.STOP),
        (" Stop. ", Intent.STOP),
        ("STOP!!!", Intent.STOP),
        ("停止", Intent.STOP),
        ("退订。", Intent.STOP),
        ("Стоп", Intent.STOP),
        ("Berhenti", Intent.STOP),
        ("DỪNG", Intent.STOP),
        ("Зогсоо", Intent.STOP),
        ("توقف", Intent.STOP),
        ("Arrêter", Intent.STOP),
        ("start", Intent.START),
        ("开始", Intent.START),
        ("Старт", Intent.START),
        ("mulai", Intent.START),
        ("Bắt đầu", Intent.START),
        ("Эхлэх", Intent.START),
        ("ابدأ", Intent.START),
        ("Reprendre", Intent.START),
        ("Please do not stop my medicine", Intent.WORDS),
        ("When does it start?", Intent.WORDS),
        ("", Intent.WORDS),
    ],
)
def test_only_the_bare_word_is_a_wish(said, intent):
    assert intent_of(said) is intent


def test_no_word_means_both():
    assert set() == STOP_WORDS & START_WORDS
    assert MAY_MEAN_MORE < STOP_WORDS


def test_text_messages_have_receipts_too(client, sms, user, frozen):
    user.time_zone = "Pacific/Honolulu"
    user.save()
    with_number(user)
    agreed(user, "sms")
    user.reach.preferred = "sms"
    user.reach.save()
    message = news(user)
    delivery.deliver(message.public_id)
    news_of = {"type": "receipt", "id": "sms-1", "status": "delivered", "at": 1_795_395_600}
    body, signature = sms_provider.posted(**news_of)
    assert post(client, body, signature, "/webhooks/sms/", "X-Signature-256") == 200
    assert states(message) == ("delivered", "delivered")
