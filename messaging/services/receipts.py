"""What providers say about attempts: in any order, more than once, never backwards (MS-04)."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from medtour.lib import clock, locks
from messaging import attempts
from messaging.channels.protocol import AddressRefused, WindowClosed
from messaging.enums import PROGRESS, AttemptState, Status
from messaging.models import DeliveryAttempt, DeliveryEvent, Message, StaffTask
from messaging.services.whatsapp_users import note_whatsapp_user

log = structlog.get_logger(__name__)

MESSAGE_STATUS = {
    AttemptState.SENT: Status.SENT,
    AttemptState.DELIVERED: Status.DELIVERED,
    AttemptState.READ: Status.READ,
}
# What was waiting for its next way, or was given up, may have arrived after all.
BEFORE_IT_LEFT = (Status.SENDING, Status.QUEUED, Status.FAILED, Status.DEAD)
EARLIER = {
    Status.SENT: BEFORE_IT_LEFT,
    Status.DELIVERED: (*BEFORE_IT_LEFT, Status.SENT),
    Status.READ: (*BEFORE_IT_LEFT, Status.SENT, Status.DELIVERED),
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One piece of news. `state` is sent, delivered, read or failed; `key` names the attempt.

    `whatsapp_user` is WhatsApp's id of the reader for this business, where it tells one.
    """

    channel: str
    provider_id: str
    state: str
    occurred_at: datetime
    key: str = ""
    code: str = ""
    is_for_good: bool = False
    closes_window: bool = False
    whatsapp_user: str = ""


def record_receipt(receipt: Receipt, *, now: datetime | None = None) -> bool:
    """Keep the news and move the attempt and its message forward; returns whether it was new."""
    now = now or clock.now()
    with transaction.atomic():
        message_pk = _message_of(receipt)
        if message_pk is not None:
            locks.lock_row(Message.objects.only("pk"), message_pk)
        attempt = _attempt_of(receipt)
        if not _keep(receipt, attempt, now):
            return False
        if attempt is None:
            log.warning("receipt_without_attempt", channel=receipt.channel, state=receipt.state)
            return True
        if not attempt.provider_id and receipt.provider_id:
            attempt.provider_id = receipt.provider_id
            attempt.save(update_fields=["provider_id"])
        if receipt.whatsapp_user and attempt.contact is not None:
            note_whatsapp_user(attempt.contact.fingerprint, receipt.whatsapp_user)
        if receipt.state == "failed":
            _fail(attempt, receipt, now)
        elif receipt.state in MESSAGE_STATUS:
            _move(attempt, AttemptState(receipt.state), now)
    return True


def _message_of(receipt: Receipt) -> int | None:
    attempt = _attempt_of(receipt)
    return attempt.message_id if attempt else None


def _attempt_of(receipt: Receipt) -> DeliveryAttempt | None:
    """Find the attempt by the provider's id, or by our own key when the answer never came."""
    own = DeliveryAttempt.objects.filter(channel=receipt.channel).select_related(
        "message", "contact"
    )
    found = None
    if receipt.provider_id:
        found = own.filter(provider_id=receipt.provider_id).first()
    public_id, _dot, number = receipt.key.partition(".")
    if found is None and number.isdecimal():
        found = own.filter(message__public_id=public_id, number=int(number)).first()
    return found


def _keep(receipt: Receipt, attempt: DeliveryAttempt | None, now: datetime) -> bool:
    """Write the event once; the unique row is what makes a repeat harmless."""
    own = {
        "channel": receipt.channel,
        "provider_id": receipt.provider_id or receipt.key,
        "state": receipt.state,
    }
    _row, is_new = DeliveryEvent.objects.get_or_create(
        **own,
        defaults={
            "attempt": attempt,
            "code": receipt.code[:40],
            "occurred_at": receipt.occurred_at,
            "received_at": now,
        },
    )
    return is_new


def _move(attempt: DeliveryAttempt, state: AttemptState, now: datetime) -> None:
    """A person who has it needs no other way: a message on its way to the next channel stops."""
    if not attempts.progress(attempt, state):
        return
    status = MESSAGE_STATUS[state]
    behind: list[Status] = [each for each in EARLIER[status] if each != Status.SENDING]
    if attempt.number == attempt.message.delivery_attempts.count():
        behind.append(Status.SENDING)
    rows = Message.objects.filter(pk=attempt.message_id, status__in=behind)
    rows.filter(sent_at=None).update(sent_at=now)
    rows.update(status=status, status_reason="")
    StaffTask.objects.filter(message=attempt.message_id, done_at=None).update(
        done_at=now, note="arrived after all"
    )


def _fail(attempt: DeliveryAttempt, receipt: Receipt, now: datetime) -> None:
    """Let the message take its next way; failure after arrival is noise and changes nothing."""
    state = AttemptState.FAILED if receipt.closes_window else AttemptState.REFUSED
    open_states = [each for each, rank in PROGRESS.items() if rank <= PROGRESS[AttemptState.SENT]]
    failed = DeliveryAttempt.objects.filter(pk=attempt.pk, state__in=open_states)
    outcome = f"failed {receipt.code}".strip()[:120]
    if not failed.update(
        state=state, outcome=outcome, provider_code=receipt.code[:40], ended_at=now
    ):
        return
    if receipt.closes_window:
        error: Exception = WindowClosed(receipt.code)
    else:
        error = AddressRefused(receipt.code, is_for_good=receipt.is_for_good)
    attempts.learn_about_contact(attempt.contact_id, attempt.channel, error, now)
    if attempt.number == attempt.message.delivery_attempts.count():
        Message.objects.filter(
            pk=attempt.message_id, status__in=(Status.SENDING, Status.SENT, Status.FAILED)
        ).update(status=Status.FAILED, status_reason=outcome, next_attempt_at=now)
