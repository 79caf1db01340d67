"""What a draft quote holds and when it may be sent; `quotes` has the verbs and the locks."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Q

from accounts.models import User
from bookings.models import Case
from bookings.transitions import CaseState
from hospitals.models import Offer, PriceLine
from medtour.lib import clock
from payments import quote_refusals as refusals
from payments import quote_rules
from payments.models import FinalBill, Inclusion, Quote, QuoteLine
from payments.transitions import QuoteState

CURRENCY = "CNY"
CLOSED = frozenset({CaseState.DRAFT, CaseState.CLOSED, CaseState.DECLINED, CaseState.WITHDRAWN})
PRICE = ("tier", "unit_price_minor", "high_unit_price_minor")
PROVENANCE = ("price_line_id", "source", "as_of", "confidence")
LINE = ("label", "label_words", "quantity", "unit", "inclusion", *PRICE, *PROVENANCE)


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """What a quote says beside its lines; sums in minor units of `currency`.

    Without `likely_minor` the lines must have one price each. `language` is the one that the
    hospital writes in.
    """

    likely_minor: int | None = None
    complications: str = ""
    valid_until: dt.date | None = None
    deposit_minor: int = 0
    insurer_share_minor: int | None = None
    change_reason: str = ""
    language: str = "en"
    currency: str = CURRENCY


def check_open(case: Case, *, leave_out: Quote | None = None) -> None:
    """Raise unless a quote for the case may be written: CaseClosed, AlreadyBilled, DraftExists."""
    if case.state in CLOSED:
        raise refusals.CaseClosed
    if FinalBill.objects.filter(quote__case=case).exists():
        raise refusals.AlreadyBilled
    drafts = case.quotes.filter(state=QuoteState.DRAFT)
    if leave_out is not None:
        drafts = drafts.exclude(pk=leave_out.pk)
    if drafts.exists():
        raise refusals.DraftExists


def copied_lines(offer: Offer, tier: str, *, now: dt.datetime) -> tuple[list[QuoteLine], str]:
    """Return copies of the offer's prices of one tier that are valid now, and their currency.

    Prices of two tiers are two ways to be treated, never a sum: without a choice the first tier
    of the list is taken. Raises TwoCurrencies.
    """
    today = clock.local(now, offer.hospital.time_zone).date()
    found = list(
        offer.price_lines.filter(
            Q(valid_until=None) | Q(valid_until__gte=today),
            Q(valid_from=None) | Q(valid_from__lte=today),
        ).order_by("position", "pk")
    )
    chosen = tier or next((line.tier for line in found), "")
    wanted = [line for line in found if line.tier == chosen]
    currencies = {line.currency for line in wanted}
    if len(currencies) > 1:
        raise refusals.TwoCurrencies
    return [_copy_of_price(line) for line in wanted], next(iter(currencies), CURRENCY)


def _copy_of_price(line: PriceLine) -> QuoteLine:
    names = {field: getattr(line, field) for field in vars(line) if field.startswith("label_")}
    words = {field.removeprefix("label_"): text for field, text in names.items() if text}
    return QuoteLine(
        label=words.get("en") or line.label,
        label_words=words,
        tier=line.tier,
        unit_price_minor=line.amount_minor,
        high_unit_price_minor=line.high_minor,
        inclusion=Inclusion.INCLUDED,
        price_line=line,
        source=line.source,
        as_of=line.as_of,
        confidence=line.confidence,
    )


def new_draft(case: Case, *, by: User, now: dt.datetime, offer: Offer | None) -> Quote:
    """Save an empty draft as the case's next version."""
    last = case.quotes.aggregate(last=Max("version"))["last"] or 0
    return Quote.objects.create(
        case=case, offer=offer, version=last + 1, drawn_up_by=by, created_at=now
    )


def save_draft(quote: Quote, lines: Sequence[QuoteLine], terms: QuoteTerms) -> Quote:
    """Write a draft's lines and terms with its sums; raises what the sums do not allow."""
    span = quote_rules.total_range(lines)
    likely = span.low if terms.likely_minor is None else terms.likely_minor
    if (terms.likely_minor is None and span.low != span.high) or span.clamp(likely) != likely:
        raise refusals.RangeBroken
    if terms.deposit_minor > span.high:
        raise refusals.DepositTooHigh
    if (terms.insurer_share_minor or 0) > likely:
        raise refusals.InsurerShareTooHigh
    quote.low_minor, quote.likely_minor, quote.high_minor = span.low, likely, span.high
    for name in ("complications", "valid_until", "deposit_minor", "insurer_share_minor"):
        setattr(quote, name, getattr(terms, name))
    for name in ("change_reason", "language", "currency"):
        setattr(quote, name, getattr(terms, name))
    quote.save()
    quote.lines.all().delete()
    QuoteLine.objects.bulk_create(_placed(quote, lines))
    return quote


def _placed(quote: Quote, lines: Sequence[QuoteLine]) -> list[QuoteLine]:
    return [
        QuoteLine(quote=quote, position=place, **{name: getattr(line, name) for name in LINE})
        for place, line in enumerate(lines)
    ]


def copies_of(quote: Quote) -> list[QuoteLine]:
    """Return unsaved copies of another version's lines."""
    return [QuoteLine(**{name: getattr(line, name) for name in LINE}) for line in quote.lines.all()]


def terms_of(quote: Quote, *, change_reason: str = "") -> QuoteTerms:
    """Return another version's terms without its validity, which begins anew."""
    return QuoteTerms(
        likely_minor=quote.likely_minor,
        complications=quote.complications,
        deposit_minor=quote.deposit_minor,
        insurer_share_minor=quote.insurer_share_minor,
        change_reason=change_reason[:300],
        language=quote.language,
        currency=quote.currency,
    )


def keep_provenance(old: QuoteLine, line: QuoteLine) -> None:
    """Let a line say where its price comes from only while it is that price.

    Translated names stay only with the name they translate.
    """
    if all(getattr(old, name) == getattr(line, name) for name in PRICE):
        for name in PROVENANCE:
            setattr(line, name, getattr(old, name))
    else:
        line.price_line_id, line.source, line.as_of, line.confidence = None, "", "", ""
    line.label_words = old.label_words if old.label == line.label else {}


def check_complete(quote: Quote, *, now: dt.datetime) -> None:
    """Raise what a draft lacks before it may be sent (QM-03)."""
    lines = list(quote.lines.all())
    span = quote_rules.total_range(lines)
    today = clock.local(now, quote.case.hospital.time_zone).date()
    if not any(line.inclusion == Inclusion.INCLUDED for line in lines):
        raise refusals.NoLines
    if not all(line.tier for line in lines):
        raise refusals.NoTier
    if (quote.low_minor, quote.high_minor) != (span.low, span.high):
        raise refusals.RangeBroken
    if not quote.complications.strip():
        raise refusals.NoComplications
    if quote.valid_until is None or quote.valid_until <= today:
        raise refusals.NotValidLongEnough
    if quote.deposit_minor and quote.offer is None:
        raise refusals.NoLadder
    if quote.is_change_order and not quote.change_reason.strip():
        raise refusals.NoChangeReason
