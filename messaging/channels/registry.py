"""The three channels by name, and a light fuse for those behind HTTP (RL-09).

Five failures in a row blow the fuse for a minute: meanwhile a message takes its next channel
instead of waiting for a provider that is down. The count lives in the cache; without a cache there
is no fuse, and every message finds out for itself.
"""

from django.core.cache import cache

from medtour.lib.counts import count_one_more
from messaging.channels.email import EmailSender
from messaging.channels.protocol import Sender
from messaging.channels.sms import SmsSender
from messaging.channels.whatsapp import WhatsAppSender
from messaging.enums import PHONE_CHANNELS, Channel

SENDERS: dict[str, Sender] = {
    sender.name: sender for sender in (EmailSender(), WhatsAppSender(), SmsSender())
}
FAILURES_IN_A_ROW = 5
BLOWN_SECONDS = 60


def sender(channel: str) -> Sender:
    """Return a channel by its name."""
    return SENDERS[channel]


def offered_channels() -> list[Channel]:
    """Return the channels to phones that this site has an account for."""
    return [each for each in PHONE_CHANNELS if SENDERS[each].is_configured()]


def is_open(channel: str) -> bool:
    """Tell whether the channel may be asked now."""
    if channel not in PHONE_CHANNELS:
        return True
    return int(cache.get(_key(channel)) or 0) < FAILURES_IN_A_ROW


def note_failure(channel: str) -> None:
    """Count one failure of the provider itself, not of an address; each keeps the fuse blown."""
    if channel in PHONE_CHANNELS:
        count_one_more(_key(channel), BLOWN_SECONDS)
        cache.touch(_key(channel), BLOWN_SECONDS)


def note_success(channel: str) -> None:
    """Forget earlier failures: the provider answers."""
    if channel in PHONE_CHANNELS:
        cache.delete(_key(channel))


def repeatable() -> frozenset[str]:
    """Return the channels on which the same message twice does no harm (RL-02)."""
    return frozenset(name for name, each in SENDERS.items() if each.repeats_safely)


def _key(channel: str) -> str:
    return f"messaging:fuse:{channel}"
