"""Stages 3 to 9: the estimate, and whether there is cover at all."""

import pytest

from tests.payments.eligibility.documents import (
    ALWAYS,
    EMERGENCY,
    GONE,
    RATE,
    STRANGE_HOSPITAL,
    TREATED,
    answer,
    benefit,
    codes,
    preauth,
    verdict,
)

PASSED = ["COINSURANCE_APPLIED"]
ABROAD = {"request.currency": "USD", "fx": RATE}


def refusal(code: str, estimate: str = "1000.00") -> dict:
    """Return the whole answer of a terminal NOT_COVERED."""
    return {
        "outcome": "NOT_COVERED",
        "reason_codes": [code],
        "currency": "CNY",
        "estimate": estimate,
        "covered_amount": "0.00",
        "patient_share": estimate,
        "direct_pay_amount": "0.00",
        "patient_pays_hospital": estimate,
        "breakdown": None,
    }


def review(code: str, estimate: str | None) -> dict:
    return {
        "outcome": "REVIEW",
        "reason_codes": [code],
        "currency": "CNY",
        "estimate": estimate,
        "covered_amount": None,
        "patient_share": None,
        "direct_pay_amount": None,
        "patient_pays_hospital": None,
        "breakdown": None,
    }


def fx(**changes) -> dict:
    return {**ABROAD, "fx": {**RATE, **changes}}


@pytest.mark.parametrize(
    "change",
    [{**ABROAD, "fx": None}, {**ABROAD, "fx": GONE}, fx(**{"from": "EUR"}), fx(to="USD"), fx(to=None), fx(rate="0"),
     fx(rate="0.00000000"), fx(rate=None), fx(rate="-7"), fx(rate=7), fx(rate="7e0"), fx(rate="0", as_of="2020-01-01")],
)  # fmt: skip
def test_without_a_rate_for_both_currencies_a_person_decides(change):
    assert answer(change) == review("FX_RATE_MISSING", None)


def test_a_rate_is_stale_after_its_last_good_day():
    assert answer(fx(as_of="2026-03-06")) == review("FX_RATE_STALE", None)
    assert codes(fx(as_of="2026-03-07")) == PASSED
    assert codes(fx(as_of="2026-03-11")) == PASSED
    assert codes(fx(as_of="2026-03-10"), {"policy.fx_max_age_days": 0}) == PASSED
    assert codes(fx(as_of="2026-03-09"), {"policy.fx_max_age_days": 0}) == ["FX_RATE_STALE"]


def test_the_age_of_a_rate_is_counted_in_the_hospital_s_days():
    late = {"checked_at": "2026-03-10T16:00:00Z", "policy.fx_max_age_days": 3}
    assert codes(fx(as_of="2026-03-07"), late) == ["FX_RATE_STALE"]
    assert codes(fx(as_of="2026-03-07"), late, {"checked_at": "2026-03-10T15:59:59Z"}) == PASSED


def test_in_one_currency_the_rate_is_ignored():
    assert codes({"fx": {**RATE, "rate": "0"}}) == PASSED
    assert codes({"fx": {"rate": "x"}}) == PASSED


@pytest.mark.parametrize(
    ("amount", "rate", "estimate"),
    [("1000.00", "7.1", "7100.00"), ("0.01", "0.5", "0.01"), ("0.01", "0.49999999", "0.00"), ("0.03", "0.5", "0.02"),
     ("3.33", "7.12345678", "23.72")],
)  # fmt: skip
def test_the_estimate_is_rounded_half_up_to_the_policy_s_unit(amount, rate, estimate):
    change = {"request.amount": amount, **fx(rate=rate)}
    assert answer(change, benefit(coinsurance_pct="0"))["estimate"] == estimate


def test_an_estimate_of_any_length_is_exact():
    whole, rest = divmod((10**60 - 1) * 100000001, 10**8)
    minor = whole + (rest * 2 >= 10**8)
    change = {"request.amount": "9" * 58 + ".99", **fx(rate="1.00000001")}
    assert answer(change)["estimate"] == f"{minor // 100}.{minor % 100:02}"


@pytest.mark.parametrize(
    ("currency", "rate", "estimate"),
    [("JPY", "15.05", "15050"), ("JPY", "0.0005", "1"), ("KWD", "0.0307", "30.700")],
)
def test_the_estimate_has_the_decimals_of_the_policy_s_currency(currency, rate, estimate):
    change = {"policy.currency": currency, **fx(rate=rate, to=currency)}
    assert answer(change)["estimate"] == estimate


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("POLICY_NOT_ACTIVE", {"policy.status": "Active"}),
        ("POLICY_NOT_ACTIVE", {"policy.status": "suspended"}),
        ("POLICY_NOT_ACTIVE", {"policy.status": GONE}),
        ("POLICY_NOT_STARTED", {"policy.period_start": "2026-03-21"}),
        ("POLICY_EXPIRED", {"policy.period_end": "2026-03-19"}),
        ("MEMBER_NOT_YET_COVERED", {"member.joined_on": "2026-03-21"}),
        ("MEMBER_TERMINATED", {"member.terminated_on": "2026-03-19"}),
    ],
)
def test_outside_the_time_of_cover_nothing_is_covered(code, change):
    assert answer(change) == refusal(code)


@pytest.mark.parametrize(
    "change",
    [
        {"policy.period_start": "2026-03-20"},
        {"policy.period_end": "2026-03-20"},
        {"member.joined_on": "2026-03-20"},
        {"member.terminated_on": "2026-03-20"},
        {"member.terminated_on": GONE},
    ],
)
def test_the_first_and_the_last_day_are_covered(change):
    assert codes(change) == PASSED


@pytest.mark.parametrize(
    ("start", "zone", "code"),
    [
        ("2026-03-20T16:00:00Z", "Asia/Shanghai", "POLICY_EXPIRED"),
        ("2026-03-20T15:59:59Z", "Asia/Shanghai", None),
        ("2026-03-21T10:00:00Z", "Pacific/Pago_Pago", None),
        ("2026-03-20T10:00:00Z", "Pacific/Kiritimati", "POLICY_EXPIRED"),
        ("2026-03-20T23:30:00-10:00", "Asia/Shanghai", "POLICY_EXPIRED"),
        ("2026-03-21T01:00:00+14:00", "Asia/Shanghai", None),
    ],
)
def test_the_hospital_s_own_date_counts(start, zone, code):
    change = {
        "request.service_start": start,
        "hospital.timezone": zone,
        "policy.period_end": "2026-03-20",
    }
    assert codes(change) == ([code] if code else PASSED)


AREAS = [
    ("worldwide", ["CN"], True),
    ("worldwide_excluding", ["CN"], False),
    ("worldwide_excluding", ["HK", "MO", "TW", "cn"], True),
    ("worldwide_excluding", None, True),
    ("only", ["CN"], True),
    ("only", ["HK", "MO", "TW", "cn"], False),
    ("only", None, False),
]


@pytest.mark.parametrize(("mode", "countries", "is_inside"), AREAS)
def test_the_area_of_cover_is_read_literally(mode, countries, is_inside):
    change = {"policy.area": {"mode": mode, "countries": countries}}
    if is_inside:
        assert codes(change) == PASSED
        assert codes(change, EMERGENCY, {"policy.out_of_area_emergency": True}) == PASSED
    else:
        assert answer(change) == refusal("OUT_OF_AREA")


def test_an_emergency_outside_the_area_needs_a_policy_that_says_so():
    outside = {"policy.area": {"mode": "only", "countries": ["HK"]}}
    allowed = {"policy.out_of_area_emergency": True}
    assert codes(outside, EMERGENCY, allowed) == ["OUT_OF_AREA_EMERGENCY", *PASSED]
    assert codes(outside, EMERGENCY) == ["OUT_OF_AREA"]
    assert codes(outside, allowed) == ["OUT_OF_AREA"]
    assert codes(outside, allowed, {"request.emergency": GONE}) == ["OUT_OF_AREA"]


@pytest.mark.parametrize(
    "change",
    [
        {"request.category": "dental"},
        {"request.category": None},
        {"request.category": ["surgery"]},
        {"policy.benefits": GONE},
        {"policy.benefits": {"surgery": None}},
        benefit(covered=False),
        benefit(covered=GONE),
    ],
)
def test_a_category_without_a_covered_benefit_is_not_covered(change):
    assert answer(change, EMERGENCY) == refusal("BENEFIT_NOT_COVERED")


@pytest.mark.parametrize("entry", ["C34", "c3.4", " c34.1 ", "C341", "33", "3.3.5", "", ".", " "])
def test_an_excluded_prefix_of_either_code_excludes(entry):
    assert answer({"policy.excluded_codes": ["Z9", entry]}, EMERGENCY) == refusal("EXCLUDED_CODE")


@pytest.mark.parametrize("entry", ["C35", "34.1", "C3411", "335 1", "C 34", None])
def test_what_is_no_prefix_excludes_nothing(entry):
    assert codes({"policy.excluded_codes": [entry]}) == PASSED


def test_codes_that_are_null_are_never_excluded():
    excluded = {"policy.excluded_codes": ["C34", "33", ""]}
    nothing = {"request.procedure_code": None, "request.diagnosis_code": GONE}
    assert codes(excluded, nothing) == PASSED
    assert codes(excluded, nothing, {"request.diagnosis_code": " c3.4 "}) == ["EXCLUDED_CODE"]
    assert codes(excluded, nothing, {"request.procedure_code": "3.3"}) == ["EXCLUDED_CODE"]
    assert codes({"policy.excluded_codes": ["C"]}, {"request.diagnosis_code": "."}) == PASSED


def test_the_joining_day_is_day_zero_of_the_waiting_period():
    assert answer(benefit(waiting_days=79), EMERGENCY) == refusal("WAITING_PERIOD")
    assert codes(benefit(waiting_days=78)) == PASSED
    on_the_day = {"member.joined_on": "2026-03-20"}
    assert codes(on_the_day, benefit(waiting_days=1)) == ["WAITING_PERIOD"]
    assert codes(on_the_day, benefit(waiting_days=0)) == PASSED


def test_an_accident_waives_the_waiting_period_where_the_benefit_says_so():
    waiting, accident = benefit(waiting_days=79), {"request.accident": True}
    waived = benefit(waiting_waived_for_accident=True)
    assert codes(waiting, accident, waived) == ["WAITING_WAIVED_ACCIDENT", *PASSED]
    assert codes(waiting, accident) == ["WAITING_PERIOD"]
    assert codes(waiting, waived) == ["WAITING_PERIOD"]
    assert codes(accident, waived) == PASSED


DECLARED = {"member.declared_conditions": ["c3.4"]}
ONSET = {"request.condition_onset_on": "2025-12-31"}


def preexisting(mode: str, months=24) -> dict:
    return {"policy.preexisting": {"mode": mode, "moratorium_months": months}}


@pytest.mark.parametrize("condition", [DECLARED, ONSET, {**DECLARED, **ONSET}])
def test_a_condition_declared_or_begun_before_joining_is_pre_existing(condition):
    assert answer(condition, EMERGENCY) == refusal("PREEXISTING_EXCLUDED")
    assert codes(condition, preexisting("covered")) == ["PREEXISTING_ACCEPTED", *PASSED]


@pytest.mark.parametrize(
    "change",
    [
        {"request.condition_onset_on": "2026-01-01"},
        {"request.condition_onset_on": GONE},
        {"member.declared_conditions": ["C35", "33", None]},
        {"member.declared_conditions": GONE},
        {"member.declared_conditions": [""], "request.diagnosis_code": None},
    ],
)
@pytest.mark.parametrize("mode", ["covered", "excluded", "moratorium"])
def test_any_other_condition_goes_on_without_a_code(change, mode):
    assert codes(change, preexisting(mode)) == PASSED


def test_an_empty_declared_prefix_begins_every_diagnosis():
    assert codes({"member.declared_conditions": [" . "]}) == ["PREEXISTING_EXCLUDED"]


@pytest.mark.parametrize(
    ("joined", "treated", "months", "is_clear"),
    [
        ("2024-03-20", "2024-01-05", 24, True),
        ("2024-03-21", "2024-01-05", 24, False),
        ("2020-01-01", "2024-03-20", 24, True),
        ("2020-01-01", "2024-03-21", 24, False),
        ("2025-12-20", "2025-12-20", 3, True),
        ("2025-12-21", "2025-12-20", 3, False),
        ("2026-03-20", "2026-03-20", 0, True),
        ("2020-01-01", "2020-01-01", 10**7, False),
    ],
)
def test_a_moratorium_ends_so_many_months_after_the_later_day(joined, treated, months, is_clear):
    change = {"member.joined_on": joined, "request.last_treated_on": treated}
    found = answer(DECLARED, change, preexisting("moratorium", months))
    if is_clear:
        assert found["reason_codes"] == ["PREEXISTING_ACCEPTED", *PASSED]
    else:
        assert found == refusal("PREEXISTING_MORATORIUM")


def test_a_moratorium_that_ends_in_a_shorter_month_ends_on_its_last_day():
    treated = {"request.last_treated_on": "2026-01-31"}
    wait = preexisting("moratorium", 1)
    day = {"request.service_start": "2026-02-28T09:00:00+08:00"}
    assert codes(DECLARED, treated, wait, day) == ["PREEXISTING_ACCEPTED", *PASSED]
    day = {"request.service_start": "2026-02-27T09:00:00+08:00"}
    assert codes(DECLARED, treated, wait, day) == ["PREEXISTING_MORATORIUM"]


def test_a_moratorium_without_a_last_treatment_is_for_a_person():
    assert answer(DECLARED, preexisting("moratorium")) == review("PREEXISTING_REVIEW", "1000.00")
    found = answer(DECLARED, preexisting("moratorium"), ABROAD)
    assert found == review("PREEXISTING_REVIEW", "7100.00")


def test_a_guarantee_declined_for_this_hospital_and_procedure_ends_it():
    assert answer(preauth(status="declined"), EMERGENCY) == refusal("PREAUTH_DECLINED")
    same = preauth(status="declined", procedure_code="3.35", valid_to="2020-01-01")
    assert codes(same) == ["PREAUTH_DECLINED"]


@pytest.mark.parametrize("other", [{"hospital_id": "h2"}, {"procedure_code": "33.6"}])
def test_a_guarantee_declined_for_something_else_is_none(other):
    declined = preauth(status="declined", **other)
    assert codes(declined) == PASSED
    assert codes(declined, ALWAYS) == ["PREAUTH_MISSING", *PASSED]


GUARANTEES = [
    (preauth(), "PREAUTH_OK"),
    (preauth(procedure_code=" 3.3.5 "), "PREAUTH_OK"),
    (preauth(valid_from="2026-03-20"), "PREAUTH_OK"),
    (preauth(valid_to="2026-03-20"), "PREAUTH_OK"),
    (preauth(valid_from="2026-03-21"), "PREAUTH_NOT_YET_VALID"),
    (preauth(valid_to="2026-03-19"), "PREAUTH_EXPIRED"),
    (preauth(valid_from="2026-03-21", valid_to="2026-03-19"), "PREAUTH_NOT_YET_VALID"),
    (preauth(hospital_id="h2", procedure_code="9", valid_to="2020-01-01"), "PREAUTH_HOSPITAL_MISMATCH"),
    (preauth(hospital_id=GONE), "PREAUTH_HOSPITAL_MISMATCH"),
    (preauth(procedure_code="33.51", valid_to="2020-01-01"), "PREAUTH_PROCEDURE_MISMATCH"),
    (preauth(status="withdrawn", hospital_id="h2"), "PREAUTH_WITHDRAWN"),
    (preauth(status="pending", valid_from=None, valid_to=None), "PREAUTH_PENDING"),
    (preauth(status="pending", hospital_id="h2"), "PREAUTH_HOSPITAL_MISMATCH"),
    (preauth(status="pending", procedure_code="9"), "PREAUTH_PROCEDURE_MISMATCH"),
    ({"preauth": GONE}, "PREAUTH_MISSING"),
]  # fmt: skip


@pytest.mark.parametrize(("guarantee", "code"), GUARANTEES)
def test_what_a_guarantee_is_worth_is_told_only_where_one_is_required(guarantee, code):
    assert codes(guarantee) == PASSED
    outcome = "ELIGIBLE" if code == "PREAUTH_OK" else "PREAUTH_REQUIRED"
    assert verdict(guarantee, ALWAYS) == (outcome, [code, *PASSED])


def test_a_guarantee_for_one_procedure_is_not_for_a_request_that_names_none():
    unnamed = {"request.procedure_code": None}
    assert codes(preauth(procedure_code="33.5"), unnamed, ALWAYS)[0] == "PREAUTH_PROCEDURE_MISMATCH"
    assert codes(preauth(), unnamed, ALWAYS)[0] == "PREAUTH_OK"


def test_a_terminal_rule_drops_what_was_collected_before():
    outside = {
        "policy.area": {"mode": "only", "countries": []},
        "policy.out_of_area_emergency": True,
    }
    assert answer(outside, EMERGENCY, TREATED, STRANGE_HOSPITAL) == refusal(
        "OUT_OF_NETWORK_EXCLUDED"
    )
