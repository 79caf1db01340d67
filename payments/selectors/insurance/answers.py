"""Insurers that can be asked here, and what belongs to an answer."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from hospitals.models import Insurer
from payments.insurance_clocks import earliest_day, is_workable
from payments.models import EligibilityCheck, PlanTerms
from payments.selectors.insurance.calendar import calendar_of, rules_of


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How long an insurer takes to decide, and whether the planned time leaves that long (M1)."""

    working_days: int
    earliest_on: dt.date
    is_workable: bool


def insurers_to_ask() -> QuerySet[Insurer]:
    """The insurers whose plans are recorded, so that a question can be answered at all."""
    return Insurer.objects.filter(plans__isnull=False).distinct().order_by("name")


def with_facts(checks: QuerySet[EligibilityCheck]) -> QuerySet[EligibilityCheck]:
    """Join what the page of an answer shows."""
    return checks.select_related(
        "insurer", "hospital__city", "offer__treatment", "patient", "member", "card", "retry"
    )


def asked_together(
    checks: QuerySet[EligibilityCheck], check: EligibilityCheck
) -> list[EligibilityCheck]:
    """Return the answers of one asking, the first card's first."""
    return list(
        with_facts(checks)
        .filter(patient=check.patient_id, offer=check.offer_id, asked_at=check.asked_at)
        .order_by("pk")
    )


def terms_of(check: EligibilityCheck) -> PlanTerms | None:
    """Return the terms that an answer was worked out with; None for one that has none."""
    policy = check.input.get("policy") or {}
    if check.service_on is None or "policy_id" not in policy:
        return None
    return (
        PlanTerms.objects.in_force(check.service_on)
        .filter(plan__insurer=check.insurer_id, plan__code=policy["policy_id"])
        .select_related("plan")
        .first()
    )


def lead_time(
    check: EligibilityCheck, terms: PlanTerms, *, starts_at: dt.datetime, now: dt.datetime
) -> LeadTime:
    """Return whether the insurer can still decide before a planned time."""
    calendar, rules = calendar_of(terms, around=now), rules_of(terms)
    zone = check.hospital.time_zone
    return LeadTime(
        terms.lead_time_working_days,
        earliest_day(calendar, rules, now=now, hospital_zone=zone),
        is_workable(calendar, rules, starts_at=starts_at, now=now),
    )
