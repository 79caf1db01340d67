"""From a message row to its words: what is true now, in the recipient's language and clock."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context, engines
from django.utils import timezone, translation

from medtour.lib import clock, wording
from messaging import kinds
from messaging.kinds import Attachment, Kind, Ready, Suppressed
from messaging.models import Message
from messaging.wordings import Edited, live_wordings

BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


class PlaceholderMismatch(ValueError):
    """A kind's values are not exactly the placeholders that it declared."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words, ready for a channel; a code for a phone has nothing else."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    code: str = ""
    wording_version: int = 0

    @property
    def body(self) -> str:
        """The text without the frame below the signature line, for My care."""
        return self.text.split("\n-- \n")[0].strip() + "\n"


def render(message: Message) -> Rendered | Suppressed:
    """Read the truth again and put it into words, or say why the message must not go."""
    content = resolve(message)
    return content if isinstance(content, Suppressed) else put_into_words(message, content)


def resolve(message: Message) -> Ready | Suppressed:
    """Read the truth again, in the recipient's language and clock."""
    with _as_recipient(message):
        return kinds.get(message.kind).resolve(message.context)


def put_into_words(message: Message, content: Ready) -> Rendered:
    """Fill the kind's templates, or the wording that staff put in their place (MS-11)."""
    kind = kinds.get(message.kind)
    values = _checked(kind, content.values)
    if kind.to_contact:
        return Rendered("", "", "", (), code=str(values["code"]))
    edited = live_wordings(kind.name, message.locale)
    with _as_recipient(message):
        subject = _subject(kind, values, edited)
        words = edited.words_with(values)
        layout = {**values, **_layout(message, subject), "edited_words": words}
        return Rendered(
            subject=subject,
            text=BLANK_LINES.sub("\n\n", _text(kind, "email.txt", layout)).strip() + "\n",
            html=_fill(kind.template("email.html"), layout, autoescape=True),
            attachments=content.attachments,
            wording_version=edited.version,
        )


def _subject(kind: Kind, values: Mapping[str, Any], edited: Edited) -> str:
    text = edited.subject_with(values) or _text(kind, "subject.txt", values)
    return " ".join(text.split())


@contextmanager
def _as_recipient(message: Message) -> Iterator[None]:
    """A worker has no request: language and time zone come from the row."""
    with (
        translation.override(message.locale),
        timezone.override(clock.zone(message.time_zone)),
    ):
        yield


def _checked(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    if set(values) != kind.placeholders:
        raise PlaceholderMismatch(f"{kind.name}: {sorted(set(values) ^ kind.placeholders)}")
    return dict(values)


def _layout(message: Message, subject: str) -> dict[str, Any]:
    """Return what the frame round every mail shows."""
    return {
        "subject": subject,
        "site_url": settings.SITE_URL.rstrip("/"),
        "support_email": settings.SUPPORT_EMAIL,
        "is_demonstration": settings.DEMONSTRATION,
        "language_tag": wording.language_tag(message.locale),
        "text_direction": "rtl" if translation.get_language_bidi() else "ltr",
    }


def _text(kind: Kind, part: str, values: Mapping[str, Any]) -> str:
    return _fill(kind.template(part), values, autoescape=False)


def _fill(template: str, values: Mapping[str, Any], *, autoescape: bool) -> str:
    engine = engines["django"].engine
    return engine.get_template(template).render(Context(dict(values), autoescape=autoescape))
