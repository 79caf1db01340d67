"""What an eligibility answer means in words: for the patient in sentences, for staff in labels.

A refused enquiry never learns which detail was wrong, so its reasons share one sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.eligibility_codes import Outcome, Reason

NOT_RECOGNISED = _(
    "We could not find this insurance with the details given. Please check them and try again, or"
    " ask us for help."
)
INCOMPLETE = _("The request was not complete. Please try again, or ask us for help.")
NO_RATE = _("We need a newer exchange rate before we can work out your share.")
ASK_INSURER_FIRST = _("Your insurer must agree before the treatment.")

PATIENT: dict[Reason, Promise] = {
    Reason.INVALID_DATETIME: INCOMPLETE,
    Reason.INVALID_TIMEZONE: INCOMPLETE,
    Reason.INVALID_SETTING: INCOMPLETE,
    Reason.INVALID_CURRENCY: INCOMPLETE,
    Reason.INVALID_AMOUNT: INCOMPLETE,
    Reason.POLICY_NOT_FOUND: NOT_RECOGNISED,
    Reason.MEMBER_NOT_FOUND: NOT_RECOGNISED,
    Reason.MEMBER_MISMATCH: NOT_RECOGNISED,
    Reason.FX_RATE_MISSING: NO_RATE,
    Reason.FX_RATE_STALE: NO_RATE,
    Reason.POLICY_NOT_ACTIVE: _("Your insurance policy is not active."),
    Reason.POLICY_NOT_STARTED: _("Your insurance policy starts after the day of the treatment."),
    Reason.POLICY_EXPIRED: _("Your insurance policy ends before the day of the treatment."),
    Reason.MEMBER_NOT_YET_COVERED: _("Your own cover starts after the day of the treatment."),
    Reason.MEMBER_TERMINATED: _("Your own cover ends before the day of the treatment."),
    Reason.OUT_OF_AREA: _("Your insurance does not cover treatment in this country."),
    Reason.OUT_OF_AREA_EMERGENCY: _(
        "This country is outside your area of cover, but your insurance covers emergencies here."
    ),
    Reason.BENEFIT_NOT_COVERED: _("Your insurance does not cover this kind of treatment."),
    Reason.EXCLUDED_CODE: _("Your policy leaves out this treatment or this illness."),
    Reason.WAITING_PERIOD: _("The waiting period for this benefit is not over yet."),
    Reason.WAITING_WAIVED_ACCIDENT: _("The waiting period does not count, because of an accident."),
    Reason.PREEXISTING_EXCLUDED: _(
        "Your insurance does not cover illnesses that you had before you joined."
    ),
    Reason.PREEXISTING_MORATORIUM: _(
        "You had this illness before you joined, and the time until it is covered is not over yet."
    ),
    Reason.PREEXISTING_REVIEW: _(
        "We need to know when this illness was last treated before anyone can decide."
    ),
    Reason.PREEXISTING_ACCEPTED: _(
        "You had this illness before you joined, and your insurance covers it."
    ),
    Reason.PREAUTH_DECLINED: _("Your insurer has refused to guarantee this treatment."),
    Reason.HIGH_COST_EXCLUDED: _("Your plan does not include this high-cost hospital."),
    Reason.HIGH_COST_SURCHARGE: _("You pay a larger part at this high-cost hospital."),
    Reason.HIGH_COST_EMERGENCY: _(
        "In an emergency you pay nothing extra at this high-cost hospital."
    ),
    Reason.OUT_OF_NETWORK_EXCLUDED: _("Your plan does not cover this hospital."),
    Reason.OUT_OF_NETWORK: _(
        "This hospital is outside your insurer’s network, so another share applies."
    ),
    Reason.OUT_OF_NETWORK_EMERGENCY: _(
        "This hospital is outside your insurer’s network, but an emergency counts as inside it."
    ),
    Reason.VISIT_LIMIT_REACHED: _("You have used all the visits that your plan allows."),
    Reason.SUBLIMIT_EXHAUSTED: _("The limit for this kind of treatment is used up."),
    Reason.ANNUAL_LIMIT_EXHAUSTED: _("The yearly limit of your policy is used up."),
    Reason.PREAUTH_OK: _("Your insurer has agreed to this treatment."),
    Reason.PREAUTH_PENDING: _("Your insurer is still deciding about this treatment."),
    Reason.EMERGENCY_NOTIFY_INSURER: _("Your insurer must be told about this emergency."),
    Reason.EMERGENCY_NOTIFIED: _("Your insurer was told about the emergency in time."),
    Reason.EMERGENCY_LATE_NOTICE: _("Your insurer was told about the emergency too late."),
    Reason.PREAUTH_HOSPITAL_MISMATCH: _("Your insurer’s agreement is for another hospital."),
    Reason.PREAUTH_PROCEDURE_MISMATCH: _("Your insurer’s agreement is for another treatment."),
    Reason.PREAUTH_NOT_YET_VALID: _(
        "Your insurer’s agreement starts after the day of the treatment."
    ),
    Reason.PREAUTH_EXPIRED: _("Your insurer’s agreement ends before the day of the treatment."),
    Reason.PREAUTH_WITHDRAWN: _("Your insurer has withdrawn its agreement."),
    Reason.PREAUTH_MISSING: ASK_INSURER_FIRST,
    Reason.DEDUCTIBLE_APPLIED: _("You pay your deductible first."),
    Reason.COPAY_APPLIED: _("You pay a fixed amount for this visit."),
    Reason.COINSURANCE_APPLIED: _("You pay a percentage of the cost."),
    Reason.OOP_MAX_APPLIED: _(
        "You have reached the most that you pay yourself in a year, so you pay less."
    ),
    Reason.PREAUTH_PENALTY: _("Your insurer pays less, because it was not asked or told in time."),
    Reason.SUBLIMIT_APPLIED: _(
        "The cost is more than is left of the limit for this kind of treatment."
    ),
    Reason.ANNUAL_LIMIT_APPLIED: _("The cost is more than is left of your yearly limit."),
    Reason.GOP_CAP_APPLIED: _("The cost is more than the amount that your insurer guarantees."),
    Reason.PLAN_NO_DIRECT_PAY: _(
        "Your plan does not pay hospitals directly for this kind of stay."
    ),
    Reason.HOSPITAL_NO_AGREEMENT: _(
        "This hospital has no agreement with your insurer to send it the bill."
    ),
    Reason.CASE_BY_CASE_GOP: _("Your insurer pays this hospital directly, for this case only."),
    Reason.NOTHING_PAYABLE: _("Nothing is left for your insurer to pay."),
    Reason.HOSPITAL_REQUIRES_ZERO_SHARE: _(
        "This hospital bills your insurer only when you have nothing to pay yourself."
    ),
    Reason.COVERED_IN_FULL: _("Your insurance pays all of it."),
}

STAFF: dict[Reason, Promise] = {
    Reason.INVALID_DATETIME: _("Date or time cannot be read"),
    Reason.INVALID_TIMEZONE: _("Unknown time zone of the hospital"),
    Reason.INVALID_SETTING: _("Unknown care setting"),
    Reason.INVALID_CURRENCY: _("Currency not supported"),
    Reason.INVALID_AMOUNT: _("Amount cannot be read"),
    Reason.POLICY_NOT_FOUND: _("Policy not found"),
    Reason.MEMBER_NOT_FOUND: _("Member not found"),
    Reason.MEMBER_MISMATCH: _("Member details do not match"),
    Reason.FX_RATE_MISSING: _("Exchange rate missing"),
    Reason.FX_RATE_STALE: _("Exchange rate too old"),
    Reason.POLICY_NOT_ACTIVE: _("Policy not active"),
    Reason.POLICY_NOT_STARTED: _("Policy not started"),
    Reason.POLICY_EXPIRED: _("Policy expired"),
    Reason.MEMBER_NOT_YET_COVERED: _("Member not covered yet"),
    Reason.MEMBER_TERMINATED: _("Member’s cover ended"),
    Reason.OUT_OF_AREA: _("Outside the area of cover"),
    Reason.OUT_OF_AREA_EMERGENCY: _("Emergency outside the area of cover"),
    Reason.BENEFIT_NOT_COVERED: _("Benefit not covered"),
    Reason.EXCLUDED_CODE: _("Procedure or diagnosis excluded"),
    Reason.WAITING_PERIOD: _("In the waiting period"),
    Reason.WAITING_WAIVED_ACCIDENT: _("Waiting period waived: accident"),
    Reason.PREEXISTING_EXCLUDED: _("Pre-existing condition excluded"),
    Reason.PREEXISTING_MORATORIUM: _("Pre-existing condition in moratorium"),
    Reason.PREEXISTING_REVIEW: _("Pre-existing condition: last treatment unknown"),
    Reason.PREEXISTING_ACCEPTED: _("Pre-existing condition accepted"),
    Reason.PREAUTH_DECLINED: _("Guarantee declined"),
    Reason.HIGH_COST_EXCLUDED: _("High-cost hospital excluded"),
    Reason.HIGH_COST_SURCHARGE: _("High-cost hospital: surcharge"),
    Reason.HIGH_COST_EMERGENCY: _("High-cost hospital: emergency, no surcharge"),
    Reason.OUT_OF_NETWORK_EXCLUDED: _("Outside the network, not covered"),
    Reason.OUT_OF_NETWORK: _("Outside the network"),
    Reason.OUT_OF_NETWORK_EMERGENCY: _("Outside the network: emergency"),
    Reason.VISIT_LIMIT_REACHED: _("Visit limit reached"),
    Reason.SUBLIMIT_EXHAUSTED: _("Sub-limit used up"),
    Reason.ANNUAL_LIMIT_EXHAUSTED: _("Annual limit used up"),
    Reason.PREAUTH_OK: _("Guarantee valid"),
    Reason.PREAUTH_PENDING: _("Guarantee pending"),
    Reason.EMERGENCY_NOTIFY_INSURER: _("Tell the insurer: emergency"),
    Reason.EMERGENCY_NOTIFIED: _("Insurer told in time"),
    Reason.EMERGENCY_LATE_NOTICE: _("Insurer told late"),
    Reason.PREAUTH_HOSPITAL_MISMATCH: _("Guarantee for another hospital"),
    Reason.PREAUTH_PROCEDURE_MISMATCH: _("Guarantee for another procedure"),
    Reason.PREAUTH_NOT_YET_VALID: _("Guarantee not valid yet"),
    Reason.PREAUTH_EXPIRED: _("Guarantee expired"),
    Reason.PREAUTH_WITHDRAWN: _("Guarantee withdrawn"),
    Reason.PREAUTH_MISSING: _("Guarantee missing"),
    Reason.DEDUCTIBLE_APPLIED: _("Deductible"),
    Reason.COPAY_APPLIED: _("Co-pay"),
    Reason.COINSURANCE_APPLIED: _("Co-insurance"),
    Reason.OOP_MAX_APPLIED: _("Out-of-pocket maximum reached"),
    Reason.PREAUTH_PENALTY: _("Penalty: insurer not asked or told in time"),
    Reason.SUBLIMIT_APPLIED: _("Capped by the sub-limit"),
    Reason.ANNUAL_LIMIT_APPLIED: _("Capped by the annual limit"),
    Reason.GOP_CAP_APPLIED: _("Capped by the guarantee"),
    Reason.PLAN_NO_DIRECT_PAY: _("Plan without direct pay here"),
    Reason.HOSPITAL_NO_AGREEMENT: _("Hospital without agreement"),
    Reason.CASE_BY_CASE_GOP: _("Direct pay for this case only"),
    Reason.NOTHING_PAYABLE: _("Nothing payable by the insurer"),
    Reason.HOSPITAL_REQUIRES_ZERO_SHARE: _("Hospital takes no part payment"),
    Reason.COVERED_IN_FULL: _("Covered in full"),
}


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """An answer's headline, and what happens next."""

    headline: Promise
    next_step: Promise


UNDETERMINED = OutcomeWords(
    _("This could not be determined yet"),
    _("A person will look at it and give you the answer, or ask you for what is still missing."),
)
OUTCOMES: dict[Outcome, OutcomeWords] = {
    Outcome.ELIGIBLE: OutcomeWords(
        _("Your insurer can pay the hospital directly"),
        _("You pay the hospital only your own share. The hospital sends the rest to your insurer."),
    ),
    Outcome.PREAUTH_REQUIRED: OutcomeWords(
        _("Your insurer must agree first"),
        _(
            "The hospital asks your insurer for a guarantee. The amounts are an indication until"
            " the insurer answers."
        ),
    ),
    Outcome.PAY_AND_CLAIM: OutcomeWords(
        _("You pay first and claim the money back"),
        _("You pay the hospital. Then you send the bill to your insurer and ask for its part."),
    ),
    Outcome.NOT_COVERED: OutcomeWords(
        _("Your insurance does not cover this"),
        _(
            "You would pay for it yourself. Please ask your insurer if you think that this is not"
            " right."
        ),
    ),
    Outcome.REVIEW: UNDETERMINED,
    Outcome.REJECTED: OutcomeWords(
        UNDETERMINED.headline,
        _("Please check the details and try again, or ask us for help."),
    ),
}


def outcome_words(answer: Mapping[str, Any]) -> OutcomeWords:
    """Return the headline and the next step of an answer."""
    return OUTCOMES[Outcome(answer["outcome"])]


def patient_sentences(answer: Mapping[str, Any]) -> list[Promise]:
    """Return the reasons of an answer as sentences, each once, in the answer's order."""
    return list(dict.fromkeys(PATIENT[Reason(code)] for code in answer["reason_codes"]))


def staff_labels(answer: Mapping[str, Any]) -> list[Promise]:
    """Return the reasons of an answer as short labels; for the desk, never for the enquirer."""
    return [STAFF[Reason(code)] for code in answer["reason_codes"]]
