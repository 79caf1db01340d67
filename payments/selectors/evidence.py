"""What a hospital can tell the bank in a dispute: facts of the booking, nothing about health."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Consent
from bookings.models import Appointment, CaseEvent
from bookings.transitions import AppointmentState
from medtour.lib.money import Money
from payments.models import Dispute, Refund
from payments.transitions import RefundState


@dataclass(frozen=True, slots=True)
class LogLine:
    """One move of the booking: when, what, by whom (patient, hospital or system)."""

    at: dt.datetime
    action: str
    before: str
    after: str
    actor: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """One consent: what for, which text, when, in which language."""

    purpose: str
    text_version: str
    language: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that speaks for or against a dispute.

    `ladder` is what was frozen at payment, as [[hours before, percent], …]; `policy` names its
    version. `came_at` and `done_at` are the check-in and the end, None when they never were.
    """

    log: tuple[LogLine, ...]
    consents: tuple[Agreed, ...]
    ladder: tuple[tuple[int, int], ...]
    policy: str
    terms_language: str
    agreed_at: dt.datetime
    starts_at: dt.datetime | None
    came_at: dt.datetime | None
    done_at: dt.datetime | None
    charged: Money
    paid_at: dt.datetime | None
    refunded: Money


def evidence_summary(dispute: Dispute) -> Evidence:
    """Return what is known of the payment in dispute and of the booking behind it."""
    payment = dispute.payment
    obligation = payment.obligation
    appointment = obligation.appointment
    log = _log(appointment, case_id=obligation.case_id)
    policy = obligation.terms.get("policy") or {}
    return Evidence(
        log=log,
        consents=_consents(obligation.case.patient_id, obligation.hospital.slug),
        ladder=tuple((hours, percent) for hours, percent in obligation.terms.get("ladder", [])),
        policy=_policy_name(policy),
        terms_language=obligation.terms_language,
        agreed_at=payment.created_at,
        starts_at=appointment.slot.starts_at if appointment else None,
        came_at=_first(log, AppointmentState.ARRIVED),
        done_at=_first(log, AppointmentState.COMPLETED),
        charged=payment.charge,
        paid_at=payment.settled_at,
        refunded=Money(_sent_back(payment.refunds.all()), payment.charge_currency),
    )


def open_disputes(disputes: QuerySet[Dispute]) -> QuerySet[Dispute]:
    """Return those that wait for the bank, the next deadline first."""
    return (
        disputes.filter(state=Dispute.State.OPEN)
        .select_related("payment__obligation__hospital", "payment__obligation__case")
        .order_by("evidence_due_at", "pk")
    )


def _log(appointment: Appointment | None, *, case_id: int) -> tuple[LogLine, ...]:
    about = Q(appointment=appointment) if appointment else Q(case_id=case_id)
    events = CaseEvent.objects.filter(about).order_by("at", "pk")
    return tuple(
        LogLine(event.at, event.action, event.before, event.after, event.actor) for event in events
    )


def _consents(patient_id: int, hospital_slug: str) -> tuple[Agreed, ...]:
    given = Consent.objects.filter(
        Q(recipient="") | Q(recipient=hospital_slug), patient_id=patient_id
    )
    return tuple(
        Agreed(consent.purpose, consent.text_version, consent.language, consent.given_at)
        for consent in given.order_by("given_at", "pk")
    )


def _policy_name(policy: dict[str, Any]) -> str:
    return f"{policy['name']} · {policy['version']}" if policy else ""


def _first(log: tuple[LogLine, ...], state: str) -> dt.datetime | None:
    return next((line.at for line in log if line.after == state and line.before != state), None)


def _sent_back(refunds: QuerySet[Refund]) -> int:
    sent = refunds.filter(state=RefundState.SUCCEEDED).values_list("amount_minor", flat=True)
    return sum(sent)
