"""Which message goes out for which step before a visit; ids only, the words come at sending."""

import datetime as dt

from accounts.models import User
from bookings.models import Complaint, ConsultationLink, InvitationLetter, RecordsRequest
from messaging.services import Outgoing, queue


def invitation_issued(letter: InvitationLetter, *, recipient: User, now: dt.datetime) -> None:
    _send("bookings.invitation_issued", letter, recipient, name="invitation", now=now)


def records_missing(request: RecordsRequest, *, recipient: User, now: dt.datetime) -> None:
    _send("bookings.records_missing", request, recipient, name="records", now=now)


def consultation_link(link: ConsultationLink, *, recipient: User, now: dt.datetime) -> None:
    _send("bookings.consultation_link", link, recipient, name="link", now=now)


def complaint_answered(complaint: Complaint, *, now: dt.datetime) -> None:
    """Tell whoever complained, also when the case has changed hands since."""
    recipient = complaint.filed_by
    _send("bookings.complaint_answered", complaint, recipient, name="complaint", now=now)


def _send(
    kind: str,
    row: InvitationLetter | RecordsRequest | ConsultationLink | Complaint,
    recipient: User,
    *,
    name: str,
    now: dt.datetime,
) -> None:
    queue(
        Outgoing(
            kind=kind,
            recipient=recipient,
            dedupe_key=f"{kind}:{row.public_id}",
            context={name: row.public_id},
        ),
        now=now,
    )
