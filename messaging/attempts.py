"""What the row and its attempts say after each step of a delivery; no channel is asked here."""

from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, Q, Value, When

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


def key_of(attempt: DeliveryAttempt) -> str:
    """Return the name of an attempt that a provider hands back with its receipts."""
    return f"{attempt.message.public_id}.{attempt.number}"


def tried(message: Message) -> list[Tried]:
    """Return the attempts since the message was queued, or last sent anew by staff."""
    rows = message.delivery_attempts.filter(number__gt=message.resent_after)
    return [Tried(*row) for row in rows.values_list("channel", "state")]


def begin(
    message: Message,
    rendered: Rendered,
    channel: Channel,
    contact: ContactPoint | None,
    now: datetime,
) -> DeliveryAttempt:
    """Note that sending starts; keep the words for My care unless they hold a code."""
    message.status = Status.SENDING
    message.channel = channel
    message.wording_version = rendered.wording_version
    message.next_attempt_at = now + policies.SENDING_LIMIT
    if not _is_secret(message.kind):
        message.subject, message.body = rendered.subject, rendered.body
    written = ["locale", "time_zone", "address", "subject", "body", "channel", "event_at"]
    message.save(update_fields=["status", "next_attempt_at", "wording_version", *written])
    return DeliveryAttempt.objects.create(
        message=message,
        number=message.delivery_attempts.count() + 1,
        started_at=now,
        channel=channel,
        contact=contact,
    )


def finish(attempt: DeliveryAttempt, provider_id: str, now: datetime) -> Status:
    """Note that the channel took it; a receipt that was faster is not set back (MS-04).

    A provider that drops repeats answers with the id that an earlier attempt may have already.
    """
    is_open = Q(state__in=(AttemptState.SENDING, AttemptState.UNKNOWN))
    ended = {
        "ended_at": now,
        "outcome": "handed over",
        "state": Case(When(is_open, then=Value(AttemptState.SENT)), default=F("state")),
    }
    if provider_id:
        others = DeliveryAttempt.objects.filter(channel=attempt.channel, provider_id=provider_id)
        is_taken = When(Exists(others.exclude(pk=attempt.pk)), then=F("provider_id"))
        ended["provider_id"] = Case(is_taken, default=Value(provider_id))
    DeliveryAttempt.objects.filter(pk=attempt.pk).update(**ended)
    message = attempt.message
    emptied = {"context": {}} if _is_secret(message.kind) else {}
    sending = Message.objects.filter(pk=message.pk, status=Status.SENDING)
    if sending.update(status=Status.SENT, status_reason="", sent_at=now, **emptied):
        return Status.SENT
    Message.objects.filter(pk=message.pk, sent_at=None).update(sent_at=now, **emptied)
    return Status(Message.objects.values_list("status", flat=True).get(pk=message.pk))


def suppress(message: Message, reason: str) -> Status:
    """Note that the message must not go, and why."""
    return _rest(message, Status.SUPPRESSED, reason)


def give_up(message: Message, reason: str, now: datetime) -> Status:
    """No way is left: somebody has to call, unless it was only a code or not worth it (MS-05)."""
    kind = kinds.get(message.kind)
    is_personal = message.recipient_id and not (kind.address_is_given or kind.to_contact)
    if is_personal and kind.category != Category.MARKETING:
        StaffTask.objects.get_or_create(
            message=message, defaults={"reason": reason[:120], "opened_at": now}
        )
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
    """Close the open attempt, or note one that never got as far."""
    end = {
        "ended_at": now,
        "outcome": reason_of(error),
        "state": _state_after(error),
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
    if isinstance(error, OutcomeUnknown) and channel != failed:
        return now + RECEIPT_WAIT
    if channel != failed and failed:
        return now
    if isinstance(error, WindowClosed):
        return now
    failures = sum(each.channel == failed for each in tried(message))
    return policies.next_try_at(now, failures)


def _state_after(error: Exception) -> AttemptState:
    if isinstance(error, AddressRefused):
        return AttemptState.REFUSED
    return AttemptState.UNKNOWN if isinstance(error, OutcomeUnknown) else AttemptState.FAILED


def _rest(message: Message, status: Status, reason: str) -> Status:
    message.status, message.status_reason = status, reason[:120]
    message.save(update_fields=["status", "status_reason"])
    return status


def _is_secret(kind: str) -> bool:
    return kinds.get(kind).sensitivity is Sensitivity.SECRET
