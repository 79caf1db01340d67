"""Asking a patient for records that are missing, until the hospital has them (QM-01)."""

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from django.db import transaction

from accounts.models import User
from accounts.services.consents import GivenConsent, give_consents
from accounts.services.documents import Readable, store_document
from bookings.models import Case, RecordsDocument, RecordsRequest
from bookings.models.case import Actor
from bookings.pre_visit_refusals import CaseIsOver, NothingAsked, RecordsNotNeeded
from bookings.services import cases, history, pre_visit_notices
from bookings.transitions import CASE, CaseState
from medtour.lib import clock
from medtour.lib.locks import lock_row


class Upload(Readable, Protocol):
    """A file that somebody sends, and what they call it."""

    name: str


OVER = (CaseState.CLOSED, CaseState.DECLINED, CaseState.WITHDRAWN)


def ask_for_records(
    case: Case,
    *,
    items: str,
    how: str,
    due_on: dt.date | None,
    by: User,
    now: dt.datetime | None = None,
) -> RecordsRequest:
    """Say which records are missing and how to send them; an earlier list is replaced.

    A case that is being read waits for them. Raises CaseIsOver or NothingAsked.
    """
    now = now or clock.now()
    if not items.strip() or not how.strip():
        raise NothingAsked
    with transaction.atomic():
        fresh = lock_row(Case.objects.select_related("patient__account"), case.pk)
        if fresh.state in OVER:
            raise CaseIsOver
        RecordsRequest.objects.filter(case=fresh, closed_at=None).update(closed_at=now)
        request = RecordsRequest.objects.create(
            case=fresh,
            items=items.strip(),
            how=how.strip(),
            due_on=due_on,
            asked_by=by,
            asked_at=now,
        )
        _record(fresh, "records_asked", by=by, actor=Actor.HOSPITAL, now=now)
        if CaseState.INFO_NEEDED in CASE.get(fresh.state, ()):
            cases.move(fresh, CaseState.INFO_NEEDED, by=by, actor=Actor.HOSPITAL, now=now)
        pre_visit_notices.records_missing(request, recipient=fresh.patient.account, now=now)
    return request


def send_record(
    asked: RecordsRequest,
    *,
    upload: Upload,
    by: User,
    consents: Iterable[GivenConsent] = (),
    now: dt.datetime | None = None,
) -> RecordsDocument:
    """Keep a file that the patient sends for a request, for the hospital's care team to read.

    Call it outside a transaction. Raises RecordsNotNeeded once nothing is asked for, or what
    `store_document` raises; then no file is kept.
    """
    now = now or clock.now()
    fresh = RecordsRequest.objects.select_related("case__patient").get(pk=asked.pk)
    if fresh.closed_at is not None:
        raise RecordsNotNeeded
    patient = fresh.case.patient
    give_consents(patient, consents, now=now)
    document = store_document(patient, by=by, name=upload.name, upload=upload, now=now)
    with transaction.atomic():
        sent = RecordsDocument.objects.create(request=fresh, document=document, sent_at=now)
        say_sent(fresh, by=by, now=now)
    return sent


def say_sent(
    request: RecordsRequest, *, by: User, now: dt.datetime | None = None
) -> RecordsRequest:
    """Note that the patient says the records are on their way; a second time changes nothing."""
    now = now or clock.now()
    with transaction.atomic():
        case = lock_row(Case.objects.all(), request.case_id)
        fresh = lock_row(RecordsRequest.objects.all(), request.pk)
        if fresh.sent_at is None and fresh.closed_at is None:
            fresh.sent_at = now
            fresh.save(update_fields=["sent_at"])
            _record(case, "records_sent", by=by, actor=Actor.PATIENT, now=now)
    return fresh


def close_records(case: Case, *, by: User, now: dt.datetime | None = None) -> None:
    """Note that nothing is missing any more; the case is read on. Nothing open: nothing happens."""
    now = now or clock.now()
    with transaction.atomic():
        fresh = lock_row(Case.objects.all(), case.pk)
        if not RecordsRequest.objects.filter(case=fresh, closed_at=None).update(closed_at=now):
            return
        _record(fresh, "records_complete", by=by, actor=Actor.HOSPITAL, now=now)
        if fresh.state == CaseState.INFO_NEEDED:
            cases.move(fresh, CaseState.IN_TRIAGE, by=by, actor=Actor.HOSPITAL, now=now)


def _record(case: Case, action: str, *, by: User, actor: str, now: dt.datetime) -> None:
    event = history.case_event(case, action, before=case.state, by=by, actor=actor, at=now)
    history.record([event])
