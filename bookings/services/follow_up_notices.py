"""Which message goes out for which step after a discharge; ids only, the words come at sending."""

import datetime as dt

from accounts.models import User
from bookings.models import Discharge, FollowUpAnswer, FollowUpTask, HandBack
from medtour.lib import clock
from messaging.services import Outgoing, queue


def questions(task: FollowUpTask, *, now: dt.datetime) -> None:
    """Ask the patient's account; once a year it is a recall."""
    kind = "bookings.annual_recall" if task.is_yearly else "bookings.follow_up_questions"
    _about_task(kind, task, now=now)


def reminder(task: FollowUpTask, *, now: dt.datetime) -> None:
    _about_task("bookings.follow_up_reminder", task, now=now)


def _about_task(kind: str, task: FollowUpTask, *, now: dt.datetime) -> None:
    queue(
        Outgoing(
            kind=kind,
            recipient=task.case.patient.account,
            dedupe_key=f"{kind}:{task.public_id}",
            context={"follow_up": task.public_id},
        ),
        now=now,
    )


def answered(answer: FollowUpAnswer, *, level: str, now: dt.datetime) -> None:
    """Tell the patient at once that somebody will call, or whom to call now."""
    kind = f"bookings.follow_up_{level}"
    queue(
        Outgoing(
            kind=kind,
            recipient=answer.task.case.patient.account,
            dedupe_key=f"{kind}:{answer.public_id}",
            context={"follow_up": answer.task.public_id, "answer": answer.public_id},
        ),
        now=now,
    )


def discharge_pack(discharge: Discharge, *, now: dt.datetime) -> None:
    queue(
        Outgoing(
            kind="bookings.discharge_pack",
            recipient=discharge.case.patient.account,
            dedupe_key=f"bookings.discharge_pack:{discharge.public_id}",
            context={"discharge": discharge.public_id},
        ),
        now=now,
    )


def hand_back(hand_back: HandBack, *, recipient: User, now: dt.datetime | None = None) -> None:
    """Send the patient the way to the letter for the home doctor."""
    queue(
        Outgoing(
            kind="bookings.hand_back",
            recipient=recipient,
            dedupe_key=f"bookings.hand_back:{hand_back.public_id}",
            context={"hand_back": hand_back.public_id},
        ),
        now=now or clock.now(),
    )
