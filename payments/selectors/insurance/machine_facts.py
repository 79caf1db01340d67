"""Who a token belongs to, alone or together with the facts of a question, in one statement (G9).

Nothing about a token is remembered: each call reads it, its client and its insurer as they are now.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hospitals.models import Hospital, Insurer
from medtour.lib.prepared import read_rows
from payments.insurance_questions import Question, Wanted
from payments.selectors.insurance.member_facts import (
    FACTS,
    STATEMENT,
    MemberFacts,
    facts_from,
    wanted_values,
)

CALLER = """
SELECT token.scopes, machine.client_id, machine.insurer_id, insurer.slug, insurer.name,
       array_to_string(machine.allowed_addresses, ' ') AS addresses
  FROM allauth_idp_oidc_token AS token
  JOIN payments_machineclient AS machine ON machine.client_id = token.client_id
  JOIN hospitals_insurer AS insurer ON insurer.id = machine.insurer_id
 WHERE token.type = 'at' AND token.hash = %(token)s AND token.expires_at > %(now)s
   AND machine.is_active
   AND NOT EXISTS (SELECT FROM payments_insurersuspension AS ended
                    WHERE ended.insurer_id = machine.insurer_id)
"""
SOURCE = """(SELECT) AS one
  LEFT JOIN LATERAL ({caller}) AS caller ON true
  LEFT JOIN hospitals_hospital AS place ON place.slug = %(place)s
  LEFT JOIN payments_idempotentanswer AS kept
    ON kept.client_id = caller.client_id AND kept.key = %(key)s"""
TOGETHER = STATEMENT.format(
    source=SOURCE.format(caller=CALLER),
    insurer="caller.insurer_id",
    hospital="place.id",
    day="(%(start)s::timestamptz AT TIME ZONE place.time_zone)::date",
    more=""",
       caller.scopes, caller.client_id, caller.insurer_id, caller.slug, caller.name,
       caller.addresses, place.id, place.slug, place.time_zone,
       kept.fingerprint, kept.status, kept.body""",
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
    rows = read_rows(CALLER, {"token": token_hash(token), "now": now})
    return _caller(rows[0]) if rows else None


def caller_and_facts(
    token: str, wanted: Wanted, *, hospital_slug: str, key: str, now: dt.datetime
) -> Found:
    """Return whose token this is with everything that their question needs."""
    values = wanted_values(wanted) | {
        "token": token_hash(token),
        "now": now,
        "place": hospital_slug,
        "start": wanted.service_start,
        "key": key,
    }
    [row] = read_rows(TOGETHER, values)
    caller = _caller(row[FACTS : FACTS + 6])
    place_id, slug, time_zone, *kept = row[FACTS + 6 :]
    if caller is None or place_id is None:
        return Found(caller)
    question = wanted.of(caller.insurer, _hospital(place_id, slug, time_zone))
    fingerprint, status, body = kept
    return Found(
        caller,
        question,
        facts_from(row[:FACTS], question, values["hash"]),
        None if fingerprint is None else (fingerprint, status, body),
    )


def _caller(columns: Sequence[Any]) -> Caller | None:
    scopes, client_id, insurer_id, slug, name, addresses = columns
    if client_id is None:
        return None
    insurer = _insurer(insurer_id, slug, name)
    return Caller(client_id, insurer, frozenset(scopes.split()), tuple(addresses.split()))


# What was just read makes the key, so that nothing old is ever answered from here; it only spares
# building the same row again, which translated columns make dear.
@lru_cache(maxsize=512)
def _hospital(pk: int, slug: str, time_zone: str) -> Hospital:
    return Hospital(id=pk, slug=slug, time_zone=time_zone)


@lru_cache(maxsize=128)
def _insurer(pk: int, slug: str, name: str) -> Insurer:
    return Insurer(id=pk, slug=slug, name=name)
