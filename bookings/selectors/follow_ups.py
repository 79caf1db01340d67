"""What the pages of questions after a discharge read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from accounts.models import Patient, User
from bookings.access import follow_ups_for
from bookings.emergency_numbers import EmergencyNumber, country_of, numbers_for
from bookings.models import FollowUpAnswer, FollowUpTask
from bookings.questions import QUESTIONS, answer_in_words, questions_of


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One question with its answer in words; `level` is set when the rules noticed it."""

    question: Promise
    short: Promise
    words: str
    level: str


def follow_up_pages(user: User) -> QuerySet[FollowUpTask]:
    """The account's questions with what their pages show."""
    return with_case(follow_ups_for(user))


def with_case(tasks: QuerySet[FollowUpTask]) -> QuerySet[FollowUpTask]:
    """Join what every page about some questions shows."""
    return tasks.select_related("case__hospital__city", "case__patient__account", "plan")


def newest_answer(task: FollowUpTask) -> FollowUpAnswer | None:
    """Return the answer that counts: a correction replaces what was sent before."""
    return task.answers.order_by("-pk").first()


def answer_lines(answer: FollowUpAnswer) -> list[AnswerLine]:
    """Return what was answered in the order of the questions, in the active language."""
    levels = dict(answer.reasons)
    given: Mapping[str, Any] = answer.answers
    return [
        AnswerLine(
            question=question.label,
            short=question.short,
            words=answer_in_words(question.code, given[question.code]),
            level=levels.get(question.code, ""),
        )
        for question in questions_of(QUESTIONS)
        if question.code in given
    ]


def emergency_numbers_of(patient: Patient) -> list[EmergencyNumber]:
    """Return the numbers to call in China and, as far as known, in the patient's country."""
    home = country_of(phone=str(patient.phone), zone_name=patient.account.time_zone)
    return numbers_for([home])


def next_task(task: FollowUpTask) -> FollowUpTask | None:
    """Return the questions of the same case that are planned next."""
    return (
        FollowUpTask.objects.filter(case_id=task.case_id, state="planned")
        .order_by("due_on", "pk")
        .first()
    )
