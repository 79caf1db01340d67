"""Which message goes out about a claim and to whom; ids only, the words come at sending."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from accounts.models import User
from hospitals.models.staff import Role
from messaging.services import Outgoing, queue
from payments.models import InsuranceClaim, OfficerRole


def submitted(claim: InsuranceClaim, *, now: dt.datetime) -> None:
    """Tell the insurer's officers, and its liaisons at this hospital, that a claim has come."""
    at_hospital = Q(role=OfficerRole.OFFICER) | Q(hospital=claim.hospital)
    rows = claim.insurer.officers.filter(at_hospital, suspended_at=None, user__is_active=True)
    _send(claim, "officer", [row.user for row in rows.select_related("user")], now=now)


def settled(claim: InsuranceClaim, *, now: dt.datetime) -> None:
    """Tell the patient that the insurer has paid its part; once in the life of a claim."""
    _send(claim, "settled", [claim.bill.quote.case.patient.account], now=now)


def fell_short(claim: InsuranceClaim, *, now: dt.datetime) -> None:
    """Tell the money desk that a claim was paid in part or not at all, and until when to appeal."""
    _send(claim, "short", desk_of(claim), now=now)


def answered(claim: InsuranceClaim, *, now: dt.datetime) -> None:
    """Tell the money desk how the insurer answered an appeal."""
    _send(claim, "answered", desk_of(claim), now=now)


def closed_short(claim: InsuranceClaim, *, now: dt.datetime) -> None:
    """Tell the patient that a part of the bill came back to them."""
    _send(claim, "returned", [claim.bill.quote.case.patient.account], now=now)


def desk_of(claim: InsuranceClaim) -> list[User]:
    rows = claim.hospital.memberships.filter(
        role__in=(Role.COORDINATOR, Role.CASHIER), user__is_active=True
    )
    people = {row.user_id: row.user for row in rows.select_related("user").order_by("pk")}
    return list(people.values())


def _send(
    claim: InsuranceClaim, name: str, recipients: Iterable[User], *, now: dt.datetime
) -> None:
    """Queue one message for each recipient; the same version of the row is told once."""
    kind = f"payments.claim_{name}"
    queue(
        *(
            Outgoing(
                kind=kind,
                recipient=recipient,
                dedupe_key=f"{kind}:{claim.public_id}:{claim.row_version}:{recipient.pk}",
                context={
                    "claim": claim.public_id,
                    "state": claim.state,
                    "row_version": str(claim.row_version),
                },
            )
            for recipient in recipients
        ),
        now=now,
    )
