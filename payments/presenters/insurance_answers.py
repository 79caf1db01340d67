"""An eligibility answer as a patient reads it: what it means, who pays what, why, what next."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medtour.lib.money import Money
from payments.insurance_questions import UNIDENTIFIED, public_output
from payments.models import EligibilityCheck, Outcome
from payments.presenters.eligibility_words import outcome_words, patient_sentences

UNKNOWN = "unknown"
KINDS = {
    Outcome.ELIGIBLE: "direct",
    Outcome.PREAUTH_REQUIRED: "authorise",
    Outcome.PAY_AND_CLAIM: "claim",
    Outcome.NOT_COVERED: "no",
}
WAITING_NEXT = _(
    "Your insurer could not answer yet. We ask again and tell you. You can book and pay yourself "
    "meanwhile."
)
LATER_NEXT = _(
    "This could not be worked out for that day yet. Please ask again later, or write to us. You "
    "can book and pay yourself meanwhile."
)
REVIEW_NEXT = _(
    "A person has to look at this. Answer the questions below if you can, or write to us. You can "
    "book and pay yourself meanwhile."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the five answers there are; the page marks the patient's own."""

    kind: str
    look: str
    icon: str
    title: Promise
    meaning: Promise


CHOICES = (
    Choice(
        "direct",
        "ans-yes",
        "check",
        _("Direct pay"),
        _("Your insurer pays the hospital. You pay your own part."),
    ),
    Choice(
        "authorise",
        "ans-auth",
        "hourglass",
        _("Authorisation needed"),
        _("Your insurer must agree first. Your place is kept while the insurer decides."),
    ),
    Choice(
        "claim",
        "ans-unk",
        "doc",
        _("You pay and claim"),
        _("You pay the hospital. Your insurer pays its part back to you later."),
    ),
    Choice(
        "no",
        "ans-no",
        "x",
        _("Not covered"),
        _("Your insurance does not pay for this. You can pay yourself."),
    ),
    Choice(
        UNKNOWN,
        "ans-unk",
        "help",
        _("Could not be determined yet"),
        _("Nobody can say yet. You can book and pay yourself meanwhile."),
    ),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """Who pays what; the first two add up to the estimate to the minor unit (M3)."""

    insurer: Money
    patient: Money
    estimate: Money
    claim_later: Money | None


@dataclass(frozen=True, slots=True)
class Answer:
    check: EligibilityCheck
    kind: str
    next_step: Promise
    reasons: list[Promise]
    parts: Parts | None
    asks_more: bool
    asks_again: bool
    is_demonstration: bool

    @property
    def title(self) -> Promise:
        return next(choice.title for choice in CHOICES if choice.kind == self.kind)


def answer_of(check: EligibilityCheck) -> Answer:
    """Return an answer in words; who is not identified never learns why (DP-03, DP-11)."""
    output = public_output(check.output) if check.output else {}
    outcome = check.outcome
    if outcome == Outcome.WAITING:
        # Only what an insurer answers itself is asked again; see EligibilityRetry.
        next_step, reasons = WAITING_NEXT if hasattr(check, "retry") else LATER_NEXT, []
    else:
        reasons = patient_sentences(output)
        next_step = REVIEW_NEXT if outcome == Outcome.REVIEW else outcome_words(output).next_step
    return Answer(
        check=check,
        kind=KINDS.get(Outcome(outcome), UNKNOWN),
        next_step=next_step,
        reasons=reasons,
        parts=_parts(check),
        asks_more="PREEXISTING_REVIEW" in check.reason_codes,
        asks_again=bool(set(check.reason_codes) & set(UNIDENTIFIED)),
        is_demonstration=check.member is not None and check.member.is_demonstration,
    )


def _parts(check: EligibilityCheck) -> Parts | None:
    output, outcome = check.output, check.outcome
    if outcome not in KINDS or output.get("covered_amount") is None:
        return None

    def money(name: str) -> Money:
        return Money.from_major(output[name], output["currency"])

    estimate, covered = money("estimate"), money("covered_amount")
    if outcome == Outcome.PREAUTH_REQUIRED:
        return Parts(covered, money("patient_share"), estimate, None)
    later = covered if outcome == Outcome.PAY_AND_CLAIM and covered.minor else None
    return Parts(money("direct_pay_amount"), money("patient_pays_hospital"), estimate, later)
