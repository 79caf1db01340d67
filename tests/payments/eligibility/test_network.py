"""Stages 10 to 12: the hospital's network, limits that are used up, authorisation."""

from decimal import Decimal

import pytest

from tests.payments.eligibility.documents import (
    ALWAYS,
    EMERGENCY,
    GONE,
    STRANGE_HOSPITAL,
    TREATED,
    answer,
    benefit,
    codes,
    parts,
    preauth,
    split,
    verdict,
)
from tests.payments.eligibility.test_cover import PASSED, refusal

DEAR = {"policy.network": {"h1": {"tier": "high_cost"}, "h2": {"tier": "standard"}}}


def high_cost(mode: str, extra="20") -> dict:
    return {**DEAR, "policy.high_cost": {"mode": mode, "extra_coinsurance_pct": extra}}


def outside(mode: str, *, emergency=False, pct="40") -> dict:
    rule = {"mode": mode, "coinsurance_pct": pct, "emergency_as_in_network": emergency}
    return {**STRANGE_HOSPITAL, "policy.out_of_network": rule}


def test_a_dear_hospital_that_is_covered_costs_nothing_more():
    assert codes(high_cost("covered")) == PASSED
    assert codes(high_cost("covered"), EMERGENCY) == PASSED


def test_a_surcharge_adds_to_the_percentage():
    assert codes(high_cost("surcharge")) == ["HIGH_COST_SURCHARGE", *PASSED]
    assert parts(high_cost("surcharge")) == ("700.00", split(coinsurance="300.00"))


@pytest.mark.parametrize(
    ("extra", "covered"), [("89.99", "0.10"), ("90", "0.00"), ("95", "0.00"), ("0", "900.00")]
)
def test_a_surcharged_percentage_ends_at_one_hundred(extra, covered):
    assert parts(high_cost("surcharge", extra))[0] == covered


def test_a_dear_hospital_may_be_excluded_but_not_in_an_emergency():
    assert answer(high_cost("excluded"), preauth()) == refusal("HIGH_COST_EXCLUDED")
    for mode in ("surcharge", "excluded"):
        assert codes(high_cost(mode), EMERGENCY) == ["HIGH_COST_EMERGENCY", *PASSED]
        assert parts(high_cost(mode), EMERGENCY)[0] == "900.00"


def test_rules_for_dear_hospitals_are_not_for_others():
    rule = {"policy.high_cost": {"mode": "excluded"}}
    assert codes(rule) == PASSED
    assert (
        codes(rule, {"policy.network": {"h1": {"tier": "standard"}, "h2": {"tier": "high_cost"}}})
        == PASSED
    )


NO_STANDING = ["HOSPITAL_NO_AGREEMENT"]


def test_outside_the_network_the_percentage_is_replaced():
    assert verdict(outside("reimburse")) == ("PAY_AND_CLAIM", ["OUT_OF_NETWORK", *PASSED])
    assert parts(outside("reimburse")) == ("600.00", split(coinsurance="400.00"))
    assert codes(outside("reimburse"), EMERGENCY) == ["OUT_OF_NETWORK", *PASSED]


def test_an_emergency_outside_the_network_may_count_as_inside():
    for mode in ("reimburse", "not_covered"):
        rule = outside(mode, emergency=True)
        found = verdict(rule, EMERGENCY)
        assert found == ("PAY_AND_CLAIM", ["OUT_OF_NETWORK_EMERGENCY", *PASSED])
        assert parts(rule, EMERGENCY)[0] == "900.00"
    assert codes(outside("not_covered", emergency=True)) == ["OUT_OF_NETWORK_EXCLUDED"]


@pytest.mark.parametrize(
    "network", [{}, None, {"h2": {"tier": "standard"}}, {"H1": {"tier": "standard"}}, {"h1": None}]
)
def test_a_hospital_that_is_no_key_of_the_network_is_outside(network):
    change = {"policy.network": network}
    assert answer(change) == refusal("OUT_OF_NETWORK_EXCLUDED")
    assert answer(change, EMERGENCY) == refusal("OUT_OF_NETWORK_EXCLUDED")


def test_a_usable_guarantee_opens_a_hospital_outside_the_network():
    assert verdict(outside("not_covered"), preauth()) == ("ELIGIBLE", [*PASSED, "CASE_BY_CASE_GOP"])
    assert parts(outside("not_covered"), preauth())[0] == "900.00"
    found = verdict(outside("reimburse"), preauth())
    assert found == ("ELIGIBLE", ["OUT_OF_NETWORK", *PASSED, "CASE_BY_CASE_GOP"])
    for other in (preauth(status="pending"), preauth(valid_to="2026-03-19")):
        assert codes(outside("not_covered"), other) == ["OUT_OF_NETWORK_EXCLUDED"]


@pytest.mark.parametrize(
    ("code", "gone", "left"),
    [
        ("VISIT_LIMIT_REACHED", benefit(visits_limit=3, visits_used=3), benefit(visits_limit=3, visits_used=2)),
        ("VISIT_LIMIT_REACHED", benefit(visits_limit=0), benefit(visits_limit=1)),
        ("VISIT_LIMIT_REACHED", benefit(visits_limit=3, visits_used=4), benefit(visits_limit=None, visits_used=4)),
        ("SUBLIMIT_EXHAUSTED", benefit(annual_sublimit="5000.00", sublimit_used="5000"),
         benefit(annual_sublimit="5000.00", sublimit_used="4000.00")),
        ("SUBLIMIT_EXHAUSTED", benefit(annual_sublimit="100.00", sublimit_used="100.01"),
         benefit(annual_sublimit=GONE, sublimit_used=GONE)),
        ("SUBLIMIT_EXHAUSTED", benefit(annual_sublimit="0"), benefit(annual_sublimit="900")),
        ("ANNUAL_LIMIT_EXHAUSTED", {"policy.annual_limit": "5000.00", "policy.annual_used": "5000.00"},
         {"policy.annual_limit": "5000.00", "policy.annual_used": "4100.00"}),
        ("ANNUAL_LIMIT_EXHAUSTED", {"policy.annual_limit": "1", "policy.annual_used": "2"},
         {"policy.annual_limit": GONE, "policy.annual_used": GONE}),
    ],
)  # fmt: skip
def test_a_limit_with_nothing_left_ends_it(code, gone, left):
    assert answer(gone, EMERGENCY, preauth()) == refusal(code)
    assert codes(left) == PASSED


@pytest.mark.parametrize(
    ("rule", "threshold", "is_required"),
    [("never", "0", False), ("always", None, True), ("over_threshold", "1000.00", False), ("over_threshold", "1000.01", False),
     ("over_threshold", "999.99", True), ("over_threshold", "0", True), ("over_threshold", None, False), ("over_threshold", GONE, False)],
)  # fmt: skip
def test_authorisation_is_required_strictly_above_the_threshold(rule, threshold, is_required):
    change = benefit(preauth=rule, preauth_threshold=threshold)
    missing = ("PREAUTH_REQUIRED", ["PREAUTH_MISSING", *PASSED])
    assert verdict(change) == (missing if is_required else ("ELIGIBLE", PASSED))


def test_the_threshold_is_compared_with_the_whole_estimate():
    change = benefit(preauth="over_threshold", preauth_threshold="999.99", copay="900.00")
    assert codes(change)[0] == "PREAUTH_MISSING"


def test_an_open_authorisation_shows_amounts_without_penalty():
    found = answer(ALWAYS)
    assert found["outcome"] == "PREAUTH_REQUIRED"
    assert (found["covered_amount"], found["patient_share"]) == ("900.00", "100.00")
    assert (found["direct_pay_amount"], found["patient_pays_hospital"]) == ("0.00", "1000.00")
    assert found["breakdown"] == split(coinsurance="100.00")


def test_a_pending_guarantee_leaves_it_open_even_in_an_emergency():
    found = verdict(ALWAYS, preauth(status="pending"), EMERGENCY, TREATED)
    assert found == ("PREAUTH_REQUIRED", ["PREAUTH_PENDING", *PASSED])


def test_a_usable_guarantee_clears_it_even_afterwards():
    assert verdict(ALWAYS, preauth(), EMERGENCY, TREATED) == ("ELIGIBLE", ["PREAUTH_OK", *PASSED])


def notified(hours) -> dict:
    return {**EMERGENCY, "request.emergency_notified_after_hours": hours}


@pytest.mark.parametrize("hours", [0, 48, 48.0, 47.99, Decimal("48.000"), -1])
def test_an_insurer_told_in_time_clears_an_emergency(hours):
    assert verdict(ALWAYS, notified(hours)) == ("ELIGIBLE", ["EMERGENCY_NOTIFIED", *PASSED])


@pytest.mark.parametrize(
    "hours", [49, 48.00000000000001, Decimal("48.0000000000000000000000000001"), 10**400]
)
def test_an_insurer_told_late_costs_a_penalty(hours):
    found = verdict(ALWAYS, notified(hours))
    assert found == ("ELIGIBLE", ["EMERGENCY_LATE_NOTICE", *PASSED, "PREAUTH_PENALTY"])
    late = split(coinsurance="100.00", penalty="180.00")
    assert parts(ALWAYS, notified(hours)) == ("720.00", late)


@pytest.mark.parametrize("hours", [None, GONE])
@pytest.mark.parametrize("moment", [{}, TREATED])
def test_an_insurer_not_told_yet_is_to_be_told(hours, moment):
    found = verdict(ALWAYS, notified(hours), moment, preauth(valid_to="2026-03-19"))
    assert found == ("PREAUTH_REQUIRED", ["EMERGENCY_NOTIFY_INSURER", *PASSED])


def test_notice_means_nothing_where_nothing_is_required():
    assert codes(notified(500)) == PASSED
    assert codes(ALWAYS, {"request.emergency_notified_after_hours": 1})[0] == "PREAUTH_MISSING"


def test_treated_without_authorisation_the_patient_claims_with_a_penalty():
    missed = ("PAY_AND_CLAIM", ["PREAUTH_MISSING", *PASSED, "PREAUTH_PENALTY"])
    assert verdict(ALWAYS, TREATED) == missed
    assert parts(ALWAYS, TREATED) == ("720.00", split(coinsurance="100.00", penalty="180.00"))
    expired = codes(ALWAYS, TREATED, preauth(valid_to="2026-03-19"))
    assert expired == ["PREAUTH_EXPIRED", *PASSED, "PREAUTH_PENALTY"]


def test_treated_begins_on_the_day_after_in_the_hospital_s_zone():
    same_day = {"checked_at": "2026-03-20T15:59:59Z"}
    assert verdict(ALWAYS, same_day)[0] == "PREAUTH_REQUIRED"
    next_day = {"checked_at": "2026-03-20T16:00:00Z"}
    assert verdict(ALWAYS, next_day)[0] == "PAY_AND_CLAIM"


def test_a_penalty_of_nothing_has_no_code():
    assert codes(ALWAYS, TREATED, {"policy.preauth_penalty_pct": "0"}) == [
        "PREAUTH_MISSING",
        *PASSED,
    ]
