"""What the row and its attempts say after each step of a delivery; no channel is asked here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from messaging import kinds, policies
from messaging.channels import registry
from messaging.channels.protocol import AddressRefused, NotTaken, OutcomeUnknown, WindowClosed
from messaging.enums import PROGRESS, AttemptState, Category, Channel, Status
from messaging.kinds import Sensitivity
from messaging.models import ContactPoint, DeliveryAttempt, Message, StaffTask
from messaging.rendering import Rendered
from messaging.routing import Tried

UNKNOWN_OUTCOME = "not known: the process ended while sending"
# A receipt may still tell what became of an attempt whose answer was lost.
RECEIPT_WAIT = timedelta(minutes=2)
CONTEXT = Message._meta.get_field("context")
# The same word for the message and its attempt where both have it.
STATES = {
    "queued": Status.QUEUED.value,
    "failed": Status.FAILED.value,
    "sending": AttemptState.SENDING.value,
    "sent": AttemptState.SENT.value,
    "unknown": AttemptState.UNKNOWN.value,
}
# What a message has to say of itself while it is being sent.
BEGUN = (
    "status",
    "channel",
    "wording_version",
    "next_attempt_at",
    "locale",
    "time_zone",
    "address",
    "subject",
    "body",
    "event_at",
)
# Written out because every message passes both of them.
BEGIN = """
WITH free AS (
    SELECT id FROM messaging_message
    WHERE id = %(id)s AND status IN (%(queued)s, %(failed)s)
      AND next_attempt_at = %(seen)s
    FOR NO KEY UPDATE SKIP LOCKED
), begun AS (
    UPDATE messaging_message message SET
        status = %(status)s, channel = %(channel)s, wording_version = %(wording_version)s,
        next_attempt_at = %(next_attempt_at)s, locale = %(locale)s, time_zone = %(time_zone)s,
        address = %(address)s, subject = %(subject)s, body = %(body)s, event_at = %(event_at)s
    FROM free WHERE message.id = free.id RETURNING message.id
)
INSERT INTO messaging_deliveryattempt
    (message_id, number, started_at, outcome, channel, state, contact_id)
SELECT id, %(number)s, %(now)s, '', %(channel)s, %(sending)s, %(contact)s FROM begun
RETURNING id
"""
FINISH = """
WITH told AS (
    UPDATE messaging_message SET
        status = CASE WHEN status = %(sending)s THEN %(sent)s ELSE status END,
        status_reason = CASE WHEN status = %(sending)s THEN '' ELSE status_reason END,
        sent_at = CASE WHEN status = %(sending)s THEN %(now)s
                       ELSE coalesce(sent_at, %(now)s) END,
        context = coalesce(%(context)s, context)
    WHERE id = %(message)s RETURNING id, status
), called_off AS (
    UPDATE messaging_stafftask task SET done_at = %(now)s, note = 'sent after all'
    FROM told WHERE task.message_id = told.id AND task.done_at IS NULL
), ended AS (
    UPDATE messaging_deliveryattempt attempt SET
        ended_at = %(now)s,
        outcome = 'handed over',
        state = CASE WHEN state IN (%(sending)s, %(unknown)s)
                     THEN %(sent)s ELSE state END,
        provider_id = CASE WHEN %(provider_id)s = '' OR EXISTS (
                SELECT 1 FROM messaging_deliveryattempt other
                WHERE other.channel = %(channel)s AND other.provider_id = %(provider_id)s
                  AND other.id <> %(attempt)s
            ) THEN attempt.provider_id ELSE %(provider_id)s END
    FROM told WHERE attempt.id = %(attempt)s
)
SELECT status FROM told
"""


def key_of(message: Message, number: int) -> str:
    """Return the name of an attempt that a provider hands back with its receipts."""
    return f"{message.public_id}.{number}"


def tried(message: Message) -> list[Tried]:
    """Return the attempts since the message was queued, or last sent anew by staff."""
    return History.of([message])[message.pk].tried


@dataclass(frozen=True, slots=True)
class History:
    """The attempts of a message that count, and the number that its next one gets."""

    tried: list[Tried]
    next_number: int

    @classmethod
    def of(cls, messages: Sequence[Message]) -> dict[int, "History"]:
        """Return the history of each message; one query, none for messages never tried."""
        rows: dict[int, list[tuple[int, str, str]]] = {message.pk: [] for message in messages}
        again = [each.pk for each in messages if not _is_fresh(each)]
        if again:
            found = DeliveryAttempt.objects.filter(message__in=again).order_by("number")
            for pk, *row in found.values_list("message", "number", "channel", "state"):
                rows[pk].append(tuple(row))
        return {each.pk: cls._after(rows[each.pk], each.resent_after) for each in messages}

    @classmethod
    def _after(cls, rows: list[tuple[int, str, str]], resent_after: int) -> "History":
        counted = [
            Tried(channel, state) for number, channel, state in rows if number > resent_after
        ]
        return cls(counted, len(rows) + 1)


def _is_fresh(message: Message) -> bool:
    """Tell whether a message was surely never tried."""
    return message.status == Status.QUEUED and not message.resent_after


def begin(
    message: Message,
    rendered: Rendered,
    channel: Channel,
    contact: ContactPoint | None,
    number: int,
    now: datetime,
) -> DeliveryAttempt | None:
    """Note that sending starts; keep the words for My care unless they hold a code.

    One statement, so that the row and its attempt are noted together without a transaction round
    them. Returns None when the row is no longer as it was read: somebody else has it.
    """
    seen = message.next_attempt_at
    _mark(message, rendered, channel, now)
    values = {
        **STATES,
        **{name: _stored(message, name) for name in BEGUN},
        "id": message.pk,
        "seen": seen,
        "number": number,
        "now": now,
        "contact": contact.pk if contact else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, values)
        found = cursor.fetchone()
    if found is None:
        return None
    return DeliveryAttempt(
        pk=found[0],
        message=message,
        number=number,
        started_at=now,
        channel=channel,
        contact=contact,
    )


def _mark(message: Message, rendered: Rendered, channel: Channel, now: datetime) -> None:
    message.status, message.channel = Status.SENDING, channel
    message.wording_version = rendered.wording_version
    message.next_attempt_at = now + policies.SENDING_LIMIT
    if not _is_secret(message.kind):
        message.subject, message.body = rendered.subject, rendered.body


def finish(attempt: DeliveryAttempt, provider_id: str, now: datetime) -> Status:
    """Note that the channel took it; a receipt that was faster is not set back (MS-04).

    A provider that drops repeats answers with the id that an earlier attempt may have already.
    One statement that takes the message before its attempt, as a receipt does.
    """
    emptied = CONTEXT.get_prep_value({}) if _is_secret(attempt.message.kind) else None
    values = {
        **STATES,
        "message": attempt.message.pk,
        "attempt": attempt.pk,
        "channel": attempt.channel,
        "provider_id": provider_id,
        "context": emptied,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(FINISH, values)
        return Status(cursor.fetchone()[0])


def _stored(message: Message, name: str) -> Any:
    return Message._meta.get_field(name).get_prep_value(getattr(message, name))


def suppress(message: Message, reason: str) -> Status:
    """Note that the message must not go, and why."""
    return _rest(message, Status.SUPPRESSED, reason)


def give_up(message: Message, reason: str, now: datetime) -> Status:
    """No way is left: somebody has to call, unless it was only a code or not worth it (MS-05)."""
    kind = kinds.get(message.kind)
    is_personal = message.recipient_id and not (kind.address_is_given or kind.to_contact)
    if is_personal and kind.category != Category.MARKETING:
        opened = {"reason": reason[:120], "opened_at": now}
        anew = {"done_at": None, "done_by": None, "note": ""}
        StaffTask.objects.update_or_create(message=message, defaults=opened | anew)
    return _rest(message, Status.DEAD, reason)


def wait_until(message: Message, instant: datetime) -> Status:
    """Keep the message until it is day where its reader is."""
    message.not_before = message.next_attempt_at = instant
    message.status_reason = "quiet hours"
    message.save(update_fields=["not_before", "next_attempt_at", "status_reason"])
    return Status(message.status)


def postpone(message: Message, instant: datetime) -> Status:
    """Keep the message until a channel that is down may be asked again; no attempt is counted."""
    message.next_attempt_at = instant
    message.status_reason = "channel is down"
    message.save(update_fields=["next_attempt_at", "status_reason"])
    return Status(message.status)


def fail(message: Message, error: Exception, channel: str, now: datetime) -> None:
    """Close the open attempt, or note one that never got as far (its channel is blank)."""
    end = {
        "ended_at": now,
        "outcome": reason_of(error),
        "state": _state_after(error) if channel else AttemptState.FAILED,
        "provider_code": str(getattr(error, "code", ""))[:40],
    }
    opened = message.delivery_attempts.filter(ended_at=None, channel=channel)
    contact = opened.values_list("contact", flat=True).first()
    if not opened.update(**end):
        number = message.delivery_attempts.count() + 1
        DeliveryAttempt.objects.create(
            message=message, number=number, started_at=now, channel=channel, **end
        )
    if isinstance(error, NotTaken | OutcomeUnknown) and not isinstance(error, WindowClosed):
        registry.note_failure(channel)
    learn_about_contact(contact, channel, error, now)


def learn_about_contact(contact: int | None, channel: str, error: Exception, now: datetime) -> None:
    """Remember what an error says about a number beyond this one message."""
    rows = ContactPoint.objects.filter(pk=contact)
    if isinstance(error, WindowClosed):
        rows.update(last_inbound_at=None)
    if isinstance(error, AddressRefused) and error.is_for_good and channel == Channel.WHATSAPP:
        rows.update(whatsapp_refused_at=now)


def plan_retry(
    message: Message, channel: Channel | None, error: Exception, failed: str, now: datetime
) -> Status:
    """Say when the next channel is tried; another one at once, the same one later and later."""
    if channel is None:
        return give_up(message, reason_of(error), now)
    message.status, message.status_reason = Status.FAILED, reason_of(error)
    message.next_attempt_at = _next_time(message, channel, error, failed, now)
    message.save(update_fields=["status", "status_reason", "next_attempt_at"])
    return Status.FAILED


def close_abandoned(pks: list[int], now: datetime) -> None:
    """Say of attempts whose process died that nobody knows how they ended."""
    Message.objects.filter(pk__in=pks).update(status=Status.FAILED, status_reason=UNKNOWN_OUTCOME)
    DeliveryAttempt.objects.filter(message__in=pks, ended_at=None).update(
        ended_at=now, outcome=UNKNOWN_OUTCOME, state=AttemptState.UNKNOWN
    )


def reason_of(error: Exception) -> str:
    """Return what staff reads: the class of the error and the provider's code, never its words."""
    return f"{type(error).__name__} {getattr(error, 'code', '')}".strip()[:120]


def progress(attempt: DeliveryAttempt, state: AttemptState) -> bool:
    """Move an attempt forward to what a receipt says; returns whether that was news (MS-04)."""
    earlier = [each for each, rank in PROGRESS.items() if rank < PROGRESS[state]]
    # A provider that gave up and then delivers after all has delivered.
    earlier += [AttemptState.FAILED, AttemptState.REFUSED]
    moved = DeliveryAttempt.objects.filter(pk=attempt.pk, state__in=earlier).update(state=state)
    return bool(moved)


def _next_time(
    message: Message, channel: Channel, error: Exception, failed: str, now: datetime
) -> datetime:
    if failed and channel != failed and _state_after(error) is AttemptState.UNKNOWN:
        return now + RECEIPT_WAIT
    if channel != failed and failed:
        return now
    if isinstance(error, WindowClosed):
        return now
    failures = sum(each.channel == failed for each in tried(message))
    return policies.next_try_at(now, failures)


def _state_after(error: Exception) -> AttemptState:
    """Only a channel that says so has surely not taken it: our own accidents come after, too."""
    if isinstance(error, AddressRefused):
        return AttemptState.REFUSED
    return AttemptState.FAILED if isinstance(error, NotTaken) else AttemptState.UNKNOWN


def _rest(message: Message, status: Status, reason: str) -> Status:
    message.status, message.status_reason = status, reason[:120]
    message.save(update_fields=["status", "status_reason"])
    return status


def _is_secret(kind: str) -> bool:
    return kinds.get(kind).sensitivity is Sensitivity.SECRET
