"""What one line of a file of questions asks, and what is wrong with it; no database."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from hospitals.models import Hospital, Insurer
from medtour.lib import clock
from medtour.lib.money import Money, exponent
from payments.eligibility_values import PLAIN
from payments.insurance_questions import Question, normal_number
from payments.models import Setting
from payments.services.insurance.member_lines import day_of, needed
from payments.services.insurance.tables import Fault, Line

COLUMNS = (
    "member_number",
    "date_of_birth",
    "hospital",
    "service_on",
    "category",
    "setting",
    "procedure_code",
    "amount",
    "emergency",
)
NEEDED = (
    "member_number", "date_of_birth", "hospital", "service_on", "category", "setting", "amount",
)  # fmt: skip
YES, NO = ("yes", "true", "1"), ("", "no", "false", "0")
MORNING = dt.timedelta(hours=9)
NEAR = dt.timedelta(days=366)
LONGEST_NUMBER, LONGEST_CODE = 40, 12
CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Known:
    """What a file may name: hospitals by their slug, and categories of care."""

    hospitals: Mapping[str, Hospital]
    categories: Collection[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a file: its question, or the faults for which it has none."""

    line: Line
    question: Question | None
    faults: tuple[Fault, ...]


def asked_lines(
    lines: Sequence[Line], insurer: Insurer, known: Known, *, today: dt.date
) -> list[Asked]:
    """Return the lines in their order; a line with a fault keeps the others from nothing."""
    return [_asked(line, insurer, known, today) for line in lines]


def _asked(line: Line, insurer: Insurer, known: Known, today: dt.date) -> Asked:
    faults: list[Fault] = []
    needed(line, NEEDED, faults)
    born, day = day_of(line, "date_of_birth", faults), day_of(line, "service_on", faults)
    _check(line, faults, known, born=born, day=day, today=today)
    amount = _amount(line, faults)
    hospital = known.hospitals.get(line.cells["hospital"])
    if faults or born is None or day is None or hospital is None or amount is None:
        return Asked(line, None, tuple(faults))
    cells = line.cells
    question = Question(
        insurer=insurer,
        hospital=hospital,
        member_number=cells["member_number"],
        date_of_birth=born,
        service_start=clock.at_or_after_wall_time(day, MORNING, hospital.time_zone),
        category=cells["category"],
        setting=cells["setting"].lower(),
        procedure_code=cells["procedure_code"],
        amount=amount,
        emergency=cells["emergency"].lower() in YES,
    )
    return Asked(line, question, ())


def _check(
    line: Line,
    faults: list[Fault],
    known: Known,
    *,
    born: dt.date | None,
    day: dt.date | None,
    today: dt.date,
) -> None:
    """Note every cell that names something there is not."""
    cells = line.cells
    number = normal_number(cells["member_number"])
    wrong = {
        "member_number": not number or len(number) > LONGEST_NUMBER,
        "date_of_birth": born is not None and not dt.date(1900, 1, 1) <= born <= today,
        "hospital": cells["hospital"] not in known.hospitals,
        "service_on": day is not None and not today - NEAR <= day <= today + NEAR,
        "category": cells["category"] not in known.categories,
        "setting": cells["setting"].lower() not in Setting.values,
        "procedure_code": len(cells["procedure_code"]) > LONGEST_CODE,
        "emergency": cells["emergency"].lower() not in YES + NO,
    }
    faults.extend(
        Fault(line.number, column, REASONS[column])
        for column, is_wrong in wrong.items()
        if is_wrong and (cells[column] or column not in NEEDED)
    )


REASONS = {
    "member_number": _("This is not a member number."),
    "date_of_birth": _("Nobody was born on this day."),
    "hospital": _("You have no hospital with this name in your networks."),
    "service_on": _("The day must be at most a year before or after today."),
    "category": _("None of your plans has this category of care."),
    "setting": _("This is not one of: inpatient, daycase, outpatient."),
    "procedure_code": _("The code must have 12 signs or fewer."),
    "emergency": _("This is not one of: yes, no."),
}


def _amount(line: Line, faults: list[Fault]) -> Money | None:
    """Return the estimate in CNY; a fault for what is no plain amount above nothing."""
    text = line.cells["amount"]
    if not text:
        return None
    if PLAIN.fullmatch(text) and len(text) <= 15:
        scaled = Decimal(text).scaleb(exponent(CURRENCY))
        if scaled > 0 and scaled == scaled.to_integral_value():
            return Money(int(scaled), CURRENCY)
    faults.append(Fault(line.number, "amount", _("This is not an amount like 1250.00.")))
    return None
