"""What an insurer's people did, in words; it names records by reference, never what is in them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.selectors.insurance import officer_trail as trail

ACTIONS: Mapping[str, Promise] = {
    "claim.adjudicate": _("Decided a claim"),
    "claim.denied": _("Denied a claim as a whole"),
    "claim.remit": _("Recorded a payment for a claim"),
    "claim.short_paid": _("Left a claim paid in part"),
    "claim.statement": _("Saved a statement"),
    "claim.uphold": _("Did not agree with an appeal"),
    "document.open": _("Opened a document"),
    "guarantee.approve": _("Approved a request"),
    "guarantee.ask": _("Asked a question"),
    "guarantee.decline": _("Declined a request"),
    "insurance.batch": _("Asked a file of questions"),
    "insurance.batch_saved": _("Saved the answers to a file"),
    "insurance.check": _("Checked a cover"),
    "insurance.members": _("Loaded members"),
    "insurance.trail_saved": _("Saved this list"),
    "insurance.utilisation": _("Loaded what members used"),
    "member.search": _("Looked for a member"),
    "member.view": _("Read a member’s page"),
    "remittance.record": _("Recorded a transfer"),
}
KINDS: Mapping[str, Promise] = {
    trail.GUARANTEE: _("Request for a guarantee"),
    trail.CLAIM: _("Claim"),
    trail.CHECK: _("Check of a cover"),
    trail.BATCH: _("File of questions"),
    trail.MEMBER: _("Member"),
    trail.REMITTANCE: _("Transfer"),
    trail.DOCUMENT: _("Document"),
    trail.INSURER: _("Your company"),
}
PAGES = {
    trail.GUARANTEE: "payments:asked",
    trail.CLAIM: "payments:insurer_claim",
    trail.CHECK: "payments:cover_answer",
    trail.BATCH: "payments:batch_answers",
    trail.MEMBER: "payments:insurer_member",
}
HEADING = ("when_utc", "who", "action", "record", "id", "reference")


@dataclass(frozen=True, slots=True)
class Done:
    """One act: by whom, what, and the record with its page where there is one."""

    at: dt.datetime
    who: str
    what: str | Promise
    kind: str | Promise
    reference: str
    address: str


def done(entry: Any) -> Done:
    """Return one entry of the trail in words."""
    page = PAGES.get(entry.kind)
    return Done(
        entry.at,
        entry.user.email,
        ACTIONS[entry.action],
        KINDS[entry.kind],
        entry.reference,
        reverse(page, args=[entry.key]) if page else "",
    )


def trail_list(entries: Iterable[Any]) -> list[list[str | Decimal]]:
    """Return the trail as a list whose heading programs can read; codes are never translated."""
    rows: list[list[str | Decimal]] = [[*HEADING]]
    for entry in entries:
        at = entry.at.astimezone(dt.UTC).isoformat(timespec="seconds")
        rows.append([at, entry.user.email, entry.action, entry.kind, entry.key, entry.reference])
    return rows
