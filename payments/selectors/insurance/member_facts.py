"""Everything about one member that a question needs, in one statement (G9).

The same statement reads the stamp of the rules. It does the same work whether the number is known
or not: for an unknown one it reads somebody else of the insurer, and what was read is thrown away
(DP-03).
"""

import datetime as dt
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from medtour.lib.crypto import EncryptedTextField, encrypt
from medtour.lib.prepared import prepared_rows
from payments.insurance_questions import Question, Wanted, number_hash
from payments.models import Coverage, Member

RATE_STEP = Decimal("0.00000001")

# The nearest coverage when none is in force, so that the engine says why (stage 4).
STATEMENT = """
WITH {before}found AS (
    SELECT coalesce(
        (SELECT id FROM payments_member
          WHERE insurer_id = {insurer} AND number_hash = %(hash)s),
        (SELECT id FROM payments_member
          WHERE insurer_id = {insurer} ORDER BY number_hash LIMIT 1)) AS id
), cover AS (
    SELECT coverage.* FROM found
      JOIN payments_coverage AS coverage
        ON coverage.member_id = found.id AND coverage.superseded_at IS NULL
     ORDER BY greatest(coverage.valid_from - {day},
                       {day} - coverage.valid_until, 0), coverage.valid_from DESC
     LIMIT 1
), promise AS (
    SELECT guarantee.* FROM found
      JOIN payments_guarantee AS guarantee
        ON guarantee.member_id = found.id AND guarantee.hospital_id = {hospital}
       AND guarantee.category = %(category)s
       AND guarantee.state IN ('submitted', 'more_info', 'approved', 'expired', 'declined',
                               'withdrawn', 'cancelled')
     ORDER BY replace(upper(guarantee.procedure_code), '.', '') IN ('', %(procedure)s) DESC,
              (guarantee.state = 'approved' AND {day}
               BETWEEN guarantee.approved_from AND guarantee.approved_until) DESC,
              guarantee.state = 'approved' DESC,
              guarantee.state IN ('submitted', 'more_info') DESC, guarantee.id DESC
     LIMIT 1
)
SELECT coalesce((SELECT version FROM payments_insurerfactsstamp
                  WHERE insurer_id = {insurer}), 0),
       (SELECT row_to_json(member.*)::text FROM payments_member AS member
         WHERE member.id = found.id),
       (SELECT row_to_json(cover.*)::text FROM cover),
       (SELECT plan.currency FROM payments_plan AS plan, cover WHERE plan.id = cover.plan_id),
       (SELECT json_object_agg(balance.category, json_build_array(
                   balance.used_minor + balance.reserved_minor - coalesce(own.amount_minor, 0),
                   balance.visits_used, balance.deductible_met_minor,
                   balance.out_of_pocket_met_minor))::text
          FROM cover
          JOIN payments_benefitbalance AS balance ON balance.coverage_id = cover.id
          LEFT JOIN promise ON promise.state = 'approved'
          LEFT JOIN payments_benefitreservation AS own
            ON own.guarantee_id = promise.id AND own.balance_id = balance.id
           AND own.state = 'live'
         WHERE balance.category IN ('', %(category)s)),
       (SELECT row_to_json(promise.*)::text FROM promise),
       (SELECT json_build_object('day', newest.day, 'rates',
                   (SELECT json_object_agg(rate.currency, rate.per_euro::text)
                      FROM hospitals_exchangerate AS rate WHERE rate.day = newest.day))::text
          FROM (SELECT max(day) AS day FROM hospitals_exchangerate) AS newest){more}
  FROM found
"""
MEMBER = STATEMENT.format(
    before="",
    insurer="%(insurer)s",
    hospital="%(hospital)s",
    day="%(day)s::date",
    more="",
)


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of one balance, reservations included; minor units of the plan's currency."""

    used_minor: int = 0
    visits: int = 0
    deductible_met_minor: int = 0
    out_of_pocket_met_minor: int = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """How much of `into` one unit of `of` is, by the newest reference rates."""

    of: str
    into: str
    rate: Decimal
    as_of: dt.date


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What one statement found out; rows are plain columns, personal ones deciphered."""

    rules_version: int
    is_found: bool
    is_identified: bool
    member: Mapping[str, Any]
    coverage: Mapping[str, Any]
    currency: str
    balances: Mapping[str, Used]
    guarantee: Mapping[str, Any]
    rate: Rate | None


def member_facts(question: Question) -> MemberFacts:
    """Read the member of a question with everything that depends on them, in one statement."""
    [row] = prepared_rows(
        MEMBER,
        wanted_values(question)
        | {
            "insurer": question.insurer.pk,
            "day": question.service_on,
            "hospital": question.hospital.pk,
        },
    )
    return facts_from(row, question)


def wanted_values(wanted: Wanted) -> dict[str, Any]:
    """Return the values of the statement that do not depend on who the insurer is."""
    return {
        "hash": number_hash(wanted.member_number),
        "category": wanted.category,
        "procedure": wanted.procedure_code.strip().replace(".", "").upper(),
    }


def facts_from(row: Sequence[Any], question: Question) -> MemberFacts:
    """Return what the columns of the statement say, in the same work for everybody (DP-03)."""
    wanted = number_hash(question.member_number)
    version, *texts = row
    member, coverage, currency = _row(texts[0]), _row(texts[1]), texts[2] or ""
    is_found = hmac.compare_digest(member.get("number_hash", ""), wanted)
    _decipher(member, coverage)
    is_born = hmac.compare_digest(member["date_of_birth"], question.date_of_birth.isoformat())
    return MemberFacts(
        rules_version=version,
        is_found=is_found,
        is_identified=is_found and is_born,
        member=member,
        coverage=coverage,
        currency=currency,
        balances={key: Used(*values) for key, values in _row(texts[3]).items()},
        guarantee=_row(texts[4]),
        rate=_rate(_row(texts[5]), question.amount.currency, currency),
    )


def _decipher(member: dict[str, Any], coverage: dict[str, Any]) -> None:
    """Put the personal columns in the clear, always as many of them (DP-03)."""
    for name in ("number", "date_of_birth"):
        member[name] = _plain(Member, name, member.get(name))
    conditions = _plain(Coverage, "declared_conditions", coverage.get("declared_conditions"))
    coverage["declared_conditions"] = json.loads(conditions or "[]")


def _row(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}


def _plain(model: type, name: str, stored: str | None) -> str:
    """Decipher a column; for one that is not there, decipher something as long instead."""
    field: EncryptedTextField = model._meta.get_field(name)  # type: ignore[attr-defined]
    purpose = f"{model._meta.label_lower}.{name}"  # type: ignore[attr-defined]
    raw = EncryptedTextField.from_db_value(field, stored or _blank(purpose), None, None)
    return raw if stored else ""


@lru_cache(maxsize=8)
def _blank(purpose: str) -> str:
    return encrypt("0000-00-00", purpose=purpose)


def _rate(found: Mapping[str, Any], of: str, into: str) -> Rate | None:
    """Return the rate between two currencies from rates for one euro; None when one is missing."""
    rates = {"EUR": "1", **(found.get("rates") or {})}
    if not found.get("day") or of == into or of not in rates or into not in rates:
        return None
    exact = Decimal(rates[into]) / Decimal(rates[of])
    rate = exact.quantize(RATE_STEP, rounding=ROUND_HALF_UP)
    return Rate(of, into, rate, dt.date.fromisoformat(found["day"])) if rate else None
