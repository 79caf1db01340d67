"""The answers to a file of questions, on a page and as a list for a spreadsheet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from payments.insurance_questions import public_codes
from payments.models import EligibilityBatch, EligibilityCheck
from payments.presenters.portal_checks import CoverAnswer, cover_answer

HEADING = (
    "line", "member_number", "hospital", "service_on", "answer", "currency", "estimate",
    "insurer_pays", "member_pays", "reasons", "check", "faults",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of a file: its check with the answer, or what is wrong by column."""

    line: int
    number: str
    check: EligibilityCheck | None
    answer: CoverAnswer | None
    faults: Sequence[tuple[str, str]]


def batch_rows(
    results: Iterable[Mapping[str, Any]], checks: Iterable[EligibilityCheck]
) -> list[BatchRow]:
    """Join kept results with their checks."""
    by_id = {check.public_id: check for check in checks}
    return [_row(each, by_id.get(each["check"])) for each in results]


def named_checks(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the public ids of the checks that results name."""
    return [each["check"] for each in results if each["check"]]


def fault_count(batch: EligibilityBatch) -> int:
    return sum(bool(each["faults"]) for each in batch.results)


def batch_list(rows: Iterable[BatchRow]) -> list[list[str | Decimal]]:
    """Return the answers as a list whose heading programs can read; codes are never translated."""
    found: list[list[str | Decimal]] = [[*HEADING]]
    found.extend(_cells(row) for row in rows)
    return found


def _row(kept: Mapping[str, Any], check: EligibilityCheck | None) -> BatchRow:
    faults = [(column, reason) for column, reason in kept["faults"]]
    answer = cover_answer(check) if check else None
    return BatchRow(kept["line"], kept["number"], check, answer, faults)


def _cells(row: BatchRow) -> list[str | Decimal]:
    faults = "; ".join(f"{column}: {reason}" for column, reason in row.faults)
    check, answer = row.check, row.answer
    if check is None or answer is None:
        return [str(row.line), row.number, *[""] * 9, faults]
    sums: list[str | Decimal] = [""] * 4
    if answer.estimate and answer.covered is not None and answer.own is not None:
        moneys = (answer.estimate, answer.covered, answer.own)
        sums = [answer.estimate.currency, *(money.major for money in moneys)]
    day = check.service_on.isoformat() if check.service_on else ""
    codes = " ".join(public_codes(check.reason_codes))
    named = [str(row.line), row.number, check.hospital.slug, day, check.outcome]
    return [*named, *sums, codes, check.public_id, faults]
