"""What the pages of quotes and final bills show, put in order for templates."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bookings.models import Appointment, Case
from bookings.transitions import AppointmentState
from hospitals.policies import Ladder
from medtour.lib import clock
from medtour.lib.money import Money
from medtour.templatetags.show import page_language
from payments import quote_rules
from payments.models import Inclusion, Quote, QuoteLine
from payments.presenters.figures import decimal_text
from payments.presenters.ladder import Step, steps
from payments.transitions import QuoteState

HEADINGS: dict[str, Promise] = {
    Inclusion.INCLUDED: gettext_lazy("Included"),
    Inclusion.OPTIONAL: gettext_lazy("Optional: you decide, and pay only if you say yes"),
    Inclusion.EXCLUDED: gettext_lazy("Not included"),
}
KINDS: dict[str, tuple[Promise, str]] = {
    "added": (gettext_lazy("New"), "wait"),
    "removed": (gettext_lazy("Removed"), "plain"),
    "changed": (gettext_lazy("Changed"), "wait"),
    "same": (gettext_lazy("As before"), "plain"),
}


@dataclass(frozen=True, slots=True)
class Amounts:
    """One sum or a range of two; `high` is None for a single sum."""

    low: Money
    high: Money | None = None

    @classmethod
    def of(cls, low: int, high: int | None, currency: str) -> "Amounts":
        upper = None if high is None or high == low else Money(high, currency)
        return cls(Money(low, currency), upper)


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line with its name in the page's language, or as the hospital wrote it (`language`)."""

    line: QuoteLine
    label: str
    language: str
    quantity: str
    unit: Amounts
    amount: Amounts

    @property
    def is_single(self) -> bool:
        """Tell whether quantity × unit price says no more than the amount itself."""
        return self.line.quantity == 1 and not self.line.unit


def line_shown(line: QuoteLine, quote: Quote) -> LineShown:
    words = line.label_words.get(page_language().replace("-", "_"))
    span = quote_rules.range_of(line)
    return LineShown(
        line=line,
        label=words or line.label,
        language="" if words or quote.language == page_language() else quote.language,
        quantity=decimal_text(line.quantity),
        unit=Amounts.of(line.unit_price_minor, line.high_unit_price_minor, quote.currency),
        amount=Amounts.of(span.low, span.high, quote.currency),
    )


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one kind under their heading."""

    heading: Promise
    code: str
    lines: list[LineShown]


def groups_of(quote: Quote) -> list[Group]:
    """Return the lines by included, optional and not included; empty groups are left out."""
    lines = list(quote.lines.all())
    found = [
        Group(
            heading,
            str(code),
            [line_shown(line, quote) for line in lines if line.inclusion == code],
        )
        for code, heading in HEADINGS.items()
    ]
    return [group for group in found if group.lines]


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    """What happens to one line of the quote in force."""

    words: Promise
    kind: str
    name: LineShown
    before: LineShown | None
    after: LineShown | None


@dataclass(frozen=True, slots=True)
class SumChange:
    """By how much a sum grew or shrank; neither when it stayed."""

    more: Money | None
    less: Money | None

    @classmethod
    def of(cls, before: Money, after: Money) -> "SumChange":
        grown = after - before
        if not grown.minor:
            return cls(None, None)
        return cls(grown, None) if grown.minor > 0 else cls(None, before - after)


@dataclass(frozen=True, slots=True)
class Changes:
    """A change order beside the version it would replace."""

    before: Quote
    lines: list[DifferenceShown]
    likely_change: SumChange
    high_change: SumChange
    deposit_change: SumChange
    has_new_complications: bool


def changes_of(quote: Quote) -> Changes | None:
    """Return what a change order changes, or None for any other version."""
    before = quote.replaces
    if before is None or not quote.is_change_order:
        return None
    found = quote_rules.differences(list(before.lines.all()), list(quote.lines.all()))
    shown = []
    for one in found:
        old = line_shown(one.before, before) if one.before else None
        new = line_shown(one.after, quote) if one.after else None
        words, kind = KINDS[one.kind]
        shown.append(DifferenceShown(words, kind, new or old, old, new))
    return Changes(
        before=before,
        lines=shown,
        likely_change=SumChange.of(before.likely, quote.likely),
        high_change=SumChange.of(before.high, quote.high),
        deposit_change=SumChange.of(before.deposit, quote.deposit),
        has_new_complications=before.complications != quote.complications,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """Who pays what, if all goes as expected and at most."""

    insurer: Money | None
    own: Money
    worst: Money


def parts_of(quote: Quote) -> Parts:
    known = quote.insurer_share_minor
    shares = quote_rules.shares(quote.likely_minor, quote.high_minor, known)
    return Parts(
        insurer=None if known is None else Money(shares.insurer, quote.currency),
        own=Money(shares.own, quote.currency),
        worst=Money(shares.worst, quote.currency),
    )


def ladder_of(quote: Quote, starts_at: dt.datetime | None) -> list[Step]:
    """Return what comes back of the deposit by the quote's frozen ladder."""
    ladder = Ladder.from_pairs(quote.ladder)
    return steps(ladder, quote.deposit, starts_at=starts_at, now=clock.now())


def next_start(case: Case) -> dt.datetime | None:
    """Return when the case's next confirmed appointment starts, or None."""
    ahead = Appointment.objects.filter(
        case=case, state=AppointmentState.CONFIRMED, slot__starts_at__gt=clock.now()
    )
    return ahead.order_by("slot__starts_at").values_list("slot__starts_at", flat=True).first()


@dataclass(frozen=True, slots=True)
class QuotePage:
    """Everything on the page of one quote."""

    quote: Quote
    versions: list[Quote]
    groups: list[Group]
    changes: Changes | None
    parts: Parts
    ladder: list[Step]
    starts_at: dt.datetime | None

    @property
    def figure(self) -> str:
        """The most likely total without its currency."""
        return self.quote.likely.number(page_language())

    @property
    def is_draft(self) -> bool:
        """Tell whether staff look at it before the patient may."""
        return self.quote.issued_at is None

    @property
    def can_answer(self) -> bool:
        return self.quote.state == QuoteState.ISSUED and clock.now() < self.quote.ends_at

    @property
    def is_over(self) -> bool:
        """Tell whether nobody answered in time, noted already or not."""
        issued_late = self.quote.state == QuoteState.ISSUED and not self.can_answer
        return issued_late or self.quote.state == QuoteState.EXPIRED

    @property
    def newer(self) -> Quote | None:
        later = [one for one in self.versions if one.version > self.quote.version]
        return later[0] if later else None

    @property
    def in_force(self) -> Quote | None:
        """The version that binds, when it is another one than this."""
        found = [one for one in self.versions if one.state == QuoteState.ACCEPTED]
        return found[0] if found and found[0] != self.quote else None


def quote_page(quote: Quote, versions: list[Quote]) -> QuotePage:
    starts_at = next_start(quote.case) if quote.deposit_minor else None
    return QuotePage(
        quote=quote,
        versions=versions,
        groups=groups_of(quote),
        changes=changes_of(quote),
        parts=parts_of(quote),
        ladder=ladder_of(quote, starts_at) if quote.deposit_minor else [],
        starts_at=starts_at,
    )
