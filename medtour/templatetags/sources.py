"""What a source chip and a price block say: short source, date, confidence, estimate."""

import datetime as dt
import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from medtour.lib import exchange, wording
from medtour.lib.money import Money
from medtour.templatetags.show import page_language


class Fact(NamedTuple):
    """Where a statement comes from: what a chip needs of a sourced row."""

    source: str
    as_of: str
    confidence: str

    @classmethod
    def of(cls, row: Any) -> "Fact":
        return cls(row.source, row.as_of, row.confidence)


class PriceFacts(NamedTuple):
    """What a price block needs of something like a PriceLine."""

    label: str
    amount: Money
    high_minor: int | None
    tier: str
    fact: Fact

    @classmethod
    def of(cls, line: Any) -> "PriceFacts":
        high_minor = getattr(line, "high_minor", None)
        tier = getattr(line, "tier", "")
        return cls(line.label, line.amount, high_minor, tier, Fact.of(line))


class PriceShape(NamedTuple):
    """What a price block hangs on besides its texts; a small block leaves the rate's source out."""

    tier_code: str
    fact: Fact
    rate_date: Any
    rate_source: str
    is_stale: bool
    size: str
    with_source: bool


ADDRESS = re.compile(r"https?://\S+")
ISO_DAY = re.compile(r"[,(]?\s*\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b\)?")
REMARK = re.compile(r"\s*\([^()]*\)?")
YEAR_AT_END = re.compile(r"[\s,(]+(?:19|20)\d\d\)?$")
SHORT = 44
# Our own words among the sources; what others are called stays as they call themselves.
OWN_WORDS = frozenset(
    {
        gettext_noop("Demonstration price, not from the hospital"),
        gettext_noop("European Central Bank"),
    }
)


def short_source(source: str) -> str:
    """Return the first publisher of a source, without addresses, dates and remarks, for a chip."""
    first = re.split(r";|, https?://", source.removeprefix("mixed: "), maxsplit=1)[0].strip()
    named = ISO_DAY.sub("", ADDRESS.sub("", first))
    if len(named) > SHORT or named.count("(") != named.count(")"):
        named = REMARK.sub("", named)
    named = YEAR_AT_END.sub("", named.strip(" ,:(+")).strip(" ,:(+")
    if not named and (found := ADDRESS.search(first)):
        named = urlsplit(found.group()).netloc.removeprefix("www.")
    return _shortened(" ".join((named or first).split()))


def _written_source(source: str) -> str:
    if source in OWN_WORDS:
        return _(source)
    return ADDRESS.sub(lambda found: found.group().rstrip(".,"), source)


def _shortened(name: str) -> str:
    """Cut a long name between two words."""
    if len(name) <= SHORT:
        return name
    return name[:SHORT].rpartition(" ")[0].rstrip(" ,:(") + "\N{HORIZONTAL ELLIPSIS}"


def provenance(fact: Fact, kind: str = "", checked: Any = None) -> dict[str, Any]:
    """Return the words of a source chip for a row with source, as_of and confidence."""
    language = page_language()
    return {
        "short": _(fact.source) if fact.source in OWN_WORDS else short_source(fact.source),
        "source": _written_source(fact.source),
        "as_of": wording.written_as_of(fact.as_of, language),
        "is_low": fact.confidence == "low",
        "confidence": _confidence(fact.confidence),
        "kind": kind,
        "checked": checked and wording.written_date(checked, language),
    }


def _confidence(level: str) -> str:
    return {
        "high": _("Official page, press article or two agreeing sources"),
        "medium": _("One press, trade or project source"),
    }.get(level) or _("Not confirmed")


class HomeCurrency(NamedTuple):
    """A visitor's currency with the day and staleness of the rates: what an estimate hangs on."""

    code: str
    rates_of: dt.date | None
    is_stale: bool

    @classmethod
    def of(cls, code: str) -> "HomeCurrency":
        if not code:
            return cls("", None, False)
        table = exchange.latest()
        return cls(code, table.day, table.is_stale)


def sum_parts(amount: Money | None, currency: str, language: str) -> dict[str, Any]:
    """Return the estimate of one sum with its rate's day, source and age; empty without one."""
    parts = _about([amount] if amount else [], currency, language)
    return parts if parts["about"] else {}


def price_parts(line: PriceFacts, currency: str, language: str) -> dict[str, Any]:
    """Return code, figure or range, tier and estimate of a price."""
    ends = [line.amount]
    if line.high_minor and line.high_minor != line.amount.minor:
        ends.append(Money(line.high_minor, line.amount.currency))
    return {
        "currency": line.amount.currency,
        "figure": "–".join(end.number(language, whole=end.major % 1 == 0) for end in ends),
        "tier_code": line.tier,
        **_about(ends, currency, language),
    }


def _about(ends: list[Money], currency: str, language: str) -> dict[str, Any]:
    """Return the range in the visitor's currency, in whole units, and the facts of its rate."""
    found = [one for one in (exchange.estimate(end, currency) for end in ends if currency) if one]
    if not found:
        return {"about": "", "rate_date": None, "rate_source": "", "is_stale": False}
    figure = "–".join(one.money.number(language, whole=True) for one in found)
    return {
        "about": f"{currency}\N{NO-BREAK SPACE}{figure}",
        "rate_date": found[0].rate_date,
        "rate_source": _written_source(found[0].source),
        "is_stale": found[0].is_stale,
    }
