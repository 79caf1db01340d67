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


def half_up(exact: Fraction) -> Fraction:
    return Fraction((2 * exact.numerator + exact.denominator) // (2 * exact.denominator))


class Reading:
    """The documents' sums in minor units of the policy's currency, and the answer's codes."""

    def __init__(self, document: dict[str, Any], answer: dict[str, Any]) -> None:
        self.document, self.policy = document, document["policy"]
        self.request = document["request"]
        self.benefit = self.policy["benefits"][self.request["category"]]
        self.reasons = set(answer["reason_codes"])
        self.digits = DIGITS.get(self.policy["currency"], 2)

    def minor(self, text: str) -> Fraction:
        return Fraction(text) * 10**self.digits

    def shown(self, value: Fraction) -> str:
        assert value.denominator == 1
        text = str(value.numerator).rjust(self.digits + 1, "0")
        return f"{text[: -self.digits]}.{text[-self.digits :]}" if self.digits else text

    def estimate(self) -> Fraction:
        sum_asked = self.minor(self.request["amount"])
        if self.request["currency"] == self.policy["currency"]:
            return sum_asked
        return half_up(sum_asked * Fraction(self.document["fx"]["rate"]))

    def deductible(self, estimate: Fraction) -> Fraction:
        rule = self.policy["deductible"]
        if not rule or self.request["setting"] not in rule["settings"]:
            return Fraction(0)
        met = self.minor(rule["met"]) if rule["scope"] == "annual" else 0
        return sorted([Fraction(0), self.minor(rule["amount"]) - met, estimate])[1]

    def percentage(self) -> Fraction:
        pct = Fraction(self.benefit["coinsurance_pct"])
        if "HIGH_COST_SURCHARGE" in self.reasons:
            extra = Fraction(self.policy["high_cost"]["extra_coinsurance_pct"])
            pct = min(pct + extra, Fraction(100))
        if "OUT_OF_NETWORK" in self.reasons:
            pct = Fraction(self.policy["out_of_network"]["coinsurance_pct"])
        return pct

    def beyond_the_most(self, copay: Fraction, coinsurance: Fraction) -> Fraction:
        most = self.policy["out_of_pocket_max"]
        if not most or "OUT_OF_NETWORK" in self.reasons:
            return Fraction(0)
        room = max(self.minor(most["amount"]) - self.minor(most["met"]), Fraction(0))
        return max(copay + coinsurance - room, Fraction(0))

    def penalty(self, insurer: Fraction, *, treated: bool) -> Fraction:
        late = "EMERGENCY_LATE_NOTICE" in self.reasons
        if not late and not (treated and MISSED & self.reasons):
            return Fraction(0)
        return half_up(insurer * Fraction(self.policy["preauth_penalty_pct"]) / 100)

    def caps(self) -> list[Fraction]:
        """Return what the limits and a usable guarantee leave for the insurer to pay."""
        pairs = [
            (self.benefit["annual_sublimit"], self.benefit["sublimit_used"]),
            (self.policy["annual_limit"], self.policy["annual_used"]),
        ]
        if used_guarantee(self.document):
            pairs.append((self.document["preauth"]["approved_amount"], "0"))
        return [self.minor(most) - self.minor(used) for most, used in pairs if most is not None]


def naive_amounts(document: dict[str, Any], answer: dict[str, Any], *, treated: bool) -> dict:
    """Return every amount of an answer that passed all stages, as strings."""
    read = Reading(document, answer)
    estimate = read.estimate()
    own = {"deductible": read.deductible(estimate)}
    rest = estimate - own["deductible"]
    own["copay"] = min(read.minor(read.benefit["copay"]), rest)
    own["coinsurance"] = half_up((rest - own["copay"]) * read.percentage() / 100)
    excess = read.beyond_the_most(own["copay"], own["coinsurance"])
    from_coinsurance = min(excess, own["coinsurance"])
    own["coinsurance"] -= from_coinsurance
    own["copay"] -= excess - from_coinsurance
    insurer = estimate - sum(own.values())
    own["penalty"] = read.penalty(insurer, treated=treated)
    insurer -= own["penalty"]
    covered = min([insurer, *read.caps()])
    own["over_limit"] = insurer - covered
    return {
        "estimate": read.shown(estimate),
        "covered_amount": read.shown(covered),
        "patient_share": read.shown(sum(own.values(), Fraction(0))),
        "breakdown": {key: read.shown(value) for key, value in own.items()},
    }


def used_guarantee(document: dict[str, Any]) -> bool:
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
