"""Which channel comes next; a pure rule of place, wishes and what was tried (M19, MS-05)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from messaging import policies
from messaging.enums import AttemptState, Channel

ABROAD = (Channel.WHATSAPP, Channel.EMAIL, Channel.SMS)
# WhatsApp does not work in mainland China.
IN_CHINA = (Channel.EMAIL, Channel.SMS)
REACHED = (AttemptState.SENT, AttemptState.DELIVERED, AttemptState.READ)


@dataclass(frozen=True, slots=True)
class Tried:
    """One earlier attempt: by which channel (blank: it never got that far) and how it ended."""

    channel: str
    state: str


def chain(preferred: str, *, in_china: bool) -> tuple[Channel, ...]:
    """Return the channels that work where the person is, the preferred one first."""
    here = IN_CHINA if in_china else ABROAD
    first = tuple(each for each in here if each == preferred)
    return first + tuple(each for each in here if each not in first)


def next_channel(
    channels: Sequence[Channel],
    *,
    usable: Collection[str],
    tried: Sequence[Tried],
    repeatable: Collection[str],
) -> Channel | None:
    """Return the first channel of the chain that is worth a try, or None: a person has to call.

    `repeatable` are channels where the same message twice does no harm, so that an attempt whose
    end nobody knows may be repeated there and nowhere else (RL-02).
    """
    if sum(each.channel == "" for each in tried) >= policies.MAX_TRIES:
        return None
    for channel in channels:
        own = [each.state for each in tried if each.channel == channel]
        if channel in usable and not _is_used_up(channel, own, channel in repeatable):
            return channel
    return None


def _is_used_up(channel: str, states: Sequence[str], is_repeatable: bool) -> bool:
    if AttemptState.REFUSED in states or any(state in REACHED for state in states):
        return True
    if AttemptState.UNKNOWN in states and not is_repeatable:
        return True
    failures = sum(state in (AttemptState.FAILED, AttemptState.UNKNOWN) for state in states)
    return failures >= policies.tries_on(channel)
