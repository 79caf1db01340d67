"""What one line of a members file says, and what is wrong with it; no database."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from payments.insurance_questions import normal_number, number_hash
from payments.models import CoverageStatus, Plan
from payments.services.insurance.tables import Fault, Line

COLUMNS = (
    "member_number",
    "name",
    "date_of_birth",
    "plan",
    "policy_number",
    "status",
    "valid_from",
    "valid_until",
    "joined_on",
    "terminated_on",
    "declared_conditions",
)
NEEDED = ("member_number", "date_of_birth", "plan", "status", "valid_from", "joined_on")
DAYS = ("date_of_birth", "valid_from", "valid_until", "joined_on", "terminated_on")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
EARLIEST_BIRTH = dt.date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member and one coverage, as the file gives them."""

    line: int
    number: str
    number_hash: str
    name: str
    date_of_birth: str
    plan: Plan
    policy_number: str
    status: str
    valid_from: dt.date
    valid_until: dt.date | None
    joined_on: dt.date
    terminated_on: dt.date | None
    declared_conditions: tuple[str, ...]


def day_of(line: Line, column: str, faults: list[Fault]) -> dt.date | None:
    """Return a date, None for a blank cell; a cell that is no date becomes a fault."""
    text = line.cells[column]
    if not text:
        return None
    try:
        if DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    faults.append(Fault(line.number, column, _("This is not a date like 2026-03-31.")))
    return None


def needed(line: Line, columns: Sequence[str], faults: list[Fault]) -> None:
    faults.extend(
        Fault(line.number, column, _("This must not be empty."))
        for column in columns
        if not line.cells[column]
    )


def member_lines(
    lines: Sequence[Line], plans: Mapping[str, Plan], *, today: dt.date
) -> tuple[list[MemberLine], list[Fault]]:
    """Return what can be used and every fault, in the order of the file."""
    good: list[MemberLine] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line in lines:
        own: list[Fault] = []
        number = normal_number(line.cells["member_number"])
        if number and seen.setdefault(number, line.number) != line.number:
            own.append(Fault(line.number, "member_number", _("This number comes twice.")))
        found = _member_line(line, plans, own, today=today)
        faults.extend(own)
        if found is not None and not own:
            good.append(found)
    return good, faults


def _member_line(
    line: Line, plans: Mapping[str, Plan], faults: list[Fault], *, today: dt.date
) -> MemberLine | None:
    cells = line.cells
    needed(line, NEEDED, faults)
    days = {column: day_of(line, column, faults) for column in DAYS}
    plan = plans.get(cells["plan"])
    if cells["plan"] and plan is None:
        faults.append(Fault(line.number, "plan", _("You have no plan with this code.")))
    status = cells["status"].lower()
    if status and status not in CoverageStatus.values:
        reason = _("This is not one of: active, suspended, cancelled.")
        faults.append(Fault(line.number, "status", reason))
    _check_days(line, days, faults, today=today)
    born, first, joined = days["date_of_birth"], days["valid_from"], days["joined_on"]
    if faults or plan is None or born is None or first is None or joined is None:
        return None
    number = normal_number(cells["member_number"])
    conditions = (part.strip() for part in cells["declared_conditions"].split(";"))
    return MemberLine(
        line=line.number,
        number=number,
        number_hash=number_hash(number),
        name=cells["name"],
        date_of_birth=born.isoformat(),
        plan=plan,
        policy_number=cells["policy_number"],
        status=status,
        valid_from=first,
        valid_until=days["valid_until"],
        joined_on=joined,
        terminated_on=days["terminated_on"],
        declared_conditions=tuple(part for part in conditions if part),
    )


def _check_days(
    line: Line, days: Mapping[str, dt.date | None], faults: list[Fault], *, today: dt.date
) -> None:
    born = days["date_of_birth"]
    if born is not None and not EARLIEST_BIRTH <= born <= today:
        faults.append(Fault(line.number, "date_of_birth", _("Nobody was born on this day.")))
    for earlier, later in (("valid_from", "valid_until"), ("joined_on", "terminated_on")):
        first, last = days[earlier], days[later]
        if first is not None and last is not None and last < first:
            reason = _("This day is before the first day.")
            faults.append(Fault(line.number, later, reason))
