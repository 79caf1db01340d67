"""Locking, moving and noting claims; every move goes through here.

Locks are taken in one order: appointment, guarantee, claims by key, balances.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts.services import audit
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.locks import busy_is_a_refusal, lock_row
from medtour.lib.states import check_move
from payments import claim_refusals as refusals
from payments.models import ClaimEvent, InsuranceClaim
from payments.services.insurance.guarantee_rows import Act
from payments.transitions import CLAIM

WITH_ALL = ("guarantee", "bill__quote__case__patient__account", "insurer", "hospital")
TWICE = {
    "payments_remittance_once": refusals.RemittanceTwice,
    "payments_appeal_one_open_claim": refusals.ClaimChanged,
    "payments_insuranceclaim_guarantee_id_key": refusals.ClaimExists,
    "payments_insuranceclaim_bill_id_key": refusals.ClaimExists,
}


@contextmanager
def one_move() -> Iterator[None]:
    """Open the transaction of a move, and turn broken constraints into their refusals."""
    try:
        with busy_is_a_refusal(), transaction.atomic():
            yield
    except IntegrityError as error:
        refusal = TWICE.get(constraint_name(error))
        if refusal is None:
            raise
        raise refusal from error


def locked(claim: InsuranceClaim, act: Act) -> InsuranceClaim:
    """Return the claim under lock; raises ClaimChanged when it is not the one that was seen."""
    fresh = lock_row(InsuranceClaim.objects.select_related(*WITH_ALL), claim.pk)
    if act.row_version is not None and fresh.row_version != act.row_version:
        raise refusals.ClaimChanged
    return fresh


def check(claim: InsuranceClaim, state: str) -> None:
    """Raise MoveRefused unless a claim may go to `state` now."""
    check_move(CLAIM, claim.state, state)


def move(
    claim: InsuranceClaim,
    state: str,
    action: str,
    *,
    act: Act,
    reason: str = "",
    fields: tuple[str, ...] = (),
) -> None:
    """Write a locked claim in its next state with one line of history; raises MoveRefused."""
    before = claim.state
    check_move(CLAIM, before, state)
    claim.state = state
    touch(claim, action, before=before, act=act, reason=reason, fields=("state", *fields))


def touch(
    claim: InsuranceClaim,
    action: str,
    *,
    act: Act,
    before: str | None = None,
    reason: str = "",
    fields: tuple[str, ...] = (),
) -> None:
    """Write fields of a locked claim and note it; the state stays when `before` is not given.

    Should the lock ever fail to hold, the version that was read decides: raises ClaimChanged.
    """
    seen = InsuranceClaim.objects.filter(pk=claim.pk, row_version=claim.row_version)
    claim.row_version += 1
    values = {name: getattr(claim, name) for name in fields}
    if not seen.update(row_version=claim.row_version, **values):
        raise refusals.ClaimChanged
    note(claim, action, before=claim.state if before is None else before, act=act, reason=reason)


def note(claim: InsuranceClaim, action: str, *, act: Act, before: str, reason: str = "") -> None:
    """Add a line of history, and one to the audit trail that names no reason."""
    ClaimEvent.objects.create(
        claim=claim,
        at=act.now,
        action=action,
        before=before,
        after=claim.state,
        by=act.by,
        client_id=act.client_id,
        reason=reason,
    )
    audit.record(
        by=act.by,
        action=f"claim.{action}",
        target=f"payments.insuranceclaim:{claim.public_id}",
        patient_public_id=claim.bill.quote.case.patient.public_id,
        hospital_slug=claim.hospital.slug,
    )


def today_at(claim: InsuranceClaim, now: dt.datetime) -> dt.date:
    """Return the calendar day at the hospital."""
    return clock.local(now, claim.hospital.time_zone).date()
