"""Putting messages into the outbox; nothing here talks to a broker or a mail server (RL-01)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from medtour.lib import clock
from medtour.lib.ids import public_id
from messaging import kinds
from messaging.enums import Status
from messaging.models import Message

DEFAULT_ZONE = "Asia/Shanghai"
CONTEXT = Message._meta.get_field("context")
# Written out because every booking queues several messages inside its own short transaction.
COLUMNS = (
    "public_id",
    "kind",
    "recipient_id",
    "address",
    "locale",
    "time_zone",
    "dedupe_key",
    "context",
    "not_before",
    "next_attempt_at",
    "created_at",
)
FRESH_COLUMNS = "status, status_reason, attempts, subject, body"
FRESH_VALUES = f"'{Status.QUEUED.value}', '', 0, '', ''"


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
    statement, parameters = insertion(messages, now=now or clock.now())
    if statement:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)


def insertion(messages: Sequence[Outgoing], *, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return the statement that writes the messages, for use inside another one, and its values.

    The statement is empty when there is nothing to say. Raises `UnknownKind`.
    """
    values: dict[str, Any] = {}
    for number, message in enumerate(messages):
        names = _names(number)
        values.update(zip(names, _row(message, now), strict=True))
    return _insertion(len(messages)), values


@lru_cache
def _names(number: int) -> tuple[str, ...]:
    return tuple(f"message_{number}_{column}" for column in COLUMNS)


@lru_cache
def _insertion(count: int) -> str:
    """Return the INSERT of so many rows."""
    rows = [
        f"({', '.join(f'%({name})s' for name in _names(number))}, {FRESH_VALUES})"
        for number in range(count)
    ]
    head = f"INSERT INTO messaging_message ({', '.join(COLUMNS)}, {FRESH_COLUMNS}) VALUES"
    return f"{head} {', '.join(rows)} ON CONFLICT DO NOTHING" if rows else ""


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
