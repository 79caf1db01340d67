"""Asking whether an insurer pays, and keeping question and answer as evidence (DP-01, DP-03)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection
from django.db.models import Model

from accounts.models import Patient, User
from accounts.services import audit
from bookings.models import Case
from hospitals.models import Offer
from medtour.lib import clock
from medtour.lib.ids import public_id
from medtour.lib.locks import busy_is_a_refusal
from medtour.lib.prepared import prepared_rows
from payments.eligibility_rules import SPEC_VERSION, MalformedDocument, evaluate
from payments.insurance_questions import UNIDENTIFIED, Question
from payments.insurance_refusals import TooManyAttempts
from payments.machine_scopes import audited
from payments.models import (
    AskedThrough,
    DirectPayCard,
    EligibilityBatch,
    EligibilityCheck,
    IdempotentAnswer,
    Outcome,
)
from payments.selectors.insurance.member_facts import MemberFacts, member_facts
from payments.selectors.insurance.rules import rules_of
from payments.selectors.insurance.snapshot import RulesMissing, asked, document

logger = structlog.get_logger(__name__)

WINDOW = dt.timedelta(hours=1)
FAILURES_PER_ASKER = 10
FAILURES_PER_INSURER = 30
# An insurer's own file of questions may name strangers; asking again is not somebody guessing.
NEVER_LOCKED = frozenset({AskedThrough.BATCH, AskedThrough.RETRY})
COLUMNS = (
    "public_id",
    "insurer_id",
    "hospital_id",
    "member_id",
    "patient_id",
    "case_id",
    "offer_id",
    "card_id",
    "batch_id",
    "answers_id",
    "asked_through",
    "asked_by_id",
    "client_id",
    "asked_at",
    "service_on",
    "spec_version",
    "outcome",
    "reason_codes",
    "input",
    "output",
)
# Failures are counted here and not with the facts: whoever guesses with many requests at once is
# told only what fits before the limit, because each waits for the failures before it.
MAY_ASK = """%(never_locked)s OR payments_may_ask(
        %(insurer_id)s, %(asked_by_id)s, %(client_id)s, %(is_failure)s, %(since)s,
        %(most_of_asker)s, %(most_of_insurer)s)"""
STORE = f"""
WITH allowed AS MATERIALIZED (
    SELECT {MAY_ASK} AS may_ask
), checked AS (
    INSERT INTO payments_eligibilitycheck ({", ".join(COLUMNS)})
    SELECT {", ".join(f"%({name})s" for name in COLUMNS)} FROM allowed WHERE may_ask RETURNING id
), noted AS ({audit.INSERTION} FROM checked) SELECT id FROM checked
"""  # noqa: S608  (only names of columns)

ENCRYPTED = frozenset({"input", "output", "body"})
KEPT = ("client_id", "key", "fingerprint", "status", "body", "created_at")
STORE_ONCE = STORE.replace(
    ", noted AS",
    f""", kept AS (
    INSERT INTO payments_idempotentanswer ({", ".join(KEPT)})
    SELECT {", ".join(f"%(kept_{name})s" for name in KEPT)} FROM checked
), noted AS""",  # noqa: S608  (only names of columns)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks through which door, and what the question belongs to."""

    through: str
    by: User | None = None
    client_id: str = ""
    patient: Patient | None = None
    case: Case | None = None
    offer: Offer | None = None
    card: DirectPayCard | None = None
    batch: EligibilityBatch | None = None
    answers: EligibilityCheck | None = None


def ask(question: Question, *, now: dt.datetime | None = None, **asking: Any) -> EligibilityCheck:
    """Answer a question from the facts of its day and keep both; two statements when warm (G9).

    `asking` are the fields of `Asking`. Somebody who is not identified is answered in the same
    time and words whether the number exists or not; use `public_output` for what leaves the house.
    What cannot be determined is kept as WAITING, never an error (M2). Raises TooManyAttempts after
    10 unusable details of one asker or 30 for one insurer within an hour (DP-03).
    """
    now = now or clock.now()
    asker = Asking(**asking)
    check = answered(question, member_facts(question), asker, now=now)
    store(check)
    return check


def answered(
    question: Question, facts: MemberFacts, asker: Asking, *, now: dt.datetime
) -> EligibilityCheck:
    """Return the answer from facts that were read before, not stored yet."""
    evidence = _evaluated(question, facts, now=now)
    check = _check(question, asker, evidence, now=now)
    if check.outcome != Outcome.REJECTED and facts.is_identified:
        check.member_id = facts.member["id"]
    return check


def unanswered(question: Question, asker: Asking, *, now: dt.datetime) -> EligibilityCheck:
    """Return a check that nobody answered yet, not stored yet (M2)."""
    return _check(question, asker, (asked(question, now=now), {}), now=now)


def refuse_guessing(check: EligibilityCheck) -> None:
    """Raise TooManyAttempts before an insurer itself is asked; `store` says it last (DP-03)."""
    who = {"insurer_id": check.insurer.pk, "client_id": check.client_id}
    who["asked_by_id"] = check.asked_by.pk if check.asked_by else None
    with busy_is_a_refusal():
        [(may_ask,)] = prepared_rows(f"SELECT {MAY_ASK}", who | _lock(check))
    if not may_ask:
        raise TooManyAttempts


def _evaluated(
    question: Question, facts: MemberFacts, *, now: dt.datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the document and the engine's answer; an empty answer when there can be none."""
    rules = rules_of(question.insurer.pk, facts.rules_version)
    try:
        found = document(question, facts, rules, now=now)
    except RulesMissing:
        logger.warning("insurance.rules_missing", insurer=question.insurer.slug)
        return asked(question, now=now), {}
    try:
        return found, evaluate(found)
    except MalformedDocument as error:
        logger.error("insurance.malformed", insurer=question.insurer.slug, key=error.key)
        return found, {}


def _check(
    question: Question,
    asker: Asking,
    evidence: tuple[dict[str, Any], dict[str, Any]],
    *,
    now: dt.datetime,
) -> EligibilityCheck:
    found, output = evidence
    rows = {
        "patient": asker.patient,
        "case": asker.case,
        "offer": asker.offer,
        "card": asker.card,
        "batch": asker.batch,
        "answers": asker.answers,
        "asked_by": asker.by,
    }
    return EligibilityCheck(
        public_id=public_id(),
        insurer=question.insurer,
        hospital=question.hospital,
        **{name: row for name, row in rows.items() if row is not None},
        asked_through=str(asker.through),
        client_id=asker.client_id,
        asked_at=now,
        service_on=question.service_on,
        spec_version=SPEC_VERSION,
        outcome=str(output.get("outcome", Outcome.WAITING)),
        reason_codes=output.get("reason_codes", []),
        input=found,
        output=output,
    )


def store(check: EligibilityCheck, *, kept: IdempotentAnswer | None = None) -> None:
    """Write the check and its audit row in one statement, which is a transaction by itself.

    With `kept`, the answer of an Idempotency-Key is written by the same statement; a key that
    came twice at once raises IntegrityError, and nothing of the second is stored. Raises
    TooManyAttempts, with nothing written, once there were too many failures.
    """
    _text, noted = audit.insertion(
        by=check.asked_by,
        action="insurance.check",
        target=f"payments.eligibilitycheck:{check.public_id}",
        at=check.asked_at,
        patient_public_id=check.patient.public_id if check.patient else "",
        hospital_slug=check.hospital.slug,
    )
    values = _column_values(check, COLUMNS) | noted | _lock(check)
    values["audit_reason"] = audited(check.client_id)
    if kept is not None:
        values |= {f"kept_{name}": value for name, value in _column_values(kept, KEPT).items()}
    with busy_is_a_refusal():
        found = prepared_rows(STORE if kept is None else STORE_ONCE, values)
    if not found:
        raise TooManyAttempts
    [(check.pk,)] = found
    check._state.adding, check._state.db = False, connection.alias


def _lock(check: EligibilityCheck) -> dict[str, Any]:
    return {
        "never_locked": check.asked_through in NEVER_LOCKED,
        "is_failure": any(code in UNIDENTIFIED for code in check.reason_codes),
        "since": check.asked_at - WINDOW,
        "most_of_asker": FAILURES_PER_ASKER,
        "most_of_insurer": FAILURES_PER_INSURER,
    }


def _column_values(row: Model, columns: Iterable[str]) -> dict[str, Any]:
    """Return what is written; the values are of the columns' types, but for what is encrypted."""
    values = {name: getattr(row, name) for name in columns}
    for name in ENCRYPTED & values.keys():
        values[name] = row._meta.get_field(name).get_prep_value(values[name])  # type: ignore[union-attr]
    return values
