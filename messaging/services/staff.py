"""What operators do with a message: read it with a reason, send it anew, stop it, call instead."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import audit
from medtour.lib import clock, locks
from medtour.lib.errors import Refusal
from messaging import kinds
from messaging.enums import LEFT_STATUSES, Status
from messaging.kinds import Sensitivity
from messaging.models import Message, StaffTask

MAY_BE_STOPPED = (Status.QUEUED, Status.FAILED)
MAY_BE_RESENT = (*LEFT_STATUSES, Status.FAILED, Status.DEAD, Status.SUPPRESSED)


class ReasonNeeded(Refusal):
    code = "reason_needed"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please say why, in a few words. It is kept in the audit trail."))


class CannotBeResent(Refusal):
    code = "cannot_be_resent"

    def __init__(self) -> None:
        super().__init__(
            _("This message cannot be sent again: it waits already, held a code, or is too old.")
        )


class CannotBeStopped(Refusal):
    code = "cannot_be_stopped"

    def __init__(self) -> None:
        super().__init__(_("This message has left already or is done. It cannot be stopped."))


def resend(message: Message, *, by: User, reason: str, now: datetime | None = None) -> Message:
    """Let the same row go out by a new attempt; what is true is read again before (MS-05).

    Earlier attempts count no more, so that every channel is open again. Raises CannotBeResent.
    """
    now = now or clock.now()
    with transaction.atomic():
        row = locks.lock_row(Message.objects.all(), message.pk)
        if row.status not in MAY_BE_RESENT or _holds_a_code(row) or not row.context:
            raise CannotBeResent
        last = row.delivery_attempts.aggregate(last=Max("number"))["last"] or 0
        row.status, row.status_reason, row.resent_after = Status.QUEUED, "sent again by staff", last
        row.not_before = row.next_attempt_at = now
        row.save(
            update_fields=[
                "status",
                "status_reason",
                "resent_after",
                "not_before",
                "next_attempt_at",
            ]
        )
        _note(row, "desk.message_resent", by, reason)
    return row


def stop(message: Message, *, by: User, reason: str) -> Message:
    """Keep a waiting message from going out. Raises CannotBeStopped."""
    with transaction.atomic():
        row = locks.lock_row(Message.objects.all(), message.pk)
        if row.status not in MAY_BE_STOPPED:
            raise CannotBeStopped
        row.status, row.status_reason = Status.SUPPRESSED, "stopped by staff"
        row.save(update_fields=["status", "status_reason"])
        _note(row, "desk.message_stopped", by, reason)
    return row


def reveal(message: Message, *, by: User, reason: str) -> tuple[str, str]:
    """Return subject and words, which are hidden otherwise; who read them and why is kept."""
    with transaction.atomic():
        _note(message, "desk.message_read", by, reason)
    return message.subject, message.body


def finish_task(task: StaffTask, *, by: User, note: str, now: datetime | None = None) -> None:
    """Note what was done for a person whom no message reached."""
    with transaction.atomic():
        rows = StaffTask.objects.filter(pk=task.pk, done_at=None)
        if rows.update(done_at=now or clock.now(), done_by=by, note=note[:300]):
            target = f"messaging.message:{task.message.public_id}"
            audit.record(by=by, action="desk.person_called", target=target)


def _note(message: Message, action: str, by: User, reason: str) -> None:
    if not reason.strip():
        raise ReasonNeeded
    target = f"messaging.message:{message.public_id}"
    audit.record(by=by, action=action, target=target, reason=reason)


def _holds_a_code(message: Message) -> bool:
    return kinds.get(message.kind).sensitivity is Sensitivity.SECRET
