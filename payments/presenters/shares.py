"""The shares of an amount as its patient sees them: who, how much, how far, and the link."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from medtour.lib import clock
from medtour.lib.money import Money
from payments.links import sign_share
from payments.models import Obligation, PaymentShare
from payments.presenters.standing import is_open
from payments.transitions import LIVE_PAYMENT


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One share; `state`: paid, withdrawn, paying, ended or open. Only an open one has a link."""

    label: str
    amount: Money
    state: str
    paid_at: dt.datetime | None
    ends_at: dt.datetime | None
    link: str
    can_withdraw: bool
    withdraw: str


def state_of(share: PaymentShare, *, is_paying: bool, is_over: bool, now: dt.datetime) -> str:
    """Return how far one share is."""
    if share.paid_at:
        return "paid"
    if share.withdrawn_at:
        return "withdrawn"
    if is_paying:
        return "paying"
    return "ended" if is_over or not is_open(share, now) else "open"


def share_rows(due: Obligation, *, address: Callable[[str], str]) -> list[ShareRow]:
    """Return the shares of what is due, oldest first; `address` makes a link absolute."""
    now = clock.now()
    is_over = bool(due.settled_at or due.closed_at)
    paying = {each.share_id for each in due.payments.all() if each.state in LIVE_PAYMENT}
    rows = []
    for share in due.shares.all():
        state = state_of(share, is_paying=share.pk in paying, is_over=is_over, now=now)
        rows.append(
            ShareRow(
                label=share.label,
                amount=Money(share.amount_minor, due.currency),
                state=state,
                paid_at=share.paid_at,
                ends_at=share.expires_at,
                link=address(link_of(share)) if state in ("open", "paying") else "",
                can_withdraw=state == "open",
                withdraw=reverse("payments:withdraw_share", args=[share.public_id]),
            )
        )
    return rows


def link_of(share: PaymentShare) -> str:
    """Return the path that opens a share in the language of the payer's own browser."""
    return reverse("share_link", args=[sign_share(share)])
