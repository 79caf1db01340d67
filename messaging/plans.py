"""What becomes of one message now: the way it takes, or why it rests; nothing is written here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from messaging import attempts, kinds, quiet_hours, routing
from messaging.batches import Batch
from messaging.channels import registry
from messaging.enums import OPTIONAL_CATEGORIES, Channel, Status
from messaging.kinds import Kind, Ready, Suppressed
from messaging.models import Message
from messaging.rendering import resolve
from messaging.routing import Tried
from messaging.ways import Ways, ways_of


@dataclass(frozen=True, slots=True)
class Rest:
    """A message that is not handed over now; `note` writes that into its row."""

    note: Callable[[Message], Status]


@dataclass(frozen=True, slots=True)
class Plan:
    """A message that is handed over: by which channel, and what is true of it."""

    channel: Channel
    content: Ready
    ways: Ways


def plan(message: Message, batch: Batch, now: datetime) -> Plan | Rest:
    """Ask for the truth, choose the way, look at the clock there."""
    kind = kinds.get(message.kind)
    if _is_for_a_closed_account(message, kind):
        return Rest(partial(attempts.suppress, reason="account is closed"))
    content = resolve(message, batch.tells[message.pk])
    if isinstance(content, Suppressed):
        return Rest(partial(attempts.suppress, reason=content.reason))
    ways = ways_of(message, kind, batch.facts, now)
    channel = next_channel(ways, batch.histories[message.pk].tried)
    if channel is None:
        if kind.category in OPTIONAL_CATEGORIES and not ways.usable:
            return Rest(partial(attempts.suppress, reason="not agreed to"))
        reason = message.status_reason or "no way to reach"
        return Rest(partial(attempts.give_up, reason=reason, now=now))
    if channel in ways.blown:
        again = now + timedelta(seconds=registry.BLOWN_SECONDS)
        return Rest(partial(attempts.postpone, instant=again))
    decision = quiet_hours.decide(now, _point(kind, content), channel, ways.zone_names)
    if isinstance(decision, quiet_hours.Wait):
        return Rest(partial(attempts.wait_until, instant=decision.until))
    if isinstance(decision, quiet_hours.Drop):
        return Rest(partial(attempts.suppress, reason=decision.reason))
    return Plan(channel, content, ways)


def _is_for_a_closed_account(message: Message, kind: Kind) -> bool:
    """Nothing is written to whoever left, except about the account and its address themselves."""
    reader = message.recipient
    return reader is not None and not reader.is_active and not kind.address_is_given


def next_channel(ways: Ways, tried: Sequence[Tried]) -> Channel | None:
    """Return the next channel; one that is down only when there is no other."""
    for usable in (ways.usable - ways.blown, ways.usable):
        channel = routing.next_channel(
            ways.chain, usable=usable, tried=tried, repeatable=registry.repeatable()
        )
        if channel is not None:
            return channel
    return None


def _point(kind: Kind, content: Ready) -> quiet_hours.Point:
    timing = quiet_hours.Timing.URGENT if content.is_urgent else kind.timing
    return quiet_hours.Point(timing, kind.category, content.useless_after, kind.if_late)
