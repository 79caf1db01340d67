"""Wording by staff: a closed list of placeholders in braces, never a template language (MS-11).

A placeholder is replaced by a text that is already finished; no attribute, index or filter is ever
looked up, so that no wording can reach into an object.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from messaging import kinds
from messaging.clock_faces import ClockFace
from messaging.models import WordingVersion

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
CLOCK = "_clock"
CLOCK_PARTS = ("day", "time", "city")
# Lists have a shape of their own on the page and cannot be a word in a sentence.
NOT_WORDS = frozenset({"times", "lines", "items", "problems", "numbers"})


@dataclass(frozen=True, slots=True)
class Edited:
    """The wording in use where it is not the shipped one; version 0 is the shipped one."""

    subject: str = ""
    words: str = ""
    version: int = 0

    def subject_with(self, values: Mapping[str, Any]) -> str:
        return filled(self.subject, values)

    def words_with(self, values: Mapping[str, Any]) -> str:
        return filled(self.words, values)


def live_wordings(kind: str, language: str) -> Edited:
    """Return what staff wrote for a kind in a language; one query."""
    rows = WordingVersion.objects.filter(kind=kind, language=language, is_live=True)
    found = {
        part: (version, text) for part, version, text in rows.values_list("part", "version", "text")
    }
    if not found:
        return Edited()
    return Edited(
        subject=found.get("subject", (0, ""))[1],
        words=found.get("words", (0, ""))[1],
        version=max(version for version, _text in found.values()),
    )


def allowed_placeholders(kind: str) -> list[str]:
    """Return the names that a wording of this kind may use, sorted."""
    names: set[str] = set()
    for name in kinds.get(kind).placeholders - NOT_WORDS:
        if name.endswith(CLOCK):
            names |= {f"{name}_{part}" for part in CLOCK_PARTS}
        else:
            names.add(name)
    return sorted(names)


def unknown_placeholders(kind: str, text: str) -> list[str]:
    """Return what stands in braces and is not on the list, in the order of the text."""
    allowed = set(allowed_placeholders(kind))
    return [name for name in PLACEHOLDER.findall(text) if name not in allowed]


def has_loose_brace(text: str) -> bool:
    """Tell whether a brace is left that belongs to no placeholder."""
    rest = PLACEHOLDER.sub("", text)
    return "{" in rest or "}" in rest


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Return the text with each placeholder replaced once; what has no value becomes nothing."""
    if not text:
        return ""
    flat = _flat(values)
    return PLACEHOLDER.sub(lambda found: flat.get(found[1], ""), text)


def _flat(values: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, ClockFace):
            flat |= {f"{name}_{part}": getattr(value, part) for part in CLOCK_PARTS}
        elif value is not None and isinstance(value, str | int):
            flat[name] = str(value)
    return flat
