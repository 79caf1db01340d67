"""Putting messages into the outbox; nothing here talks to a broker or a mail server (RL-01)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from medtour.lib import clock
from messaging import kinds
from messaging.models import Message

DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to be sent; `dedupe_key` names the fact it tells of, so it is told once.

    `context` holds public ids, instants and codes, never names or health data. Somebody without
    an account is reached by `address`, `locale` and `time_zone`; for an account its own are used
    unless `address` says otherwise.
    """

    kind: str
    recipient: User | None
    dedupe_key: str
    context: Mapping[str, str] = field(default_factory=dict)
    not_before: datetime | None = None
    address: str = ""
    locale: str = ""
    time_zone: str = ""


def queue(*messages: Outgoing, now: datetime | None = None) -> None:
    """Write the messages in the caller's transaction, in one statement; a known key is ignored.

    Raises TransactionManagementError outside a transaction: a message must live and die with
    the change it tells of. Raises `UnknownKind` for a kind that nobody registered.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("queue() belongs inside a transaction")
    now = now or clock.now()
    rows = [_row(message, now) for message in messages]
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def mark_read(message: Message, *, now: datetime | None = None) -> None:
    """Note the first time a person opened their copy."""
    if message.read_at is None:
        message.read_at = now or clock.now()
        message.save(update_fields=["read_at"])


def _row(outgoing: Outgoing, now: datetime) -> Message:
    recipient = outgoing.recipient
    not_before = max(outgoing.not_before or now, now)
    return Message(
        kind=kinds.get(outgoing.kind).name,
        recipient=recipient,
        address=outgoing.address or (recipient.email if recipient else ""),
        locale=recipient.locale if recipient else outgoing.locale or settings.LANGUAGE_CODE,
        time_zone=recipient.time_zone if recipient else outgoing.time_zone or DEFAULT_ZONE,
        dedupe_key=outgoing.dedupe_key,
        context=dict(outgoing.context),
        not_before=not_before,
        next_attempt_at=not_before,
        created_at=now,
    )
