"""The operators' desk: words hidden until asked for with a reason, sent anew, stopped, reworded."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from messaging import delivery, kinds
from messaging.models import Message, StaffTask, WordingVersion
from messaging.samples import sample
from messaging.selectors.channels import channel_health
from messaging.services import staff
from messaging.services.wording import LooseBrace, UnknownPlaceholder, write_wording
from tests.factories.messaging import MessageFactory
from tests.messaging.reached import news

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lenient_templates", "frozen")]
LANGUAGES = ["en", "zh-hans", "ru", "id", "vi", "mn", "ar", "fr"]
SECRET_WORDS = "Your appointment is confirmed."


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def act(message, name):
    return reverse(f"admin:messaging_message_{name}", args=[message.pk])


def test_words_are_shown_only_with_a_reason_which_is_kept(desk, operator):
    message = MessageFactory(sent=True)
    for name in ("change", "read"):
        assert SECRET_WORDS not in desk.get(act(message, name)).content.decode()
    assert SECRET_WORDS not in desk.post(act(message, "read"), {"reason": " "}).content.decode()
    assert AuditEntry.objects.filter(action="desk.message_read").count() == 0
    page = desk.post(act(message, "read"), {"reason": "the patient asked"})
    assert SECRET_WORDS in page.content.decode()
    entry = AuditEntry.objects.get(action="desk.message_read")
    assert (entry.user, entry.reason) == (operator, "the patient asked")
    assert entry.target == f"messaging.message:{message.public_id}"


@pytest.mark.parametrize("name", ["read", "resend", "stop"])
@pytest.mark.parametrize("person", ["coordinator", "user"])
def test_nobody_else_gets_as_far(client, request, person, name):
    message = MessageFactory(sent=True)
    client.force_login(request.getfixturevalue(person))
    answer = client.post(act(message, name), {"reason": "curious"})
    assert answer.status_code in (302, 403, 404)
    assert SECRET_WORDS.encode() not in answer.content
    assert AuditEntry.objects.filter(action__startswith="desk.message").count() == 0
    assert Message.objects.get().status == "sent"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_few_queries(desk, user, count):
    for _index in range(count):
        MessageFactory(sent=True, recipient=user)
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(reverse("admin:messaging_message_changelist"))
    assert page.status_code == 200
    assert len([q for q in queries if "messaging_message" in q["sql"]]) == 3


def test_sending_again_is_a_new_attempt_of_the_same_row(desk, news_kind, user):
    message = news(user)
    delivery.deliver(message.public_id)
    Message.objects.update(context={"payment": "x"})
    assert desk.post(act(message, "resend"), {"reason": "lost"}).status_code == 302
    assert delivery.deliver_all_due() == 1
    assert (len(mail.outbox), Message.objects.count()) == (2, 1)
    rows = message.delivery_attempts.order_by("number").values_list("number", "state")
    assert list(rows) == [(1, "sent"), (2, "sent")]


def test_what_is_no_longer_true_is_not_sent_again(desk, operator):
    message = MessageFactory(kind="accounts.login_code", sent=True, context={"code": "x"})
    with pytest.raises(staff.CannotBeResent):
        staff.resend(message, by=operator, reason="lost")
    assert Message.objects.get().status == "sent"


def test_a_waiting_message_can_be_stopped_and_a_sent_one_cannot(desk, news_kind, user):
    waiting, sent = news(user), MessageFactory(sent=True)
    desk.post(act(waiting, "stop"), {"reason": "wrong person"})
    waiting.refresh_from_db()
    assert (waiting.status, waiting.status_reason) == ("suppressed", "stopped by staff")
    answer = desk.post(act(sent, "stop"), {"reason": "too late"})
    assert answer.status_code == 409
    assert "has left already" in answer.content.decode()
    assert delivery.deliver_all_due() == 0


def test_a_person_who_was_called_is_done(desk, operator):
    task = StaffTask.objects.create(message=MessageFactory(), reason="no way to reach")
    page = reverse("admin:messaging_stafftask_done", args=[task.pk])
    assert desk.post(page, {"reason": "called her"}).status_code == 302
    task.refresh_from_db()
    assert (task.done_by, task.note) == (operator, "called her")


def test_the_page_of_channels_counts(desk, news_kind, user):
    delivery.deliver(news(user).public_id)
    news(user)
    lines = {line.channel.value: line for line in channel_health()}
    assert (lines["email"].waiting, lines["email"].tried, lines["email"].failed) == (1, 1, 0)
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(reverse("admin:messaging_message_channels"))
    assert "not set up" in page.content.decode()
    assert len([q for q in queries if '"messaging_' in q["sql"]]) == 4


class TestWordings:
    KIND = "bookings.reminder_24h"

    def write(self, text, operator, part="subject", language="en"):
        return write_wording(self.KIND, part, language, text=text, by=operator)

    def test_a_new_text_is_a_version_and_is_used_from_then_on(self, operator):
        assert sample(self.KIND, "en").wording_version == 0
        row = self.write("See you at {hospital_clock_time} ({reference})", operator)
        shown = sample(self.KIND, "en")
        assert (row.version, shown.subject) == (1, "See you at 09:00 (SAMPLE1234)")
        words = self.write("Hello.\n\n<b>{hospital_name}</b> waits.", operator, "words")
        shown = sample(self.KIND, "en")
        assert (words.version, shown.wording_version) == (2, 2)
        assert "<b>Sample Hospital</b> waits." in shown.text
        assert "&lt;b&gt;Sample Hospital&lt;/b&gt; waits." in shown.html
        assert sample(self.KIND, "ru").wording_version == 0

    def test_an_empty_text_brings_the_shipped_one_back(self, operator):
        shipped = sample(self.KIND, "en").subject
        self.write("Something else", operator)
        self.write("", operator)
        shown = sample(self.KIND, "en")
        assert (shown.subject, shown.wording_version) == (shipped, 2)
        assert WordingVersion.objects.filter(is_live=True).count() == 1

    @pytest.mark.parametrize(
        "text",
        [
            "{diagnosis}",
            "{reference.__class__}",
            "{reference!r}",
            "{0}",
            "{}",
            "{ reference }",
            "{settings.SECRET_KEY}",
        ],
    )
    def test_what_is_not_on_the_list_is_refused_with_a_sentence(self, operator, text):
        with pytest.raises(UnknownPlaceholder) as refused:
            self.write(text, operator)
        assert "{reference}" in str(refused.value.message)
        assert WordingVersion.objects.count() == 0

    @pytest.mark.parametrize("text", ["{reference", "reference}", "{{reference}}"])
    def test_a_loose_brace_is_refused(self, operator, text):
        with pytest.raises((LooseBrace, UnknownPlaceholder)):
            self.write(text, operator)

    def test_template_language_is_only_letters(self, operator):
        self.write("100 % sure", operator)
        assert sample(self.KIND, "en").subject == "100 % sure"

    def test_the_message_remembers_its_version(self, operator, user, news_kind):
        write_wording("payments.share_paid", "subject", "en", text="Thanks", by=operator)
        message = news(user)
        delivery.deliver(message.public_id)
        message.refresh_from_db()
        assert (message.wording_version, mail.outbox[0].subject) == (1, "Thanks")

    def test_the_page_shows_and_changes(self, desk):
        page = reverse("admin:messaging_wordingversion_preview")
        asked = f"{page}?kind={self.KIND}&language=ar"
        assert desk.get(asked).status_code == 200
        refused = desk.post(asked, {"part": "subject", "text": "{price}"})
        assert refused.status_code == 422
        assert desk.post(asked, {"part": "subject", "text": "{reference}"}).status_code == 302
        assert WordingVersion.objects.get().language == "ar"


@pytest.mark.parametrize(
    "kind", sorted(name for name, kind in kinds.all_kinds().items() if not kind.to_contact)
)
def test_every_kind_has_sample_data_in_every_language(kind):
    for language in LANGUAGES:
        shown = sample(kind, language)
        assert shown.subject
        assert "undefined template variable" not in shown.text + shown.html + shown.subject
