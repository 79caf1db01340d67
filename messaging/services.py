"""Putting messages into the outbox; nothing here talks to a broker or a mail server (RL-01)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from medtour.lib import clock
from medtour.lib.ids import public_id
from messaging import kinds
from messaging.models import Message, Status

DEFAULT_ZONE = "Asia/Shanghai"
CONTEXT = Message._meta.get_field("context")
# Written out because every booking queues several messages inside its own short transaction.
INSERT = """
INSERT INTO messaging_message
       (public_id, kind, recipient_id, address, locale, time_zone, dedupe_key, context, not_before,
        next_attempt_at, created_at, status, status_reason, attempts, subject, body)
VALUES {} ON CONFLICT DO NOTHING
"""
ROW = f"({', '.join(['%s'] * 11)}, '{Status.QUEUED.value}', '', 0, '', '')"


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
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT.format(", ".join([ROW] * len(rows))), list(chain(*rows)))


def mark_read(message: Message, *, now: datetime | None = None) -> None:
    """Note the first time a person opened their copy."""
    if message.read_at is None:
        message.read_at = now or clock.now()
        message.save(update_fields=["read_at"])


def _row(outgoing: Outgoing, now: datetime) -> tuple[Any, ...]:
    recipient = outgoing.recipient
    not_before = max(outgoing.not_before or now, now)
    return (
        public_id(),
        kinds.get(outgoing.kind).name,
        recipient.pk if recipient else None,
        outgoing.address or (recipient.email if recipient else ""),
        recipient.locale if recipient else outgoing.locale or settings.LANGUAGE_CODE,
        recipient.time_zone if recipient else outgoing.time_zone or DEFAULT_ZONE,
        outgoing.dedupe_key,
        CONTEXT.get_prep_value(dict(outgoing.context)),
        not_before,
        not_before,
        now,
    )
