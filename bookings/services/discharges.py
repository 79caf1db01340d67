"""Discharge: the papers a patient leaves with, the questions that follow, the end of the case."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from django.db import transaction

from accounts.models import User
from bookings.models import Case, Discharge, FollowUpTask, HandBack
from bookings.models.case import Actor
from bookings.models.discharge import TranslationStatus
from bookings.refusals import (
    CallsAreOpen,
    DischargeMissing,
    HandBackNotGiven,
    NoTestsNamed,
    OnlyADoctorStatesThis,
    TranslatorNotNamed,
)
from bookings.services import cases, follow_up_notices, follow_ups, history
from bookings.services.follow_up_plans import is_doctor_at
from bookings.transitions import CASE, CaseState, FollowUpState
from hospitals.models import Offer
from medtour.lib import clock
from medtour.lib.ids import reference
from medtour.lib.locks import lock_row
from medtour.lib.states import MoveRefused, check_move

CORRECTABLE = (CaseState.DISCHARGED, CaseState.IN_FOLLOW_UP)


@dataclass(frozen=True, slots=True)
class DischargeFacts:
    """What the hospital writes down at discharge (QM-08); dates in `tests` are ISO texts."""

    offer: Offer | None
    pathway: str
    discharged_on: dt.date
    summary_zh: str
    summary: str
    language: str
    translation_status: str
    translator_name: str
    warning_signs: str
    contact: str
    medicines: Sequence[Mapping[str, str]] = ()
    implants: Sequence[Mapping[str, str]] = ()
    restrictions: str = ""
    flying: str = ""
    tests: Sequence[Mapping[str, str]] = ()
    no_tests_needed: bool = False


def record_discharge(
    case: Case, *, facts: DischargeFacts, by: User, now: dt.datetime | None = None
) -> Discharge:
    """Write the discharge papers, plan the follow-up and tell the patient, all at once.

    A second call corrects the papers by a new version; its letter for the home doctor has to be
    given again, and what is still planned follows its date.

    Raises MoveRefused outside treatment and follow-up, TranslatorNotNamed when
    medicines rest on a machine translation (M18), OnlyADoctorStatesThis for "no tests needed".
    """
    now = now or clock.now()
    with transaction.atomic():
        fresh = _locked(case)
        newest = newest_discharge(fresh)
        facts = _carried_over(newest, facts, by=by)
        _check(fresh, newest, facts, by=by)
        discharge = _write(fresh, newest, facts, by=by, now=now)
        if newest is None:
            _begin_follow_up(discharge, by=by, now=now)
        else:
            event = history.case_event(
                fresh, "amend_discharge", before=fresh.state, by=by, actor=Actor.HOSPITAL, at=now
            )
            history.record([event])
            follow_ups.date_anew(discharge)
        follow_up_notices.discharge_pack(discharge, now=now)
    return discharge


def newest_discharge(case: Case) -> Discharge | None:
    """Return the version of the discharge papers that counts."""
    return case.discharges.select_related("hand_back").order_by("-version").first()


def _locked(case: Case) -> Case:
    return lock_row(Case.objects.select_related("hospital", "patient__account"), case.pk)


def _carried_over(newest: Discharge | None, facts: DischargeFacts, *, by: User) -> DischargeFacts:
    """Keep a doctor's word that no tests are needed when somebody else corrects the papers.

    It stands until a doctor takes it back, or tests are written.
    """
    if newest is None or not newest.no_tests_needed or facts.tests:
        return facts
    if is_doctor_at(by, newest.case.hospital_id):
        return facts
    return replace(facts, no_tests_needed=True)


def _check(case: Case, newest: Discharge | None, facts: DischargeFacts, *, by: User) -> None:
    if newest is None and case.state != CaseState.DISCHARGED:
        check_move(CASE, case.state, CaseState.DISCHARGED)
    if newest is not None and case.state not in CORRECTABLE:
        raise MoveRefused(case.state, CaseState.DISCHARGED)
    is_by_machine = facts.translation_status == TranslationStatus.MACHINE
    if facts.medicines and is_by_machine:
        raise TranslatorNotNamed
    if not is_by_machine and not facts.translator_name.strip():
        raise TranslatorNotNamed
    stood_before = newest is not None and newest.no_tests_needed
    if facts.no_tests_needed and not stood_before and not is_doctor_at(by, case.hospital_id):
        raise OnlyADoctorStatesThis


def _write(
    case: Case,
    newest: Discharge | None,
    facts: DischargeFacts,
    *,
    by: User,
    now: dt.datetime,
) -> Discharge:
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    for name in ("medicines", "implants", "tests"):
        values[name] = [dict(row) for row in values[name]]
    discharge = Discharge.objects.create(
        case=case,
        version=newest.version + 1 if newest else 1,
        recorded_by=by,
        recorded_at=now,
        is_demonstration=case.patient.account.is_demonstration,
        **values,
    )
    HandBack.objects.create(discharge=discharge, code=reference()[:8], language=facts.language)
    return discharge


def _begin_follow_up(discharge: Discharge, *, by: User, now: dt.datetime) -> None:
    """Move the case to follow-up, if the plan asks for any, and plan its questions."""
    case, hospital = discharge.case, Actor.HOSPITAL
    if case.state == CaseState.IN_TREATMENT:
        cases.move(case, CaseState.DISCHARGED, action="discharge", by=by, actor=hospital, now=now)
    else:
        event = history.case_event(
            case, "discharge", before=case.state, by=by, actor=hospital, at=now
        )
        history.record([event])
    if follow_ups.plan_tasks(discharge, by=by, now=now):
        cases.move(case, CaseState.IN_FOLLOW_UP, by=by, actor=hospital, now=now)


def close_case(case: Case, *, by: User, now: dt.datetime | None = None) -> Case:
    """End a case for good; what is still planned is never asked.

    Raises DischargeMissing, NoTestsNamed unless a doctor stated that none are needed (M17),
    HandBackNotGiven, CallsAreOpen while somebody still has to call, or MoveRefused.
    """
    now = now or clock.now()
    with transaction.atomic():
        fresh = _locked(case)
        check_move(CASE, fresh.state, CaseState.CLOSED)
        newest = newest_discharge(fresh)
        if newest is None:
            raise DischargeMissing
        if not newest.tests and not newest.no_tests_needed:
            raise NoTestsNamed
        if newest.hand_back.given_at is None:
            raise HandBackNotGiven
        if FollowUpTask.objects.filter(case=fresh, state=FollowUpState.ESCALATED).exists():
            raise CallsAreOpen
        follow_ups.end_tasks(fresh.pk, by=by, now=now)
        cases.move(
            fresh, CaseState.CLOSED, by=by, actor=Actor.HOSPITAL, action="close_case", now=now
        )
    return fresh


def give_hand_back(
    discharge: Discharge, *, given_to: str, by: User, now: dt.datetime | None = None
) -> HandBack:
    """Record to whom the letter for the home doctor was given, and send the patient the way to it.

    The first record stands: giving it again changes nothing.
    """
    now = now or clock.now()
    with transaction.atomic():
        case = _locked(discharge.case)
        letter = lock_row(HandBack.objects.all(), discharge.hand_back.pk)
        if letter.given_at is not None:
            return letter
        letter.given_to, letter.given_at, letter.given_by = given_to, now, by
        letter.save(update_fields=["given_to", "given_at", "given_by"])
        event = history.case_event(
            case, "hand_back", before=case.state, by=by, actor=Actor.HOSPITAL, at=now
        )
        history.record([event])
        follow_up_notices.hand_back(letter, recipient=case.patient.account, now=now)
    return letter
