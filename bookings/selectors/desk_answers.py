"""What the desk sees of one follow-up task: answers with their translations, and the calls."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch

from bookings.models import AnswerTranslation, FollowUpCall, FollowUpTask
from bookings.selectors.follow_ups import AnswerLine, answer_lines


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One answer as it was sent; `words` in the patient's language beside its translation."""

    sent_at: dt.datetime
    level: str
    level_name: str
    locale: str
    by_link: bool
    lines: list[AnswerLine]
    words: str
    translation: AnswerTranslation | None


def shown_answers(task: FollowUpTask) -> list[ShownAnswer]:
    """Return every answer of a task, the newest first; only that one counts."""
    translations = AnswerTranslation.objects.order_by("pk")
    answers = task.answers.order_by("-pk").prefetch_related(Prefetch("translations", translations))
    return [
        ShownAnswer(
            sent_at=answer.sent_at,
            level=answer.level,
            level_name=answer.get_level_display(),
            locale=answer.locale,
            by_link=answer.by_id is None,
            lines=answer_lines(answer),
            words=answer.answers.get("words", ""),
            translation=next(reversed(answer.translations.all()), None),
        )
        for answer in answers
    ]


def shown_calls(task: FollowUpTask) -> list[FollowUpCall]:
    """Return the calls about a task, the newest first."""
    return list(task.calls.select_related("by").order_by("-pk"))
