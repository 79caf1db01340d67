"""Asking whoever answers for an insurer: our engine, or the insurer itself (M2, RL-09).

An insurer that is away never stops a patient: the question waits, and is asked again later.
"""

import datetime as dt
import random
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When

from medtour.lib import clock
from payments.gateways.insurer import InsurerSilent, gateway_of
from payments.insurance_questions import Question
from payments.models import EligibilityCheck, EligibilityRetry, InsurerConnection
from payments.services.insurance import checks
from payments.services.insurance.checks import Asking

log = structlog.get_logger(__name__)

FAILURES_BEFORE_PAUSE = 5
PAUSE = dt.timedelta(minutes=2)
FIRST_RETRY = dt.timedelta(minutes=1)
LONGEST_RETRY = dt.timedelta(hours=1)


def ask_insurer(
    question: Question, *, now: dt.datetime | None = None, **asking: Any
) -> EligibilityCheck:
    """Answer a question by the insurer itself where it does so, else by our engine.

    Never inside a transaction: an insurer may take seconds. What it does not answer is kept as
    WAITING and asked again. `asking` and refusals are those of `checks.ask`.
    """
    now = now or clock.now()
    way = InsurerConnection.objects.filter(insurer=question.insurer, is_active=True).first()
    if way is None:
        return checks.ask(question, now=now, **asking)
    check = checks.unanswered(question, Asking(**asking), now=now)
    with transaction.atomic(durable=True):
        checks.refuse_guessing(check)
    try:
        fill(check, ask_over(way, question, request_id=check.public_id, now=now))
    except InsurerSilent as silence:
        _keep_waiting(check, silence.reason, now=now)
        return check
    checks.store(check)
    return check


def fill(check: EligibilityCheck, output: dict[str, Any]) -> None:
    """Put an answer into a check that is not stored yet."""
    check.output, check.outcome = output, output["outcome"]
    check.reason_codes = output["reason_codes"]


def ask_over(
    way: InsurerConnection, question: Question, *, request_id: str, now: dt.datetime
) -> dict[str, Any]:
    """Ask an insurer unless it failed too often lately; the row remembers how it went.

    Raises InsurerSilent.
    """
    if not _may_ask(way, now=now):
        raise InsurerSilent("paused")
    try:
        output = gateway_of(way.base_url, way.secret_name).ask(
            question, request_id=request_id, now=now
        )
    except InsurerSilent as silence:
        log.warning("insurer_silent", insurer=question.insurer.slug, reason=silence.reason)
        _note_failure(way, now=now)
        raise
    InsurerConnection.objects.filter(pk=way.pk).exclude(failures=0, open_until=None).update(
        failures=0, open_until=None
    )
    return output


def retry_after(attempts: int) -> dt.timedelta:
    """Return how long a question waits for its next try: doubled each time, with jitter."""
    whole = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(attempts, 10))
    return whole * random.uniform(0.75, 1.25)  # noqa: S311  (spreads load, guards nothing)


def _may_ask(way: InsurerConnection, *, now: dt.datetime) -> bool:
    """Tell whether the circuit is closed; once a pause is over, one caller tries for all."""
    if way.open_until is None:
        return True
    if way.open_until > now:
        return False
    lease = now + 3 * dt.timedelta(
        seconds=settings.INSURER_ANSWER_SECONDS + settings.INSURER_CONNECT_SECONDS
    )
    own = InsurerConnection.objects.filter(pk=way.pk, open_until=way.open_until)
    return bool(own.update(open_until=lease))


def _note_failure(way: InsurerConnection, *, now: dt.datetime) -> None:
    """Count a failure in a row; from the fifth on nobody asks for a while."""
    InsurerConnection.objects.filter(pk=way.pk, failures__lt=1000).update(
        failures=F("failures") + 1,
        open_until=Case(
            When(failures__gte=FAILURES_BEFORE_PAUSE - 1, then=Value(now + PAUSE)), default=None
        ),
    )


def _keep_waiting(check: EligibilityCheck, reason: str, *, now: dt.datetime) -> None:
    with transaction.atomic():
        checks.store(check)
        EligibilityRetry.objects.create(
            waiting_check=check, next_attempt_at=now + retry_after(0), last_error=reason[:80]
        )
