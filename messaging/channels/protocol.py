"""What every channel takes, returns and raises; it talks to its provider and nothing else."""

from dataclasses import dataclass
from typing import Protocol

from messaging.models import Message
from messaging.rendering import Rendered


class AddressRefused(Exception):
    """The provider will never take this message for this address; trying again would not help.

    `is_for_good` when the address does not exist on the channel at all, so that later messages
    need not try it either.
    """

    def __init__(self, code: str = "", *, is_for_good: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_for_good = is_for_good


class NotTaken(Exception):
    """The provider surely did not take it: it is down, too busy, or did not know us."""

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code


class WindowClosed(NotTaken):
    """WhatsApp takes no free words any more; a template may still go (MS-01)."""


class OutcomeUnknown(Exception):
    """Nobody can say whether the provider took it: the answer never came (RL-02)."""

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one address. `key` names the attempt: the provider hands it back in receipts.

    `dedupe` is the same for every attempt of a message on a channel, for providers that drop the
    second of two equal ones. `language` is that of the fixed sentence on a phone, `window_is_open`
    is for WhatsApp.
    """

    message: Message
    rendered: Rendered
    to: str
    key: str
    dedupe: str
    language: str
    window_is_open: bool = False


class Sender(Protocol):
    """A channel. `repeats_safely`: handing the same message over twice does no harm."""

    name: str
    repeats_safely: bool

    def is_configured(self) -> bool:
        """Tell whether this site has an account with a provider of the channel."""

    def languages(self) -> frozenset[str]:
        """Return the languages in which the channel can say something."""

    def send(self, parcel: Parcel) -> str:
        """Hand one message over and return the provider's id, or nothing when it gives none.

        Raises AddressRefused, NotTaken, OutcomeUnknown, or what a mail backend raises.
        """
