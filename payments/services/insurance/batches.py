"""Up to 500 questions in one file of an insurer's officer, each answered and kept as evidence.

A file never counts as guessing against a person; it has a limit of its own (DP-03, SE-13).
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from accounts.services import audit
from medtour.lib import clock
from medtour.lib.locks import busy_is_a_refusal, wait_for_turn
from payments.access import hospitals_for_officer
from payments.insurance_refusals import TooManyQuestions, UnreadableBatch
from payments.models import AskedThrough, EligibilityBatch, InsurerOfficer
from payments.selectors.insurance.categories import categories_of
from payments.services.insurance import checks
from payments.services.insurance.batch_lines import COLUMNS, Asked, Known, asked_lines
from payments.services.insurance.tables import Fault, Line, UnreadableFile, read_table

MOST_QUESTIONS = 500
MOST_AN_HOUR = 5_000
HOUR = dt.timedelta(hours=1)


def ask_batch(
    officer: InsurerOfficer, content: bytes, *, by: User, now: dt.datetime | None = None
) -> EligibilityBatch:
    """Answer every line of a CSV or XLSX file that can be asked, and name what is wrong in others.

    Only hospitals of the officer's own networks can be named, by a liaison only their own. All is
    written in one transaction. Raises UnreadableBatch for a file that cannot be read, is empty or
    has more than 500 lines, TooManyQuestions above 5,000 lines of one insurer within an hour.
    """
    now = now or clock.now()
    lines = _read(content)
    known = Known(
        {hospital.slug: hospital for hospital in hospitals_for_officer(officer)},
        frozenset(categories_of(officer.insurer)),
    )
    asked = asked_lines(lines, officer.insurer, known, today=clock.local(now, CHINA).date())
    with busy_is_a_refusal(), transaction.atomic():
        wait_for_turn(f"insurance.batch:{officer.insurer_id}")
        _check_limit(officer, len(lines), now=now)
        batch = EligibilityBatch.objects.create(
            insurer=officer.insurer, asked_by=by, row_count=len(lines), created_at=now
        )
        batch.results = [_answered(each, batch, by, now) for each in asked]
        batch.save(update_fields=["results"])
        audit.record(
            by=by,
            action="insurance.batch",
            target=f"payments.eligibilitybatch:{batch.public_id}",
        )
    return batch


CHINA = "Asia/Shanghai"


def _read(content: bytes) -> list[Line]:
    try:
        lines = read_table(content, COLUMNS, most=MOST_QUESTIONS)
    except UnreadableFile as error:
        raise UnreadableBatch([error.fault]) from None
    if not lines:
        raise UnreadableBatch([Fault(1, "", UnreadableBatch.no_lines)])
    return lines


def _check_limit(officer: InsurerOfficer, count: int, *, now: dt.datetime) -> None:
    recent = EligibilityBatch.objects.filter(insurer=officer.insurer, created_at__gt=now - HOUR)
    asked = recent.aggregate(rows=Sum("row_count", default=0))["rows"]
    if asked + count > MOST_AN_HOUR:
        raise TooManyQuestions


def _answered(asked: Asked, batch: EligibilityBatch, by: User, now: dt.datetime) -> dict[str, Any]:
    """Return what is kept of one line: its check, or each column with its reason."""
    kept = {"line": asked.line.number, "number": asked.line.cells["member_number"], "check": ""}
    if asked.question is None:
        faults = [[fault.column, str(fault.reason)] for fault in asked.faults]
        return kept | {"faults": faults}
    check = checks.ask(asked.question, now=now, through=AskedThrough.BATCH, by=by, batch=batch)
    return kept | {"check": check.public_id, "faults": []}
