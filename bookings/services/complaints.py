"""Complaints about a case: the patient writes, the hospital answers, both stay as written."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from bookings.models import Case, Complaint
from bookings.models.case import Actor
from bookings.pre_visit_refusals import AnsweredAlready, TooManyComplaints, WordsMissing
from bookings.services import history, pre_visit_notices
from medtour.lib import clock
from medtour.lib.locks import lock_row

MOST_UNANSWERED = 5


def file_complaint(
    case: Case, *, words: str, language: str, by: User, now: dt.datetime | None = None
) -> Complaint:
    """Keep a complaint for the hospital's coordinators.

    Raises WordsMissing, or TooManyComplaints while five of the case wait for an answer.
    """
    now = now or clock.now()
    if not words.strip():
        raise WordsMissing
    with transaction.atomic():
        fresh = lock_row(Case.objects.all(), case.pk)
        if fresh.complaints.filter(answered_at=None).count() >= MOST_UNANSWERED:
            raise TooManyComplaints
        complaint = Complaint.objects.create(
            case=fresh, words=words.strip(), language=language, filed_by=by, filed_at=now
        )
        _record(fresh, "complaint", by=by, actor=Actor.PATIENT, now=now)
    return complaint


def answer_complaint(
    complaint: Complaint, *, answer: str, by: User, now: dt.datetime | None = None
) -> Complaint:
    """Answer once and tell whoever complained; raises WordsMissing or AnsweredAlready."""
    now = now or clock.now()
    if not answer.strip():
        raise WordsMissing
    with transaction.atomic():
        case = lock_row(Case.objects.all(), complaint.case_id)
        fresh = lock_row(Complaint.objects.select_related("filed_by"), complaint.pk)
        if fresh.answered_at is not None:
            raise AnsweredAlready
        fresh.answer, fresh.answered_by, fresh.answered_at = answer.strip(), by, now
        fresh.save(update_fields=["answer", "answered_by", "answered_at"])
        _record(case, "complaint_answered", by=by, actor=Actor.HOSPITAL, now=now)
        pre_visit_notices.complaint_answered(fresh, now=now)
    return fresh


def _record(case: Case, action: str, *, by: User, actor: str, now: dt.datetime) -> None:
    event = history.case_event(case, action, before=case.state, by=by, actor=actor, at=now)
    history.record([event])
