"""Recording what insurers agreed: replaced by day and never edited (DP-09).

A change is a new row; what it replaces is kept with the time. Triggers stamp every change, so that
no copy of the rules in memory outlives it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.models import User
from hospitals.models import Hospital, Insurer
from hospitals.services.search_index import index_hospital
from medtour.lib import clock
from medtour.lib.money import exponent
from payments import insurance_refusals as refusals
from payments.eligibility_values import MINOR_UNITS
from payments.models import (
    Agreement,
    Benefit,
    Network,
    NetworkHospital,
    Plan,
    PlanTerms,
)
from payments.selectors.insurance.standing import hospitals_with_changes
from payments.services.insurance.effective import Days, end_row, record_row

LOOK_BACK = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """Which setting of which hospital an insurer settles directly; `more` are other columns."""

    hospital: Hospital
    setting: str
    more: Mapping[str, Any] = field(default_factory=dict)


def record_agreement(
    insurer: Insurer,
    facts: AgreementFacts,
    *,
    days: Days,
    by: User | None,
    replaces: Agreement | None = None,
    now: dt.datetime | None = None,
) -> Agreement:
    """Record a direct-pay agreement, instead of `replaces` on the days that both name.

    Raises FactsOverlap, FactReplaced, AnotherInsurer or DaysOutOfOrder; then nothing changed.
    """
    if replaces is not None and replaces.insurer_id != insurer.pk:
        raise refusals.AnotherInsurer
    row = Agreement(insurer=insurer, hospital=facts.hospital, setting=facts.setting, **facts.more)
    with transaction.atomic():
        record_row(row, days=days, by=by, replaces=replaces, now=now or clock.now())
        index_hospital(facts.hospital.pk)
    return row


def end_agreement(
    agreement: Agreement, *, last_day: dt.date, by: User | None, now: dt.datetime | None = None
) -> Agreement:
    """Let an agreement end on a day; the row that says so replaces it.

    Raises FactReplaced, or DaysOutOfOrder for a day before its first.
    """
    with transaction.atomic():
        ended = end_row(agreement, last_day=last_day, by=by, now=now or clock.now())
        index_hospital(agreement.hospital_id)
    return ended


def refresh_direct_pay(*, now: dt.datetime | None = None) -> int:
    """Bring the search up to date with agreements that began or ended lately; returns how many.

    Looks three days back, so that a night without the task leaves nothing stale.
    """
    since = (now or clock.now()).date() - LOOK_BACK
    hospitals = hospitals_with_changes(since)
    for hospital_id in sorted(hospitals):
        index_hospital(hospital_id)
    return len(hospitals)


def record_network_tier(
    network: Network,
    hospital: Hospital,
    *,
    tier: str,
    days: Days,
    by: User | None,
    replaces: NetworkHospital | None = None,
    now: dt.datetime | None = None,
) -> NetworkHospital:
    """Record a hospital's tier in a network; refusals as for `record_agreement`."""
    if replaces is not None and replaces.network_id != network.pk:
        raise refusals.AnotherInsurer
    row = NetworkHospital(network=network, hospital=hospital, tier=tier)
    record_row(row, days=days, by=by, replaces=replaces, now=now or clock.now())
    return row


@dataclass(frozen=True, slots=True)
class TermsFacts:
    """A plan's rules and benefits as columns of PlanTerms and Benefit."""

    network: Network
    source: str
    rules: Mapping[str, Any]
    benefits: Sequence[Mapping[str, Any]] = ()


def record_terms(
    plan: Plan,
    facts: TermsFacts,
    *,
    days: Days,
    by: User | None,
    replaces: PlanTerms | None = None,
    now: dt.datetime | None = None,
) -> PlanTerms:
    """Record a plan's terms with all benefits; refusals as for `record_agreement`.

    Raises CurrencyNotReckoned for a plan whose currency the engine and our money round differently.
    """
    if facts.network.insurer_id != plan.insurer_id or (replaces and replaces.plan_id != plan.pk):
        raise refusals.AnotherInsurer
    if MINOR_UNITS.get(plan.currency) != exponent(plan.currency):
        raise refusals.CurrencyNotReckoned
    row = PlanTerms(plan=plan, network=facts.network, source=facts.source, **facts.rules)
    benefits = [Benefit(**benefit) for benefit in facts.benefits]
    with transaction.atomic():
        record_row(row, days=days, by=by, replaces=replaces, now=now or clock.now())
        for benefit in benefits:
            benefit.terms = row
        Benefit.objects.bulk_create(benefits)
    return row
