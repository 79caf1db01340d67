"""Mails of which very many go out together: put into words once, then filled for each reader.

For kinds whose templates show their values and ask of them no more than whether they are there
(`Kind.shows_only`). A template costs a hundred times more than putting fifteen texts in place.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, NamedTuple

from medtour.templatetags.frames import CLOSES, OPENS, Frame, filled, frame, gap
from messaging.clock_faces import ClockFace

FRAMES_KEPT = 512


class Words(NamedTuple):
    """A mail in words: its subject, its plain-text part, its designed part."""

    subject: str
    text: str
    html: str


class Surroundings(NamedTuple):
    """All that decides the words of a mail beside its values."""

    kind: str
    language: str
    site_url: str
    support_email: str
    is_demonstration: bool


Write = Callable[[Surroundings, Mapping[str, Any]], Words]


def framed(around: Surroundings, values: Mapping[str, Any], write: Write) -> Words:
    """Return what `write` would, from a frame where every value is an ordinary text or a clock."""
    texts: dict[str, str] = {}
    shape = []
    for name, value in sorted(values.items()):
        with_gaps = _with_gaps(name, value, texts)
        if with_gaps is None and value is not None:
            return write(around, values)
        shape.append((name, with_gaps))
    subject, text, html = _frames(around, tuple(shape), write)
    return Words(_plain(subject, texts), _plain(text, texts), str(filled(html, **texts)))


@lru_cache(maxsize=FRAMES_KEPT)
def _frames(
    around: Surroundings, shape: tuple[tuple[str, Any], ...], write: Write
) -> tuple[Frame, Frame, Frame]:
    words = write(around, dict(shape))
    return frame(words.subject), frame(words.text), frame(words.html)


def _with_gaps(name: str, value: Any, texts: dict[str, str]) -> Any:
    """Return the value with a gap for each text and keep the texts; None where that cannot be."""
    if isinstance(value, str):
        return _gap(name, value, texts)
    if not isinstance(value, ClockFace):
        return None
    parts = {}
    for field in fields(value):
        parts[field.name] = _gap(f"{name}_{field.name}", getattr(value, field.name), texts)
    return None if None in parts.values() else ClockFace(**parts)


def _gap(name: str, text: str, texts: dict[str, str]) -> str | None:
    """An empty text is part of the shape; one of several lines is set by the template's rules."""
    if not text:
        return ""
    if " ".join(text.split()) != text or OPENS in text or CLOSES in text:
        return None
    texts[name] = text
    return gap(name)


def _plain(parts: Frame, texts: Mapping[str, str]) -> str:
    pieces = list(parts)
    pieces[1::2] = [texts[name] for name in parts[1::2]]
    return "".join(pieces)
