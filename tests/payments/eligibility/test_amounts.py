"""Stages 13 to 15: who bears what, whether the bill can go to the insurer, the outcome."""

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
    parts,
    preauth,
    split,
    verdict,
)
from tests.payments.eligibility.test_cover import PASSED
from tests.payments.eligibility.test_network import outside

FREE = benefit(coinsurance_pct="0")


def deductible(amount: str, met="0.00", scope="annual", settings=("inpatient",)) -> dict:
    rule = {"amount": amount, "met": met, "scope": scope, "settings": list(settings)}
    return {"policy.deductible": rule}


def most_own(amount: str, met="0.00") -> dict:
    return {"policy.out_of_pocket_max": {"amount": amount, "met": met}}


def test_the_specification_s_worked_example():
    """Section 8, to the cent."""
    found = answer(
        {
            "policy.currency": "EUR",
            "request.currency": "EUR",
            "request.amount": "640.00",
            "request.setting": "outpatient",
            "hospital.direct_billing": {"i1": ["outpatient"]},
        },
        deductible("300.00", "120.00", settings=["outpatient"]),
        benefit(
            copay="15.00", coinsurance_pct="12.5", annual_sublimit="500.00", sublimit_used="260.00"
        ),
    )
    assert found == {
        "outcome": "ELIGIBLE",
        "reason_codes": [
            "DEDUCTIBLE_APPLIED",
            "COPAY_APPLIED",
            "COINSURANCE_APPLIED",
            "SUBLIMIT_APPLIED",
        ],
        "currency": "EUR",
        "estimate": "640.00",
        "covered_amount": "240.00",
        "patient_share": "400.00",
        "direct_pay_amount": "240.00",
        "patient_pays_hospital": "400.00",
        "breakdown": split("180.00", "15.00", "55.63", "0.00", "149.37"),
    }


@pytest.mark.parametrize(
    ("rule", "borne"),
    [
        (deductible("300.00", "120.00"), "180.00"),
        (deductible("300.00", "300.00"), "0.00"),
        (deductible("300.00", "400.00"), "0.00"),
        (deductible("0"), "0.00"),
        (deductible("5000.00"), "1000.00"),
        (deductible("300.00", "120.00", "per_visit"), "300.00"),
        (deductible("5000.00", "9", "per_visit"), "1000.00"),
        (deductible("300.00", settings=["outpatient", "daycase"]), "0.00"),
        (deductible("300.00", settings=[]), "0.00"),
        ({"policy.deductible": {"amount": "300.00", "met": "0.00", "scope": "annual"}}, "0.00"),
        ({"policy.deductible": GONE}, "0.00"),
    ],
)
def test_the_deductible_where_it_counts(rule, borne):
    found = answer(rule, FREE)
    assert found["breakdown"]["deductible"] == borne
    assert ("DEDUCTIBLE_APPLIED" in found["reason_codes"]) is (borne != "0.00")


def test_the_copay_takes_at_most_what_the_deductible_leaves():
    assert parts(deductible("990.00"), benefit(copay="15.00")) == ("0.00", split("990.00", "10.00"))
    assert codes(deductible("990.00"), benefit(copay="15.00"))[:2] == [
        "DEDUCTIBLE_APPLIED",
        "COPAY_APPLIED",
    ]
    assert parts(benefit(copay="15.00")) == ("886.50", split(copay="15.00", coinsurance="98.50"))


@pytest.mark.parametrize(
    ("amount", "pct", "borne"),
    [("0.05", "10", "0.01"), ("0.04", "10", "0.00"), ("0.49", "1", "0.00"), ("0.50", "1", "0.01"), ("1000.00", "100", "1000.00"),
     ("1000.00", "33.3333333333", "333.33"), ("1000.00", "0.0004999999999999999999999999999999999", "0.00"),
     ("1000.00", "0.0005", "0.01")],
)  # fmt: skip
def test_the_percentage_is_rounded_half_up(amount, pct, borne):
    found = answer({"request.amount": amount}, benefit(coinsurance_pct=pct))
    assert found["breakdown"]["coinsurance"] == borne
    assert ("COINSURANCE_APPLIED" in found["reason_codes"]) is (borne != "0.00")


@pytest.mark.parametrize(
    ("room", "copay", "coinsurance"),
    [
        (most_own("248.50"), "150.00", "85.00"),
        (most_own("235.00"), "150.00", "85.00"),
        (most_own("234.99"), "150.00", "84.99"),
        (most_own("200.00", "50.00"), "150.00", "0.00"),
        (most_own("200.00", "60.00"), "140.00", "0.00"),
        (most_own("200.00", "200.00"), "0.00", "0.00"),
        (most_own("200.00", "900.00"), "0.00", "0.00"),
    ],
)
def test_the_out_of_pocket_maximum_reduces_the_percentage_first(room, copay, coinsurance):
    found = answer(room, benefit(copay="150.00"))
    assert found["breakdown"] == split(copay=copay, coinsurance=coinsurance)
    is_applied = (copay, coinsurance) != ("150.00", "85.00")
    assert ("OOP_MAX_APPLIED" in found["reason_codes"]) is is_applied
    assert ("COPAY_APPLIED" in found["reason_codes"]) is (copay != "0.00")
    assert ("COINSURANCE_APPLIED" in found["reason_codes"]) is (coinsurance != "0.00")


def test_the_maximum_leaves_deductible_penalty_and_limits_alone():
    found = answer(
        deductible("300.00"), most_own("10.00"), ALWAYS, TREATED, benefit(annual_sublimit="500.00")
    )
    assert found["breakdown"] == split("300.00", "0.00", "10.00", "138.00", "52.00")
    assert found["reason_codes"] == [
        "PREAUTH_MISSING", "DEDUCTIBLE_APPLIED", "COINSURANCE_APPLIED", "OOP_MAX_APPLIED", "PREAUTH_PENALTY", "SUBLIMIT_APPLIED",
    ]  # fmt: skip


def test_the_maximum_is_not_for_a_percentage_outside_the_network():
    assert parts(outside("reimburse"), most_own("0"))[0] == "600.00"
    assert "OOP_MAX_APPLIED" not in codes(outside("reimburse"), most_own("0"))
    emergency = outside("not_covered", emergency=True)
    assert parts(emergency, EMERGENCY, most_own("0"))[0] == "1000.00"
    assert parts(outside("not_covered"), preauth(), most_own("0"))[0] == "1000.00"


def test_the_penalty_is_rounded_half_up_on_what_the_insurer_bears():
    change = {"request.amount": "0.25", "policy.preauth_penalty_pct": "10"}
    assert parts(FREE, change, ALWAYS, TREATED) == ("0.22", split(penalty="0.03"))


LIMITED = {
    "sub-limit": (benefit(annual_sublimit="900.00", sublimit_used="200.00"), "SUBLIMIT_APPLIED"),
    "annual limit": ({"policy.annual_limit": "900.00", "policy.annual_used": "200.00"}, "ANNUAL_LIMIT_APPLIED"),
    "guarantee": (preauth(approved_amount="700.00"), "GOP_CAP_APPLIED"),
}  # fmt: skip


@pytest.mark.parametrize("which", sorted(LIMITED))
def test_a_limit_caps_the_insurer_after_cost_sharing(which):
    limit, code = LIMITED[which]
    assert codes(limit) == [*PASSED, code]
    assert parts(limit) == ("700.00", split(coinsurance="100.00", over_limit="200.00"))
    assert codes(limit, benefit(coinsurance_pct="30")) == PASSED
    assert codes(limit, benefit(coinsurance_pct="29.999")) == [*PASSED, code]


def test_each_limit_is_named_only_if_it_lowers_further():
    both = {**LIMITED["sub-limit"][0], **LIMITED["annual limit"][0], **LIMITED["guarantee"][0]}
    assert codes(both) == [*PASSED, "SUBLIMIT_APPLIED"]
    lower = {**both, "policy.annual_used": "300.00", **preauth(approved_amount="599.99")}
    assert codes(lower) == [*PASSED, "SUBLIMIT_APPLIED", "ANNUAL_LIMIT_APPLIED", "GOP_CAP_APPLIED"]
    assert parts(lower) == ("599.99", split(coinsurance="100.00", over_limit="300.01"))


def test_a_guarantee_caps_even_where_none_was_required_but_only_a_usable_one():
    cap = {"approved_amount": "100.00"}
    assert parts(preauth(**cap))[0] == "100.00"
    assert parts(preauth(**cap), ALWAYS)[0] == "100.00"
    for other in ({"status": "pending"}, {"status": "withdrawn"}, {"valid_to": "2026-03-19"}):
        assert parts(preauth(**cap, **other))[0] == "900.00"
    assert parts(preauth(approved_amount=GONE))[0] == "900.00"
    found = answer(preauth(approved_amount="0.00"))
    assert found["outcome"] == "PAY_AND_CLAIM"
    assert found["reason_codes"] == [*PASSED, "GOP_CAP_APPLIED", "NOTHING_PAYABLE"]


PLAN = {"policy.direct_pay": ["daycase", "outpatient"]}
AGREEMENTS = [
    ({"hospital.direct_billing": {"i1": ["daycase"]}}, "HOSPITAL_NO_AGREEMENT"),
    ({"hospital.direct_billing": {"i2": ["inpatient"]}}, "HOSPITAL_NO_AGREEMENT"),
    ({"hospital.direct_billing": {"i1": None}}, "HOSPITAL_NO_AGREEMENT"),
    ({"hospital.direct_billing": GONE}, "HOSPITAL_NO_AGREEMENT"),
    ({"policy.insurer_id": GONE}, "HOSPITAL_NO_AGREEMENT"),
    ({"policy.insurer_id": ["i1"]}, "HOSPITAL_NO_AGREEMENT"),
    (PLAN, "PLAN_NO_DIRECT_PAY"),
    ({"policy.direct_pay": None}, "PLAN_NO_DIRECT_PAY"),
    ({**PLAN, "hospital.direct_billing": None}, "PLAN_NO_DIRECT_PAY"),
]


@pytest.mark.parametrize(("change", "code"), AGREEMENTS)
def test_without_a_standing_agreement_the_patient_pays_and_claims(change, code):
    found = answer(change)
    assert (found["outcome"], found["reason_codes"]) == ("PAY_AND_CLAIM", [*PASSED, code])
    assert (found["covered_amount"], found["patient_share"]) == ("900.00", "100.00")
    assert (found["direct_pay_amount"], found["patient_pays_hospital"]) == ("0.00", "1000.00")
    assert verdict(change, preauth()) == ("ELIGIBLE", [*PASSED, "CASE_BY_CASE_GOP"])
    assert verdict(change, preauth(status="pending")) == ("PAY_AND_CLAIM", [*PASSED, code])


def test_a_standing_agreement_needs_no_guarantee_and_names_none():
    assert verdict(preauth()) == ("ELIGIBLE", PASSED)


def test_outside_the_network_an_agreement_is_not_standing():
    assert verdict(STRANGE_HOSPITAL, outside("reimburse"), PLAN) == (
        "PAY_AND_CLAIM",
        ["OUT_OF_NETWORK", *PASSED],
    )


def test_nothing_payable_is_claimed_and_not_billed():
    assert verdict(benefit(copay="1000.00")) == (
        "PAY_AND_CLAIM",
        ["COPAY_APPLIED", "NOTHING_PAYABLE"],
    )
    no_part = {"hospital.accepts_partial_direct_pay": False}
    assert codes(benefit(copay="1000.00"), no_part) == ["COPAY_APPLIED", "NOTHING_PAYABLE"]
    assert verdict(benefit(copay="999.99", coinsurance_pct="0"))[0] == "ELIGIBLE"


@pytest.mark.parametrize("answered", [False, None, GONE])
def test_a_hospital_that_takes_no_part_payment_bills_only_full_cover(answered):
    no_part = {"hospital.accepts_partial_direct_pay": answered}
    found = answer(no_part)
    assert found["reason_codes"] == [*PASSED, "HOSPITAL_REQUIRES_ZERO_SHARE"]
    assert found["outcome"] == "PAY_AND_CLAIM"
    assert (found["direct_pay_amount"], found["patient_pays_hospital"]) == ("0.00", "1000.00")
    assert verdict(no_part, FREE) == ("ELIGIBLE", ["COVERED_IN_FULL"])
    assert codes(no_part, PLAN) == [*PASSED, "PLAN_NO_DIRECT_PAY"]


def test_covered_in_full_the_patient_pays_nothing():
    found = answer(FREE)
    assert (found["outcome"], found["reason_codes"]) == ("ELIGIBLE", ["COVERED_IN_FULL"])
    assert (found["direct_pay_amount"], found["patient_pays_hospital"]) == ("1000.00", "0.00")
    assert found["breakdown"] == split()


def test_an_estimate_that_rounds_to_nothing_is_both():
    change = {"request.amount": "0.01", "request.currency": "USD", "fx": {**RATE, "rate": "0.1"}}
    assert verdict(change) == ("PAY_AND_CLAIM", ["NOTHING_PAYABLE", "COVERED_IN_FULL"])


def test_an_open_authorisation_comes_before_everything_else():
    assert verdict(ALWAYS, PLAN)[0] == "PREAUTH_REQUIRED"
    assert verdict(ALWAYS, benefit(copay="1000.00"))[0] == "PREAUTH_REQUIRED"
    assert verdict(ALWAYS, {"hospital.accepts_partial_direct_pay": False})[0] == "PREAUTH_REQUIRED"


def test_a_missed_authorisation_is_claimed_even_with_an_agreement():
    assert verdict(ALWAYS, TREATED)[0] == "PAY_AND_CLAIM"


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [
        ("JPY", "1000", ("1000", "995", "5", "5", "0")),
        ("CNY", "1000", ("1000.00", "995.00", "5.00", "5.00", "0.00")),
        ("KWD", "1000.000", ("1000.000", "995.000", "5.000", "5.000", "0.000")),
    ],
)
def test_money_is_shown_with_the_decimals_of_its_currency(currency, amount, shown):
    change = {"policy.currency": currency, "request.currency": currency, "request.amount": amount}
    found = answer(change, benefit(copay="5.0", coinsurance_pct="0"))
    parts_ = found["breakdown"]
    assert shown == (
        found["estimate"],
        found["covered_amount"],
        found["patient_share"],
        parts_["copay"],
        parts_["penalty"],
    )


def test_amounts_of_any_length_stay_exact():
    found = answer(
        {"request.amount": "9" * 5000 + ".99"}, benefit(copay="0.01", coinsurance_pct="50")
    )
    half = "4" + "9" * 4999
    assert found["covered_amount"] == half + ".99"
    assert found["patient_share"] == "5" + "0" * 4999 + ".00"
