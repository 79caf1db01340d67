"""Stage 13 once more, written another way: minor units as whole numbers, percentages as fractions.

It reads what the stages before it decided from the answer's own codes.
"""

from fractions import Fraction
from typing import Any

DIGITS = {"JPY": 0, "KWD": 3}
MISSED = {
    "PREAUTH_HOSPITAL_MISMATCH", "PREAUTH_PROCEDURE_MISMATCH", "PREAUTH_NOT_YET_VALID",
    "PREAUTH_EXPIRED", "PREAUTH_WITHDRAWN", "PREAUTH_MISSING",
}  # fmt: skip


def naive_amounts(document: dict[str, Any], answer: dict[str, Any], *, treated: bool) -> dict:
    """Return every amount of an answer that passed all stages, as strings."""
    policy, request = document["policy"], document["request"]
    benefit = policy["benefits"][request["category"]]
    reasons = set(answer["reason_codes"])
    digits = DIGITS.get(policy["currency"], 2)
    minor = lambda text: Fraction(text) * 10**digits  # noqa: E731
    half_up = lambda exact: (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)  # noqa: E731

    estimate = minor(request["amount"])
    if request["currency"] != policy["currency"]:
        estimate = Fraction(half_up(estimate * Fraction(document["fx"]["rate"])))

    own = {"deductible": Fraction(0), "penalty": Fraction(0)}
    rule = policy["deductible"]
    if rule and request["setting"] in rule["settings"]:
        met = minor(rule["met"]) if rule["scope"] == "annual" else 0
        own["deductible"] = sorted([Fraction(0), minor(rule["amount"]) - met, estimate])[1]
    rest = estimate - own["deductible"]

    pct = Fraction(benefit["coinsurance_pct"])
    if "HIGH_COST_SURCHARGE" in reasons:
        pct = min(pct + Fraction(policy["high_cost"]["extra_coinsurance_pct"]), Fraction(100))
    if "OUT_OF_NETWORK" in reasons:
        pct = Fraction(policy["out_of_network"]["coinsurance_pct"])
    own["copay"] = minor(benefit["copay"])
    if own["copay"] > rest:
        own["copay"] = rest
    own["coinsurance"] = Fraction(half_up((rest - own["copay"]) * pct / 100))

    most = policy["out_of_pocket_max"]
    if most and "OUT_OF_NETWORK" not in reasons:
        room = max(minor(most["amount"]) - minor(most["met"]), Fraction(0))
        excess = max(own["copay"] + own["coinsurance"] - room, Fraction(0))
        from_coinsurance = min(excess, own["coinsurance"])
        own["coinsurance"] -= from_coinsurance
        own["copay"] -= excess - from_coinsurance

    insurer = estimate - sum(own.values())
    if "EMERGENCY_LATE_NOTICE" in reasons or (treated and MISSED & reasons):
        own["penalty"] = Fraction(half_up(insurer * Fraction(policy["preauth_penalty_pct"]) / 100))
        insurer -= own["penalty"]
    caps = [insurer]
    if benefit["annual_sublimit"] is not None:
        caps.append(minor(benefit["annual_sublimit"]) - minor(benefit["sublimit_used"]))
    if policy["annual_limit"] is not None:
        caps.append(minor(policy["annual_limit"]) - minor(policy["annual_used"]))
    if (
        answer_used_guarantee(document, answer)
        and document["preauth"]["approved_amount"] is not None
    ):
        caps.append(minor(document["preauth"]["approved_amount"]))
    own["over_limit"] = insurer - min(caps)

    def shown(value: Fraction) -> str:
        assert value.denominator == 1
        text = str(value.numerator).rjust(digits + 1, "0")
        return f"{text[:-digits]}.{text[-digits:]}" if digits else text

    return {
        "estimate": shown(estimate),
        "covered_amount": shown(min(caps)),
        "patient_share": shown(sum(own.values(), Fraction(0))),
        "breakdown": {key: shown(value) for key, value in own.items()},
    }


def answer_used_guarantee(document: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Tell whether the guarantee is usable, in the plain words of stage 9.

    The documents of these tests take place in one zone, at noon, so that dates are their first ten
    letters.
    """
    preauth, request = document["preauth"], document["request"]
    if not preauth or preauth["status"] != "approved":
        return False
    if preauth["hospital_id"] != document["hospital"]["id"]:
        return False
    if preauth["procedure_code"] not in (None, request["procedure_code"]):
        return False
    return preauth["valid_from"] <= request["service_start"][:10] <= preauth["valid_to"]
