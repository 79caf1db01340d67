"""The demonstration's files, read once."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from modeltranslation.utils import build_localized_fieldname

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "demonstration"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a treatment is offered; `amount` in whole CNY, `by` doctor, room or device."""

    mode: str
    minutes: int
    by: str
    amount: int
    tier: str
    texts: str
    places: int = 1


@cache
def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def recipes() -> dict[str, Recipe]:
    return {slug: Recipe(**values) for slug, values in read("recipes").items()}


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def in_every_language(field: str, texts: dict[str, str], **parts: dict[str, str]) -> dict[str, str]:
    """Return `field` once a language, with each language's parts filled in."""
    return {
        build_localized_fieldname(field, code): text.format(
            **{name: part[code] for name, part in parts.items()}
        )
        for code, text in texts.items()
    }


def translations(row: Any, field: str) -> dict[str, str]:
    """Return a translated field of a row by language; English where a language is missing."""
    english = getattr(row, f"{field}_en")
    return {
        code: getattr(row, build_localized_fieldname(field, code)) or english
        for code in languages()
    }


def letters(index: int) -> dict[str, str]:
    """Return the letter at a place of each language's alphabet."""
    return {code: alphabet[index] for code, alphabet in read("names")["letters"].items()}
