"""The answer to an officer's question; it never says which detail was wrong (DP-03)."""

from dataclasses import dataclass

from django.utils.functional import Promise

from medtour.lib.money import Money
from payments.insurance_questions import public_output
from payments.models import EligibilityCheck, Outcome
from payments.presenters.eligibility_words import staff_labels

COLOURS = {
    Outcome.ELIGIBLE: "good",
    Outcome.PREAUTH_REQUIRED: "wait",
    Outcome.NOT_COVERED: "bad",
    Outcome.REJECTED: "bad",
}


@dataclass(frozen=True, slots=True)
class CoverAnswer:
    """Outcome, reasons and sums of one check; the sums are None where there is nothing to split."""

    kind: str
    reasons: list[Promise]
    estimate: Money | None = None
    covered: Money | None = None
    own: Money | None = None


def cover_answer(check: EligibilityCheck) -> CoverAnswer:
    """Return what the page of one check shows."""
    output = public_output(check.output)
    kind, reasons = COLOURS.get(Outcome(check.outcome), ""), staff_labels(output)
    if output.get("covered_amount") is None or output.get("estimate") is None:
        return CoverAnswer(kind, reasons)
    currency = output["currency"]
    estimate = Money.from_major(output["estimate"], currency)
    covered = Money.from_major(output["covered_amount"], currency)
    return CoverAnswer(kind, reasons, estimate, covered, estimate - covered)
