"""Reading frozen terms in a person's language."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hospitals.policies import Ladder
from medtour.lib.money import Money
from payments.models import Obligation


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """One price as it stood when the terms were frozen, with its source and date (M6)."""

    label: str
    tier: str
    amount: Money
    high: Money | None
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed, in one language; lists are in their order, blank lines left out."""

    title: str
    hospital: str
    payee: str
    ladder: Ladder
    percent: int | None
    percent_of: Money | None
    is_own_part: bool
    lines: tuple[AgreedLine, ...]
    inclusions: tuple[str, ...]
    exclusions: tuple[str, ...]
    starts_at: dt.datetime | None
    time_zone: str
    is_demonstration: bool


def terms_in(obligation: Obligation, language: str) -> Terms:
    """Return the frozen terms of an obligation in a language; English where it has no own text."""
    kept = obligation.terms
    deposit = kept.get("deposit") or {}
    of_minor, starts_at = deposit.get("of_minor"), kept.get("starts_at")
    percent = deposit.get("percent")
    return Terms(
        title=_text(kept.get("title"), language),
        hospital=_text(kept.get("hospital"), language),
        payee=kept.get("payee", ""),
        ladder=Ladder.from_pairs(kept.get("ladder", [])),
        percent=percent,
        percent_of=Money(of_minor, deposit["currency"]) if percent and of_minor else None,
        is_own_part=deposit.get("is_own_part", False),
        lines=tuple(_line(line, language) for line in kept.get("price_lines", [])),
        inclusions=_list(kept.get("inclusions"), language),
        exclusions=_list(kept.get("exclusions"), language),
        starts_at=dt.datetime.fromisoformat(starts_at) if starts_at else None,
        time_zone=kept.get("time_zone", "Asia/Shanghai"),
        is_demonstration=kept.get("is_demonstration", False),
    )


def _text(texts: dict[str, str] | None, language: str) -> str:
    texts = texts or {}
    return texts.get(language) or texts.get("en", "")


def _list(texts: dict[str, str] | None, language: str) -> tuple[str, ...]:
    lines = (line.strip() for line in _text(texts, language).splitlines())
    return tuple(line for line in lines if line)


def _line(kept: dict[str, Any], language: str) -> AgreedLine:
    currency, high = kept["currency"], kept["high_minor"]
    return AgreedLine(
        label=_text(kept["label"], language),
        tier=kept["tier"],
        amount=Money(kept["amount_minor"], currency),
        high=Money(high, currency) if high else None,
        source=kept["source"],
        as_of=kept["as_of"],
        confidence=kept["confidence"],
    )
