"""Requests as an insurer's officer reads them: how near the clock is, what may be done, history."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import Guarantee, GuaranteeDocument
from payments.presenters.categories import category_label
from payments.presenters.guarantees import EVENTS
from payments.transitions import GUARANTEE, GuaranteeState

G = GuaranteeState
# What a move says to the insurer; reasons of the hospital and the patient stay with them.
TOLD = frozenset({"ask", "answer", "approve", "decline", "appeal", "top_up"})
FILTERS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "open": (_("Waiting for an answer"), (G.SUBMITTED, G.MORE_INFO)),
    "submitted": (_("Waiting for you"), (G.SUBMITTED,)),
    "asked": (_("You asked a question"), (G.MORE_INFO,)),
    "approved": (_("Approved"), (G.APPROVED, G.TOPPED_UP, G.USED)),
    "declined": (_("Declined"), (G.DECLINED,)),
    "ended": (_("Ended"), (G.WITHDRAWN, G.EXPIRED, G.CANCELLED)),
    "all": (_("All requests"), tuple(Guarantee.State.values)),
}
FIRST_FILTER = "open"
COLOURS = {G.APPROVED: "good", G.USED: "good", G.DECLINED: "bad", G.EXPIRED: "bad"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock: when it is over, what it says now, and its colour."""

    due_at: dt.datetime
    words: Promise
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the work list."""

    guarantee: Guarantee
    clock: Clock | None
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history, with the words that were sent with it."""

    words: Promise
    at: dt.datetime
    said: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """What the page of one request shows."""

    clock: Clock | None
    kind: str
    category: str | Promise
    can_ask: bool
    can_approve: bool
    can_decline: bool
    documents: list[GuaranteeDocument]
    history: list[Line]


def clock_of(guarantee: Guarantee, *, now: dt.datetime) -> Clock | None:
    """Return the running clock; amber from three quarters of the time, then overdue (DP-06)."""
    due_at = guarantee.clock_due_at
    if due_at is None:
        return None
    if due_at <= now:
        return Clock(due_at, _("Overdue"), "bad")
    if guarantee.warn_at is not None and guarantee.warn_at <= now:
        return Clock(due_at, _("Due soon"), "wait")
    return Clock(due_at, _("In time"), "")


def row_of(guarantee: Guarantee, *, now: dt.datetime) -> Row:
    """Return one line of the work list."""
    return Row(guarantee, clock_of(guarantee, now=now), COLOURS.get(guarantee.state, ""))


def request_page(guarantee: Guarantee, *, now: dt.datetime) -> RequestPage:
    """Return the page; `guarantee` comes with its documents and events."""
    moves = GUARANTEE[guarantee.state] if guarantee.state in (G.SUBMITTED, G.MORE_INFO) else ()
    return RequestPage(
        clock=clock_of(guarantee, now=now),
        kind=COLOURS.get(guarantee.state, "wait"),
        category=category_label(guarantee.category),
        can_ask=G.MORE_INFO in moves,
        can_approve=G.APPROVED in moves,
        can_decline=G.DECLINED in moves,
        documents=list(guarantee.documents.all()),
        history=[
            Line(EVENTS[event.action], event.at, event.reason if event.action in TOLD else "")
            for event in guarantee.events.all()
            if event.action in EVENTS
        ],
    )
