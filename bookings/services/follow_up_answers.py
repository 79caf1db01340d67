"""What a patient answers: kept as sent, sorted by the doctor's rules, and acted on at once.

The hospital's task to call appears in the transaction of the answer. Nothing here advises anybody.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from bookings import follow_up_rules
from bookings.models import AnswerTranslation, FollowUpAnswer, FollowUpTask
from bookings.models.case import Actor
from bookings.models.discharge import TranslationStatus
from bookings.models.follow_up import Level
from bookings.questions import WORDING
from bookings.refusals import NotAskedNow, TranslatorNotNamed
from bookings.services import follow_up_notices, follow_ups, history
from bookings.transitions import ANSWERABLE, FollowUpState
from medtour.lib import clock
from medtour.lib.locks import lock_row

UNANSWERED = (FollowUpState.ASKED, FollowUpState.MISSED)
PRESSED_TWICE = dt.timedelta(minutes=10)
CALLS = (Level.AMBER, Level.RED)


def send_answers(
    task: FollowUpTask,
    *,
    answers: Mapping[str, Any],
    locale: str,
    by: User | None,
    now: dt.datetime | None = None,
) -> FollowUpAnswer:
    """Keep an answer or a correction; amber and red make a task to call, red within the hour.

    The same answers again within ten minutes are one press too many: the first is returned.
    A better correction never ends a call that an earlier answer asked for. Raises NotAskedNow when
    the questions were not asked yet or the case has ended.
    """
    now = now or clock.now()
    with transaction.atomic():
        fresh = lock_row(
            FollowUpTask.objects.select_related("plan", "case__patient__account"), task.pk
        )
        if fresh.state not in ANSWERABLE or fresh.case.state not in follow_ups.ASKING:
            raise NotAskedNow
        if sent_already := _just_sent(fresh, answers, now=now):
            return sent_already
        rules = {code: fresh.plan.rules.get(code, {}) for code in fresh.plan.questions}
        score = follow_up_rules.score(rules, answers)
        answer = FollowUpAnswer.objects.create(
            task=fresh,
            answers=dict(answers),
            level=score.level,
            reasons=[list(reason) for reason in score.reasons],
            wording=WORDING,
            locale=locale,
            by=by,
            sent_at=now,
        )
        _act_on(fresh, score.level, by=by, now=now)
        if score.level in CALLS:
            follow_up_notices.answered(answer, level=score.level, now=now)
    return answer


def _just_sent(
    task: FollowUpTask, answers: Mapping[str, Any], *, now: dt.datetime
) -> FollowUpAnswer | None:
    """Return the newest answer where these are its words and it is minutes old."""
    newest = task.answers.order_by("-pk").first()
    if newest is None or now - newest.sent_at >= PRESSED_TWICE:
        return None
    return newest if newest.answers == dict(answers) else None


def _act_on(task: FollowUpTask, level: str, *, by: User | None, now: dt.datetime) -> None:
    """Move the task as an answer of this level demands."""
    task.answered_at = now
    waits_for_silence = task.state == FollowUpState.ESCALATED and task.level == Level.MISSED
    if task.state in UNANSWERED or waits_for_silence:
        task.level, task.target_at = level, None
        follow_ups.move(task, FollowUpState.ANSWERED, by=by, actor=Actor.PATIENT, at=now)
    if level not in CALLS:
        task.save(update_fields=["answered_at"])
    elif task.state == FollowUpState.ESCALATED:
        _worsen(task, level, by=by, now=now)
    else:
        follow_ups.escalate(task, level, by=by, actor=Actor.PATIENT, at=now)


def _worsen(task: FollowUpTask, level: str, *, by: User | None, now: dt.datetime) -> None:
    """Bring a call that waits already forward when the new answer is worse."""
    fields = ["answered_at"]
    if follow_up_rules.is_worse(level, task.level):
        target = follow_up_rules.call_until(
            level, now, amber_hours=task.plan.amber_hours, missed_hours=task.plan.missed_hours
        )
        task.level = level
        task.target_at = min(filter(None, (target, task.target_at)))
        fields += ["level", "target_at"]
        event = history.follow_up_event(task, before=task.state, by=by, actor=Actor.PATIENT, at=now)
        history.record([event])
    task.save(update_fields=fields)


def add_translation(
    answer: FollowUpAnswer,
    *,
    language: str,
    text: str,
    status: str,
    translator_name: str,
    by: User,
) -> AnswerTranslation:
    """Keep a translation of the patient's own words beside them (M18).

    Raises TranslatorNotNamed when a person is said to stand behind it, but is not named.
    """
    if status != TranslationStatus.MACHINE and not translator_name.strip():
        raise TranslatorNotNamed
    return AnswerTranslation.objects.create(
        answer=answer,
        language=language,
        text=text,
        status=status,
        translator_name=translator_name.strip(),
        by=by,
    )
