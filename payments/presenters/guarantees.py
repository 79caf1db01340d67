"""A guarantee in words that a patient reads: where it stands, its clocks, what happens next."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Disclosure
from bookings.transitions import AppointmentState
from payments.models import Guarantee, GuaranteeDocument
from payments.selectors.insurance.guarantees import base_of
from payments.transitions import ClaimState, GuaranteeState

G = GuaranteeState


@dataclass(frozen=True, slots=True)
class Words:
    """A state in plain words: its name, what it means, what happens next, and its colour."""

    title: Promise
    means: Promise
    next_step: Promise
    kind: str = ""


NEVER_A_PROMISE = _("It is not a promise by the insurer until a guarantee is issued.")
WORDS = {
    G.DRAFT: Words(
        _("The hospital is preparing the request"),
        _("Nothing was sent to your insurer yet."),
        _("The hospital adds the doctor’s report and the estimate, and sends the request."),
        "wait",
    ),
    G.SUBMITTED: Words(
        _("Your insurer was asked"),
        NEVER_A_PROMISE,
        _("You need to do nothing. We write to you when the insurer has answered."),
        "wait",
    ),
    G.MORE_INFO: Words(
        _("Your insurer has a question"),
        _("It decides when the question is answered."),
        _("Please answer it. The hospital can answer as well."),
        "wait",
    ),
    G.APPROVED: Words(
        _("Your insurer agreed to pay"),
        _("It promised the hospital the amount below, on the days below."),
        _("Come to the hospital as planned. Bring your passport and your insurance card."),
        "good",
    ),
    G.DECLINED: Words(
        _("Your insurer did not agree"),
        _("It does not pay for this. Its reason is below."),
        _("You can pay yourself, take another time, or cancel free of charge."),
        "bad",
    ),
    G.WITHDRAWN: Words(
        _("The request was taken back"),
        _("Your insurer is not asked any more."),
        _("You pay the hospital yourself, unless a new request is sent."),
    ),
    G.TOPPED_UP: Words(
        _("A newer guarantee took its place"),
        _("The newer one counts."),
        _("You need to do nothing."),
    ),
    G.USED: Words(
        _("The guarantee was used"),
        _("The hospital sent its bill to your insurer."),
        _("You need to do nothing, unless the hospital writes to you."),
        "good",
    ),
    G.EXPIRED: Words(
        _("The guarantee has run out"),
        _("The last day on which it was good is over."),
        _("You can pay yourself, take another time, or cancel free of charge."),
        "bad",
    ),
    G.CANCELLED: Words(
        _("The guarantee was cancelled"),
        _("Your insurer does not pay by it any more."),
        _("You can pay yourself, take another time, or cancel free of charge."),
        "bad",
    ),
}
PARTLY = Words(
    _("Your insurer agreed to pay a part"),
    _("It promised the hospital the amount below. You pay the rest yourself."),
    _("See below what is left to you and what is not covered."),
    "good",
)
LATE = Words(
    _("Your insurer has not answered in time"),
    NEVER_A_PROMISE,
    _("You can wait, pay yourself, take another time, or cancel free of charge."),
    "bad",
)
MORE_DECLINED = Words(
    _("Your insurer did not agree to the higher sum"),
    _("What it promised before stays good. Its reason is below."),
    _("Your appointment stays as it is. The hospital tells you what this means for your own part."),
    "wait",
)
BILL_PREPARED = Words(
    _("The guarantee is being used"),
    _("The hospital prepares its bill for your insurer."),
    _("You need to do nothing, unless the hospital writes to you."),
    "good",
)
EVENTS: dict[str, Promise] = {
    "draft": _("The hospital began the request"),
    "top_up": _("The hospital began a request for a higher sum"),
    "submit": _("Sent to the insurer"),
    "ask": _("The insurer asked a question"),
    "answer": _("The question was answered"),
    "share": _("A document was added"),
    "approve": _("The insurer agreed"),
    "decline": _("The insurer did not agree"),
    "appeal": _("The hospital asked the insurer to decide again"),
    "withdraw": _("The request was taken back"),
    "cancel": _("The guarantee was cancelled"),
    "expire": _("The guarantee ran out"),
    "topped_up": _("A newer guarantee took its place"),
    "use": _("Used by the hospital’s bill"),
    "late": _("The time to answer was over"),
    "move": _("The days of treatment changed"),
    "keep": _("The appointment moved; the guarantee stays good"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history."""

    words: Promise
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of one guarantee shows."""

    words: Words
    answer_by: dt.datetime | None
    kept_until: dt.datetime | None
    is_overdue: bool
    can_answer: bool
    can_choose: bool
    documents: list[GuaranteeDocument] = field(default_factory=list)
    disclosures: list[Disclosure] = field(default_factory=list)
    history: list[Line] = field(default_factory=list)


def guarantee_page(
    guarantee: Guarantee, *, disclosures: list[Disclosure], now: dt.datetime
) -> Page:
    """Return the page; `guarantee` comes with its appointment, documents and events."""
    due_at = guarantee.clock_due_at
    is_overdue = due_at is not None and due_at <= now
    return Page(
        words=_words(guarantee, is_overdue),
        answer_by=due_at if guarantee.state != G.DRAFT else None,
        kept_until=kept_until(guarantee, now),
        is_overdue=is_overdue,
        can_answer=guarantee.state == G.MORE_INFO,
        can_choose=kept_until(guarantee, now) is not None,
        documents=list(guarantee.documents.all()),
        disclosures=disclosures,
        history=[
            Line(EVENTS[event.action], event.at)
            for event in guarantee.events.all()
            if event.action in EVENTS
        ],
    )


def kept_until(guarantee: Guarantee, now: dt.datetime) -> dt.datetime | None:
    """Return until when the place is kept for the insurer or a choice; None when it is not."""
    appointment = guarantee.appointment
    if appointment is None or appointment.state != AppointmentState.AWAITING_GUARANTEE:
        return None
    return appointment.held_until if appointment.is_live_claim(now) else None


def _words(guarantee: Guarantee, is_overdue: bool) -> Words:
    if guarantee.state == G.SUBMITTED and is_overdue and base_of(guarantee) is None:
        return LATE
    if guarantee.state == G.DECLINED and base_of(guarantee) is not None:
        return MORE_DECLINED
    if guarantee.state == G.USED and _waits_for_claim(guarantee):
        return BILL_PREPARED
    if guarantee.state == G.APPROVED and guarantee.is_partial:
        return PARTLY
    return WORDS[guarantee.state]


def _waits_for_claim(guarantee: Guarantee) -> bool:
    claim = getattr(guarantee, "claim", None)
    return claim is None or claim.state == ClaimState.DRAFT
