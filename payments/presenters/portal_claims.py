"""Claims as an insurer's officer reads them: where each stands, what may be done, its history."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medtour.lib.money import Money
from payments.models import Appeal, ClaimDocument, ClaimLine, DocumentKind, InsuranceClaim
from payments.presenters.categories import category_label
from payments.presenters.portal import Line
from payments.services.insurance.remittance_plan import WAITS
from payments.transitions import SHORTFALL
from payments.transitions import ClaimState as C

FILTERS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "open": (_("Waiting for you"), (C.SUBMITTED, C.ADJUDICATED, C.APPEALED)),
    "submitted": (_("To decide"), (C.SUBMITTED,)),
    "decided": (_("To pay"), (C.ADJUDICATED,)),
    "appealed": (_("Appealed"), (C.APPEALED,)),
    "short": (_("Paid in part or denied"), SHORTFALL),
    "paid": (_("Paid"), (C.PAID,)),
    "closed": (_("Closed"), (C.CLOSED,)),
    "all": (_("All claims"), tuple(InsuranceClaim.State.values)),
}
FIRST_FILTER = "open"
# Ages as in the ageing report: the number of its bucket.
AGES: dict[str, tuple[int, Promise]] = {
    "30": (0, _("Up to 30 days")),
    "60": (1, _("31 to 60 days")),
    "90": (2, _("61 to 90 days")),
    "older": (3, _("More than 90 days")),
}
COLOURS = {
    C.SUBMITTED: "wait", C.ADJUDICATED: "wait", C.APPEALED: "wait", C.SHORT_PAID: "bad",
    C.DENIED: "bad", C.PAID: "good", C.CLOSED: "plain",
}  # fmt: skip
EVENTS = {
    "submit": _("The hospital sent the claim"),
    "document": _("The hospital added a document"),
    "adjudicate": _("You decided the claim line by line"),
    "short_paid": _("Nothing more is payable"),
    "denied": _("Nothing of the claim is payable"),
    "remit": _("A payment was recorded"),
    "appeal": _("The hospital appealed"),
    "uphold": _("You did not agree with the appeal"),
    "close": _("The claim was closed"),
}
# What was said to the other side; the machine's own words and the patient's stay where they are.
TOLD = frozenset({"appeal", "uphold"})


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim in the list; `days` since it was sent."""

    claim: InsuranceClaim
    days: int
    kind: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One billed line in money; `allowed` is None before it is decided."""

    line: ClaimLine
    billed: Money
    part: Money
    allowed: Money | None
    paid: Money


@dataclass(frozen=True, slots=True)
class AppealFacts:
    appeal: Appeal
    documents: list[str | Promise]


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """What the page of one claim shows."""

    kind: str
    category: str | Promise
    can_decide: bool
    can_pay: bool
    can_answer: bool
    waits_for_officer: bool
    lines: list[LineFacts]
    documents: list[ClaimDocument]
    appeals: list[AppealFacts]
    history: list[Line]


def claim_row(claim: InsuranceClaim, *, now: dt.datetime) -> ClaimRow:
    """Return one line of the list."""
    days = (now - claim.submitted_at).days if claim.submitted_at else 0
    return ClaimRow(claim, days, COLOURS.get(claim.state, ""))


def line_facts(line: ClaimLine, currency: str) -> LineFacts:
    """Return a line's sums as money."""
    allowed = line.allowed_minor
    return LineFacts(
        line,
        billed=Money(line.billed_minor, currency),
        part=Money(line.insurer_minor, currency),
        allowed=None if allowed is None else Money(allowed, currency),
        paid=Money(line.paid_minor, currency),
    )


def claim_page(claim: InsuranceClaim, *, decides: bool) -> ClaimPage:
    """Return the page; `claim` comes with its lines, documents, appeals and events.

    `decides` is whether the reader may bind the insurer; a liaison only reads.
    """
    can_answer = claim.state == C.APPEALED
    waits = claim.state in WAITS or can_answer
    return ClaimPage(
        kind=COLOURS.get(claim.state, ""),
        category=category_label(claim.guarantee.category),
        can_decide=decides and claim.state == C.SUBMITTED,
        can_pay=decides and claim.state in WAITS,
        can_answer=decides and can_answer,
        waits_for_officer=not decides and waits,
        lines=[line_facts(line, claim.currency) for line in claim.lines.all()],
        documents=list(claim.documents.all()),
        appeals=[_appeal(each) for each in claim.appeals.all()],
        history=[
            Line(EVENTS[event.action], event.at, event.reason if event.action in TOLD else "")
            for event in claim.events.all()
            if event.action in EVENTS and event.after != C.DRAFT
        ],
    )


def _appeal(appeal: Appeal) -> AppealFacts:
    kinds = [DocumentKind(kind).label for kind in appeal.missing_documents]
    return AppealFacts(appeal, kinds)
