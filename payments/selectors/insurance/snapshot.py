"""A question and the facts of its day as the document that the engine reads (section 3)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from medtour.lib.money import Money
from payments.insurance_questions import Question
from payments.selectors.insurance.member_facts import MemberFacts, Used
from payments.selectors.insurance.rules import Rules, Terms, amount

# Every hospital of the catalogue is in mainland China; HK, MO and TW would be other countries.
COUNTRY = "CN"
NO_LAST_DAY = dt.date(9999, 12, 31)
FIRST_DAY = dt.date(1, 1, 1)
# What the engine calls our states; a cancelled or expired promise promises nothing any more.
PREAUTH_STATUS = {
    "submitted": "pending",
    "more_info": "pending",
    "approved": "approved",
    "expired": "approved",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "cancelled": "withdrawn",
}


class RulesMissing(Exception):
    """The member is covered on that day, but nobody recorded the plan's terms for it."""


def document(
    question: Question, facts: MemberFacts, rules: Rules, *, now: dt.datetime
) -> dict[str, Any]:
    """Return the engine's input document.

    Of the network and the benefits only what the question is about is handed on. Who is not
    identified gives nothing of the member away, not even into the evidence: a number that belongs
    to somebody is there without their date of birth. Raises RulesMissing.
    """
    found = asked(question, now=now) | {"hospital": _hospital(question, rules)}
    terms = _terms(question, facts, rules) if facts.is_identified else None
    return found | {
        "member": _member(question, facts),
        "policy": _policy(question, facts, rules, terms),
        "preauth": _preauth(question, facts) if facts.is_identified else None,
        "fx": _fx(facts) if facts.is_identified else None,
    }


def asked(question: Question, *, now: dt.datetime) -> dict[str, Any]:
    """Return the parts of the document that come from whoever asks."""
    return {
        "checked_at": now.isoformat(),
        "presented": {
            "member_id": question.member_number,
            "date_of_birth": question.date_of_birth.isoformat(),
        },
        "request": _request(question),
    }


def _terms(question: Question, facts: MemberFacts, rules: Rules) -> Terms | None:
    cover = facts.coverage
    if cover["plan_id"] is None:
        return None
    day, plan = question.service_on, cover["plan_id"]
    nearest = rules.terms_nearest(plan, day)
    if nearest is None or (not nearest.holds(day) and _is_in_force(cover, day)):
        raise RulesMissing
    return nearest


def _is_in_force(cover: Mapping[str, Any], day: dt.date) -> bool:
    return cover["valid_from"] <= day.isoformat() <= _last_day(cover)


def _last_day(cover: Mapping[str, Any]) -> str:
    return cover["valid_until"] or NO_LAST_DAY.isoformat()


def _member(question: Question, facts: MemberFacts) -> dict[str, Any] | None:
    if not facts.is_found:
        return None
    if not facts.is_identified:
        return {"member_id": question.member_number, "date_of_birth": None}
    cover = facts.coverage
    return {
        "member_id": facts.member["number"],
        "date_of_birth": facts.member["date_of_birth"],
        "joined_on": cover["joined_on"],
        "terminated_on": cover["terminated_on"],
        "declared_conditions": cover["declared_conditions"],
    }


def _policy(
    question: Question, facts: MemberFacts, rules: Rules, terms: Terms | None
) -> dict[str, Any] | None:
    if terms is None:
        # A number that exists has a policy, though not for whoever gave another date of birth.
        return {"currency": facts.currency} if facts.is_found and facts.currency else None
    cover, day = facts.coverage, question.service_on
    used = facts.balances.get("", Used())
    policy = terms.policy | {
        "insurer_id": question.insurer.slug,
        "status": cover["status"],
        "period_start": cover["valid_from"],
        "period_end": _last_day(cover),
        "annual_used": amount(used.used_minor, facts.currency),
        "network": _network(question, rules, terms, day),
        "benefits": _benefits(question, facts, terms),
    }
    for part, met in (
        ("deductible", used.deductible_met_minor),
        ("out_of_pocket_max", used.out_of_pocket_met_minor),
    ):
        if policy[part] is not None:
            policy[part] = policy[part] | {"met": amount(met, facts.currency)}
    return policy


def _network(
    question: Question, rules: Rules, terms: Terms, day: dt.date
) -> dict[str, dict[str, str]]:
    place = rules.tier_on(terms.network_id, question.hospital.pk, day)
    return {question.hospital.slug: {"tier": place.tier}} if place else {}


def _benefits(question: Question, facts: MemberFacts, terms: Terms) -> dict[str, dict[str, Any]]:
    benefit = terms.benefits.get(question.category)
    if benefit is None:
        return {}
    used = facts.balances.get(question.category, Used())
    return {
        question.category: benefit
        | {
            "sublimit_used": amount(used.used_minor, facts.currency),
            "visits_used": used.visits,
        }
    }


def _hospital(question: Question, rules: Rules) -> dict[str, Any]:
    agreed = rules.agreements_on(question.hospital.pk, question.service_on)
    settings = sorted(row.setting for row in agreed)
    takes_a_part = all(row.takes_a_part for row in agreed if row.setting == question.setting)
    return {
        "id": question.hospital.slug,
        "country": COUNTRY,
        "timezone": question.hospital.time_zone,
        "direct_billing": {question.insurer.slug: settings} if settings else {},
        "accepts_partial_direct_pay": takes_a_part,
    }


def _request(question: Question) -> dict[str, Any]:
    return {
        "service_start": question.service_start.isoformat(),
        "category": question.category,
        "setting": question.setting,
        "procedure_code": question.procedure_code or None,
        "diagnosis_code": question.diagnosis_code or None,
        "amount": _text(question.amount),
        "currency": question.amount.currency,
        "emergency": question.emergency,
        "accident": question.accident,
        "condition_onset_on": _day(question.condition_onset_on),
        "last_treated_on": _day(question.last_treated_on),
        "emergency_notified_after_hours": question.emergency_notified_after_hours,
    }


def _text(money: Money) -> str:
    return f"{money.major:f}"


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _preauth(question: Question, facts: MemberFacts) -> dict[str, Any] | None:
    promise = facts.guarantee
    if not promise:
        return None
    return {
        "reference": promise["reference"],
        "status": PREAUTH_STATUS[promise["state"]],
        "approved_amount": amount(promise["approved_minor"], promise["currency"]),
        "valid_from": promise["approved_from"] or FIRST_DAY.isoformat(),
        "valid_to": promise["approved_until"] or NO_LAST_DAY.isoformat(),
        "hospital_id": question.hospital.slug,
        "procedure_code": promise["procedure_code"] or None,
    }


def _fx(facts: MemberFacts) -> dict[str, Any] | None:
    if facts.rate is None:
        return None
    return {
        "from": facts.rate.of,
        "to": facts.rate.into,
        "rate": f"{facts.rate.rate:f}",
        "as_of": facts.rate.as_of.isoformat(),
    }
