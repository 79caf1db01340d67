"""Follow-up plans in versions: a hospital changes its plan by writing the next one.

A running case keeps the version it began with. Only a doctor of the hospital sets the rules that
sort answers; everybody else carries them over unchanged.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import User
from bookings import follow_up_rules
from bookings.models import Discharge, FollowUpPlan
from bookings.questions import QUESTIONS
from bookings.refusals import OnlyADoctorStatesThis, SomebodyWasFaster
from hospitals.access import roles_by_hospital
from hospitals.models import Hospital, Offer
from hospitals.models.staff import Role
from medtour.lib import clock
from medtour.lib.errors import constraint_name


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What one version of a plan says; days count from discharge."""

    days: Sequence[int]
    yearly_count: int
    questions: Sequence[str]
    rules: dict[str, Any]
    remind_after_days: int
    missed_after_days: int
    amber_hours: int
    missed_hours: int


def is_doctor_at(user: User, hospital_id: int | None) -> bool:
    """Tell whether a person is a doctor of the hospital; operators do not count as one."""
    return hospital_id is not None and Role.DOCTOR in roles_by_hospital(user).get(
        hospital_id, frozenset()
    )


def is_doctor_somewhere(user: User) -> bool:
    """Tell whether a person is a doctor of any hospital, with one query."""
    return any(Role.DOCTOR in roles for roles in roles_by_hospital(user).values())


def platform_plan() -> FollowUpPlan:
    """Return the newest plan of the platform itself, written at the first need of it."""
    newest = FollowUpPlan.objects.filter(hospital=None).order_by("-version").first()
    if newest is not None:
        return newest
    plan, _is_new = FollowUpPlan.objects.get_or_create(
        hospital=None,
        offer=None,
        pathway="",
        version=1,
        defaults={
            "days": list(follow_up_rules.DEFAULT_DAYS),
            "yearly_count": follow_up_rules.DEFAULT_YEARS,
            "questions": list(QUESTIONS),
            "rules": dict(follow_up_rules.DEFAULT_RULES),
        },
    )
    return plan


def plan_for(discharge: Discharge) -> FollowUpPlan:
    """Return the newest plan that fits best: the offer's, the pathway's, the hospital's, ours."""
    hospital = discharge.case.hospital_id
    fitting = FollowUpPlan.objects.filter(hospital_id=hospital).filter(
        Q(offer=None) | Q(offer_id=discharge.offer_id), pathway__in=("", discharge.pathway)
    )
    ranked = sorted(
        fitting, key=lambda plan: (plan.offer_id is None, plan.pathway == "", -plan.version)
    )
    return ranked[0] if ranked else platform_plan()


def days_of(plan: FollowUpPlan, offer: Offer | None) -> list[tuple[int, bool]]:
    """Return (day, is yearly) of a plan; ours follows the days that the offer promises, if any."""
    promised = offer.follow_up_days if offer and plan.hospital_id is None else []
    return follow_up_rules.days_to_ask(promised or plan.days, plan.yearly_count)


def write_plan(
    hospital: Hospital,
    *,
    offer: Offer | None,
    pathway: str,
    facts: PlanFacts,
    by: User,
    now: dt.datetime | None = None,
) -> FollowUpPlan:
    """Write the next version of a hospital's plan; new discharges follow it from now on.

    Raises OnlyADoctorStatesThis when somebody else changes the rules, SomebodyWasFaster when two
    people write the same version.
    """
    newest = (
        FollowUpPlan.objects.filter(hospital=hospital, offer=offer, pathway=pathway)
        .order_by("-version")
        .first()
    )
    return _add(
        FollowUpPlan(
            hospital=hospital,
            offer=offer,
            pathway=pathway,
            version=newest.version + 1 if newest else 1,
            set_by=by,
            rules_set_by=_rules_set_by(newest, facts, by=by, hospital=hospital),
            created_at=now or clock.now(),
            **asdict(facts),
        )
    )


def _rules_set_by(
    newest: FollowUpPlan | None, facts: PlanFacts, *, by: User, hospital: Hospital
) -> User | None:
    """Return the doctor who stands behind the rules of a new version, None while nobody does."""
    if is_doctor_at(by, hospital.pk):
        return by
    standing = newest or platform_plan()
    if facts.rules != standing.rules or list(facts.questions) != standing.questions:
        raise OnlyADoctorStatesThis
    return standing.rules_set_by


def _add(plan: FollowUpPlan) -> FollowUpPlan:
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError as error:
        if constraint_name(error) != "bookings_plan_version":
            raise
        raise SomebodyWasFaster from error
    return plan
