"""How the patients of each offer did after treatment; no figure below five patients (QM-08)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.db.models import Prefetch, QuerySet

from bookings.models import Discharge, FollowUpAnswer, FollowUpTask
from bookings.models.follow_up import Level
from hospitals.models import Hospital

LEAST_PATIENTS = 5
PAIN_DAYS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Median:
    """A median of answers on one day and of how many; no value below the least number."""

    day: int
    n: int
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One offer: `n` discharged patients; the other figures are None while there are too few."""

    offer: str
    hospital: str
    n: int
    answered_percent: int | None
    red_patients: int | None
    pain: list[Median]


def outcomes_of(hospitals: QuerySet[Hospital]) -> list[Outcome]:
    """Return the outcomes of the hospitals' offers by name, each patient counted once an offer."""
    answers = FollowUpAnswer.objects.order_by("pk")
    tasks = FollowUpTask.objects.prefetch_related(Prefetch("answers", answers))
    rows = (
        Discharge.objects.filter(case__hospital__in=hospitals, version=1, is_demonstration=False)
        .select_related("offer__treatment", "case__hospital", "case__treatment")
        .prefetch_related(Prefetch("follow_ups", tasks))
    )
    by_offer: dict[tuple[str, str], list[Discharge]] = defaultdict(list)
    for row in rows:
        name = str(row.offer or row.case.treatment)
        by_offer[str(row.case.hospital), name].append(row)
    return [_outcome(*key, found) for key, found in sorted(by_offer.items())]


def _outcome(hospital: str, offer: str, discharges: list[Discharge]) -> Outcome:
    patients = {row.case.patient_id for row in discharges}
    tasks = [(row, task) for row in discharges for task in row.follow_ups.all()]
    asked = [task for _row, task in tasks if task.asked_at]
    answered = [task for task in asked if task.answers.all()]
    red = {
        row.case.patient_id
        for row, task in tasks
        if any(answer.level == Level.RED for answer in task.answers.all())
    }
    is_enough = len(patients) >= LEAST_PATIENTS
    return Outcome(
        offer=offer,
        hospital=hospital,
        n=len(patients),
        answered_percent=round(100 * len(answered) / len(asked)) if is_enough and asked else None,
        red_patients=len(red) if is_enough else None,
        pain=[_pain(day, tasks) for day in PAIN_DAYS],
    )


def _pain(day: int, tasks: Iterable[tuple[Discharge, FollowUpTask]]) -> Median:
    """Return the median of one day; of somebody treated twice, the newer answer counts."""
    values: dict[int, Decimal] = {}
    for discharge, task in sorted(tasks, key=lambda pair: pair[1].pk):
        answers = task.answers.all()
        if task.day == day and answers and "pain" in (given := list(answers)[-1].answers):
            values[discharge.case.patient_id] = Decimal(given["pain"])
    n = len(values)
    return Median(day, n, Decimal(median(values.values())) if n >= LEAST_PATIENTS else None)
