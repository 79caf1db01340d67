"""The hospital's and the patient's moves of a request: send, answer, withdraw, cancel, appeal."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction

from accounts.models import Disclosed, MedicalDocument, User
from medtour.lib import clock
from medtour.lib.errors import constraint_name
from medtour.lib.states import check_move
from payments import guarantee_refusals as refusals
from payments.models import Appeal, DocumentKind, Guarantee, Urgency
from payments.services.insurance import (
    guarantee_clock,
    guarantee_effects,
    guarantee_notices,
    reservations,
)
from payments.services.insurance.guarantee_clock import CLOCK
from payments.services.insurance.guarantee_rows import locked, move, one_move
from payments.services.insurance.guarantees import share, tell_insurer
from payments.services.insurance.row_moves import Act
from payments.transitions import GUARANTEE, GuaranteeState

G = GuaranteeState
Papers = Iterable[tuple[MedicalDocument, str]]
ONE_APPEAL = "payments_appeal_one_open_guarantee"
REQUEST_TELLS = frozenset(
    {
        Disclosed.IDENTITY,
        Disclosed.INSURANCE,
        Disclosed.DIAGNOSIS,
        Disclosed.TREATMENT,
        Disclosed.ESTIMATE,
    }
)


def submit_guarantee(
    guarantee: Guarantee,
    *,
    by: User | None,
    row_version: int,
    despite_lead_time: bool = False,
    client_id: str = "",
    now: dt.datetime | None = None,
) -> Guarantee:
    """Send a request to its insurer: the clock runs and the place is kept (DP-06, DP-07).

    Raises RequestIncomplete, SharingNotAgreed, LeadTimeTooShort unless `despite_lead_time`,
    GuaranteeChanged, MoveRefused, or HoldExpired when the place is gone.
    """
    act = Act(by, now or clock.now(), row_version, client_id)
    with one_move():
        fresh = locked(guarantee, act)
        _only_from(fresh, G.DRAFT, G.SUBMITTED)
        _check_complete(fresh)
        if not despite_lead_time:
            guarantee_clock.check_lead_time(fresh, now=act.now)
        fresh.submitted_at = act.now
        _with_insurer(fresh, "submit", act=act, fields=("submitted_at",))
        what = REQUEST_TELLS | ({Disclosed.DOCUMENTS} if fresh.documents.exists() else set())
        tell_insurer(fresh, set(what), now=act.now)
        guarantee_notices.submitted(fresh, now=act.now)
    return fresh


def answer_question(
    guarantee: Guarantee,
    *,
    answer: str,
    documents: Papers = (),
    by: User,
    row_version: int,
    now: dt.datetime | None = None,
) -> Guarantee:
    """Answer the insurer's question, with documents and their kinds; its clock begins anew.

    Raises WordsMissing, SharingNotAgreed, DocumentNotReady, GuaranteeChanged or MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version)
    with one_move():
        fresh = locked(guarantee, act)
        _only_from(fresh, G.MORE_INFO, G.SUBMITTED)
        words = _words(answer)
        tell_insurer(fresh, {Disclosed.ANSWER}, now=act.now)
        for document, kind in documents:
            share(fresh, document, kind, act=act)
        fresh.question = ""
        _with_insurer(fresh, "answer", act=act, reason=words, fields=("question",))
        guarantee_notices.answered(fresh, now=act.now)
    return fresh


def check_answerable(guarantee: Guarantee, *, row_version: int) -> None:
    """Raise what `answer_question` would, before files are kept for an answer nobody takes.

    Raises GuaranteeChanged or MoveRefused.
    """
    if guarantee.row_version != row_version:
        raise refusals.GuaranteeChanged
    _only_from(guarantee, G.MORE_INFO, G.SUBMITTED)


def appeal_guarantee(
    guarantee: Guarantee,
    *,
    reason: str,
    missing_documents: Sequence[str] = (),
    by: User,
    row_version: int,
    now: dt.datetime | None = None,
) -> Appeal:
    """Send a refused request back to its insurer with what it lacked, before its deadline (DP-12).

    `missing_documents` are the kinds that were missing; share them first or with the answer to a
    question. The insurer decides again, which answers the appeal. Raises WordsMissing,
    AppealTooLate, SharingNotAgreed, RequestRunning, GuaranteeChanged or MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version)
    with one_move():
        fresh = locked(guarantee, act)
        _only_from(fresh, G.DECLINED, G.SUBMITTED)
        words = _words(reason)
        today = clock.local(act.now, fresh.hospital.time_zone).date()
        if fresh.appeal_until is None or today > fresh.appeal_until:
            raise refusals.AppealTooLate
        appeal = _filed(fresh, words, missing_documents, by=by, now=act.now)
        fresh.decided_at = fresh.decided_by = fresh.appeal_until = None
        fields = ("decided_at", "decided_by", "appeal_until")
        _with_insurer(fresh, "appeal", act=act, reason=words, fields=fields)
        tell_insurer(fresh, {Disclosed.ANSWER}, now=act.now)
        guarantee_notices.answered(fresh, now=act.now)
    return appeal


def withdraw_guarantee(
    guarantee: Guarantee,
    *,
    by: User | None,
    row_version: int | None,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Guarantee:
    """Take a request back before it is decided; raises GuaranteeChanged or MoveRefused."""
    act = Act(by, now or clock.now(), row_version)
    with one_move():
        return withdraw(locked(guarantee, act), act=act, reason=reason)


def withdraw(guarantee: Guarantee, *, act: Act, reason: str = "") -> Guarantee:
    """As `withdraw_guarantee`, for a locked one."""
    was_with_insurer = guarantee.state != G.DRAFT
    guarantee_clock.stop_clock(guarantee)
    move(guarantee, G.WITHDRAWN, "withdraw", act=act, reason=reason.strip(), fields=CLOCK)
    if was_with_insurer:
        guarantee_notices.ended(guarantee, now=act.now)
    return guarantee


def cancel_guarantee(
    guarantee: Guarantee,
    *,
    by: User | None,
    row_version: int | None,
    reason: str,
    client_id: str = "",
    now: dt.datetime | None = None,
) -> Guarantee:
    """End an approved guarantee before it was used: the benefit is free again.

    An appointment that rests on it waits for a guarantee again. Raises WordsMissing,
    GuaranteeChanged or MoveRefused.
    """
    act = Act(by, now or clock.now(), row_version, client_id)
    with one_move():
        fresh = locked(guarantee, act)
        check_move(GUARANTEE, fresh.state, G.CANCELLED)
        cancel(fresh, act=act, reason=_words(reason))
        guarantee_effects.lose_promise(fresh, now=act.now)
        guarantee_notices.lost(fresh, now=act.now)
    return fresh


def cancel(guarantee: Guarantee, *, act: Act, reason: str) -> None:
    """End a locked, approved guarantee and free its benefit; the appointment is left alone."""
    move(guarantee, G.CANCELLED, "cancel", act=act, reason=reason)
    reservations.release(guarantee, by=act.by, now=act.now)
    guarantee_effects.ask_patient_instead(guarantee, by=act.by, now=act.now)
    guarantee_notices.ended(guarantee, now=act.now)


def _with_insurer(
    guarantee: Guarantee, action: str, *, act: Act, reason: str = "", fields: tuple[str, ...]
) -> None:
    """Move to the insurer, start its clock and keep the place meanwhile."""
    guarantee_clock.start_answer_clock(guarantee, now=act.now)
    move(guarantee, G.SUBMITTED, action, act=act, reason=reason, fields=(*fields, *CLOCK))
    guarantee_effects.keep_place(guarantee, now=act.now)


def _only_from(guarantee: Guarantee, state: str, after: str) -> None:
    """Raise MoveRefused unless this very move begins at `state`: others lead there too."""
    check_move({state: frozenset({after})}, guarantee.state, after)


def _words(text: str) -> str:
    if not text.strip():
        raise refusals.WordsMissing
    return text.strip()


def _check_complete(guarantee: Guarantee) -> None:
    missing: list[str] = []
    if not guarantee.diagnosis_code:
        missing.append(str(Guarantee._meta.get_field("diagnosis_code").verbose_name))
    reports = guarantee.documents.filter(kind=DocumentKind.MEDICAL_REPORT)
    if guarantee.urgency == Urgency.PLANNED and not reports.exists():
        missing.append(str(DocumentKind.MEDICAL_REPORT.label))
    if missing:
        raise refusals.RequestIncomplete(missing)


def _filed(
    guarantee: Guarantee, words: str, missing: Sequence[str], *, by: User, now: dt.datetime
) -> Appeal:
    try:
        with transaction.atomic():
            return Appeal.objects.create(
                guarantee=guarantee,
                reason=words,
                missing_documents=list(missing),
                filed_at=now,
                filed_by=by,
            )
    except IntegrityError as error:
        if constraint_name(error) != ONE_APPEAL:
            raise
        raise refusals.RequestRunning from error
