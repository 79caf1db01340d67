"""What a batch of due messages needs to know, read together: so many statements whatever its size.

Nothing is decided here; `delivery` reads anew what has grown older than `policies.TRUTH_HOLDS`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from messaging import kinds
from messaging.attempts import History
from messaging.enums import Status
from messaging.kinds import Tell
from messaging.models import Message
from messaging.ways import ReachFacts, read_facts
from messaging.wordings import Edited, all_live_wordings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages still to be sent, by public id, and what was read for all of them at one time."""

    messages: Mapping[str, Message]
    tells: Mapping[int, Tell]
    histories: Mapping[int, History]
    facts: ReachFacts
    wordings: Mapping[tuple[str, str], Edited]

    def wording(self, message: Message) -> Edited:
        return self.wordings.get((message.kind, message.locale)) or Edited()


def read_batch(public_ids: Sequence[str], now: datetime) -> Batch:
    """Read the messages among these that are still to be sent, and all that they need."""
    waiting = (
        Message.objects.filter(
            public_id__in=public_ids, status__in=(Status.QUEUED, Status.FAILED), not_before__lte=now
        )
        .select_related("recipient__reach")
        .defer("subject", "body")
    )
    messages = [message for message in waiting if _is_known(message)]
    for message in messages:
        address_to_reader(message)
    return Batch(
        messages={message.public_id: message for message in messages},
        tells=_tells(messages),
        histories=History.of(messages),
        facts=read_facts(messages, now),
        wordings=all_live_wordings({message.kind for message in messages}) if messages else {},
    )


def _is_known(message: Message) -> bool:
    """Tell whether this version knows the kind; another one's message waits for its lease."""
    is_known = message.kind in kinds.all_kinds()
    if not is_known:
        log.error("message_of_unknown_kind", message=message.public_id, kind=message.kind)
    return is_known


def address_to_reader(message: Message) -> None:
    """Take the account's language, clock and address as they are now: reminders wait for weeks."""
    reader = message.recipient
    if reader is None:
        return
    message.locale, message.time_zone = reader.locale, reader.time_zone
    if not kinds.get(message.kind).address_is_given:
        message.address = reader.email


def _tells(messages: Sequence[Message]) -> dict[int, Tell]:
    """Let each kind that can read for all of its messages at once."""
    of_a_kind: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        of_a_kind[message.kind].append(message)
    tells: dict[int, Tell] = {}
    for name, alike in of_a_kind.items():
        tells |= dict(zip([each.pk for each in alike], _told(name, alike), strict=True))
    return tells


def _told(name: str, alike: Sequence[Message]) -> Sequence[Tell]:
    kind = kinds.get(name)
    contexts = [message.context for message in alike]
    if kind.resolve_many is None:
        return [partial(kind.resolve, context) for context in contexts]
    return kind.resolve_many(contexts)
