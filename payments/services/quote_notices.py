"""Which message goes out about a quote; ids only, the words come at sending."""

import datetime as dt

from messaging.services import Outgoing, queue
from payments.models import Quote

REMINDED_BEFORE = dt.timedelta(days=2)


def issued(quote: Quote, *, now: dt.datetime) -> None:
    """Tell the patient's account of a new version, and again two days before it ends."""
    kind = "payments.quote_change_order" if quote.is_change_order else "payments.quote_issued"
    messages = [_about(kind, quote)]
    if quote.ends_at - REMINDED_BEFORE > now:
        messages.append(
            _about("payments.quote_expiring", quote, not_before=quote.ends_at - REMINDED_BEFORE)
        )
    queue(*messages, now=now)


def accepted(quote: Quote, *, now: dt.datetime) -> None:
    queue(_about("payments.quote_accepted", quote), now=now)


def billed(quote: Quote, *, now: dt.datetime) -> None:
    queue(_about("payments.final_bill", quote), now=now)


def _about(kind: str, quote: Quote, *, not_before: dt.datetime | None = None) -> Outgoing:
    return Outgoing(
        kind=kind,
        recipient=quote.case.patient.account,
        dedupe_key=f"{kind}:{quote.public_id}",
        context={"quote": quote.public_id},
        not_before=not_before,
    )
