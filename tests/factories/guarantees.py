"""Guarantees for tests; they reach their state through the services themselves.

Sums: an estimate of CNY 30,000, of which CNY 27,000 are asked of the insurer.
"""

import datetime as dt
from typing import Any

from accounts.models import Consent, MedicalDocument, Patient
from bookings.models import Appointment
from bookings.transitions import AppointmentState
from hospitals.models import Insurer
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import (
    BenefitBalance,
    Coverage,
    DocumentKind,
    EligibilityCheck,
    Guarantee,
    Outcome,
)
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance import guarantee_moves as moves
from payments.services.insurance import guarantees
from payments.services.insurance.guarantee_decisions import Promise, Refused
from payments.services.insurance.guarantee_sweep import expire_guarantees
from payments.services.insurance.guarantees import Request
from payments.transitions import GuaranteeState as G
from tests.factories.bookings import AppointmentFactory
from tests.factories.documents import stored
from tests.factories.insurance import CoverageFactory, PlanTermsFactory

ESTIMATE, REQUESTED = 3_000_000, 2_700_000


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def covered(**terms: Any) -> Coverage:
    """Return a member's coverage with terms in force that name no limit, unless `terms` do."""
    coverage = CoverageFactory()
    PlanTermsFactory(plan=coverage.plan, **terms)
    return coverage


def waiting_appointment(**fields: Any) -> Appointment:
    """Return an appointment that waits for an insurer, its place kept for a day."""
    return AppointmentFactory(
        state=AppointmentState.AWAITING_GUARANTEE,
        held_until=clock.now() + dt.timedelta(days=1),
        confirmed_at=None,
        **fields,
    )


def agrees_to_insurer(patient: Patient, insurer: Insurer) -> Consent:
    consent, _is_new = Consent.objects.get_or_create(
        patient=patient,
        purpose="insurer_transfer",
        recipient=insurer.slug,
        withdrawn_at=None,
        defaults={"text_version": "2026-11", "text_sha256": "0" * 64, "language": "en"},
    )
    return consent


def check_of(appointment: Appointment, coverage: Coverage, **fields: Any) -> EligibilityCheck:
    """Return the evidence of a check that says: authorisation needed."""
    currency = coverage.plan.currency
    values = {
        "insurer": coverage.plan.insurer,
        "hospital": appointment.hospital,
        "member": coverage.member,
        "patient": appointment.patient,
        "case": appointment.case,
        "asked_through": "patient",
        "service_on": service_day(appointment),
        "spec_version": "1.0",
        "outcome": Outcome.PREAUTH_REQUIRED,
        "input": {
            "request": {
                "category": "inpatient",
                "setting": "inpatient",
                "procedure_code": "8151",
                "diagnosis_code": "M16.1",
            }
        },
        "output": {"currency": currency, "estimate": "30000.00", "covered_amount": "27000.00"},
    }
    return EligibilityCheck.objects.create(**values | fields)


def service_day(appointment: Appointment) -> dt.date:
    return clock.local(appointment.slot.starts_at, appointment.hospital.time_zone).date()


def request_for(appointment: Appointment, **fields: Any) -> Request:
    day = service_day(appointment)
    values = {
        "service_from": day,
        "service_until": day + dt.timedelta(days=4),
        "appointment": appointment,
        "clinical_note": "Hip pain for two years",
    }
    return Request(**values | fields)


def drafted(
    appointment: Appointment | None = None, coverage: Coverage | None = None, **fields: Any
) -> Guarantee:
    """Return a complete draft: consent given, the report with it."""
    appointment = appointment or waiting_appointment()
    coverage = coverage or covered()
    check = check_of(appointment, coverage)
    patient, by = appointment.kept_patient, appointment.kept_booker
    agrees_to_insurer(patient, check.insurer)
    guarantee = guarantees.draft_guarantee(
        appointment.kept_case, check=check, request=request_for(appointment, **fields), by=by
    )
    guarantees.share_document(
        guarantee, document=stored(patient), kind=DocumentKind.MEDICAL_REPORT, by=by
    )
    return guarantee


def submitted(*args: Any, **fields: Any) -> Guarantee:
    draft = drafted(*args, **fields)
    return moves.submit_guarantee(
        draft, by=draft.case.opened_by, row_version=draft.row_version, despite_lead_time=True
    )


def promise_of(guarantee: Guarantee, amount: int | None = REQUESTED, **fields: Any) -> Promise:
    values = {
        "amount": None if amount is None else Money(amount, guarantee.currency),
        "valid_from": guarantee.service_from - dt.timedelta(days=7),
        "valid_until": guarantee.service_until + dt.timedelta(days=7),
        "insurer_reference": "GOP-77",
    }
    return Promise(**values | fields)


def approve(guarantee: Guarantee, amount: int | None = REQUESTED, **fields: Any) -> Guarantee:
    return decisions.approve_guarantee(
        guarantee,
        promise=promise_of(guarantee, amount, **fields),
        by=None,
        row_version=guarantee.row_version,
    )


def refuse(guarantee: Guarantee, appeal_until: dt.date | None = None) -> Guarantee:
    refused = Refused("not_necessary", "The treatment is not needed.", appeal_until)
    return decisions.decline_guarantee(
        guarantee, refused=refused, by=None, row_version=guarantee.row_version
    )


def ask(guarantee: Guarantee) -> Guarantee:
    return decisions.ask_question(
        guarantee,
        question="Which treatment was tried before?",
        by=None,
        row_version=guarantee.row_version,
    )


def top_up(guarantee: Guarantee, minor: int = 3_600_000) -> Guarantee:
    return guarantees.top_up_guarantee(
        guarantee,
        estimate=cny(minor),
        requested=cny(minor),
        reason="Two more nights",
        by=guarantee.case.opened_by,
    )


def in_state(state: str, **fields: Any) -> Guarantee:
    """Return a guarantee that has reached a state by the moves that lead there."""
    if state == G.DRAFT:
        return drafted(**fields)
    sent = submitted(**fields)
    if state == G.MORE_INFO:
        return ask(sent)
    if state == G.DECLINED:
        return refuse(sent, appeal_until=sent.service_until)
    if state == G.WITHDRAWN:
        return moves.withdraw_guarantee(sent, by=None, row_version=None)
    if state == G.SUBMITTED:
        return sent
    return _after_approval(approve(sent), state)


def _after_approval(guarantee: Guarantee, state: str) -> Guarantee:
    if state == G.CANCELLED:
        return moves.cancel_guarantee(guarantee, by=None, row_version=None, reason="Not needed")
    if state == G.USED:
        return decisions.use_guarantee(guarantee, used_minor=100, by=None, row_version=None)
    if state == G.TOPPED_UP:
        draft = top_up(guarantee)
        approve(
            moves.submit_guarantee(
                draft, by=draft.case.opened_by, row_version=1, despite_lead_time=True
            )
        )
    if state == G.EXPIRED:
        _expire(guarantee)
    guarantee.refresh_from_db()
    return guarantee


def _expire(guarantee: Guarantee) -> None:
    after = dt.timedelta(days=2) + (guarantee.approved_until - clock.today("UTC"))
    expire_guarantees(now=clock.now() + after)


def balance_of(coverage: Coverage, category: str = "") -> tuple[int, int]:
    """Return what of a limit is used and reserved."""
    balance = BenefitBalance.objects.get(coverage=coverage, category=category)
    return balance.used_minor, balance.reserved_minor


def report(patient: Patient) -> MedicalDocument:
    return stored(patient, name="second report.pdf")
