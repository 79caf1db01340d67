"""What the page of a final bill shows: each line beside what was agreed."""

from collections.abc import Iterable
from dataclasses import dataclass

from medtour.lib.money import Money
from payments import quote_rules
from payments.models import BillLine, FinalBill, Quote
from payments.presenters.figures import percent_text
from payments.presenters.quotes import Amounts


@dataclass(frozen=True, slots=True)
class BillLineShown:
    """One billed line beside what was agreed for it."""

    line: BillLine
    amount: Money
    agreed: Money
    quoted: Amounts | None

    @property
    def is_agreed(self) -> bool:
        return self.line.agreed_minor == self.line.amount_minor

    @property
    def is_partly_agreed(self) -> bool:
        return 0 < self.line.agreed_minor < self.line.amount_minor


@dataclass(frozen=True, slots=True)
class BillPage:
    """A final bill against the quote in force."""

    bill: FinalBill
    quote: Quote
    lines: list[BillLineShown]
    difference: Money
    percent: str
    not_agreed: Money


def bill_page(bill: FinalBill) -> BillPage:
    quote, currency = bill.quote, bill.currency
    percent = quote_rules.variance_percent(quote.likely_minor, bill.total_minor)
    return BillPage(
        bill=bill,
        quote=quote,
        lines=list(_bill_lines(bill.lines.all(), currency)),
        difference=bill.total - quote.likely,
        percent="" if percent is None else percent_text(percent),
        not_agreed=bill.total - bill.agreed,
    )


def _bill_lines(lines: Iterable[BillLine], currency: str) -> Iterable[BillLineShown]:
    for line in lines:
        span = quote_rules.range_of(line.quote_line) if line.quote_line else None
        yield BillLineShown(
            line=line,
            amount=Money(line.amount_minor, currency),
            agreed=Money(line.agreed_minor, currency),
            quoted=Amounts.of(span.low, span.high, currency) if span else None,
        )
