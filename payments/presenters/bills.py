"""What the page of a final bill shows: each line beside what was agreed."""

from collections.abc import Iterable
from dataclasses import dataclass

from medtour.lib.money import Money
from medtour.templatetags.show import page_language
from payments import quote_rules
from payments.models import BillLine, FinalBill, Quote
from payments.presenters.figures import percent_text
from payments.presenters.quotes import Amounts, line_shown


@dataclass(frozen=True, slots=True)
class BillLineShown:
    """One billed line beside what was agreed, named as in the quote where it has the same name."""

    line: BillLine
    label: str
    language: str
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
    percent: str
    not_agreed: Money


def bill_page(bill: FinalBill) -> BillPage:
    quote = bill.quote
    percent = quote_rules.variance_percent(quote.likely_minor, bill.total_minor)
    return BillPage(
        bill=bill,
        quote=quote,
        lines=list(_bill_lines(bill.lines.all(), quote)),
        percent="" if percent is None else percent_text(percent),
        not_agreed=bill.total - bill.agreed,
    )


def _bill_lines(lines: Iterable[BillLine], quote: Quote) -> Iterable[BillLineShown]:
    for line in lines:
        quoted = line_shown(line.quote_line, quote) if line.quote_line else None
        same_name = quoted is not None and quoted.line.label == line.label
        foreign = "" if quote.language == page_language() else quote.language
        yield BillLineShown(
            line=line,
            label=quoted.label if same_name else line.label,
            language=quoted.language if same_name else foreign,
            amount=Money(line.amount_minor, quote.currency),
            agreed=Money(line.agreed_minor, quote.currency),
            quoted=quoted.amount if quoted else None,
        )
