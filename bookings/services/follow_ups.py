"""Questions that fall due after a discharge: planned, asked, reminded, missed, called, closed.

One task of the machine claims what is due with SKIP LOCKED and queues the message in the same
transaction, so that it may run twice or beside itself. Every move is one line of history.
"""

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from accounts.models import User
from bookings import follow_up_rules
from bookings.models import Discharge, FollowUpCall, FollowUpPlan, FollowUpTask
from bookings.models.case import Actor
from bookings.models.follow_up import Level
from bookings.refusals import CallFirst
from bookings.services import follow_up_notices, history
from bookings.services.follow_up_plans import days_of, plan_for
from bookings.transitions import FOLLOW_UP, OPEN_FOLLOW_UP, CaseState, FollowUpState
from medtour.lib import clock
from medtour.lib.locks import claim_rows, lock_found, lock_row
from medtour.lib.states import check_move

AT_ONCE = 50
A_DAY = dt.timedelta(days=1)
ASKING = (CaseState.DISCHARGED, CaseState.IN_FOLLOW_UP)
CASE_ENDED, OVERTAKEN = "case_ended", "overtaken"
MOVED_FIELDS = [
    "state",
    "next_at",
    "asked_at",
    "answered_at",
    "level",
    "target_at",
    "outcome",
    "closed_at",
]


def plan_tasks(
    discharge: Discharge, *, by: User | None = None, now: dt.datetime
) -> list[FollowUpTask]:
    """Write the tasks of a discharge by the plan that fits it, inside the caller's transaction."""
    plan = plan_for(discharge)
    zone = discharge.case.patient.account.time_zone
    rows = [
        _planned(discharge, plan, day=day, is_yearly=is_yearly, zone=zone)
        for day, is_yearly in days_of(plan, discharge.offer)
    ]
    made = FollowUpTask.objects.bulk_create(rows)
    history.record(
        history.follow_up_event(task, before="", by=by, actor=Actor.HOSPITAL, at=now)
        for task in made
    )
    return made


def date_anew(discharge: Discharge) -> None:
    """Move what is still planned to the dates of corrected papers, in the caller's transaction."""
    planned = FollowUpTask.objects.filter(case=discharge.case_id, state=FollowUpState.PLANNED)
    for task in lock_found(planned):
        task.due_on = follow_up_rules.due_on(
            discharge.discharged_on, task.day, is_yearly=task.is_yearly
        )
        zone = discharge.case.patient.account.time_zone
        task.next_at = follow_up_rules.ask_at(task.due_on, zone)
        task.save(update_fields=["due_on", "next_at"])


def _planned(
    discharge: Discharge, plan: FollowUpPlan, *, day: int, is_yearly: bool, zone: str
) -> FollowUpTask:
    due_on = follow_up_rules.due_on(discharge.discharged_on, day, is_yearly=is_yearly)
    return FollowUpTask(
        case=discharge.case,
        discharge=discharge,
        plan=plan,
        day=day,
        is_yearly=is_yearly,
        due_on=due_on,
        next_at=follow_up_rules.ask_at(due_on, zone),
    )


def advance_due(*, limit: int = 2000, now: dt.datetime | None = None) -> int:
    """Take every due task one step on; returns how many steps were taken."""
    now = now or clock.now()
    steps = 0
    while steps < limit and (taken := _advance_some(now)):
        steps += taken
    return steps


def _advance_some(now: dt.datetime) -> int:
    with transaction.atomic():
        due = FollowUpTask.objects.filter(next_at__lte=now).select_related(
            "case__patient__account", "plan"
        )
        claimed = claim_rows(due.order_by("next_at", "pk"), AT_ONCE)
        for task in claimed:
            _STEPS[task.state](task, now)
    return len(claimed)


def _ask(task: FollowUpTask, now: dt.datetime) -> None:
    """Ask, unless it is not yet ten where the patient is now, or later questions are due too."""
    if _end_with_its_case(task, now):
        return
    account = task.case.patient.account
    instant = follow_up_rules.ask_at(task.due_on, account.time_zone)
    if instant > now:
        task.next_at = instant
        task.save(update_fields=["next_at"])
        return
    later = FollowUpTask.objects.filter(
        case_id=task.case_id, state=FollowUpState.PLANNED, day__gt=task.day, next_at__lte=now
    )
    if later.exists():
        move(task, FollowUpState.CLOSED, at=now, why=OVERTAKEN)
        return
    task.next_at = now + task.plan.missed_after_days * A_DAY
    move(task, FollowUpState.DUE, at=now)
    if account.is_active:
        task.asked_at = now
        task.next_at = now + task.plan.remind_after_days * A_DAY
        move(task, FollowUpState.ASKED, at=now)
        follow_up_notices.questions(task, now=now)


def _remind_or_miss(task: FollowUpTask, now: dt.datetime) -> None:
    """Remind once; when that brought no answer either, ask a coordinator to call."""
    if _end_with_its_case(task, now):
        return
    if task.reminded_at is None and task.asked_at is not None:
        task.reminded_at = now
        missed_at = task.asked_at + task.plan.missed_after_days * A_DAY
        task.next_at = max(missed_at, now + A_DAY)
        task.save(update_fields=["reminded_at", "next_at"])
        follow_up_notices.reminder(task, now=now)
        return
    _miss(task, now)


def _miss(task: FollowUpTask, now: dt.datetime) -> None:
    if _end_with_its_case(task, now):
        return
    move(task, FollowUpState.MISSED, at=now)
    escalate(task, Level.MISSED, at=now)


def _end_with_its_case(task: FollowUpTask, now: dt.datetime) -> bool:
    if task.case.state in ASKING:
        return False
    move(task, FollowUpState.CLOSED, at=now, why=CASE_ENDED)
    return True


_STEPS: dict[str, Callable[[FollowUpTask, dt.datetime], None]] = {
    FollowUpState.PLANNED: _ask,
    FollowUpState.DUE: _miss,
    FollowUpState.ASKED: _remind_or_miss,
}


def move(
    task: FollowUpTask,
    state: str,
    *,
    by: User | None = None,
    actor: str = Actor.SYSTEM,
    at: dt.datetime,
    why: str = "",
) -> None:
    """Move a locked task and write its line of history; raises MoveRefused for any other step."""
    before = task.state
    check_move(FOLLOW_UP, before, state)
    task.state = state
    if state not in (FollowUpState.DUE, FollowUpState.ASKED):
        task.next_at = None
    if state == FollowUpState.CLOSED:
        task.closed_at = at
    task.save(update_fields=MOVED_FIELDS)
    history.record(
        [history.follow_up_event(task, before=before, by=by, actor=actor, at=at, why=why)]
    )


def escalate(
    task: FollowUpTask,
    level: str,
    *,
    by: User | None = None,
    actor: str = Actor.SYSTEM,
    at: dt.datetime,
) -> None:
    """Make a locked task one that somebody has to call about, until its target time."""
    task.level, task.closed_at = level, None
    task.target_at = follow_up_rules.call_until(
        level, at, amber_hours=task.plan.amber_hours, missed_hours=task.plan.missed_hours
    )
    move(task, FollowUpState.ESCALATED, by=by, actor=actor, at=at)


def record_call(
    task: FollowUpTask, *, has_reached: bool, note: str, by: User, now: dt.datetime | None = None
) -> FollowUpCall:
    """Note what was said on the telephone, or that nobody answered."""
    return FollowUpCall.objects.create(
        task=task, has_reached=has_reached, note=note, by=by, at=now or clock.now()
    )


def close_task(
    task: FollowUpTask, *, outcome: str, by: User, now: dt.datetime | None = None
) -> FollowUpTask:
    """End a task with what came of it; raises CallFirst for a red one that nobody called about."""
    now = now or clock.now()
    with transaction.atomic():
        fresh = lock_row(FollowUpTask.objects.all(), task.pk)
        if fresh.state == FollowUpState.ESCALATED and not _has_been_called(fresh):
            raise CallFirst
        fresh.outcome, fresh.target_at = outcome, None
        move(fresh, FollowUpState.CLOSED, by=by, actor=Actor.HOSPITAL, at=now)
    return fresh


def _has_been_called(task: FollowUpTask) -> bool:
    """Tell whether somebody called after the newest red answer, if there is one."""
    red = task.answers.filter(level=Level.RED).order_by("-pk").first()
    return red is None or task.calls.filter(at__gte=red.sent_at).exists()


def end_tasks(case_id: int, *, by: User | None, now: dt.datetime) -> int:
    """End every open task of a case inside the caller's transaction; returns how many."""
    rows = lock_found(FollowUpTask.objects.filter(case_id=case_id, state__in=OPEN_FOLLOW_UP))
    for task in rows:
        move(task, FollowUpState.CLOSED, by=by, actor=Actor.HOSPITAL, at=now, why=CASE_ENDED)
    return len(rows)
