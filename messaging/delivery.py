"""Claiming due messages and handing each over once (RL-01, RL-02, decision 004).

The relay only lends a row out for a while; a message is done when the consumer says so, in the
transaction of its effect where the channel is our own database.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from medtour.lib import clock, locks
from messaging import kinds, policies
from messaging.channels import email
from messaging.kinds import Sensitivity, Suppressed
from messaging.models import DUE_STATUSES, DeliveryAttempt, Message, Status
from messaging.rendering import Rendered, render

log = structlog.get_logger(__name__)

CLAIMED = ("pk", "public_id", "status", "attempts", "next_attempt_at")
UNKNOWN_OUTCOME = "not known: the process ended while sending"


def claim_due(*, limit: int = 500, now: datetime | None = None) -> list[str]:
    """Lend out up to `limit` due rows and return their public ids; others cannot claim them soon.

    A row whose sender died between sending and recording comes back here as failed.
    """
    now = now or clock.now()
    due = Message.objects.filter(status__in=DUE_STATUSES, next_attempt_at__lte=now)
    with transaction.atomic():
        rows = locks.claim_rows(due.order_by("next_attempt_at", "pk").only(*CLAIMED), limit)
        _close_abandoned([row.pk for row in rows if row.status == Status.SENDING], now)
        _lend(rows, now)
    return [row.public_id for row in rows]


def deliver(public_id: str, *, now: datetime | None = None) -> Status | None:
    """Send one message if it is still to be sent; returns its new status, None when it is not.

    Safe to run twice and at the same time: the row is locked, a second runner skips it.
    """
    now = now or clock.now()
    try:
        if email.sends_in_transaction():
            with transaction.atomic():
                return _send_and_record(public_id, now)
        return _send_then_record(public_id, now)
    except Exception as error:
        return _record_failure(public_id, error, now)


def deliver_all_due(*, now: datetime | None = None) -> int:
    """Deliver everything that is due, here and now without a broker; returns how many were sent."""
    sent = 0
    while public_ids := claim_due(now=now):
        sent += sum(deliver(public_id, now=now) == Status.SENT for public_id in public_ids)
    return sent


def forget_old_messages(*, now: datetime | None = None) -> int:
    """Empty the words and context of messages that are done and old; the bare row stays (PR-06)."""
    now = now or clock.now()
    secret = [kind.name for kind in kinds.all_kinds().values() if _is_secret(kind.name)]
    old = Q(created_at__lt=now - policies.KEEP_TEXT)
    old_secret = Q(kind__in=secret, created_at__lt=now - policies.KEEP_SECRETS)
    done = Message.objects.exclude(status__in=DUE_STATUSES).filter(old | old_secret)
    emptied = {"subject": "", "body": "", "context": {}}
    return done.exclude(subject="", body="", address="").update(**emptied, address="")


def _send_and_record(public_id: str, now: datetime) -> Status | None:
    """Effect and record in one transaction: killed at any moment, both happened or neither."""
    message = _lock_unsent(public_id, now)
    if message is None:
        return None
    rendered = render(message)
    if isinstance(rendered, Suppressed):
        return _suppress(message, rendered)
    attempt = _begin(message, rendered, now)
    email.send(message, rendered)
    return _finish(attempt, now)


def _send_then_record(public_id: str, now: datetime) -> Status | None:
    """No network inside a transaction: say "being sent", commit, send, record."""
    with transaction.atomic():
        message = _lock_unsent(public_id, now)
        if message is None:
            return None
        rendered = render(message)
        if isinstance(rendered, Suppressed):
            return _suppress(message, rendered)
        attempt = _begin(message, rendered, now)
    email.send(message, rendered)
    with transaction.atomic():
        return _finish(attempt, now)


def _lock_unsent(public_id: str, now: datetime) -> Message | None:
    waiting = Message.objects.filter(
        public_id=public_id, status__in=(Status.QUEUED, Status.FAILED), not_before__lte=now
    ).select_related("recipient")
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


def _begin(message: Message, rendered: Rendered, now: datetime) -> DeliveryAttempt:
    """Note that sending starts; keep the words for My care unless they hold a code."""
    message.status = Status.SENDING
    message.next_attempt_at = now + policies.SENDING_LIMIT
    if not _is_secret(message.kind):
        message.subject, message.body = rendered.subject, rendered.body
    written = ["locale", "time_zone", "address", "subject", "body"]
    message.save(update_fields=["status", "next_attempt_at", *written])
    number = message.delivery_attempts.count() + 1
    return DeliveryAttempt.objects.create(message=message, number=number, started_at=now)


def _finish(attempt: DeliveryAttempt, now: datetime) -> Status:
    attempt.ended_at, attempt.outcome = now, "handed over"
    attempt.save(update_fields=["ended_at", "outcome"])
    message = attempt.message
    message.status, message.status_reason, message.sent_at = Status.SENT, "", now
    if _is_secret(message.kind):
        message.context = {}
    message.save(update_fields=["status", "status_reason", "sent_at", "context"])
    return Status.SENT


def _suppress(message: Message, why: Suppressed) -> Status:
    message.status, message.status_reason = Status.SUPPRESSED, why.reason[:120]
    message.save(update_fields=["status", "status_reason"])
    return Status.SUPPRESSED


def _record_failure(public_id: str, error: Exception, now: datetime) -> Status | None:
    """Note the failure and when to try again; after the last try the message is given up."""
    reason = type(error).__name__
    where = not email.may_name_the_address(error)
    log.warning("message_failed", message=public_id, error=reason, exc_info=where)
    with transaction.atomic():
        unsent = Message.objects.filter(public_id=public_id, status__in=DUE_STATUSES)
        message = next(iter(locks.claim_rows(unsent, 1)), None)
        if message is None:
            return None
        failures = _close_failed_attempt(message, reason, now)
        dead = policies.is_given_up(failures) or isinstance(error, email.AddressRefused)
        message.status = Status.DEAD if dead else Status.FAILED
        message.status_reason = reason[:120]
        message.next_attempt_at = policies.next_try_at(now, failures)
        message.save(update_fields=["status", "status_reason", "next_attempt_at"])
        return message.status


def _close_failed_attempt(message: Message, reason: str, now: datetime) -> int:
    """Close the open attempt, or note one that never got as far; return how many failed."""
    closed = message.delivery_attempts.filter(ended_at=None).update(ended_at=now, outcome=reason)
    count = message.delivery_attempts.count()
    if closed:
        return count
    DeliveryAttempt.objects.create(
        message=message, number=count + 1, started_at=now, ended_at=now, outcome=reason
    )
    return count + 1


def _lend(rows: list[Message], now: datetime) -> None:
    """Move the next attempt behind the lease, one statement for each number of earlier claims."""
    for claims in sorted({row.attempts for row in rows}):
        lent = [row.pk for row in rows if row.attempts == claims]
        until = now + policies.lease(claims, timedelta(seconds=settings.OUTBOX_LEASE_SECONDS))
        Message.objects.filter(pk__in=lent).update(next_attempt_at=until, attempts=claims + 1)


def _close_abandoned(pks: list[int], now: datetime) -> None:
    Message.objects.filter(pk__in=pks).update(status=Status.FAILED, status_reason=UNKNOWN_OUTCOME)
    DeliveryAttempt.objects.filter(message__in=pks, ended_at=None).update(
        ended_at=now, outcome=UNKNOWN_OUTCOME
    )


def _is_secret(kind: str) -> bool:
    return kinds.get(kind).sensitivity is Sensitivity.SECRET
