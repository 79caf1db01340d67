"""What the moves of guarantees and of claims share: transaction, lock, history with its audit."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import Patient, User
from accounts.services import audit
from medtour.lib.errors import Refusal, constraint_name
from medtour.lib.locks import busy_is_a_refusal, lock_row
from payments.models import Guarantee, InsuranceClaim

R = TypeVar("R", Guarantee, InsuranceClaim)


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to a row, by hand or by a machine client, and when.

    `row_version` is that of the row they saw; None for the clock's own acts.
    """

    by: User | None
    now: dt.datetime
    row_version: int | None = None
    client_id: str = ""


@contextmanager
def one_transaction(broken: Mapping[str, type[Refusal]]) -> Iterator[None]:
    """Open the transaction of a move, and turn broken constraints into their refusals."""
    try:
        with busy_is_a_refusal(), transaction.atomic():
            yield
    except IntegrityError as error:
        refusal = broken.get(constraint_name(error))
        if refusal is None:
            raise
        raise refusal from error  # type: ignore[call-arg]  # these name their own sentence


def fresh_row(rows: QuerySet[R], key: int, act: Act, *, changed: type[Refusal]) -> R:
    """Return a row under lock; raises `changed` when it is not the version that was seen."""
    fresh = lock_row(rows, key)
    if act.row_version is not None and fresh.row_version != act.row_version:
        raise changed  # type: ignore[call-arg]  # it names its own sentence
    return fresh


def add_history(
    row: Guarantee | InsuranceClaim,
    action: str,
    *,
    patient: Patient,
    act: Act,
    before: str,
    reason: str,
) -> None:
    """Add a line of history, and one to the audit trail that names no reason.

    `action` is "guarantee.approve" in the trail and "approve" in the history.
    """
    row.events.create(
        at=act.now,
        action=action.partition(".")[2],
        before=before,
        after=row.state,
        by=act.by,
        client_id=act.client_id,
        reason=reason,
    )
    audit.record(
        by=act.by,
        action=action,
        target=f"{row._meta.label_lower}:{row.public_id}",
        patient_public_id=patient.public_id,
        hospital_slug=row.hospital.slug,
    )
