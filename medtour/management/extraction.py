"""Finds every text marked for translation in our code and templates, without the gettext programs.

Templates go through Django's own `templatize`; Babel reads the calls out of the result.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

CODE_FOLDERS = ("medtour", "accounts", "messaging", "hospitals", "bookings", "payments")
TEMPLATE_ENDINGS = (".html", ".txt", ".svg", ".xml")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
NOTE = ["Translators:"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}")


@dataclass(frozen=True, order=True)
class Key:
    """What identifies one catalogue entry; `context` and `plural` are empty when unused."""

    text: str
    plural: str = ""
    context: str = ""


@dataclass(frozen=True)
class Place:
    """Where a text stands, with the note the programmer left for translators."""

    path: str
    line: int
    note: str = ""


def placeholders(text: str) -> set[str]:
    """Return the named and positional gaps of a text, such as %(count)s."""
    return set(PLACEHOLDER.findall(text))


def marked_texts() -> dict[Key, list[Place]]:
    """Return every marked text of the project with all its places, in a stable order."""
    found: dict[Key, list[Place]] = {}
    for path in sorted(_sources()):
        name = path.relative_to(settings.BASE_DIR).as_posix()
        for key, line, note in _texts_of(path):
            found.setdefault(key, []).append(Place(name, line, note))
    return found


def _sources() -> Iterator[Path]:
    for folder in CODE_FOLDERS:
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            if not {"migrations", "devstack"} & set(path.parts):
                yield path
    for path in (settings.BASE_DIR / "templates").rglob("*"):
        if path.suffix in TEMPLATE_ENDINGS:
            yield path


def _texts_of(path: Path) -> Iterator[tuple[Key, int, str]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _calls(source, 0)
        return
    # Line by line: what templatize leaves between the calls is no Python and would not tokenize.
    for number, line in enumerate(templatize(source, origin=str(path)).splitlines()):
        if "(" in line:
            yield from _calls(line.strip(), number)


def _calls(source: str, offset: int) -> Iterator[tuple[Key, int, str]]:
    options = {"encoding": "utf-8"}
    stream = BytesIO(source.encode("utf-8"))
    for line, message, comments, context in extract("python", stream, KEYWORDS, NOTE, options):
        parts = (message,) if isinstance(message, str) else message
        text, plural = parts[0], parts[1] if len(parts) > 1 else ""
        if text:
            yield Key(text, plural, context or ""), offset + line, " ".join(comments)
