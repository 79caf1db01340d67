"""The order of stages, the order of codes, and the pureness of the function."""

import copy
import datetime as dt
import decimal
import itertools
import json

import pytest

from payments.eligibility_codes import SPEC_VERSION, Outcome, Reason
from payments.eligibility_rules import MalformedDocument, evaluate
from payments.eligibility_values import add_months
from tests.payments.eligibility.documents import (
    ALWAYS,
    BASE,
    EMERGENCY,
    GONE,
    RATE,
    TREATED,
    answer,
    benefit,
    codes,
    document,
    preauth,
)

SECTION_7 = """
INVALID_DATETIME, INVALID_TIMEZONE, INVALID_SETTING, INVALID_CURRENCY, INVALID_AMOUNT,
POLICY_NOT_FOUND, MEMBER_NOT_FOUND, MEMBER_MISMATCH, FX_RATE_MISSING, FX_RATE_STALE,
POLICY_NOT_ACTIVE, POLICY_NOT_STARTED, POLICY_EXPIRED, MEMBER_NOT_YET_COVERED, MEMBER_TERMINATED,
OUT_OF_AREA, OUT_OF_AREA_EMERGENCY, BENEFIT_NOT_COVERED, EXCLUDED_CODE, WAITING_PERIOD, WAITING_WAIVED_ACCIDENT,
PREEXISTING_EXCLUDED, PREEXISTING_MORATORIUM, PREEXISTING_REVIEW, PREEXISTING_ACCEPTED, PREAUTH_DECLINED,
HIGH_COST_EXCLUDED, HIGH_COST_SURCHARGE, HIGH_COST_EMERGENCY, OUT_OF_NETWORK_EXCLUDED, OUT_OF_NETWORK, OUT_OF_NETWORK_EMERGENCY,
VISIT_LIMIT_REACHED, SUBLIMIT_EXHAUSTED, ANNUAL_LIMIT_EXHAUSTED,
PREAUTH_OK, PREAUTH_PENDING, EMERGENCY_NOTIFY_INSURER, EMERGENCY_NOTIFIED, EMERGENCY_LATE_NOTICE,
PREAUTH_HOSPITAL_MISMATCH, PREAUTH_PROCEDURE_MISMATCH, PREAUTH_NOT_YET_VALID, PREAUTH_EXPIRED, PREAUTH_WITHDRAWN, PREAUTH_MISSING,
DEDUCTIBLE_APPLIED, COPAY_APPLIED, COINSURANCE_APPLIED, OOP_MAX_APPLIED, PREAUTH_PENALTY,
SUBLIMIT_APPLIED, ANNUAL_LIMIT_APPLIED, GOP_CAP_APPLIED,
PLAN_NO_DIRECT_PAY, HOSPITAL_NO_AGREEMENT, CASE_BY_CASE_GOP, NOTHING_PAYABLE, HOSPITAL_REQUIRES_ZERO_SHARE, COVERED_IN_FULL
"""
DECLARED = {"member.declared_conditions": ["C34"]}
MORATORIUM = {"policy.preexisting": {"mode": "moratorium", "moratorium_months": 24}}
# In the order of the stages: the change that makes each terminal rule speak.
TERMINAL = {
    "INVALID_DATETIME": {"checked_at": None},
    "INVALID_TIMEZONE": {"hospital.timezone": "Mars/Olympus"},
    "INVALID_SETTING": {"request.setting": "hotel"},
    "INVALID_CURRENCY": {"request.currency": "XAU"},
    "INVALID_AMOUNT": {"request.amount": "0"},
    "POLICY_NOT_FOUND": {"policy": None},
    "MEMBER_NOT_FOUND": {"member": None},
    "MEMBER_MISMATCH": {"presented.member_id": "other"},
    "FX_RATE_MISSING": {"request.currency": "USD", "fx": None},
    "FX_RATE_STALE": {"request.currency": "USD", "fx": {**RATE, "as_of": "2026-01-01"}},
    "POLICY_NOT_ACTIVE": {"policy.status": "lapsed"},
    "POLICY_NOT_STARTED": {"policy.period_start": "2026-12-01"},
    "POLICY_EXPIRED": {"policy.period_end": "2026-01-02"},
    "MEMBER_NOT_YET_COVERED": {"member.joined_on": "2026-12-01"},
    "MEMBER_TERMINATED": {"member.terminated_on": "2026-01-02"},
    "OUT_OF_AREA": {"policy.area": {"mode": "only", "countries": []}},
    "BENEFIT_NOT_COVERED": {"request.category": "dental"},
    "EXCLUDED_CODE": {"policy.excluded_codes": ["C"]},
    "WAITING_PERIOD": benefit(waiting_days=400),
    "PREEXISTING_EXCLUDED": {**DECLARED, "policy.preexisting": {"mode": "excluded"}},
    "PREEXISTING_REVIEW": {**DECLARED, **MORATORIUM, "request.last_treated_on": None},
    "PREEXISTING_MORATORIUM": {**DECLARED, **MORATORIUM, "request.last_treated_on": "2026-01-05"},
    "PREAUTH_DECLINED": preauth(status="declined"),
    "HIGH_COST_EXCLUDED": {
        "policy.network": {"h1": {"tier": "high_cost"}},
        "policy.high_cost": {"mode": "excluded"},
    },
    "OUT_OF_NETWORK_EXCLUDED": {"policy.network": {}},
    "VISIT_LIMIT_REACHED": benefit(visits_limit=0),
    "SUBLIMIT_EXHAUSTED": benefit(annual_sublimit="0"),
    "ANNUAL_LIMIT_EXHAUSTED": {"policy.annual_limit": "0"},
}


def test_the_codes_are_those_of_section_7_in_its_order():
    assert [reason.value for reason in Reason] == SECTION_7.replace(",", " ").split()
    assert SPEC_VERSION == "1.0"
    assert [outcome.value for outcome in Outcome] == [
        "ELIGIBLE", "PREAUTH_REQUIRED", "PAY_AND_CLAIM", "NOT_COVERED", "REVIEW", "REJECTED",
    ]  # fmt: skip


def apply(*changes):
    """Return a document with the later changes on top; what a change took away stays away."""
    made = document()
    for change in changes:
        for path, value in change.items():
            parent = made
            *way, last = path.split(".")
            for step in way:
                parent = parent[step]
            parent[last] = copy.deepcopy(value)
    return made


@pytest.mark.parametrize("code", TERMINAL)
def test_a_terminal_rule_alone(code):
    found = evaluate(apply(TERMINAL[code]))
    assert found["reason_codes"] == [code]
    assert found["breakdown"] is None


@pytest.mark.parametrize(("first", "second"), [*itertools.combinations(TERMINAL, 2)])
def test_of_two_terminal_rules_the_earlier_one_speaks_alone(first, second):
    changes = [TERMINAL[second], TERMINAL[first]]
    if second in ("POLICY_NOT_FOUND", "MEMBER_NOT_FOUND"):
        changes.reverse()
    assert evaluate(apply(*changes))["reason_codes"] == [first]


def test_an_answer_lists_its_codes_in_order_and_once():
    found = codes(
        EMERGENCY,
        ALWAYS,
        DECLARED,
        benefit(waiting_days=400, waiting_waived_for_accident=True, copay="10.00"),
        benefit(annual_sublimit="400.00"),
        {
            "policy.area": {"mode": "only", "countries": []},
            "policy.out_of_area_emergency": True,
            "policy.preexisting": {"mode": "covered"},
            "policy.network": {"h1": {"tier": "high_cost"}},
            "policy.high_cost": {"mode": "surcharge"},
            "policy.deductible": {"amount": "100.00", "met": "0", "scope": "annual", "settings": ["inpatient"]},
            "policy.out_of_pocket_max": {"amount": "50.00", "met": "0.00"},
            "policy.annual_limit": "300.00",
            "policy.direct_pay": [],
            "request.accident": True,
            "request.emergency_notified_after_hours": 49,
        },
    )  # fmt: skip
    assert found == [
        "OUT_OF_AREA_EMERGENCY", "WAITING_WAIVED_ACCIDENT", "PREEXISTING_ACCEPTED", "HIGH_COST_EMERGENCY",
        "EMERGENCY_LATE_NOTICE", "DEDUCTIBLE_APPLIED", "COPAY_APPLIED", "COINSURANCE_APPLIED", "OOP_MAX_APPLIED",
        "PREAUTH_PENALTY", "SUBLIMIT_APPLIED", "ANNUAL_LIMIT_APPLIED", "PLAN_NO_DIRECT_PAY",
    ]  # fmt: skip


NULLABLE = [
    "member.terminated_on", "policy.annual_limit", "policy.deductible", "policy.out_of_pocket_max", "preauth", "fx",
    "request.procedure_code", "request.diagnosis_code", "request.condition_onset_on", "request.last_treated_on",
    "request.emergency_notified_after_hours", "policy.benefits.surgery.annual_sublimit",
    "policy.benefits.surgery.visits_limit", "policy.benefits.surgery.preauth_threshold",
    "member", "policy", "request", "hospital", "presented", "checked_at", "hospital.timezone", "request.amount",
    "request.emergency", "request.accident", "policy.network", "policy.benefits", "policy.direct_pay",
    "policy.excluded_codes", "hospital.direct_billing", "hospital.accepts_partial_direct_pay",
]  # fmt: skip


@pytest.mark.parametrize("path", NULLABLE)
def test_a_missing_key_is_the_same_as_null(path):
    assert answer({path: GONE}) == answer({path: None})


# A document that is not well formed where it matters is refused by name, never guessed at.
MALFORMED = [
    ("policy", {"policy": []}),
    ("hospital", {"hospital": "h1"}),
    ("period_start", {"policy.period_start": None}),
    ("period_end", {"policy.period_end": "2026-02-30"}),
    ("period_end", {"policy.period_end": "20261231"}),
    ("joined_on", {"member.joined_on": "2026-W01-1"}),
    ("terminated_on", {"member.terminated_on": 5}),
    ("as_of", {"request.currency": "USD", "fx": {**RATE, "as_of": None}}),
    ("fx_max_age_days", {"request.currency": "USD", "fx": RATE, "policy.fx_max_age_days": GONE}),
    ("mode", {"policy.area": None}),
    ("countries", {"policy.area": {"mode": "only", "countries": "CN"}}),
    ("emergency", {**ALWAYS, "request.emergency": "yes"}),
    ("covered", benefit(covered=1)),
    ("surgery", {"policy.benefits": {"surgery": []}}),
    ("code", {"policy.excluded_codes": [5]}),
    ("code", {"policy.excluded_codes": ["X"], "request.diagnosis_code": 5}),
    ("waiting_days", benefit(waiting_days=None)),
    ("waiting_days", benefit(waiting_days="3")),
    ("waiting_days", benefit(waiting_days=True)),
    ("waiting_days", benefit(waiting_days=1.5)),
    ("waiting_days", benefit(waiting_days=-1)),
    ("waiting_days", benefit(waiting_days=float("nan"))),
    ("waiting_days", benefit(waiting_days=float("inf"))),
    ("waiting_days", benefit(waiting_days=decimal.Decimal("sNaN"))),
    ("mode", {**DECLARED, "policy.preexisting": {}}),
    ("moratorium_months", {**DECLARED, **MORATORIUM, "request.last_treated_on": "2020-01-01", "policy.preexisting": {"mode": "moratorium"}}),
    ("status", preauth(status=None)),
    ("valid_from", preauth(valid_from=None)),
    ("valid_to", preauth(valid_to=None)),
    ("coinsurance_pct", benefit(coinsurance_pct="100.01")),
    ("coinsurance_pct", benefit(coinsurance_pct=10)),
    ("mode", {"policy.network": {"h1": {"tier": "high_cost"}}, "policy.high_cost": {"mode": "free"}}),
    ("extra_coinsurance_pct", {"policy.network": {"h1": {"tier": "high_cost"}}, "policy.high_cost": {"mode": "surcharge"}}),
    ("mode", {"policy.network": {}, "policy.out_of_network": {}}),
    ("visits_used", benefit(visits_limit=3, visits_used=None)),
    ("sublimit_used", benefit(annual_sublimit="3", sublimit_used=None)),
    ("annual_used", {"policy.annual_limit": "3", "policy.annual_used": "-1"}),
    ("preauth", benefit(preauth=None)),
    ("preauth_threshold", benefit(preauth="over_threshold", preauth_threshold=5)),
    ("emergency_notified_after_hours", {**ALWAYS, **EMERGENCY, "request.emergency_notified_after_hours": "5"}),
    ("emergency_notice_hours", {**ALWAYS, **EMERGENCY, "request.emergency_notified_after_hours": 5, "policy.emergency_notice_hours": None}),
    ("scope", {"policy.deductible": {"amount": "5", "met": "0", "settings": ["inpatient"]}}),
    ("met", {"policy.deductible": {"amount": "5", "scope": "annual", "settings": ["inpatient"]}}),
    ("copay", benefit(copay=None)),
    ("copay", benefit(copay=15.0)),
    ("amount", {"policy.out_of_pocket_max": {"met": "0"}}),
    ("preauth_penalty_pct", {**ALWAYS, **TREATED, "policy.preauth_penalty_pct": None}),
    ("approved_amount", preauth(approved_amount="1e3")),
    ("direct_pay", {"policy.direct_pay": "inpatient"}),
    ("policy", benefit(copay="15.005")),
]  # fmt: skip


WANTED = {
    "an object", "a list", "true or false", "a plain decimal string", "a plain decimal string from 0 to 100",
    "a number", "a finite number", "a whole number from zero on", "a date YYYY-MM-DD", "a string",
    "worldwide or worldwide_excluding or only", "covered or excluded or moratorium", "never or always or over_threshold",
    "approved or pending or declined or withdrawn", "covered or surcharge or excluded", "not_covered or reimburse",
    "annual or per_visit", "amounts in whole minor units of CNY",
}  # fmt: skip


@pytest.mark.parametrize(("key", "change"), MALFORMED, ids=repr)
def test_a_needed_field_that_is_not_well_formed_is_refused_by_name(key, change):
    with pytest.raises(MalformedDocument) as caught:
        answer(change)
    assert caught.value.key == key
    assert str(caught.value) in {f"{key}: {wanted} expected" for wanted in WANTED}


def test_months_are_added_to_the_end_of_the_calendar_and_no_further():
    start = dt.date(9998, 1, 15)
    assert add_months(start, decimal.Decimal(12)) == dt.date(9999, 1, 15)
    assert add_months(start, decimal.Decimal(24)) == dt.date.max


def test_a_field_that_no_stage_needs_is_not_read():
    unread = {"policy.preexisting": "x", "policy.high_cost": 5, "policy.out_of_network": 5}
    assert codes(unread, {"policy.preauth_penalty_pct": None, "fx": "x"}) == ["COINSURANCE_APPLIED"]


def test_whole_numbers_may_come_as_any_json_number():
    for number in (78, 78.0, decimal.Decimal("78.0")):
        assert codes(benefit(waiting_days=number)) == ["COINSURANCE_APPLIED"]


def test_the_ambient_decimal_context_has_no_say():
    change = {"request.amount": "123456789.05"}
    told = answer(
        change,
        benefit(coinsurance_pct="0.5"),
        EMERGENCY,
        ALWAYS,
        {"request.emergency_notified_after_hours": 48.5},
    )
    hostile = decimal.Context(prec=1, rounding=decimal.ROUND_DOWN, Emax=1, Emin=-1, clamp=1)
    hostile.traps[decimal.Inexact] = hostile.traps[decimal.FloatOperation] = True
    with decimal.localcontext(hostile) as ambient:
        assert (
            answer(
                change,
                benefit(coinsurance_pct="0.5"),
                EMERGENCY,
                ALWAYS,
                {"request.emergency_notified_after_hours": 48.5},
            )
            == told
        )
        assert decimal.getcontext() is ambient
        assert not any(ambient.flags.values())


def test_the_document_is_unchanged_and_nothing_of_it_is_handed_out():
    given = document(preauth(), {"policy.annual_limit": "500.00"})
    before = copy.deepcopy(given)
    first, second = evaluate(given), evaluate(given)
    assert given == before
    assert first == second
    assert json.loads(json.dumps(first)) == first
    assert all(type(code) is str for code in [first["outcome"], *first["reason_codes"]])


def test_unknown_keys_and_the_order_of_keys_say_nothing():
    def turned(value):
        if isinstance(value, dict):
            return {"unknown": 1} | {key: turned(each) for key, each in reversed(value.items())}
        return list(reversed(value)) if isinstance(value, list) else value

    assert evaluate(turned(BASE)) == answer()


def test_the_keys_of_an_answer_are_those_of_section_4():
    assert list(answer()) == [
        "outcome", "reason_codes", "currency", "estimate", "covered_amount", "patient_share",
        "direct_pay_amount", "patient_pays_hospital", "breakdown",
    ]  # fmt: skip
    assert list(answer()["breakdown"]) == [
        "deductible",
        "copay",
        "coinsurance",
        "penalty",
        "over_limit",
    ]
