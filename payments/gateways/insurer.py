"""Asking an insurer that answers itself: its way in, and the client that speaks FHIR to it.

Nothing here touches the database. Only hosts of the allow-list are asked, over https, and a
redirect is not followed (SE-20).
"""

import datetime as dt
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from payments.fhir_words import KIND, Unusable, answer_from_fhir, dumps, request_to_fhir
from payments.gateways.deadline import ended_after
from payments.insurance_questions import Question

PATH = "/CoverageEligibilityRequest"
TRIES = 2
LONGEST_PAUSE_SECONDS = 1.0
MOST_BYTES = 262_144
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class InsurerSilent(Exception):
    """The insurer could not be reached, or what it said cannot be used; `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InsurerGateway(Protocol):
    """How an insurer that decides itself is asked."""

    def ask(self, question: Question, *, request_id: str, now: dt.datetime) -> dict[str, Any]:
        """Return an answer of the engine's form; raises InsurerSilent.

        The same `request_id` asks the same question again.
        """


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where an insurer is asked, and what opens its door."""

    base_url: str
    token: str


class HttpInsurer:
    """Asks by HTTP and FHIR R4: short time-outs, one more try after a random pause."""

    def __init__(
        self,
        door: Secrets,
        *,
        pause: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._door, self._pause, self._chance = door, pause, chance

    def ask(self, question: Question, *, request_id: str, now: dt.datetime) -> dict[str, Any]:
        if not is_allowed(self._door.base_url):
            raise InsurerSilent("host not allowed")
        body = request_to_fhir(question, request_id=request_id, now=now)
        found = self._sent(body, request_id)
        try:
            return answer_from_fhir(found, question)
        except Unusable as error:
            raise InsurerSilent(f"unusable: {error}") from None

    def _sent(self, body: dict[str, Any], request_id: str) -> Any:
        reason = ""
        for number in range(TRIES):
            if number:
                self._pause(min(LONGEST_PAUSE_SECONDS, 0.2 * 2**number) * self._chance())
            try:
                return self._once(body, request_id)
            except _Again as error:
                reason = str(error)
        raise InsurerSilent(reason)

    def _once(self, body: dict[str, Any], request_id: str) -> Any:
        limits = httpx.Timeout(
            settings.INSURER_ANSWER_SECONDS, connect=settings.INSURER_CONNECT_SECONDS
        )
        headers = {
            "Authorization": f"Bearer {self._door.token}",
            "Accept": KIND,
            "Content-Type": KIND,
            "X-Request-Id": request_id,
            "Idempotency-Key": request_id,
        }
        address = self._door.base_url.rstrip("/") + PATH
        try:
            with (
                ended_after(
                    settings.INSURER_CONNECT_SECONDS + settings.INSURER_ANSWER_SECONDS
                ) as cutting,
                httpx.Client(timeout=limits, follow_redirects=False, trust_env=False) as client,
                client.stream(
                    "POST",
                    address,
                    content=dumps(body),
                    headers=headers,
                    extensions={"trace": cutting.trace},
                ) as response,
            ):
                if response.status_code in AGAIN:
                    raise _Again(f"status {response.status_code}")
                if response.status_code not in (200, 201):
                    raise InsurerSilent(f"status {response.status_code}")
                return _json(response)
        except httpx.HTTPError as error:
            raise _Again(type(error).__name__) from None


def is_allowed(base_url: str) -> bool:
    """Tell whether an address is on the list of hosts, over https and nothing but an address."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    named = host if port is None else f"{host}:{port}"
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return is_plain and parts.scheme in settings.INSURER_SCHEMES and named in settings.INSURER_HOSTS


def gateway_of(base_url: str, secret_name: str) -> InsurerGateway:
    """Return the way to an insurer; raises InsurerSilent when nobody set its secret here."""
    token = settings.INSURER_SECRETS.get(secret_name, "")
    if not token:
        raise InsurerSilent("secret missing")
    return HttpInsurer(Secrets(base_url, token))


class _Again(Exception):
    """Another try may help."""


def _json(response: httpx.Response) -> Any:
    """Read a body of bounded size."""
    whole = b""
    for chunk in response.iter_bytes():
        whole += chunk
        if len(whole) > MOST_BYTES:
            raise InsurerSilent("too large")
    try:
        return json.loads(whole, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        raise InsurerSilent("no JSON") from None
