"""What the words somebody typed lead to; misspelt ones to the nearest known word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hospitals.search_text import Word, likeness, may_be_meant
from medtour.lib.prepared import prepared_rows

RESOLVE = """
SELECT coalesce(exact.targets, prefix.targets), near.words
FROM unnest(%(texts)s::text[], %(stems)s::text[], %(open_ended)s::bool[])
     WITH ORDINALITY AS typed(word, stem, open_ended, place)
LEFT JOIN hospitals_searchword exact
       ON exact.language = %(language)s AND exact.stem = typed.stem
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT target) AS targets
    FROM hospitals_searchword begins, unnest(begins.targets) target
    WHERE exact.stem IS NULL AND typed.open_ended AND begins.language = %(language)s
      AND begins.stem >= typed.stem COLLATE "C"
      AND begins.stem < (typed.stem || chr(1114111)) COLLATE "C"
) prefix ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(word, targets)) AS words FROM (
        SELECT word, targets FROM hospitals_searchword
        WHERE exact.stem IS NULL AND prefix.targets IS NULL
          AND language = %(language)s AND word %% typed.word
        ORDER BY similarity(word, typed.word) DESC, word LIMIT 8
    ) candidates
) near ON true
ORDER BY typed.place
"""
TOO_COMMON = 400


@dataclass(frozen=True, slots=True)
class Resolved:
    """A typed word, the lexemes it leads to, and what was taken or could be taken instead."""

    word: Word
    targets: tuple[str, ...] = ()
    corrected: str = ""
    similar: tuple[str, ...] = ()


def resolve(language: str, words: Sequence[Word], *, correct: bool = True) -> list[Resolved]:
    """Return what each word leads to, in one statement.

    The last word may be the beginning of a longer one; so may a single Chinese character.
    """
    if not words:
        return []
    last = len(words) - 1
    open_ended = [
        len(word.text) == 1 if word.is_han else place == last and len(word.text) > 1
        for place, word in enumerate(words)
    ]
    parameters: dict[str, Any] = {
        "language": language,
        "texts": [word.text for word in words],
        "stems": [word.stem for word in words],
        "open_ended": open_ended,
    }
    rows = prepared_rows(RESOLVE, parameters)
    return [
        _resolved(word, targets, near or [], correct)
        for word, (targets, near) in zip(words, rows, strict=True)
    ]


def telling(resolved: Sequence[Resolved]) -> list[Resolved]:
    """Return the words that narrow a search: known ones, without those nearly everything has."""
    return [word for word in resolved if 0 < len(word.targets) <= TOO_COMMON]


def _resolved(
    word: Word, targets: list[str] | None, near: list[tuple[str, list[str]]], correct: bool
) -> Resolved:
    if targets:
        return Resolved(word, tuple(targets))
    close = sorted(
        (likeness(word.text, text), place)
        for place, (text, _targets) in enumerate(near)
        if may_be_meant(word.text, text)
    )
    if correct and close and not word.is_han:
        text, meant = near[close[0][1]]
        return Resolved(word, tuple(meant), corrected=text)
    return Resolved(word, similar=tuple(text for text, _targets in near[:4]))
