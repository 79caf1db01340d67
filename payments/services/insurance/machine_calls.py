"""Letting a program of an insurer in, and answering the same request once (DP-13)."""

import datetime as dt
import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.services import audit
from medtour.lib import clock
from medtour.lib.counts import WindowLimit, count_one_more
from medtour.lib.crypto import decrypt
from medtour.lib.errors import constraint_name
from medtour.lib.locks import busy_is_a_refusal
from payments import machine_refusals as refusals
from payments.insurance_questions import Wanted
from payments.machine_scopes import audited
from payments.models import AskedThrough, EligibilityCheck, IdempotentAnswer
from payments.selectors.insurance.machine_facts import Caller, caller_and_facts, caller_of
from payments.services.insurance import checks

log = structlog.get_logger(__name__)

KEY_TAKEN = "payments_idempotency_key"
BODY_PURPOSE = "payments.idempotentanswer.body"
WINDOW_SECONDS = 60
CALLS = WindowLimit("machine:call", WINDOW_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a program: what it shows, needs, and the key under which it may be repeated.

    `fingerprint` tells one request from another; both are blank without an Idempotency-Key. Where
    it came from is only worked out for a client that may not call from everywhere.
    """

    token: str
    scope: str
    address: Callable[[], str]
    key: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back, and again when the same request comes with the same key."""

    status: int
    body: str
    is_repeated: bool = False


def fingerprint_of(*parts: bytes) -> str:
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def let_in(call: Call, *, now: dt.datetime | None = None) -> Caller:
    """Return who calls; raises NotLetIn, ScopeMissing, AddressRefused or TooManyCalls."""
    return _admitted(call, caller_of(call.token, now=now or clock.now()))


def ask_as_machine(
    wanted: Wanted,
    call: Call,
    *,
    hospital_slug: str,
    render: Callable[[EligibilityCheck], str],
    now: dt.datetime | None = None,
) -> Reply:
    """Answer a program's question in two statements: all facts, then all that is kept (G9).

    The answer is evidence (DP-01) and, with a key, what a repetition gets. Raises what `let_in`
    raises, HospitalUnknown, KeyUsedBefore and TooManyAttempts; nothing is stored then.
    """
    now = now or clock.now()
    found = caller_and_facts(call.token, wanted, hospital_slug=hospital_slug, key=call.key, now=now)
    caller = _admitted(call, found.caller)
    if found.question is None or found.facts is None:
        raise refusals.HospitalUnknown
    if found.kept is not None:
        fingerprint, status, body = found.kept
        return _again(call, fingerprint, status, decrypt(body, purpose=BODY_PURPOSE))
    asker = checks.Asking(through=AskedThrough.API, client_id=caller.client_id)
    check = checks.answered(found.question, found.facts, asker, now=now)
    reply = Reply(200, render(check))
    if not call.key:
        checks.store(check)
        return reply
    try:
        checks.store(check, kept=_row(call, caller, reply, now))
    except IntegrityError as error:
        if constraint_name(error) != KEY_TAKEN:
            raise
        return _kept(call, caller)
    return reply


def once(
    call: Call, caller: Caller, act: Callable[[], Reply], *, now: dt.datetime | None = None
) -> Reply:
    """Do something that changes records, once for a key; the same transaction keeps the answer.

    A second request with the key waits for the first and gets its answer. What is refused keeps
    nothing, so that it can be tried again. Raises KeyUsedBefore, Busy and whatever `act` raises.
    """
    if not call.key:
        return act()
    with busy_is_a_refusal(), transaction.atomic():
        row, is_new = IdempotentAnswer.objects.get_or_create(
            client_id=caller.client_id,
            key=call.key,
            defaults={"fingerprint": call.fingerprint, "created_at": now or clock.now()},
        )
        if not is_new:
            return _again(call, row.fingerprint, row.status, row.body)
        reply = act()
        row.status, row.body = reply.status, reply.body
        row.save(update_fields=["status", "body"])
    return reply


def note_reading(caller: Caller, *, target: str, hospital_slug: str = "") -> None:
    """Note that a program read something of ours (PR-07)."""
    audit.record(
        by=None,
        action="insurance.machine_read",
        target=target,
        hospital_slug=hospital_slug,
        reason=audited(caller.client_id),
    )


def count_token(address: str) -> None:
    """Count one asking for a token from an address within a minute; raises TooManyCalls."""
    minute = int(clock.now().timestamp()) // WINDOW_SECONDS
    count = count_one_more(f"machine:token:{address}:{minute}", 2 * WINDOW_SECONDS)
    if count > settings.MACHINE_TOKENS_PER_MINUTE:
        raise refusals.TooManyCalls


def is_from(address: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether an address is one of those allowed; none named means all."""
    if not allowed:
        return True
    try:
        return ipaddress.ip_address(address) in {ipaddress.ip_address(each) for each in allowed}
    except ValueError:
        return False


def _admitted(call: Call, caller: Caller | None) -> Caller:
    if caller is None:
        raise refusals.NotLetIn
    structlog.contextvars.bind_contextvars(client_id=caller.client_id)
    if caller.allowed_addresses and not is_from(call.address(), caller.allowed_addresses):
        raise refusals.AddressRefused
    if call.scope not in caller.scopes:
        raise refusals.ScopeMissing(call.scope)
    # Without Redis nothing is counted and everybody is let through: the token is the lock here, and
    # an insurer that gets no answer would turn a patient away.
    most = settings.MACHINE_CALLS_PER_MINUTE
    if not CALLS.passes(caller.client_id, most, at=clock.now().timestamp()):
        raise refusals.TooManyCalls
    return caller


def _again(call: Call, fingerprint: str, status: int | None, body: str) -> Reply:
    if fingerprint != call.fingerprint:
        raise refusals.KeyUsedBefore
    return Reply(status or 200, body, is_repeated=True)


def _row(call: Call, caller: Caller, reply: Reply, now: dt.datetime) -> IdempotentAnswer:
    return IdempotentAnswer(
        client_id=caller.client_id,
        key=call.key,
        fingerprint=call.fingerprint,
        status=reply.status,
        body=reply.body,
        created_at=now,
    )


def _kept(call: Call, caller: Caller) -> Reply:
    row = IdempotentAnswer.objects.get(client_id=caller.client_id, key=call.key)
    return _again(call, row.fingerprint, row.status, row.body)
