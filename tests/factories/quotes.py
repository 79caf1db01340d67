"""Quotes and final bills for tests; they reach their state through the services themselves."""

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import User
from bookings.models import Case
from hospitals.models import Offer
from medtour.lib import clock
from payments.models import FinalBill, Inclusion, Quote, QuoteLine
from payments.services import bills, quotes
from payments.services.quote_drafts import QuoteTerms

COMPLICATIONS = "If there are complications, the hospital tells you the price first."


def quote_line(label: str = "Surgery", price: int = 3_000_000, **fields: Any) -> QuoteLine:
    """Return an unsaved line: one surgery for CNY 30,000, international tier, included."""
    return QuoteLine(
        **{
            "label": label,
            "tier": "international",
            "quantity": Decimal(1),
            "unit_price_minor": price,
            "inclusion": Inclusion.INCLUDED,
        }
        | fields
    )


def typical_lines() -> list[QuoteLine]:
    """Return surgery 30,000, five nights at 800 to 1,000, physiotherapy optional, flights not in."""
    return [
        quote_line(),
        quote_line(
            "Ward", 80_000, quantity=Decimal(5), unit="night", high_unit_price_minor=100_000
        ),
        quote_line("Physiotherapy", 40_000, inclusion=Inclusion.OPTIONAL),
        quote_line("Flights", 600_000, inclusion=Inclusion.EXCLUDED),
    ]


def terms(**fields: Any) -> QuoteTerms:
    """Return terms that can be issued: CNY 34,500 likely, valid ten days, no deposit."""
    valid_until = clock.today("Asia/Shanghai") + dt.timedelta(days=10)
    return QuoteTerms(
        **{"likely_minor": 3_450_000, "complications": COMPLICATIONS, "valid_until": valid_until}
        | fields
    )


def drafted_quote(
    case: Case,
    by: User,
    *,
    offer: Offer | None = None,
    lines: list[QuoteLine] | None = None,
    **fields: Any,
) -> Quote:
    """Return a complete draft of the case's next version."""
    draft = quotes.draw_up(case, by=by, offer=offer)
    return quotes.set_lines(draft, lines=lines or typical_lines(), terms=terms(**fields))


def issued_quote(case: Case, by: User, **fields: Any) -> Quote:
    return quotes.issue_quote(drafted_quote(case, by, **fields), by=by)


def accepted_quote(case: Case, by: User, **fields: Any) -> Quote:
    """Return a quote that the patient's account has accepted."""
    quote = issued_quote(case, by, **fields)
    return quotes.accept_quote(quote, by=case.patient.account, version=quote.version)


def change_order(
    quote: Quote, by: User, *, lines: list[QuoteLine], reason: str = "One more night", **fields: Any
) -> Quote:
    """Return an issued change order on top of an accepted quote."""
    draft = quotes.supersede(quote, by=by, reason=reason)
    draft = quotes.set_lines(draft, lines=lines, terms=terms(change_reason=reason, **fields))
    return quotes.issue_quote(draft, by=by)


def final_bill(
    quote: Quote, by: User, amounts: dict[str, int], *, reason: str = "As agreed by telephone"
) -> FinalBill:
    """Return the recorded bill: minor units by label; a label of the quote is matched to it."""
    quoted = {line.label: line for line in quote.lines.all()}
    lines = [bills.Billed(label, minor, quoted.get(label)) for label, minor in amounts.items()]
    return bills.record_final_bill(quote, lines=lines, by=by, reason=reason)
