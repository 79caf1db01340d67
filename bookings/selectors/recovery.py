"""What the recovery page shows, read with a fixed number of queries."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import get_language_bidi

from accounts.models import User
from bookings.access import cases_for
from bookings.models import Case, Discharge, FollowUpAnswer, FollowUpTask, HandBack
from bookings.recovery_chart import Chart, chart
from bookings.transitions import CaseState, FollowUpState

# Somebody who is to be called because no answer came may still answer.
WAITING = (FollowUpState.ASKED, FollowUpState.MISSED, FollowUpState.ESCALATED)


@dataclass(frozen=True, slots=True)
class DueTest:
    """A test that is due: what, when, and what result needs somebody to act."""

    test: str
    due_on: dt.date | None
    threshold: str


@dataclass(frozen=True, slots=True)
class AnsweredDay:
    """One answered day of the table beside the curves."""

    day: int
    sent_at: dt.datetime
    pain: str
    temperature: str


@dataclass(frozen=True)
class Recovery:
    """The recovery page of one case; `waiting` are the questions to be answered now."""

    discharge: Discharge | None
    hand_back: HandBack | None
    tasks: list[FollowUpTask]
    days: list[AnsweredDay]
    pain: Chart | None
    temperature: Chart | None

    @property
    def waiting(self) -> list[FollowUpTask]:
        return [task for task in self.tasks if _waits(task)]

    @property
    def next_task(self) -> FollowUpTask | None:
        return next((t for t in self.tasks if t.state == FollowUpState.PLANNED), None)

    @property
    def tests(self) -> list[DueTest]:
        return due_tests(self.discharge.tests) if self.discharge else []

    @property
    def warning_signs(self) -> list[str]:
        return lines_of(self.discharge.warning_signs) if self.discharge else []


def _waits(task: FollowUpTask) -> bool:
    return task.state in WAITING and task.answered_at is None


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that lists one thing a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def due_tests(rows: Sequence[Mapping[str, str]]) -> list[DueTest]:
    """Return the tests of a discharge with their dates, soonest first."""
    tests = [
        DueTest(
            test=row["test"],
            due_on=dt.date.fromisoformat(row["due_on"]) if row.get("due_on") else None,
            threshold=row.get("threshold", ""),
        )
        for row in rows
    ]
    return sorted(tests, key=lambda test: test.due_on or dt.date.max)


@dataclass(frozen=True, slots=True)
class RecoveryLine:
    """One case in follow-up on the first page of My care; `waits` when it has questions now."""

    case: Case
    waits: bool


def recoveries(user: User) -> list[RecoveryLine]:
    """Return the account's cases after a discharge, those with questions first; one query."""
    asked = FollowUpTask.objects.filter(case=OuterRef("pk"), state__in=WAITING, answered_at=None)
    cases = (
        cases_for(user)
        .filter(state=CaseState.IN_FOLLOW_UP)
        .annotate(waits=Exists(asked))
        .select_related("hospital__city", "patient")
        .order_by("-waits", "-pk")
    )
    return [RecoveryLine(case, case.waits) for case in cases]


def recovery_cases(user: User) -> QuerySet[Case]:
    """The account's cases with what their recovery page shows."""
    answers = FollowUpAnswer.objects.order_by("pk")
    tasks = FollowUpTask.objects.order_by("due_on", "pk")
    return (
        cases_for(user)
        .select_related("hospital__city", "treatment", "patient__account")
        .prefetch_related(
            Prefetch("follow_ups", queryset=tasks.prefetch_related(Prefetch("answers", answers))),
            Prefetch("discharges", queryset=Discharge.objects.select_related("hand_back")),
        )
    )


def recovery_of(case: Case) -> Recovery:
    """Return the page of a case that was read by `recovery_cases`."""
    discharge = next(iter(case.discharges.all()), None)
    tasks = list(case.follow_ups.all())
    days = [_answered(task) for task in tasks if task.answers.all()]
    is_rtl = get_language_bidi()
    pain = [(each.day, each.pain) for each in days if each.pain]
    warmth = [(each.day, each.temperature) for each in days if each.temperature]
    return Recovery(
        discharge=discharge,
        hand_back=discharge.hand_back if discharge else None,
        tasks=tasks,
        days=days,
        pain=chart(pain, least=0, most=10, step=2, is_rtl=is_rtl),
        temperature=chart(warmth, least=35, most=41, step=1, is_rtl=is_rtl),
    )


def _answered(task: FollowUpTask) -> AnsweredDay:
    newest = list(task.answers.all())[-1]
    given: Mapping[str, Any] = newest.answers
    return AnsweredDay(
        day=task.day,
        sent_at=newest.sent_at,
        pain=_text(given.get("pain")),
        temperature=_text(given.get("temperature")),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
