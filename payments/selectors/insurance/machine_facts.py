"""Who a token belongs to, alone or together with the facts of a question, in one statement (G9).

Nothing about a token is remembered: each call reads it, its client and its insurer as they are now.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hospitals.models import Hospital, Insurer
from medtour.lib.prepared import prepared_rows
from payments.insurance_questions import Question, Wanted
from payments.selectors.insurance.member_facts import (
    STATEMENT,
    MemberFacts,
    facts_from,
    wanted_values,
)

CALLER = """
SELECT token.scopes, machine.client_id, machine.insurer_id, insurer.slug, insurer.name,
       machine.allowed_addresses
  FROM allauth_idp_oidc_token AS token
  JOIN payments_machineclient AS machine ON machine.client_id = token.client_id
  JOIN hospitals_insurer AS insurer ON insurer.id = machine.insurer_id
 WHERE token.type = 'at' AND token.hash = %(token)s AND token.expires_at > %(now)s
   AND machine.is_active
   AND NOT EXISTS (SELECT FROM payments_insurersuspension AS ended
                    WHERE ended.insurer_id = machine.insurer_id)
"""
ALONE = f"SELECT row_to_json(caller.*)::text FROM ({CALLER}) AS caller"  # noqa: S608
TOGETHER = STATEMENT.format(
    before=f"""caller AS ({CALLER}), place AS (
    SELECT id, slug, time_zone FROM hospitals_hospital WHERE slug = %(place)s
), asked AS (
    SELECT caller.insurer_id, caller.client_id, place.id AS hospital_id,
           (%(start)s::timestamptz AT TIME ZONE place.time_zone)::date AS day
      FROM caller LEFT JOIN place ON true
), """,  # noqa: S608  (a statement of ours inside another)
    insurer="(SELECT insurer_id FROM asked)",
    hospital="(SELECT hospital_id FROM asked)",
    day="(SELECT day FROM asked)",
    more=""",
       (SELECT row_to_json(caller.*)::text FROM caller),
       (SELECT row_to_json(place.*)::text FROM place),
       (SELECT json_build_array(kept.fingerprint, kept.status, kept.body)::text
          FROM payments_idempotentanswer AS kept
         WHERE kept.client_id = (SELECT client_id FROM asked) AND kept.key = %(key)s)""",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A program of an insurer, as its token shows it at this moment."""

    client_id: str
    insurer: Insurer
    scopes: frozenset[str]
    allowed_addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What one statement found out; no facts without a caller, no question without a hospital.

    `kept` is the fingerprint, status and encrypted body of an answer given before to the same key.
    """

    caller: Caller | None
    question: Question | None = None
    facts: MemberFacts | None = None
    kept: tuple[str, int, str] | None = None


def token_hash(token: str) -> str:
    """Return the form in which the identity provider keeps a token (its adapter, `hash_token`)."""
    return hashlib.sha256(token.encode()).hexdigest()


def caller_of(token: str, *, now: dt.datetime) -> Caller | None:
    """Return whose token this is; None for one that opens nothing now."""
    rows = prepared_rows(ALONE, {"token": token_hash(token), "now": now})
    return _caller(rows[0][0]) if rows else None


def caller_and_facts(
    token: str, wanted: Wanted, *, hospital_slug: str, key: str, now: dt.datetime
) -> Found:
    """Return whose token this is with everything that their question needs."""
    [row] = prepared_rows(
        TOGETHER,
        wanted_values(wanted)
        | {
            "token": token_hash(token),
            "now": now,
            "place": hospital_slug,
            "start": wanted.service_start,
            "key": key,
        },
    )
    *facts, caller_text, place_text, kept_text = row
    caller = _caller(caller_text)
    if caller is None or place_text is None:
        return Found(caller)
    place: dict[str, Any] = json.loads(place_text)
    hospital = _hospital(place["id"], place["slug"], place["time_zone"])
    question = wanted.of(caller.insurer, hospital)
    kept = tuple(json.loads(kept_text)) if kept_text else None
    return Found(caller, question, facts_from(facts, question), kept)


def _caller(text: str | None) -> Caller | None:
    if text is None:
        return None
    found = json.loads(text)
    return Caller(
        found["client_id"],
        _insurer(found["insurer_id"], found["slug"], found["name"]),
        frozenset(found["scopes"].split()),
        tuple(found["allowed_addresses"] or ()),
    )


# What was just read makes the key, so that nothing old is ever answered from here; it only spares
# building the same row again, which translated columns make dear.
@lru_cache(maxsize=512)
def _hospital(pk: int, slug: str, time_zone: str) -> Hospital:
    return Hospital(id=pk, slug=slug, time_zone=time_zone)


@lru_cache(maxsize=128)
def _insurer(pk: int, slug: str, name: str) -> Insurer:
    return Insurer(id=pk, slug=slug, name=name)
