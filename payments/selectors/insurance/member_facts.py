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

from medtour.lib.crypto import decrypt, encrypt
from medtour.lib.prepared import prepared_rows
from payments.insurance_questions import Question, Wanted, number_hash

RATE_STEP = Decimal("0.00000001")
MEMBER_COLUMNS = ("id", "number_hash", "number", "date_of_birth")
COVER_COLUMNS = (
    "plan_id",
    "status",
    "valid_from",
    "valid_until",
    "joined_on",
    "terminated_on",
    "declared_conditions",
)
PROMISE_COLUMNS = (
    "reference",
    "state",
    "approved_minor",
    "currency",
    "approved_from",
    "approved_until",
    "procedure_code",
)
DAYS = frozenset(
    {"valid_from", "valid_until", "joined_on", "terminated_on", "approved_from", "approved_until"}
)


def _columns(table: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{name}{'::text' if name in DAYS else ''}" for name in names)


# Joins that each give one row at the most, written as such: PostgreSQL takes half the time that it
# needs for the same reads in sub-queries. The nearest coverage when none is in force, so that the
# engine says why (stage 4).
STATEMENT = f"""
SELECT coalesce(stamp.version, 0), {_columns("member", MEMBER_COLUMNS)},
       {_columns("cover", COVER_COLUMNS)}, {_columns("promise", PROMISE_COLUMNS)},
       plan.currency, balances.used, rates.day::text, rates.per_euro{{more}}
  FROM {{source}}
  LEFT JOIN LATERAL (
       SELECT coalesce(
           (SELECT id FROM payments_member
             WHERE insurer_id = {{insurer}} AND number_hash = %(hash)s),
           (SELECT id FROM payments_member
             WHERE insurer_id = {{insurer}} ORDER BY number_hash LIMIT 1)) AS id
       OFFSET 0) AS found ON true
  LEFT JOIN payments_insurerfactsstamp AS stamp ON stamp.insurer_id = {{insurer}}
  LEFT JOIN payments_member AS member ON member.id = found.id
  LEFT JOIN LATERAL (
       SELECT coverage.* FROM payments_coverage AS coverage
        WHERE coverage.member_id = found.id AND coverage.superseded_at IS NULL
        ORDER BY greatest(coverage.valid_from - {{day}}, {{day}} - coverage.valid_until, 0),
                 coverage.valid_from DESC
        LIMIT 1) AS cover ON true
  LEFT JOIN payments_plan AS plan ON plan.id = cover.plan_id
  LEFT JOIN LATERAL (
       SELECT guarantee.* FROM payments_guarantee AS guarantee
        WHERE guarantee.member_id = found.id AND guarantee.hospital_id = {{hospital}}
          AND guarantee.category = %(category)s
          AND guarantee.state IN ('submitted', 'more_info', 'approved', 'expired', 'declined',
                                  'withdrawn', 'cancelled')
        ORDER BY replace(upper(guarantee.procedure_code), '.', '') IN ('', %(procedure)s) DESC,
                 (guarantee.state = 'approved' AND {{day}}
                  BETWEEN guarantee.approved_from AND guarantee.approved_until) DESC,
                 guarantee.state = 'approved' DESC,
                 guarantee.state IN ('submitted', 'more_info') DESC, guarantee.id DESC
        LIMIT 1) AS promise ON true
  LEFT JOIN LATERAL (
       SELECT json_object_agg(balance.category, json_build_array(
                  balance.used_minor + balance.reserved_minor - coalesce(own.amount_minor, 0),
                  balance.visits_used, balance.deductible_met_minor,
                  balance.out_of_pocket_met_minor))::text AS used
         FROM payments_benefitbalance AS balance
         LEFT JOIN payments_benefitreservation AS own
           ON promise.state = 'approved' AND own.guarantee_id = promise.id
          AND own.balance_id = balance.id AND own.state = 'live'
        WHERE balance.coverage_id = cover.id AND balance.category IN ('', %(category)s)
       ) AS balances ON true
  LEFT JOIN LATERAL (
       SELECT rate.day, json_object_agg(rate.currency, rate.per_euro::text)::text AS per_euro
         FROM hospitals_exchangerate AS rate
        WHERE rate.day = (SELECT max(day) FROM hospitals_exchangerate)
        GROUP BY rate.day) AS rates ON true
"""  # noqa: S608  (only names of columns)
COVER = slice(len(MEMBER_COLUMNS), len(MEMBER_COLUMNS + COVER_COLUMNS))
PROMISE = slice(COVER.stop, COVER.stop + len(PROMISE_COLUMNS))
REST = slice(PROMISE.stop, PROMISE.stop + 4)
FACTS = 1 + REST.stop
MEMBER = STATEMENT.format(
    source="(SELECT) AS one",
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
    values = wanted_values(question) | {
        "insurer": question.insurer.pk,
        "day": question.service_on,
        "hospital": question.hospital.pk,
    }
    [row] = prepared_rows(MEMBER, values)
    return facts_from(row, question, values["hash"])


def wanted_values(wanted: Wanted) -> dict[str, Any]:
    """Return the values of the statement that do not depend on who the insurer is."""
    return {
        "hash": number_hash(wanted.member_number),
        "category": wanted.category,
        "procedure": wanted.procedure_code.strip().replace(".", "").upper(),
    }


def facts_from(row: Sequence[Any], question: Question, wanted: str) -> MemberFacts:
    """Return what the columns of the statement say, in the same work for everybody (DP-03).

    `wanted` is the hash of the number that was asked for.
    """
    version, *values = row
    member = dict(zip(MEMBER_COLUMNS, values, strict=False))
    coverage = dict(zip(COVER_COLUMNS, values[COVER], strict=False))
    promise = dict(zip(PROMISE_COLUMNS, values[PROMISE], strict=False))
    currency, used, day, per_euro = values[REST]
    is_found = hmac.compare_digest(member["number_hash"] or "", wanted)
    for name in ("number", "date_of_birth"):
        member[name] = _plain("payments.member", name, member[name])
    conditions = _plain("payments.coverage", "declared_conditions", coverage["declared_conditions"])
    coverage["declared_conditions"] = json.loads(conditions or "[]")
    is_born = hmac.compare_digest(member["date_of_birth"], question.date_of_birth.isoformat())
    return MemberFacts(
        rules_version=version,
        is_found=is_found,
        is_identified=is_found and is_born,
        member=member,
        coverage=coverage,
        currency=currency or "",
        balances={key: Used(*sums) for key, sums in json.loads(used or "{}").items()},
        guarantee=promise if promise["state"] else {},
        rate=_rate(day, json.loads(per_euro or "{}"), question.amount.currency, currency or ""),
    )


def _plain(model: str, name: str, stored: str | None) -> str:
    """Decipher a column, always as many of them: for one that is not there, another (DP-03)."""
    purpose = f"{model}.{name}"
    raw = decrypt(stored or _blank(purpose), purpose=purpose)
    return raw if stored else ""


@lru_cache(maxsize=8)
def _blank(purpose: str) -> str:
    return encrypt("0000-00-00", purpose=purpose)


def _rate(day: str | None, per_euro: Mapping[str, Any], of: str, into: str) -> Rate | None:
    """Return the rate between two currencies from rates for one euro; None when one is missing."""
    rates = {"EUR": "1", **per_euro}
    if day is None or of == into or of not in rates or into not in rates:
        return None
    exact = Decimal(rates[into]) / Decimal(rates[of])
    rate = exact.quantize(RATE_STEP, rounding=ROUND_HALF_UP)
    return Rate(of, into, rate, dt.date.fromisoformat(day)) if rate else None
