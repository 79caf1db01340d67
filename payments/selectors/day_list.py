"""The cashier's list of one day: what came in, went back and was kept, straight from the ledger."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from medtour.lib import clock
from medtour.lib.money import Money
from payments.method_words import method_text
from payments.models import Account, LedgerEntry, LedgerPosting, PostingKind

MONEY_ACCOUNTS = (Account.PROCESSOR, Account.BANK)
CAME_IN = (PostingKind.PAYMENT, PostingKind.SURPLUS)
WENT_BACK = (PostingKind.REFUND_SENT, PostingKind.REFUND_FAILED)
DISPUTED = (PostingKind.DISPUTE, PostingKind.DISPUTE_WON)
Cell = str | Decimal


@dataclass(frozen=True, slots=True)
class DayLine:
    """One movement of money; `amount` is positive when it came in.

    `where` is the ledger's account; `way` is such as card, alipay or bank_transfer; `remitter` and
    `bank_reference` belong to transfers.
    """

    at: dt.datetime
    kind: str
    where: str
    reference: str
    way: str
    remitter: str
    bank_reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class DayTotal:
    """The day's sums in one currency; `net` is what the accounts gained."""

    currency: str
    came_in: Money
    went_back: Money
    fees: Money
    disputed: Money
    other: Money
    net: Money


@dataclass(frozen=True, slots=True)
class DayList:
    """A calendar day on the hospital's clock, oldest movement first; totals by currency."""

    day: dt.date
    zone: str
    lines: tuple[DayLine, ...]
    totals: tuple[DayTotal, ...]


def day_list(postings: QuerySet[LedgerPosting], *, day: dt.date, zone: str) -> DayList:
    """Return what moved on a day, out of the postings that a person may see."""
    first, end = clock.day_bounds(day, zone)
    entries = (
        LedgerEntry.objects.filter(
            posting__in=postings, posting__at__gte=first, posting__at__lt=end
        )
        .filter(account__in=MONEY_ACCOUNTS)
        .select_related("posting__payment__obligation", "posting__refund")
        .order_by("posting__at", "posting_id", "pk")
    )
    lines = tuple(_line(entry) for entry in entries)
    return DayList(day, zone, lines, _totals(lines))


def export_rows(found: DayList) -> list[list[Cell]]:
    """Return the list as a table with its header and its totals; amounts are exact numbers.

    Whoever writes a file from it guards the texts: a remitter's name may begin like a formula.
    """
    header: list[Cell] = [
        _("Day"),
        _("Time"),
        _("Kind"),
        _("Where"),
        _("Way"),
        _("Reference"),
        _("From"),
        _("Bank's reference"),
        _("Currency"),
        _("Amount"),
    ]
    rows = [_row(line, found.zone) for line in found.lines]
    return [header, *rows, *_total_rows(found)]


def _line(entry: LedgerEntry) -> DayLine:
    posting, payment = entry.posting, entry.posting.payment
    refund = posting.refund
    by_bank = refund.bank_reference if refund else payment.bank_reference if payment else ""
    return DayLine(
        at=posting.at,
        kind=posting.kind,
        where=entry.account,
        reference=payment.obligation.transfer_reference if payment else "",
        way=payment.method if payment else "",
        remitter=payment.payer_name if payment and payment.bank_reference else "",
        bank_reference=by_bank,
        amount=entry.amount,
    )


def _totals(lines: Iterable[DayLine]) -> tuple[DayTotal, ...]:
    by_currency: dict[str, list[DayLine]] = {}
    for line in lines:
        by_currency.setdefault(line.amount.currency, []).append(line)
    return tuple(_total(currency, by_currency[currency]) for currency in sorted(by_currency))


def _total(currency: str, lines: list[DayLine]) -> DayTotal:
    def of(kinds: Iterable[str]) -> Money:
        return Money(sum(line.amount.minor for line in lines if line.kind in kinds), currency)

    came_in, went_back, fees = of(CAME_IN), of(WENT_BACK), of((PostingKind.FEE,))
    disputed = of(DISPUTED)
    net = Money(sum(line.amount.minor for line in lines), currency)
    other = net - came_in - went_back - fees - disputed
    return DayTotal(currency, came_in, went_back, fees, disputed, other, net)


def _row(line: DayLine, zone: str) -> list[Cell]:
    local = clock.local(line.at, zone)
    return [
        local.date().isoformat(),
        f"{local:%H:%M}",
        str(PostingKind(line.kind).label),
        str(Account(line.where).label),
        method_text(line.way),
        line.reference,
        line.remitter,
        line.bank_reference,
        line.amount.currency,
        line.amount.major,
    ]


def _total_rows(found: DayList) -> list[list[Cell]]:
    rows = []
    for total in found.totals:
        named = [
            (_("Came in"), total.came_in),
            (_("Went back"), total.went_back),
            (_("Fees"), total.fees),
            (_("Disputed"), total.disputed),
            (_("Other"), total.other),
            (_("Total"), total.net),
        ]
        blanks: list[Cell] = [""] * 5
        rows += [
            [found.day.isoformat(), "", label, *blanks, total.currency, money.major]
            for label, money in named
            if money.minor or label == named[-1][0]
        ]
    return rows
