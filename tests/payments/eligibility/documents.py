"""A plain eligibility document and ways to change one thing in it.

Unchanged, it is ELIGIBLE: 1,000.00 CNY at an agreed hospital, of which the member bears ten percent.
"""

import copy
from typing import Any

from payments.eligibility_rules import evaluate


class _Gone:
    """A key that is absent; its name in a test's identifier is the same in every process."""

    def __repr__(self):
        return "GONE"


GONE = _Gone()
BENEFIT = "policy.benefits.surgery"

BASE: dict[str, Any] = {
    "checked_at": "2026-03-10T09:00:00+08:00",
    "presented": {"member_id": "AB-12 34", "date_of_birth": "1980-05-06"},
    "member": {
        "member_id": "AB1234",
        "date_of_birth": "1980-05-06",
        "joined_on": "2026-01-01",
        "terminated_on": None,
        "declared_conditions": [],
    },
    "policy": {
        "policy_id": "p1",
        "insurer_id": "i1",
        "status": "active",
        "currency": "CNY",
        "period_start": "2026-01-01",
        "period_end": "2026-12-31",
        "area": {"mode": "worldwide", "countries": []},
        "out_of_area_emergency": False,
        "annual_limit": None,
        "annual_used": "0.00",
        "deductible": None,
        "out_of_pocket_max": None,
        "direct_pay": ["inpatient", "outpatient"],
        "excluded_codes": [],
        "preexisting": {"mode": "excluded", "moratorium_months": 24},
        "network": {"h1": {"tier": "standard"}},
        "high_cost": {"mode": "covered", "extra_coinsurance_pct": "20"},
        "out_of_network": {
            "mode": "not_covered",
            "coinsurance_pct": "40",
            "emergency_as_in_network": False,
        },
        "preauth_penalty_pct": "20",
        "emergency_notice_hours": 48,
        "fx_max_age_days": 3,
        "benefits": {
            "surgery": {
                "covered": True,
                "waiting_days": 0,
                "waiting_waived_for_accident": False,
                "annual_sublimit": None,
                "sublimit_used": "0.00",
                "visits_limit": None,
                "visits_used": 0,
                "copay": "0.00",
                "coinsurance_pct": "10",
                "preauth": "never",
                "preauth_threshold": None,
            }
        },
    },
    "hospital": {
        "id": "h1",
        "country": "CN",
        "timezone": "Asia/Shanghai",
        "direct_billing": {"i1": ["inpatient", "daycase"]},
        "accepts_partial_direct_pay": True,
    },
    "request": {
        "service_start": "2026-03-20T09:00:00+08:00",
        "category": "surgery",
        "setting": "inpatient",
        "procedure_code": "33.5",
        "diagnosis_code": "C34.1",
        "amount": "1000.00",
        "currency": "CNY",
        "emergency": False,
        "accident": False,
        "condition_onset_on": None,
        "last_treated_on": None,
        "emergency_notified_after_hours": None,
    },
    "preauth": None,
    "fx": None,
}
APPROVED = {
    "reference": "g1",
    "status": "approved",
    "approved_amount": None,
    "valid_from": "2026-03-01",
    "valid_to": "2026-03-31",
    "hospital_id": "h1",
    "procedure_code": None,
}
RATE = {"from": "USD", "to": "CNY", "rate": "7.1", "as_of": "2026-03-09"}
EMERGENCY = {"request.emergency": True}
ALWAYS = {f"{BENEFIT}.preauth": "always"}
TREATED = {"checked_at": "2026-03-25T09:00:00+08:00"}
STRANGE_HOSPITAL = {"policy.network": {}}


def document(*changes: dict[str, Any]) -> dict[str, Any]:
    """Return a document of its own with values set by dotted path; GONE removes the key."""
    made = copy.deepcopy(BASE)
    for change in changes:
        for path, value in change.items():
            put(made, path, value)
    return made


def put(made: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    place = made
    for step in way:
        place = place[step]
    if value is GONE:
        place.pop(last, None)
    else:
        place[last] = copy.deepcopy(value)


def answer(*changes: dict[str, Any]) -> dict[str, Any]:
    return evaluate(document(*changes))


def verdict(*changes: dict[str, Any]) -> tuple[str, list[str]]:
    """Return outcome and codes."""
    found = answer(*changes)
    return found["outcome"], found["reason_codes"]


def codes(*changes: dict[str, Any]) -> list[str]:
    return answer(*changes)["reason_codes"]


def preauth(**changes: Any) -> dict[str, Any]:
    made = {**APPROVED, **changes}
    return {"preauth": {key: value for key, value in made.items() if value is not GONE}}


def benefit(**changes: Any) -> dict[str, Any]:
    return {f"{BENEFIT}.{key}": value for key, value in changes.items()}


def parts(*changes: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return what the insurer covers, and the breakdown."""
    found = answer(*changes)
    return found["covered_amount"], found["breakdown"]


def split(deductible="0.00", copay="0.00", coinsurance="0.00", penalty="0.00", over_limit="0.00"):
    return {
        "deductible": deductible,
        "copay": copay,
        "coinsurance": coinsurance,
        "penalty": penalty,
        "over_limit": over_limit,
    }
