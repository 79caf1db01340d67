"""The final bill against the quote in force: what was not agreed is named and not owed (M5)."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, Sum

from accounts.models import User
from bookings.models import Case
from bookings.models.case import Actor
from bookings.services import history
from medtour.lib import clock
from medtour.lib.locks import lock_row
from medtour.lib.money import Money
from payments import quote_refusals as refusals
from payments import quote_rules
from payments.models import (
    Account,
    BillLine,
    FinalBill,
    MoneyAlert,
    Obligation,
    ObligationKind,
    PostingKind,
    Quote,
    QuoteLine,
)
from payments.selectors.balances import balance, paid_beyond_the_bill
from payments.selectors.dues import unbegun_additions
from payments.selectors.refundable import paid_payments
from payments.services import ledger, obligations, quote_notices
from payments.services.alerts import raise_alert
from payments.transitions import BALANCE_CHANGED, PaymentState, QuoteState


@dataclass(frozen=True, slots=True)
class Billed:
    """One line of the hospital's bill: what for, how much, and the quoted line it belongs to."""

    label: str
    amount_minor: int
    quote_line: QuoteLine | None = None


def record_final_bill(
    quote: Quote,
    *,
    lines: Sequence[Billed],
    by: User,
    reason: str = "",
    insurer_part: Callable[[Case, Money], Money] | None = None,
    now: dt.datetime | None = None,
) -> FinalBill:
    """Record the hospital's bill; the patient owes the part that the accepted quote covers.

    `insurer_part` finds what of the agreed sum an insurer has promised: the patient is not asked
    for it.

    A billed line without a quoted line, with one that was not included, or above what its quoted
    line allows is not agreed: it is kept and shown, and never posted. What is still due beyond
    open deposits is asked for as a balance. Raises NotInForce, AlreadyBilled, NothingBilled or
    NoVarianceReason.
    """
    now = now or clock.now()
    with transaction.atomic():
        lock_row(Case.objects.all(), quote.case_id)
        quote = Quote.objects.select_related("case__hospital", "case__patient__account").get(
            pk=quote.pk
        )
        if FinalBill.objects.filter(quote__case=quote.case_id).exists():
            raise refusals.AlreadyBilled
        if quote.state != QuoteState.ACCEPTED:
            raise refusals.NotInForce
        bill, rows = _written(quote, lines, reason=reason, by=by, now=now)
        bill.save()
        for row in rows:
            row.bill = bill
        BillLine.objects.bulk_create(rows)
        _post(bill, quote, by=by, now=now)
        promised = insurer_part(quote.case, bill.agreed).minor if insurer_part else 0
        _ask_for_balance(quote, promised=promised, by=by, now=now)
        _prompt_to_refund(bill, quote)
        _note(bill, quote, by=by, now=now)
    return bill


def _written(
    quote: Quote, lines: Sequence[Billed], *, reason: str, by: User, now: dt.datetime
) -> tuple[FinalBill, list[BillLine]]:
    """Return the unsaved bill and its lines, each with the part that was agreed."""
    if not lines:
        raise refusals.NothingBilled
    quoted = {line.pk: line for line in quote.lines.all()}
    keys = [line.quote_line.pk if line.quote_line else None for line in lines]
    if any(key is not None and key not in quoted for key in keys):
        raise refusals.NotInForce
    caps = {key: quote_rules.cap_of(line) for key, line in quoted.items()}
    amounts = [line.amount_minor for line in lines]
    agreed = quote_rules.agreed_parts(list(zip(keys, amounts, strict=True)), caps)
    total = sum(amounts)
    if quote_rules.needs_reason(quote.likely_minor, total) and not reason.strip():
        raise refusals.NoVarianceReason
    rows = [
        BillLine(
            position=place,
            label=line.label,
            amount_minor=line.amount_minor,
            agreed_minor=part,
            quote_line_id=key,
        )
        for place, (line, key, part) in enumerate(zip(lines, keys, agreed, strict=True))
    ]
    bill = FinalBill(
        quote=quote,
        total_minor=total,
        agreed_minor=sum(agreed),
        currency=quote.currency,
        variance_reason=reason.strip()[:300],
        recorded_by=by,
        recorded_at=now,
    )
    return bill, rows


def _post(bill: FinalBill, quote: Quote, *, by: User, now: dt.datetime) -> None:
    """Let the patient owe what was agreed; a bill of nothing moves nothing."""
    if not bill.agreed_minor:
        return
    ledger.post(
        f"bill:{bill.public_id}",
        PostingKind.BILL,
        case=quote.case,
        hospital=quote.case.hospital,
        entries=[(Account.PATIENT, bill.agreed), (Account.HOSPITAL_PAYABLE, bill.agreed * -1)],
        by=by,
        at=now,
    )


def ask_for_balance_anew(
    quote: Quote, *, by: User | None, promised: int = 0, now: dt.datetime
) -> None:
    """Ask for what the patient owes now, in the place of balances that nobody has begun to pay.

    `promised` is what another insurer still pays of it, in minor units of the quote's currency.
    When they paid more than that already, the desk is told, as after the bill. This is for when an
    insurer takes over a part of the bill, or never pays it. Call it in the transaction that changes
    the ledger.
    """
    asked = Obligation.objects.filter(
        case=quote.case_id, kind=ObligationKind.BALANCE, closed_at=None, settled_at=None
    )
    obligations.close_unbegun(asked, reason=BALANCE_CHANGED, now=now)
    _ask_for_balance(quote, promised=promised, by=by, now=now)
    _prompt_to_refund(quote.final_bill, quote)


def _ask_for_balance(quote: Quote, *, promised: int, by: User | None, now: dt.datetime) -> None:
    """Open an obligation for what the patient owes beyond what is being asked for already.

    What they wanted to add to the deposit and have not begun to pay becomes a part of it.
    """
    obligations.close_unbegun(unbegun_additions(quote), reason=BALANCE_CHANGED, now=now)
    owed = balance(Account.PATIENT, case=quote.case).get(quote.currency)
    left = (owed.minor if owed else 0) - promised - _still_asked(quote)
    if left > 0:
        obligations.open_for_quote(
            quote,
            kind=ObligationKind.BALANCE,
            amount=Money(left, quote.currency),
            by=by,
            now=now,
        )


def _prompt_to_refund(bill: FinalBill, quote: Quote) -> None:
    """Tell the desk that more was paid in than the bill; people decide how it goes back."""
    if not paid_beyond_the_bill(quote.case, quote.currency).minor:
        return
    raise_alert(
        MoneyAlert.Kind.BILL_LOWER,
        f"bill_lower:{bill.public_id}",
        hospital=quote.case.hospital,
        payment=paid_payments(quote.case.obligations.all()).last(),
        bill=bill.public_id,
    )


def _still_asked(quote: Quote) -> int:
    """Return what open obligations still ask for; a payment under way is not in the ledger yet."""
    paid = Sum("payments__contract_minor", filter=Q(payments__state=PaymentState.SUCCEEDED))
    rows = Obligation.objects.filter(
        case=quote.case_id, currency=quote.currency, closed_at=None, settled_at=None
    ).annotate(paid=paid)
    return sum(row.amount_minor - int(row.paid or 0) for row in rows)


def _note(bill: FinalBill, quote: Quote, *, by: User, now: dt.datetime) -> None:
    event = history.case_event(
        quote.case,
        "bill_recorded",
        by=by,
        actor=Actor.HOSPITAL,
        at=now,
        bill=bill.public_id,
        quote=quote.public_id,
        version=quote.version,
    )
    history.record([event])
    quote_notices.billed(quote, now=now)
