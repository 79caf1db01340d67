"""The money of one case in order: what is due, who paid, what goes back, every movement."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bookings.transitions import GONE_CASE, AppointmentState
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments.models import (
    Dispute,
    FapiaoRequest,
    Obligation,
    Payment,
    PaymentShare,
    Receipt,
    Refund,
    RefundClaim,
)
from payments.presenters.outcome import is_place_kept
from payments.presenters.standing import Doors, Standing, doors_of, own_live_payment, standing_of
from payments.selectors.balances import AccountLine
from payments.transitions import CLAIMING_PAYMENT, NEVER_SENT, PaymentState

CLAIM_TITLES: dict[str, Promise] = {
    RefundClaim.State.ASKED: _("You asked for everything back"),
    RefundClaim.State.ACCEPTED: _("The hospital agrees: you get everything back"),
    RefundClaim.State.REFUSED: _("The hospital does not agree to give everything back"),
}
CLAIM_WORDS: dict[str, Promise] = {
    RefundClaim.State.ASKED: _("The hospital reads your letter. We write to you when it answers."),
    RefundClaim.State.ACCEPTED: _("The money is on its way."),
    RefundClaim.State.REFUSED: _("Its reason:"),
}
CANCELLED = AppointmentState.CANCELLED
CLAIM_ALERTS: dict[str, str] = {RefundClaim.State.ASKED: "wait", RefundClaim.State.ACCEPTED: "good"}


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment that arrived or is going on; `state`: succeeded, reserved, running, disputed."""

    payment: Payment
    share: PaymentShare | None
    state: str
    at: dt.datetime
    waiting: str
    receipt: Receipt | None
    receipt_url: str
    fapiao: FapiaoRequest | None
    fapiao_url: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    title: Promise
    words: Promise
    reason: str
    alert: str


@dataclass(frozen=True, slots=True)
class WaysOn:
    """What can be done now with one amount; a blank address is not possible."""

    pay: str = ""
    shares: str = ""
    transfer: str = ""
    claim: str = ""
    take_back: str = ""

    def __bool__(self) -> bool:
        return any((self.pay, self.shares, self.transfer, self.claim, self.take_back))


@dataclass(frozen=True, slots=True)
class DueBlock:
    due: Obligation
    standing: Standing
    payments: list[PaymentRow]
    refunds: list[Refund]
    refund_receipts: list[Receipt]
    claims: list[ClaimRow]
    doors: WaysOn = field(default_factory=WaysOn)


def due_block(due: Obligation, *, has_bank: bool) -> DueBlock:
    """Return one amount due with all that happened to it."""
    payments = list(due.payments.all())
    standing = standing_of(due, payments, due.shares.all())
    live = own_live_payment(payments)
    doors = doors_of(due, has_bank=has_bank and not due.appointment, live=live)
    shown = [each for each in payments if each.state in CLAIMING_PAYMENT]
    refunds = [refund for each in payments for refund in each.refunds.all()]
    return DueBlock(
        due=due,
        standing=standing,
        payments=[_payment_row(each) for each in shown],
        refunds=_told(refunds),
        refund_receipts=[each.receipt for each in refunds if hasattr(each, "receipt")],
        claims=[_claim_row(claim) for claim in due.refund_claims.all()],
        doors=_ways_on(due, standing, doors),
    )


def _told(refunds: list[Refund]) -> list[Refund]:
    """Return the refunds as a payer understands them.

    What was stopped here never left, so no bank has sent it back; what went again by another way
    is told once.
    """
    again = {refund.replaces_id for refund in refunds}
    return [
        refund
        for refund in refunds
        if refund.pk not in again and refund.failure_code not in NEVER_SENT
    ]


def _ways_on(due: Obligation, standing: Standing, doors: Doors) -> WaysOn:
    is_asked = any(claim.state == RefundClaim.State.ASKED for claim in due.refund_claims.all())
    can_claim = _is_off(due) and standing.paid.minor > standing.returned.minor and not is_asked
    can_pay = standing.to_pay.minor > 0 and is_place_kept(due)
    is_unbegun = due.is_voluntary and not (due.claimed_minor or standing.is_over)
    return WaysOn(
        pay=doors.pay if can_pay else "",
        shares=doors.shares if can_pay else "",
        transfer=doors.transfer if can_pay else "",
        claim=reverse("payments:claim", args=[due.public_id]) if can_claim else "",
        take_back=reverse("payments:take_back", args=[due.public_id]) if is_unbegun else "",
    )


def _is_off(due: Obligation) -> bool:
    """Tell whether what money was paid for does not take place: the appointment, or the case."""
    if due.appointment is not None:
        return due.appointment.state == CANCELLED
    return due.case.state in GONE_CASE


def _payment_row(payment: Payment) -> PaymentRow:
    disputed = any(each.state == Dispute.State.OPEN for each in payment.disputes.all())
    has_arrived = payment.state == PaymentState.SUCCEEDED
    state = PaymentState.RESERVED if payment.state == PaymentState.RESERVED else "running"
    receipt = getattr(payment, "receipt", None)
    wishes = list(payment.fapiao_requests.all())
    can_ask = has_arrived and payment.refundable.minor > 0 and not _is_asked(wishes)
    return PaymentRow(
        payment=payment,
        share=payment.share,
        state="disputed" if disputed else "succeeded" if has_arrived else state,
        at=payment.settled_at or payment.created_at,
        waiting=reverse("payments:paying", args=[payment.public_id]),
        receipt=receipt,
        receipt_url=reverse("payments:receipt", args=[receipt.public_id]) if receipt else "",
        fapiao=wishes[-1] if wishes else None,
        fapiao_url=reverse("payments:fapiao", args=[payment.public_id]) if can_ask else "",
    )


def _is_asked(wishes: Iterable[FapiaoRequest]) -> bool:
    return any(wish.state != FapiaoRequest.State.REFUSED for wish in wishes)


def _claim_row(claim: RefundClaim) -> ClaimRow:
    return ClaimRow(
        title=CLAIM_TITLES[claim.state],
        words=CLAIM_WORDS[claim.state],
        reason=claim.decision_reason if claim.state == RefundClaim.State.REFUSED else "",
        alert=CLAIM_ALERTS.get(claim.state, ""),
    )


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One movement on the patient's account; `signed` is its amount with a plus or a minus."""

    words: str
    at: dt.datetime
    signed: SafeString
    is_surplus: bool


def movement_row(line: AccountLine) -> MovementRow:
    sign = "+" if line.amount.minor > 0 else "\N{MINUS SIGN}"
    amount = Money(abs(line.amount.minor), line.amount.currency)
    return MovementRow(
        words=line.posting.get_kind_display(),
        at=line.posting.at,
        signed=format_html('<bdi class="num">{}{}</bdi>', sign, money_text(amount)),
        is_surplus=line.is_surplus,
    )


@dataclass(frozen=True, slots=True)
class StandingRow:
    label: Promise
    amount: Money


def standing_rows(balances: dict[str, Money]) -> list[StandingRow]:
    """Return what stands on the patient's account; the ledger has what was paid in as credit."""
    return [
        StandingRow(_("Paid in, with the hospital"), balance * -1)
        if balance.minor < 0
        else StandingRow(_("You still owe"), balance)
        for _currency, balance in sorted(balances.items())
    ]
