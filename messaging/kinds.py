"""The closed list of message kinds; each app registers its own, loaded on first use.

A kind says how to find out, at the moment of sending, what is true then, and which values its
templates may show. It owns no delivery and no text.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.conf import settings

from messaging.enums import Category
from messaging.quiet_hours import IfLate, Timing


class UnknownKind(LookupError):
    """A message kind that nobody registered."""


class Sensitivity(Enum):
    """What happens to the text after sending: kept for My care, or kept nowhere."""

    PRIVATE = "private"
    SECRET = "secret"  # noqa: S105  (a class of text, not a password)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `content_type` is type/subtype, `parameters` go behind it."""

    filename: str
    content_type: str
    parameters: tuple[tuple[str, str], ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """The values that the templates of a kind show, as true now.

    `event_at` is when what the message is about takes place, `useless_after` when it has lost its
    point; `is_urgent` breaks the night (a hospital cancelled tomorrow's appointment).
    """

    values: Mapping[str, Any]
    attachments: tuple[Attachment, ...] = ()
    event_at: datetime | None = None
    useless_after: datetime | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Why a message is no longer sent; a code for staff and logs, no personal data."""

    reason: str


Resolve = Callable[[Mapping[str, str]], Ready | Suppressed]


@dataclass(frozen=True, slots=True)
class Kind:
    """`resolve` runs in the recipient's language and time zone.

    A mail goes to the address that the recipient has when it is sent; with `address_is_given` to
    the one it was queued for, because it is about that address. `to_contact` sends to the phone
    number that the context names, by the channel it names, and nowhere else.
    """

    name: str
    placeholders: frozenset[str]
    resolve: Resolve
    sensitivity: Sensitivity = Sensitivity.PRIVATE
    address_is_given: bool = False
    to_contact: bool = False
    category: Category = Category.SERVICE
    timing: Timing = Timing.PROMPT
    if_late: IfLate = IfLate.SEND
    whatsapp_template: str = "update"

    def template(self, part: str) -> str:
        """Return the template of one of its `parts`."""
        return f"messages/{self.name}/{part}"

    @property
    def parts(self) -> tuple[str, ...]:
        """What has to be written: a mail, or the words of a text message."""
        return PHONE_PARTS if self.to_contact else PARTS


PARTS = ("subject.txt", "email.txt", "email.html")
PHONE_PARTS = ("sms.txt",)
_kinds: dict[str, Kind] = {}
_loaded = False


def register(kind: Kind) -> Kind:
    """Add a kind; the same name twice is a mistake."""
    if kind.name in _kinds:
        raise ValueError(f"message kind registered twice: {kind.name}")
    _kinds[kind.name] = kind
    return kind


def all_kinds() -> dict[str, Kind]:
    """Return every kind by its name, loading the modules of MESSAGE_KIND_MODULES once."""
    global _loaded
    if not _loaded:
        for module in settings.MESSAGE_KIND_MODULES:
            importlib.import_module(module)
        _loaded = True
    return dict(_kinds)


def get(name: str) -> Kind:
    """Return one kind; raises `UnknownKind`."""
    try:
        return all_kinds()[name]
    except KeyError:
        raise UnknownKind(name) from None
