"""Claiming due messages and handing each over once (RL-01, RL-02, decision 004).

The relay only lends a row out for a while; a message is done when the consumer says so, in the
transaction of its effect where the channel is our own database.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from medtour.lib import clock, locks
from messaging import attempts, kinds, policies
from messaging.batches import Batch, address_to_reader, read_batch
from messaging.channels import email, registry
from messaging.channels.protocol import Parcel
from messaging.enums import DUE_STATUSES, Channel, Status
from messaging.kinds import Sensitivity
from messaging.models import DeliveryAttempt, InboundMessage, Message
from messaging.plans import Plan, Rest, next_channel, plan
from messaging.rendering import put_into_words
from messaging.ways import read_facts, ways_of

log = structlog.get_logger(__name__)

CLAIMED = ("pk", "public_id", "status", "attempts", "next_attempt_at")


def claim_due(*, limit: int = 500, now: datetime | None = None) -> list[str]:
    """Lend out up to `limit` due rows and return their public ids; others cannot claim them soon.

    A row whose sender died between sending and recording comes back here as failed.
    """
    return [row.public_id for row in _claim(limit, now or clock.now())]


def deliver(public_id: str, *, now: datetime | None = None) -> Status | None:
    """Send one message if it is still to be sent; returns its new status, None when it is not.

    Safe to run twice and at the same time: one runner finds the row as it read it, no other does.
    """
    return dict(_deliveries([public_id], now)).get(public_id)


def deliver_all_due(*, now: datetime | None = None) -> int:
    """Deliver everything that is due, here and now without a broker; returns how many were sent."""
    sent = 0
    with email.one_connection():
        while public_ids := claim_due(now=now):
            done = _deliveries(public_ids, now)
            sent += sum(status == Status.SENT for _public_id, status in done)
    return sent


def drain(*, seconds: float = policies.DRAIN_SECONDS, now: datetime | None = None) -> int:
    """Claim and deliver batch by batch until nothing is due or so many seconds are over.

    What has waited longest and what fell due just now take turns, so that a code to sign in does
    not wait behind a hundred thousand reminders. What a slow provider left no time for is given
    back at once. Returns how many were sent.
    """
    with email.one_connection():
        return _drain(time.monotonic() + seconds, now)


def _drain(until: float, now: datetime | None) -> int:
    sent, newest_first = 0, False
    while time.monotonic() < until:
        rows = _claim(policies.BATCH, now or clock.now(), newest_first=newest_first)
        if not rows:
            break
        left = {row.public_id: row for row in rows}
        for public_id, status in _deliveries(list(left), now):
            del left[public_id]
            sent += status == Status.SENT
            if time.monotonic() >= until:
                break
        _give_back(left.values(), now or clock.now())
        newest_first = not newest_first
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

    Of several reminders of one event only the last does, or all would come together.

    Returns how many messages took another way.
    """
    now = now or clock.now()
    last = [kind.name for kind in kinds.all_kinds().values() if kind.falls_back]
    waiting = Message.objects.filter(
        kind__in=last,
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


def _claim(limit: int, now: datetime, *, newest_first: bool = False) -> list[Message]:
    order = ("-next_attempt_at", "-pk") if newest_first else ("next_attempt_at", "pk")
    due = Message.objects.filter(status__in=DUE_STATUSES, next_attempt_at__lte=now)
    with transaction.atomic():
        rows = locks.claim_rows(due.order_by(*order).only(*CLAIMED), limit)
        attempts.close_abandoned([row.pk for row in rows if row.status == Status.SENDING], now)
        _lend(rows, now)
    return rows


def _lend(rows: list[Message], now: datetime) -> None:
    """Move the next attempt behind the lease, one statement for each number of earlier claims."""
    for claims in sorted({row.attempts for row in rows}):
        lent = [row for row in rows if row.attempts == claims]
        until = now + policies.lease(claims, timedelta(seconds=settings.OUTBOX_LEASE_SECONDS))
        keys = [row.pk for row in lent]
        Message.objects.filter(pk__in=keys).update(next_attempt_at=until, attempts=claims + 1)
        for row in lent:
            row.next_attempt_at = until


def _give_back(rows: Iterable[Message], now: datetime) -> None:
    """End the leases of rows that nobody has touched since; their claim does not count."""
    for row in rows:
        lent = Message.objects.filter(pk=row.pk, next_attempt_at=row.next_attempt_at)
        lent.update(next_attempt_at=now, attempts=F("attempts") - 1)


def _deliveries(
    public_ids: Sequence[str], now: datetime | None
) -> Iterator[tuple[str, Status | None]]:
    """Deliver one by one what is read together, and say how each ended.

    The rest is read anew when the truth has grown old.
    """
    waiting = list(public_ids)
    while waiting:
        batch = read_batch(waiting, now or clock.now())
        read_again_at = time.monotonic() + policies.TRUTH_HOLDS
        while waiting:
            public_id = waiting.pop(0)
            message = batch.messages.get(public_id)
            yield public_id, _deliver(message, batch, now or clock.now()) if message else None
            if time.monotonic() >= read_again_at:
                break


def _deliver(message: Message, batch: Batch, now: datetime) -> Status | None:
    """Hand over one message as it was read, unless somebody else has it since."""
    channel = ""
    try:
        chosen = plan(message, batch, now)
        if isinstance(chosen, Rest):
            return _settle(message, chosen)
        # A channel of our own database is written with the record. Over a network never inside a
        # transaction: the row says "being sent", which is committed, then it is sent.
        in_transaction = chosen.channel == Channel.EMAIL and email.sends_in_transaction()
        with transaction.atomic() if in_transaction else nullcontext():
            attempt, parcel = _begin(message, chosen, batch, now)
            if attempt is None:
                return None
            channel = chosen.channel
            return attempts.finish(attempt, _hand_over(channel, parcel), now)
    except Exception as error:
        return _record_failure(message.public_id, error, channel, now)


def _settle(message: Message, rest: Rest) -> Status | None:
    """Write why a message rests, if its row is still as it was read."""
    unchanged = Message.objects.filter(
        pk=message.pk,
        status__in=(Status.QUEUED, Status.FAILED),
        next_attempt_at=message.next_attempt_at,
    )
    with transaction.atomic():
        is_ours = bool(locks.claim_rows(unchanged.only("pk"), 1))
        return rest.note(message) if is_ours else None


def _begin(
    message: Message, chosen: Plan, batch: Batch, now: datetime
) -> tuple[DeliveryAttempt | None, Parcel]:
    """Note that sending starts; without an attempt somebody else has the message."""
    rendered = put_into_words(message, chosen.content, batch.wording(message))
    message.event_at = chosen.content.event_at
    ways, channel = chosen.ways, chosen.channel
    contact = None if channel == Channel.EMAIL else ways.contact
    number = batch.histories[message.pk].next_number
    attempt = attempts.begin(message, rendered, channel, contact, number, now)
    return attempt, Parcel(
        message=message,
        rendered=rendered,
        to=contact.number if contact else message.address,
        key=attempts.key_of(message, number),
        dedupe=f"{message.public_id}-{message.resent_after}-{channel}",
        language=ways.languages.get(channel, message.locale),
        window_is_open=bool(contact) and policies.window_is_open(contact.last_inbound_at, now),
    )


def _hand_over(channel: str, parcel: Parcel) -> str:
    provider_id = registry.sender(channel).send(parcel)
    registry.note_success(channel)
    return provider_id


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
        address_to_reader(message)
        attempts.fail(message, error, channel, now)
        ways = ways_of(message, kinds.get(message.kind), read_facts([message], now), now)
        following = next_channel(ways, attempts.tried(message))
        return attempts.plan_retry(message, following, error, channel, now)
