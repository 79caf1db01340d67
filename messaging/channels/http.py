"""One way to ask a provider over HTTP: bounded in time, no redirects, every ending has a class.

The class decides what happens next, so the question is always the same: did the provider take it?
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx
from django.conf import settings

from messaging.channels.protocol import NotTaken, OutcomeUnknown

LONGEST_CONNECT = 3.0
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
# Before a connection stands, nothing can have been taken.
NEVER_ARRIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def post_json(
    address: str, payload: Mapping[str, Any], *, headers: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    """Return status and JSON of an answer below 500; raises `NotTaken` or `OutcomeUnknown`.

    A server error may have happened behind the point of no return, also one that explains itself:
    only a provider that is too busy has surely taken nothing (RL-02).
    """
    try:
        with httpx.Client(timeout=_time_out(), follow_redirects=False) as client:
            answer = client.post(address, json=payload, headers=dict(headers))
    except NEVER_ARRIVED as error:
        raise NotTaken(type(error).__name__) from None
    except httpx.HTTPError as error:
        raise OutcomeUnknown(type(error).__name__) from None
    if answer.status_code in BUSY:
        raise NotTaken(str(answer.status_code))
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise OutcomeUnknown(str(answer.status_code))
    return answer.status_code, _object(answer)


def _time_out() -> httpx.Timeout:
    seconds = settings.CHANNEL_TIMEOUT_SECONDS
    return httpx.Timeout(seconds, connect=min(seconds, LONGEST_CONNECT))


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
