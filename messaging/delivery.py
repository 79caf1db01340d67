"""Claiming due messages and handing each over once (RL-01, RL-02, decision 004).

The relay only lends a row out for a while; a message is done when the consumer says so, in the
transaction of its effect where the channel is our own database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from medtour.lib import clock, locks
from messaging import attempts, kinds, policies, quiet_hours, routing
from messaging.channels import email, registry
from messaging.channels.protocol import Parcel
from messaging.enums import DUE_STATUSES, OPTIONAL_CATEGORIES, Channel, Status
from messaging.kinds import Kind, Ready, Sensitivity, Suppressed
from messaging.models import DeliveryAttempt, InboundMessage, Message
from messaging.rendering import put_into_words, resolve
from messaging.ways import Ways, ways_of

log = structlog.get_logger(__name__)

CLAIMED = ("pk", "public_id", "status", "attempts", "next_attempt_at")


@dataclass(frozen=True, slots=True)
class Prepared:
    """An attempt that has begun, and what the channel has to hand over."""

    attempt: DeliveryAttempt
    parcel: Parcel


def claim_due(*, limit: int = 500, now: datetime | None = None) -> list[str]:
    """Lend out up to `limit` due rows and return their public ids; others cannot claim them soon.

    A row whose sender died between sending and recording comes back here as failed.
    """
    now = now or clock.now()
    due = Message.objects.filter(status__in=DUE_STATUSES, next_attempt_at__lte=now)
    with transaction.atomic():
        rows = locks.claim_rows(due.order_by("next_attempt_at", "pk").only(*CLAIMED), limit)
        attempts.close_abandoned([row.pk for row in rows if row.status == Status.SENDING], now)
        _lend(rows, now)
    return [row.public_id for row in rows]


def deliver(public_id: str, *, now: datetime | None = None) -> Status | None:
    """Send one message if it is still to be sent; returns its new status, None when it is not.

    Safe to run twice and at the same time: the row is locked, a second runner skips it.
    """
    now = now or clock.now()
    prepared: Prepared | Status | None = None
    try:
        with transaction.atomic():
            prepared = _prepare(public_id, now)
            if not isinstance(prepared, Prepared):
                return prepared
            if prepared.attempt.channel == Channel.EMAIL and email.sends_in_transaction():
                return attempts.finish(prepared.attempt, _hand_over(prepared), now)
        # No network inside a transaction: it says "being sent" and is committed, then is sent.
        provider_id = _hand_over(prepared)
        with transaction.atomic():
            return attempts.finish(prepared.attempt, provider_id, now)
    except Exception as error:
        channel = prepared.attempt.channel if isinstance(prepared, Prepared) else ""
        return _record_failure(public_id, error, channel, now)


def deliver_all_due(*, now: datetime | None = None) -> int:
    """Deliver everything that is due, here and now without a broker; returns how many were sent."""
    sent = 0
    while public_ids := claim_due(now=now):
        sent += sum(deliver(public_id, now=now) == Status.SENT for public_id in public_ids)
    return sent


def forget_old_messages(*, now: datetime | None = None) -> int:
    """Empty the words and context of messages that are done and old; the bare row stays (PR-06).

    So with what people wrote to us, once staff has dealt with it. Returns how many were emptied.
    """
    now = now or clock.now()
    secret = [
        kind.name for kind in kinds.all_kinds().values() if kind.sensitivity is Sensitivity.SECRET
    ]
    old = Q(created_at__lt=now - policies.KEEP_TEXT)
    old_secret = Q(kind__in=secret, created_at__lt=now - policies.KEEP_SECRETS)
    done = Message.objects.exclude(status__in=DUE_STATUSES).filter(old | old_secret)
    emptied = {"subject": "", "body": "", "context": {}}
    replies = InboundMessage.objects.filter(
        received_at__lt=now - policies.KEEP_TEXT, done_at__isnull=False
    )
    return done.exclude(subject="", body="", address="").update(
        **emptied, address=""
    ) + replies.exclude(body="", number="").update(body="", number="")


def fall_back_unread(*, now: datetime | None = None) -> int:
    """Let what is unread on WhatsApp a day before its event take the next channel, once (MS-05).

    Returns how many messages took another way.
    """
    now = now or clock.now()
    waiting = Message.objects.filter(
        channel=Channel.WHATSAPP,
        status__in=(Status.SENT, Status.DELIVERED),
        fell_back_at=None,
        event_at__gt=now,
        event_at__lte=now + policies.UNREAD_BEFORE_EVENT,
        sent_at__lte=now - policies.UNREAD_GRACE,
    )
    with transaction.atomic():
        rows = locks.claim_rows(waiting.order_by("pk").only("pk"), 500)
        return Message.objects.filter(pk__in=[row.pk for row in rows]).update(
            status=Status.FAILED,
            status_reason="not read a day before",
            fell_back_at=now,
            next_attempt_at=now,
        )


def _prepare(public_id: str, now: datetime) -> Prepared | Status | None:
    """Lock, ask for the truth, choose the way, look at the clock there, and begin the attempt."""
    message = _lock_unsent(public_id, now)
    if message is None:
        return None
    kind = kinds.get(message.kind)
    content = resolve(message)
    if isinstance(content, Suppressed):
        return attempts.suppress(message, content.reason)
    ways = ways_of(message, kind, now)
    channel = _next(message, ways)
    if channel is None:
        if kind.category in OPTIONAL_CATEGORIES and not ways.usable:
            return attempts.suppress(message, "not agreed to")
        return attempts.give_up(message, message.status_reason or "no way to reach", now)
    if channel in ways.blown:
        return attempts.postpone(message, now + timedelta(seconds=registry.BLOWN_SECONDS))
    decision = quiet_hours.decide(now, _point(kind, content), channel, ways.zone_names)
    if isinstance(decision, quiet_hours.Wait):
        return attempts.wait_until(message, decision.until)
    if isinstance(decision, quiet_hours.Drop):
        return attempts.suppress(message, decision.reason)
    return _begin(message, channel, content, ways, now)


def _begin(
    message: Message, channel: Channel, content: Ready, ways: Ways, now: datetime
) -> Prepared:
    rendered = put_into_words(message, content)
    message.event_at = content.event_at
    contact = None if channel == Channel.EMAIL else ways.contact
    attempt = attempts.begin(message, rendered, channel, contact, now)
    parcel = Parcel(
        message=message,
        rendered=rendered,
        to=contact.number if contact else message.address,
        key=attempts.key_of(attempt),
        dedupe=f"{message.public_id}-{message.resent_after}-{channel}",
        language=ways.languages.get(channel, message.locale),
        window_is_open=bool(contact) and policies.window_is_open(contact.last_inbound_at, now),
    )
    return Prepared(attempt, parcel)


def _point(kind: Kind, content: Ready) -> quiet_hours.Point:
    timing = quiet_hours.Timing.URGENT if content.is_urgent else kind.timing
    return quiet_hours.Point(timing, kind.category, content.useless_after, kind.if_late)


def _next(message: Message, ways: Ways) -> Channel | None:
    """Return the next channel; one that is down only when there is no other."""
    tried = attempts.tried(message)
    for usable in (ways.usable - ways.blown, ways.usable):
        channel = routing.next_channel(
            ways.chain, usable=usable, tried=tried, repeatable=registry.repeatable()
        )
        if channel is not None:
            return channel
    return None


def _hand_over(prepared: Prepared) -> str:
    channel = prepared.attempt.channel
    provider_id = registry.sender(channel).send(prepared.parcel)
    registry.note_success(channel)
    return provider_id


def _lock_unsent(public_id: str, now: datetime) -> Message | None:
    waiting = Message.objects.filter(
        public_id=public_id, status__in=(Status.QUEUED, Status.FAILED), not_before__lte=now
    ).select_related("recipient__reach")
    message = next(iter(locks.claim_rows(waiting, 1)), None)
    if message is not None:
        _address_to_its_reader(message)
    return message


def _address_to_its_reader(message: Message) -> None:
    """Take the account's language, clock and address as they are now: reminders wait for weeks."""
    reader = message.recipient
    if reader is None:
        return
    message.locale, message.time_zone = reader.locale, reader.time_zone
    if not kinds.get(message.kind).address_is_given:
        message.address = reader.email


def _record_failure(public_id: str, error: Exception, channel: str, now: datetime) -> Status | None:
    """Note the failure and when to try again; when no way is left the message is given up."""
    where = not email.may_name_the_address(error)
    reason = attempts.reason_of(error)
    log.warning("message_failed", message=public_id, error=reason, exc_info=where)
    with transaction.atomic():
        unsent = Message.objects.filter(public_id=public_id, status__in=DUE_STATUSES)
        unsent = unsent.select_related("recipient__reach")
        message = next(iter(locks.claim_rows(unsent, 1)), None)
        if message is None:
            return None
        _address_to_its_reader(message)
        attempts.fail(message, error, channel, now)
        ways = ways_of(message, kinds.get(message.kind), now)
        return attempts.plan_retry(message, _next(message, ways), error, channel, now)


def _lend(rows: list[Message], now: datetime) -> None:
    """Move the next attempt behind the lease, one statement for each number of earlier claims."""
    for claims in sorted({row.attempts for row in rows}):
        lent = [row.pk for row in rows if row.attempts == claims]
        until = now + policies.lease(claims, timedelta(seconds=settings.OUTBOX_LEASE_SECONDS))
        Message.objects.filter(pk__in=lent).update(next_attempt_at=until, attempts=claims + 1)
