"""The demonstration's plans, members and agreements: invented, labelled, made once.

Members are found by numbers that README's tour names. What is there already stays as it is.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from hospitals.models import Hospital, Insurer
from medtour.lib import clock
from medtour.lib.locks import wait_for_turn
from payments.insurance_questions import normal_number, number_hash, person_hash
from payments.models import (
    Agreement,
    BalanceChange,
    BalanceEntry,
    BenefitBalance,
    Coverage,
    CoverageStatus,
    Member,
    Network,
    Plan,
)
from payments.services.insurance.effective import Days
from payments.services.insurance.facts import (
    AgreementFacts,
    TermsFacts,
    record_agreement,
    record_network_tier,
    record_terms,
)

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "demonstration" / "insurance.toml"
BEFORE = dt.timedelta(days=730)


@cache
def _wanted() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def show_insurance() -> int:
    """Make what is missing of the invented plans and members; returns how many plans were made.

    Does nothing where settings.DEMONSTRATION is off, or where an insurer or hospital is missing.
    """
    if not settings.DEMONSTRATION:
        return 0
    wanted = _wanted()
    names = {entry["insurer"] for entry in wanted["plan"]}
    insurers = Insurer.objects.in_bulk(names, field_name="slug")
    places = {entry["hospital"] for entry in wanted["place"]}
    hospitals = Hospital.objects.in_bulk(places, field_name="slug")
    if len(insurers) < len(names) or len(hospitals) < len(places):
        return 0
    with transaction.atomic():
        wait_for_turn("insurance.demonstration")
        made = sum(_make_plan(insurers[entry["insurer"]], entry) for entry in wanted["plan"])
        for entry in wanted["place"]:
            _make_place(hospitals[entry["hospital"]], entry, insurers)
        for entry in wanted["member"]:
            _make_member(insurers[entry["insurer"]], entry)
    return made


def _days() -> Days:
    return Days(_wanted()["first_day"])


def _make_plan(insurer: Insurer, entry: Mapping[str, Any]) -> int:
    plan, is_new = Plan.objects.get_or_create(
        insurer=insurer,
        code=entry["code"],
        defaults={"name": entry["name"], "currency": "CNY", "is_demonstration": True},
    )
    if not is_new:
        return 0
    network, _is_new = Network.objects.get_or_create(
        insurer=insurer,
        code=entry["network"],
        defaults={"name": "Demonstration network", "is_demonstration": True},
    )
    rules = entry["rules"] | {"is_demonstration": True}
    facts = TermsFacts(network, _wanted()["source"], rules, entry["benefit"])
    record_terms(plan, facts, days=_days(), by=None)
    return 1


def _make_place(
    hospital: Hospital, entry: Mapping[str, Any], insurers: Mapping[str, Insurer]
) -> None:
    for slug in entry["insurers"]:
        insurer = insurers[slug]
        network = Network.objects.get(insurer=insurer, code="demonstration")
        if not network.hospitals.filter(hospital=hospital).exists():
            record_network_tier(network, hospital, tier=entry["tier"], days=_days(), by=None)
        for setting in entry["settings"]:
            if Agreement.objects.filter(
                insurer=insurer, hospital=hospital, setting=setting
            ).exists():
                continue
            more = {
                "accepts_partial_direct_pay": entry.get("accepts_partial_direct_pay", True),
                "is_demonstration": True,
            }
            facts = AgreementFacts(hospital, setting, more)
            record_agreement(insurer, facts, days=_days(), by=None)


def _make_member(insurer: Insurer, entry: Mapping[str, Any]) -> None:
    key = {"insurer": insurer, "number_hash": number_hash(entry["number"])}
    if Member.objects.filter(**key).exists():
        return
    member = Member.objects.create(
        **key,
        number=normal_number(entry["number"]),
        name=entry["name"],
        date_of_birth=entry["date_of_birth"],
        person_hash=person_hash(entry["name"], entry["date_of_birth"]),
        is_demonstration=True,
    )
    first = _wanted()["first_day"]
    coverage = Coverage.objects.create(
        member=member,
        plan=Plan.objects.get(insurer=insurer, code=entry["plan"]),
        status=CoverageStatus.ACTIVE,
        valid_from=first,
        valid_until=entry.get("last_day"),
        joined_on=first - BEFORE,
        declared_conditions=entry.get("declared_conditions", []),
        is_demonstration=True,
    )
    if "used_minor" in entry:
        _use(coverage, entry["used_minor"])


def _use(coverage: Coverage, minor: int) -> None:
    balance = BenefitBalance.objects.create(coverage=coverage, limit_minor=minor, used_minor=minor)
    BalanceEntry.objects.create(
        balance=balance,
        change=BalanceChange.IMPORTED,
        key=f"demonstration:{coverage.public_id}",
        used_minor=minor,
        at=clock.now(),
    )
