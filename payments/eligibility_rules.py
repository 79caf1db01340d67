"""May this hospital treat this member and bill the insurer, and who pays how much?

A pure function of one document: no clock, no database, no network. The stages below follow the
specification, version 1.0, in its order and by its names (`docs/eligibility.md`). Collecting the
facts, reserving amounts and keeping question and answer as evidence is the caller's duty.
"""

from collections.abc import Callable, Mapping
from decimal import localcontext
from typing import Any

from payments import eligibility_values as read
from payments.eligibility_amounts import annual_remaining, shared_amounts, sublimit_remaining
from payments.eligibility_case import (
    Authorisation,
    Case,
    Guarantee,
    Terminal,
    full_answer,
    not_covered,
    rejected,
    terminal_answer,
)
from payments.eligibility_codes import SPEC_VERSION, Outcome, Reason
from payments.eligibility_values import HUNDRED, ZERO, MalformedDocument

__all__ = ["SPEC_VERSION", "MalformedDocument", "evaluate"]

SETTINGS = ("inpatient", "daycase", "outpatient")


def evaluate(document: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one document (sections 3, 4); raise `MalformedDocument` for one nobody can answer."""
    with localcontext(read.EXACT):
        case = Case.of(document)
        try:
            for stage in STAGES:
                stage(case)
        except Terminal as end:
            return terminal_answer(case, end)
        return full_answer(case, stage_15_outcome(case))


def stage_1_validation(case: Case) -> None:
    """Section 5, stage 1: what the engine itself checks of the document."""
    request = case.request
    checked_at = read.instant(case.document.get("checked_at"))
    service_start = read.instant(request.get("service_start"))
    if checked_at is None or service_start is None:
        rejected(Reason.INVALID_DATETIME)
    place = read.zone(case.hospital.get("timezone"))
    if place is None:
        rejected(Reason.INVALID_TIMEZONE)
    if request.get("setting") not in SETTINGS:
        rejected(Reason.INVALID_SETTING)
    currencies = [request.get("currency")]
    if case.document.get("policy") is not None:
        currencies.append(case.policy.get("currency"))
    if not all(isinstance(one, str) and one in read.MINOR_UNITS for one in currencies):
        rejected(Reason.INVALID_CURRENCY)
    amount = read.plain_decimal(request.get("amount"))
    most_decimals = read.MINOR_UNITS[request["currency"]]
    if amount is None or amount == ZERO or read.decimals(request["amount"]) > most_decimals:
        rejected(Reason.INVALID_AMOUNT)
    case.amount = amount
    case.service_date = service_start.astimezone(place).date()
    case.checked_date = checked_at.astimezone(place).date()


def stage_2_identity(case: Case) -> None:
    """Section 5, stage 2: policy, member, and that both name the same person.

    A number or a date of birth that is missing on both sides proves nothing: it is a mismatch.
    """
    if case.document.get("policy") is None:
        rejected(Reason.POLICY_NOT_FOUND)
    if case.document.get("member") is None:
        rejected(Reason.MEMBER_NOT_FOUND)
    presented = read.section(case.document, "presented")
    typed = read.member_number(presented.get("member_id"))
    born = presented.get("date_of_birth")
    is_number = typed and typed == read.member_number(case.member.get("member_id"))
    if not is_number or born is None or born != case.member.get("date_of_birth"):
        rejected(Reason.MEMBER_MISMATCH)


def stage_3_money(case: Case) -> None:
    """Section 5, stage 3: the estimate E in policy currency."""
    case.currency = case.policy["currency"]
    asked = case.request["currency"]
    if asked == case.currency:
        case.estimate, case.is_estimated = case.amount, True
        return
    fx = read.section(case.document, "fx")
    rate = read.plain_decimal(fx.get("rate"))
    is_for_us = fx.get("from") == asked and fx.get("to") == case.currency
    if not is_for_us or rate is None or rate == ZERO:
        raise Terminal(Outcome.REVIEW, Reason.FX_RATE_MISSING)
    age = (case.checked_date - read.day(fx, "as_of")).days
    if age > read.whole(case.policy, "fx_max_age_days"):
        raise Terminal(Outcome.REVIEW, Reason.FX_RATE_STALE)
    case.estimate, case.is_estimated = read.rounded(case.amount * rate, case.currency), True


def stage_4_in_force(case: Case) -> None:
    """Section 5, stage 4: policy and membership on the service date; last days are covered."""
    if case.policy.get("status") != "active":
        not_covered(Reason.POLICY_NOT_ACTIVE)
    if case.service_date < read.day(case.policy, "period_start"):
        not_covered(Reason.POLICY_NOT_STARTED)
    if case.service_date > read.day(case.policy, "period_end"):
        not_covered(Reason.POLICY_EXPIRED)
    case.joined_on = read.day(case.member, "joined_on")
    if case.service_date < case.joined_on:
        not_covered(Reason.MEMBER_NOT_YET_COVERED)
    terminated_on = read.optional_day(case.member, "terminated_on")
    if terminated_on is not None and case.service_date > terminated_on:
        not_covered(Reason.MEMBER_TERMINATED)


def stage_5_area(case: Case) -> None:
    """Section 5, stage 5: the area of cover; country codes are compared literally."""
    area = read.section(case.policy, "area")
    mode = read.choice(area, "mode", "worldwide", "worldwide_excluding", "only")
    is_listed = case.hospital.get("country") in read.entries(area, "countries")
    if mode == "worldwide" or is_listed == (mode == "only"):
        return
    if not (case.is_emergency and read.flag(case.policy, "out_of_area_emergency")):
        not_covered(Reason.OUT_OF_AREA)
    case.reasons.add(Reason.OUT_OF_AREA_EMERGENCY)


def stage_6_benefit(case: Case) -> None:
    """Section 5, stage 6: the benefit of the category, and what the policy excludes."""
    case.benefit = read.section(read.section(case.policy, "benefits"), case.request.get("category"))
    if not read.flag(case.benefit, "covered"):
        not_covered(Reason.BENEFIT_NOT_COVERED)
    excluded = read.entries(case.policy, "excluded_codes")
    for key in ("procedure_code", "diagnosis_code"):
        if read.has_prefix(case.request.get(key), excluded):
            not_covered(Reason.EXCLUDED_CODE)


def stage_7_waiting(case: Case) -> None:
    """Section 5, stage 7: days since joining; the joining day is day 0."""
    if (case.service_date - case.joined_on).days >= read.whole(case.benefit, "waiting_days"):
        return
    if not (
        read.flag(case.request, "accident")
        and read.flag(case.benefit, "waiting_waived_for_accident")
    ):
        not_covered(Reason.WAITING_PERIOD)
    case.reasons.add(Reason.WAITING_WAIVED_ACCIDENT)


def stage_8_preexisting(case: Case) -> None:
    """Section 5, stage 8: a condition declared, or begun before joining."""
    declared = read.entries(case.member, "declared_conditions")
    onset = read.optional_day(case.request, "condition_onset_on")
    began_before = onset is not None and onset < case.joined_on
    if not began_before and not read.has_prefix(case.request.get("diagnosis_code"), declared):
        return
    rule = read.section(case.policy, "preexisting")
    mode = read.choice(rule, "mode", "covered", "excluded", "moratorium")
    if mode == "excluded":
        not_covered(Reason.PREEXISTING_EXCLUDED)
    if mode == "moratorium":
        treated = read.optional_day(case.request, "last_treated_on")
        if treated is None:
            raise Terminal(Outcome.REVIEW, Reason.PREEXISTING_REVIEW)
        months = read.whole(rule, "moratorium_months")
        if case.service_date < read.add_months(max(case.joined_on, treated), months):
            not_covered(Reason.PREEXISTING_MORATORIUM)
    case.reasons.add(Reason.PREEXISTING_ACCEPTED)


def stage_9_guarantee(case: Case) -> None:
    """Section 5, stage 9: what the insurer's guarantee is worth; stage 12 reports its fault."""
    if case.document.get("preauth") is None:
        return
    preauth = read.section(case.document, "preauth")
    status = read.choice(preauth, "status", "approved", "pending", "declined", "withdrawn")
    is_same_hospital = preauth.get("hospital_id") == case.hospital.get("id")
    is_same_procedure = read.is_same_procedure(preauth, case.request)
    if status == "declined":
        if is_same_hospital and is_same_procedure:
            not_covered(Reason.PREAUTH_DECLINED)
    elif status == "withdrawn":
        case.guarantee_fault = Reason.PREAUTH_WITHDRAWN
    elif not is_same_hospital:
        case.guarantee_fault = Reason.PREAUTH_HOSPITAL_MISMATCH
    elif not is_same_procedure:
        case.guarantee_fault = Reason.PREAUTH_PROCEDURE_MISMATCH
    elif status == "pending":
        case.guarantee = Guarantee.PENDING
    elif case.service_date < read.day(preauth, "valid_from"):
        case.guarantee_fault = Reason.PREAUTH_NOT_YET_VALID
    elif case.service_date > read.day(preauth, "valid_to"):
        case.guarantee_fault = Reason.PREAUTH_EXPIRED
    else:
        case.guarantee = Guarantee.USABLE


def stage_10_network(case: Case) -> None:
    """Section 5, stage 10: the member's percentage at this hospital."""
    network, key = read.section(case.policy, "network"), case.hospital.get("id")
    case.is_in_network = isinstance(key, str) and network.get(key) is not None
    case.coinsurance_pct = read.percent(case.benefit, "coinsurance_pct")
    if not case.is_in_network:
        _out_of_network(case)
    elif read.section(network, key).get("tier") == "high_cost":
        _high_cost(case)


def _high_cost(case: Case) -> None:
    rule = read.section(case.policy, "high_cost")
    mode = read.choice(rule, "mode", "covered", "surcharge", "excluded")
    if mode == "covered":
        return
    if case.is_emergency:
        case.reasons.add(Reason.HIGH_COST_EMERGENCY)
    elif mode == "excluded":
        not_covered(Reason.HIGH_COST_EXCLUDED)
    else:
        pct = case.coinsurance_pct + read.percent(rule, "extra_coinsurance_pct")
        case.coinsurance_pct = min(HUNDRED, pct)
        case.reasons.add(Reason.HIGH_COST_SURCHARGE)


def _out_of_network(case: Case) -> None:
    rule = read.section(case.policy, "out_of_network")
    if case.is_emergency and read.flag(rule, "emergency_as_in_network"):
        case.reasons.add(Reason.OUT_OF_NETWORK_EMERGENCY)
    elif read.choice(rule, "mode", "not_covered", "reimburse") == "reimburse":
        case.coinsurance_pct = read.percent(rule, "coinsurance_pct")
        case.reasons.add(Reason.OUT_OF_NETWORK)
    elif case.guarantee is not Guarantee.USABLE:
        not_covered(Reason.OUT_OF_NETWORK_EXCLUDED)


def stage_11_exhausted(case: Case) -> None:
    """Section 5, stage 11: limits with nothing left; the visit limit is "as many as"."""
    if case.benefit.get("visits_limit") is not None:
        allowed = read.whole(case.benefit, "visits_limit")
        if read.whole(case.benefit, "visits_used") >= allowed:
            not_covered(Reason.VISIT_LIMIT_REACHED)
    for reason, left in (
        (Reason.SUBLIMIT_EXHAUSTED, sublimit_remaining(case)),
        (Reason.ANNUAL_LIMIT_EXHAUSTED, annual_remaining(case)),
    ):
        if left is not None and left <= ZERO:
            not_covered(reason)


def stage_12_authorisation(case: Case) -> None:
    """Section 5, stage 12: whether the insurer had to be asked first, and was."""
    if not _is_authorisation_required(case):
        return
    if case.guarantee is Guarantee.USABLE:
        case.reasons.add(Reason.PREAUTH_OK)
    elif case.guarantee is Guarantee.PENDING:
        case.reasons.add(Reason.PREAUTH_PENDING)
        case.authorisation = Authorisation.OPEN
    elif case.is_emergency:
        _emergency_notice(case)
    else:
        case.reasons.add(case.guarantee_fault or Reason.PREAUTH_MISSING)
        is_treated = case.service_date < case.checked_date
        case.authorisation = Authorisation.MISSED if is_treated else Authorisation.OPEN


def _is_authorisation_required(case: Case) -> bool:
    """Strictly more than the threshold; without a threshold no estimate is over it."""
    rule = read.choice(case.benefit, "preauth", "never", "always", "over_threshold")
    if rule != "over_threshold":
        return rule == "always"
    threshold = read.optional_money(case.benefit, "preauth_threshold")
    return threshold is not None and case.estimate > threshold


def _emergency_notice(case: Case) -> None:
    if case.request.get("emergency_notified_after_hours") is None:
        case.reasons.add(Reason.EMERGENCY_NOTIFY_INSURER)
        case.authorisation = Authorisation.OPEN
        return
    hours = read.number(case.request, "emergency_notified_after_hours")
    if hours <= read.whole(case.policy, "emergency_notice_hours"):
        case.reasons.add(Reason.EMERGENCY_NOTIFIED)
    else:
        case.reasons.add(Reason.EMERGENCY_LATE_NOTICE)
        case.authorisation = Authorisation.LATE


def stage_13_amounts(case: Case) -> None:
    """Section 5, stage 13: who bears what; the arithmetic is in `eligibility_amounts`."""
    case.amounts = shared_amounts(case)


def stage_14_direct_pay(case: Case) -> None:
    """Section 5, stage 14: whether the bill can go to the insurer."""
    setting = case.request["setting"]
    agreed = read.section(case.hospital, "direct_billing")
    plan_allows = setting in read.entries(case.policy, "direct_pay")
    hospital_agrees = setting in read.entries(agreed, case.policy.get("insurer_id"))
    is_standing = case.is_in_network and plan_allows and hospital_agrees
    is_guaranteed = case.guarantee is Guarantee.USABLE
    case.is_direct_pay = is_standing or is_guaranteed
    if is_guaranteed and not is_standing:
        case.reasons.add(Reason.CASE_BY_CASE_GOP)
    elif case.is_in_network and not is_standing:
        why = Reason.HOSPITAL_NO_AGREEMENT if plan_allows else Reason.PLAN_NO_DIRECT_PAY
        case.reasons.add(why)
    covered = case.amounts.covered
    share = case.estimate - covered
    takes_no_part = not read.flag(case.hospital, "accepts_partial_direct_pay")
    if covered == ZERO:
        case.reasons.add(Reason.NOTHING_PAYABLE)
    elif case.is_direct_pay and share > ZERO and takes_no_part:
        case.reasons.add(Reason.HOSPITAL_REQUIRES_ZERO_SHARE)
    if share == ZERO:
        case.reasons.add(Reason.COVERED_IN_FULL)


def stage_15_outcome(case: Case) -> Outcome:
    """Section 5, stage 15: an open authorisation comes before everything else."""
    if case.authorisation is Authorisation.OPEN:
        return Outcome.PREAUTH_REQUIRED
    stops = {Reason.NOTHING_PAYABLE, Reason.HOSPITAL_REQUIRES_ZERO_SHARE} & case.reasons
    if case.authorisation is Authorisation.MISSED or not case.is_direct_pay or stops:
        return Outcome.PAY_AND_CLAIM
    return Outcome.ELIGIBLE


STAGES: tuple[Callable[[Case], None], ...] = (
    stage_1_validation,
    stage_2_identity,
    stage_3_money,
    stage_4_in_force,
    stage_5_area,
    stage_6_benefit,
    stage_7_waiting,
    stage_8_preexisting,
    stage_9_guarantee,
    stage_10_network,
    stage_11_exhausted,
    stage_12_authorisation,
    stage_13_amounts,
    stage_14_direct_pay,
)
