"""How far an amount due is paid, and by whom: sums that add up on the page."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Obligation, Payment, PaymentShare
from payments.transitions import CLAIMING_PAYMENT, LIVE_PAYMENT, PaymentState, RefundState


@dataclass(frozen=True, slots=True)
class Standing:
    """What is due, in the contract's currency: paid, being paid by others, promised, left.

    `to_pay` is what the patient can pay now, including a payment of theirs that is going on.
    `returned` has gone back already, or is on its way.
    """

    due: Money
    paid: Money
    running: Money
    promised: Money
    to_pay: Money
    returned: Money
    is_over: bool

    @property
    def open(self) -> Money:
        """What has not arrived yet."""
        return Money(max(self.due.minor - self.paid.minor, 0), self.due.currency)


def standing_of(
    due: Obligation,
    payments: Iterable[Payment],
    shares: Iterable[PaymentShare],
    *,
    now: dt.datetime | None = None,
) -> Standing:
    """Add up the payments and shares of one obligation; needs each payment's refunds."""
    now = now or clock.now()
    payments = list(payments)
    taken = {each.share_id for each in payments if _claims(each) and each.share_id}
    paid = sum(each.contract_minor for each in payments if each.state == PaymentState.SUCCEEDED)
    running = sum(
        each.contract_minor
        for each in payments
        if (each.state in LIVE_PAYMENT and each.share_id) or each.state == PaymentState.RESERVED
    )
    promised = sum(
        share.amount_minor for share in shares if share.pk not in taken and is_open(share, now)
    )
    returned = sum(
        refund.contract_minor
        for each in payments
        for refund in each.refunds.all()
        if refund.state != RefundState.FAILED
    )
    is_over = bool(due.settled_at or due.closed_at)
    left = 0 if is_over else max(due.amount_minor - paid - running - promised, 0)
    sums = (due.amount_minor, paid, running, promised, left, returned)
    return Standing(*(Money(each, due.currency) for each in sums), is_over=is_over)


def is_open(share: PaymentShare, now: dt.datetime) -> bool:
    """Tell whether a share may still be paid, as far as its own row says."""
    ended = share.expires_at is not None and share.expires_at <= now
    return not (ended or share.withdrawn_at or share.paid_at)


def _claims(payment: Payment) -> bool:
    return payment.state in CLAIMING_PAYMENT and not payment.surplus_minor


def own_live_payment(payments: Iterable[Payment]) -> Payment | None:
    """Return the patient's own payment that is going on, when there is one."""
    return next(
        (each for each in payments if each.state in LIVE_PAYMENT and each.share_id is None), None
    )


@dataclass(frozen=True, slots=True)
class Doors:
    """The addresses around one amount due; a blank one is not open."""

    due: str
    pay: str
    shares: str
    money: str
    transfer: str = ""
    page: str = ""
    waiting: str = ""


def doors_of(due: Obligation, *, has_bank: bool = False, live: Payment | None = None) -> Doors:
    """Return where the pages of what is due are; one with an appointment stands at its address."""
    if due.appointment:
        here = reverse("payments:deposit", args=[due.appointment.public_id])
        page = reverse("bookings:appointment", args=[due.appointment.public_id])
    else:
        here, page = reverse("payments:due", args=[due.public_id]), ""
    return Doors(
        due=here,
        pay=here,
        shares=reverse("payments:shares", args=[due.public_id]),
        money=reverse("payments:case_money", args=[due.case.public_id]),
        transfer=reverse("payments:transfer", args=[due.public_id]) if has_bank else "",
        page=page,
        waiting=reverse("payments:paying", args=[live.public_id]) if live else "",
    )
