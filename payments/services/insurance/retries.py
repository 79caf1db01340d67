"""Questions that an insurer could not answer are asked again; the patient is told once (M2)."""

import datetime as dt

import structlog
from django.db import IntegrityError, transaction

from accounts.models.consent import Purpose
from accounts.services.consents import has_consent
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.locks import claim_rows
from medtour.lib.money import Money
from messaging.services import Outgoing, queue
from payments.eligibility_messages import KIND
from payments.eligibility_values import instant
from payments.gateways.insurer import InsurerSilent
from payments.insurance_questions import Question
from payments.models import (
    AskedThrough,
    EligibilityCheck,
    EligibilityRetry,
    InsurerConnection,
)
from payments.selectors.insurance.member_facts import member_facts
from payments.services.insurance import checks
from payments.services.insurance.asking import ask_over, fill, retry_after
from payments.services.insurance.checks import Asking

log = structlog.get_logger(__name__)

AT_ONCE = 20
LEASE = dt.timedelta(minutes=2)
MOST_ATTEMPTS = 30
WITH_ALL = (
    "waiting_check__insurer",
    "waiting_check__hospital",
    "waiting_check__patient",
    "waiting_check__asked_by",
    "waiting_check__case",
    "waiting_check__offer",
    "waiting_check__card",
)


def ask_again_due(*, now: dt.datetime | None = None) -> int:
    """Ask what is due once more; returns how many questions were answered.

    Each row is claimed when its turn comes, for longer than an insurer can take, so that two
    workers never ask the same at once, and one that dies delays one row and loses none. A row that
    cannot be asked stops no other.
    """
    answered = 0
    for _turn in range(AT_ONCE):
        moment = now or clock.now()
        row = _claimed(now=moment)
        if row is None:
            break
        try:
            answered += _ask_again(row, now=moment)
        except Exception as error:
            # The error's own words may hold what was asked (SE-16).
            kind = type(error).__name__
            log.error("insurer_retry_failed", check=row.waiting_check.public_id, error=kind)
            _wait_on(row, kind, now=moment)
    return answered


def _claimed(*, now: dt.datetime) -> EligibilityRetry | None:
    with transaction.atomic(durable=True):
        due = EligibilityRetry.objects.filter(ended_at=None, next_attempt_at__lte=now)
        for row in claim_rows(due.order_by("next_attempt_at", "pk"), 1):
            row.next_attempt_at, row.attempts = now + LEASE, row.attempts + 1
            row.save(update_fields=["next_attempt_at", "attempts"])
            return EligibilityRetry.objects.select_related(*WITH_ALL).get(pk=row.pk)
    return None


def _ask_again(row: EligibilityRetry, *, now: dt.datetime) -> bool:
    first = row.waiting_check
    if first.patient and not has_consent(
        first.patient, Purpose.INSURER_TRANSFER, first.insurer.slug
    ):
        _end(row, "consent withdrawn", now=now)
        return False
    question = question_of(first)
    way = InsurerConnection.objects.filter(insurer=first.insurer, is_active=True).first()
    try:
        check = _answered(first, question, way, now=now)
    except InsurerSilent as silence:
        _wait_on(row, silence.reason, now=now)
        return False
    return _keep(row, check, now=now)


def _answered(
    first: EligibilityCheck,
    question: Question,
    way: InsurerConnection | None,
    *,
    now: dt.datetime,
) -> EligibilityCheck:
    """Return the answer, not stored yet; by our engine when the insurer's own way was closed."""
    asker = Asking(
        through=AskedThrough.RETRY,
        by=first.asked_by,
        client_id=first.client_id,
        patient=first.patient,
        case=first.case,
        offer=first.offer,
        card=first.card,
        answers=first,
    )
    if way is None:
        return checks.answered(question, member_facts(question), asker, now=now)
    check = checks.unanswered(question, asker, now=now)
    fill(check, ask_over(way, question, request_id=first.public_id, now=now))
    return check


def _keep(row: EligibilityRetry, check: EligibilityCheck, *, now: dt.datetime) -> bool:
    """Store the answer, end the waiting and queue the message, all or nothing."""
    first = row.waiting_check
    try:
        with transaction.atomic():
            checks.store(check)
            _end(row, "", now=now)
            if first.patient is not None and first.asked_by is not None:
                queue(
                    Outgoing(
                        kind=KIND,
                        recipient=first.asked_by,
                        dedupe_key=f"{KIND}:{first.public_id}",
                        context={"check": check.public_id},
                    ),
                    now=now,
                )
    except IntegrityError as error:
        if "answers_id" not in constraint_name(error):
            raise
        _end(row, "answered before", now=now)
        return False
    return True


def _end(row: EligibilityRetry, reason: str, *, now: dt.datetime) -> None:
    EligibilityRetry.objects.filter(pk=row.pk).update(ended_at=now, last_error=reason)


def _wait_on(row: EligibilityRetry, reason: str, *, now: dt.datetime) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        log.error("insurer_never_answered", check=row.waiting_check.public_id)
        _end(row, "gave up", now=now)
        return
    EligibilityRetry.objects.filter(pk=row.pk).update(
        next_attempt_at=now + retry_after(row.attempts), last_error=reason[:80]
    )


def question_of(check: EligibilityCheck) -> Question:
    """Return the question again from the evidence of a check."""
    presented, asked = check.input["presented"], check.input["request"]
    start = instant(asked["service_start"])
    if start is None:
        raise ValueError("service_start")
    return Question(
        insurer=check.insurer,
        hospital=check.hospital,
        member_number=presented["member_id"],
        date_of_birth=dt.date.fromisoformat(presented["date_of_birth"]),
        service_start=start,
        category=asked["category"],
        setting=asked["setting"],
        amount=Money.from_major(asked["amount"], asked["currency"]),
        procedure_code=asked["procedure_code"] or "",
        diagnosis_code=asked["diagnosis_code"] or "",
        emergency=asked["emergency"],
        accident=asked["accident"],
        condition_onset_on=_day(asked["condition_onset_on"]),
        last_treated_on=_day(asked["last_treated_on"]),
        emergency_notified_after_hours=asked["emergency_notified_after_hours"],
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
