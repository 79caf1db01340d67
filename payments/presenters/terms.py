"""The terms of a payment as a page shows them: prices, contents, the ladder as dates."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import get_language

from hospitals.models import Offer
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Obligation
from payments.policies import ladder_of
from payments.presenters.ladder import Step, steps
from payments.presenters.quotes import next_start
from payments.selectors.terms import AgreedLine, terms_in


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One agreed price as the ledger component reads it."""

    label: str
    tier: str
    amount: Money
    high_minor: int | None
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True)
class TermsPage:
    """Terms in the page's language; `text_language` is the one that the two lists are in."""

    lines: list[PriceRow]
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    text_language: str
    percent: int | None
    price: Money | None
    is_own_part: bool
    ladder: list[Step]

    @property
    def has_two_tiers(self) -> bool:
        return len({line.tier for line in self.lines}) > 1


def terms_page(due: Obligation, amount: Money, *, now: dt.datetime | None = None) -> TermsPage:
    """Return the frozen terms of what is due, with the ladder of `amount` of it."""
    language = get_language() or "en"
    terms = terms_in(due, language)
    starts_at = due.appointment.slot.starts_at if due.appointment else next_start(due.case)
    kept = [due.terms.get(name) or {} for name in ("inclusions", "exclusions")]
    return TermsPage(
        lines=[_row(line) for line in terms.lines],
        included=terms.inclusions,
        excluded=terms.exclusions,
        text_language=language if any(language in texts for texts in kept) else "en",
        percent=terms.percent,
        price=terms.percent_of,
        is_own_part=terms.is_own_part,
        ladder=steps(terms.ladder, amount, starts_at=starts_at, now=now or clock.now()),
    )


def undated_ladder(offer: Offer, amount: Money) -> list[Step]:
    """Return what an offer gives back of its deposit, in days and hours before any start."""
    return steps(ladder_of(offer), amount, starts_at=None, now=clock.now())


def _row(line: AgreedLine) -> PriceRow:
    return PriceRow(
        label=line.label,
        tier=line.tier,
        amount=line.amount,
        high_minor=line.high.minor if line.high else None,
        source=line.source,
        as_of=line.as_of,
        confidence=line.confidence,
    )
