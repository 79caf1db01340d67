"""An insurer's rules that are data, kept in memory until their stamp changes (DP-09, G9).

Plans with their terms and benefits, networks and agreements: what changes a few times a year and
is read with every question. Members, coverages and balances are never kept.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from medtour.lib.money import Money
from payments.models import Agreement, Benefit, InsurerFactsStamp, NetworkHospital, PlanTerms

NO_FACTS = 0
TRIES = 5
_kept: dict[int, "Rules"] = {}


@dataclass(frozen=True, slots=True)
class InForce:
    """A fact with its first and last day; the last is None when no end is known."""

    row_id: int
    valid_from: dt.date
    valid_until: dt.date | None

    def holds(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Terms(InForce):
    """Terms of a plan in the words of the engine's document, without what a member used."""

    policy: dict[str, Any]
    benefits: dict[str, dict[str, Any]]
    network_id: int
    lead_time_working_days: int
    calendar_country: str


@dataclass(frozen=True, slots=True)
class Tier(InForce):
    tier: str


@dataclass(frozen=True, slots=True)
class Agreed(InForce):
    setting: str
    takes_a_part: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything one version of an insurer's rules says."""

    version: int
    terms: dict[int, list[Terms]] = field(default_factory=dict)
    tiers: dict[tuple[int, int], list[Tier]] = field(default_factory=dict)
    agreements: dict[int, list[Agreed]] = field(default_factory=dict)

    def terms_nearest(self, plan_id: int, day: dt.date) -> Terms | None:
        """The terms in force on a day, or those of the nearest days."""
        return min(self.terms.get(plan_id, ()), key=lambda row: _distance(row, day), default=None)

    def tier_on(self, network_id: int, hospital_id: int, day: dt.date) -> Tier | None:
        places = self.tiers.get((network_id, hospital_id), ())
        return next((row for row in places if row.holds(day)), None)

    def agreements_on(self, hospital_id: int, day: dt.date) -> list[Agreed]:
        return [row for row in self.agreements.get(hospital_id, ()) if row.holds(day)]


def _distance(row: InForce, day: dt.date) -> int:
    if day < row.valid_from:
        return (row.valid_from - day).days
    if row.valid_until is not None and day > row.valid_until:
        return (day - row.valid_until).days
    return 0


def rules_of(insurer_id: int, version: int) -> Rules:
    """Return an insurer's rules of the version that was read together with the member.

    From memory when it has them; otherwise they are loaded anew, in five statements.
    """
    kept = _kept.get(insurer_id)
    if kept is None or kept.version != version:
        kept = _kept[insurer_id] = _loaded(insurer_id)
    return kept


def present_rules(insurer_id: int) -> Rules:
    """Return an insurer's rules as they are now, after one look at their stamp."""
    return rules_of(insurer_id, _version(insurer_id))


def _version(insurer_id: int) -> int:
    stamp = InsurerFactsStamp.objects.filter(insurer=insurer_id).values_list("version", flat=True)
    return next(iter(stamp), NO_FACTS)


def _loaded(insurer_id: int) -> Rules:
    """Load between two equal stamps, so that no change fell between the statements."""
    before = _version(insurer_id)
    for _try in range(TRIES):
        rules = Rules(before, _terms(insurer_id), _tiers(insurer_id), _agreements(insurer_id))
        after = _version(insurer_id)
        if after == before:
            break
        before = after
    return rules


def _terms(insurer_id: int) -> dict[int, list[Terms]]:
    rows = PlanTerms.objects.known().filter(plan__insurer=insurer_id).select_related("plan")
    benefits: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for benefit in Benefit.objects.filter(
        terms__plan__insurer=insurer_id, terms__superseded_at=None
    ).select_related("terms__plan"):
        benefits[benefit.terms_id][benefit.category] = _benefit(benefit)
    found = defaultdict(list)
    for row in rows:
        found[row.plan_id].append(
            Terms(
                row.pk,
                row.valid_from,
                row.valid_until,
                _policy(row),
                benefits[row.pk],
                row.network_id,
                row.lead_time_working_days,
                row.calendar_country,
            )
        )
    return dict(found)


def _tiers(insurer_id: int) -> dict[tuple[int, int], list[Tier]]:
    found = defaultdict(list)
    for row in NetworkHospital.objects.known().filter(network__insurer=insurer_id):
        place = Tier(row.pk, row.valid_from, row.valid_until, row.tier)
        found[(row.network_id, row.hospital_id)].append(place)
    return dict(found)


def _agreements(insurer_id: int) -> dict[int, list[Agreed]]:
    found = defaultdict(list)
    for row in Agreement.objects.known().filter(insurer=insurer_id):
        agreed = Agreed(
            row.pk, row.valid_from, row.valid_until, row.setting, row.accepts_partial_direct_pay
        )
        found[row.hospital_id].append(agreed)
    return dict(found)


def amount(minor: int | None, currency: str) -> str | None:
    """Return minor units as the specification's plain decimal text."""
    return None if minor is None else f"{Money(minor, currency).major:f}"


def _percent(value: Decimal) -> str:
    return f"{value:f}"


def _policy(terms: PlanTerms) -> dict[str, Any]:
    """Return the parts of `policy` (section 3) that come from the terms alone."""
    currency = terms.plan.currency
    return {
        "policy_id": terms.plan.code,
        "currency": currency,
        "area": {"mode": terms.area_mode, "countries": list(terms.area_countries)},
        "out_of_area_emergency": terms.out_of_area_emergency,
        "annual_limit": amount(terms.annual_limit_minor, currency),
        "deductible": _deductible(terms, currency),
        "out_of_pocket_max": _with_amount(terms.out_of_pocket_max_minor, currency),
        "direct_pay": list(terms.direct_pay_settings),
        "excluded_codes": list(terms.excluded_codes),
        "preexisting": {
            "mode": terms.preexisting_mode,
            "moratorium_months": terms.moratorium_months,
        },
        "high_cost": {
            "mode": terms.high_cost_mode,
            "extra_coinsurance_pct": _percent(terms.high_cost_extra_pct),
        },
        "out_of_network": {
            "mode": terms.out_of_network_mode,
            "coinsurance_pct": _percent(terms.out_of_network_pct),
            "emergency_as_in_network": terms.emergency_as_in_network,
        },
        "preauth_penalty_pct": _percent(terms.preauth_penalty_pct),
        "emergency_notice_hours": terms.emergency_notice_hours,
        "fx_max_age_days": terms.fx_max_age_days,
    }


def _with_amount(minor: int | None, currency: str) -> dict[str, Any] | None:
    return None if minor is None else {"amount": amount(minor, currency)}


def _deductible(terms: PlanTerms, currency: str) -> dict[str, Any] | None:
    part = _with_amount(terms.deductible_minor, currency)
    if part is not None:
        part |= {
            "scope": terms.deductible_scope,
            "settings": list(terms.deductible_settings),
        }
    return part


def _benefit(benefit: Benefit) -> dict[str, Any]:
    currency = benefit.terms.plan.currency
    return {
        "covered": benefit.is_covered,
        "waiting_days": benefit.waiting_days,
        "waiting_waived_for_accident": benefit.waiting_waived_for_accident,
        "annual_sublimit": amount(benefit.annual_sublimit_minor, currency),
        "visits_limit": benefit.visits_limit,
        "copay": amount(benefit.copay_minor, currency),
        "coinsurance_pct": _percent(benefit.coinsurance_pct),
        "preauth": benefit.preauth,
        "preauth_threshold": amount(benefit.preauth_threshold_minor, currency),
    }
