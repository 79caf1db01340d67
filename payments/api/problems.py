"""Refusals and faults of the plain JSON interface as problem+json (RFC 9457)."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from medtour.lib.errors import Refusal
from payments.api.door import note_refusal

KIND = "application/problem+json"
RETRY_AFTER = {429: "60", 503: "5"}


def problem(
    request: HttpRequest, status: int, code: str, title: str, errors: tuple[str, ...] = ()
) -> HttpResponse:
    """Return a problem; `errors` name fields and rules, never values."""
    note_refusal(request, status, code)
    body: dict[str, Any] = {
        "type": f"urn:medtour:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "request_id": getattr(request, "id", ""),
        "errors": list(errors),
    }
    response = HttpResponse(json.dumps(body), status=status, content_type=KIND)
    return dressed(response)


def of_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    errors = tuple(getattr(refusal, "errors", ()))
    return problem(request, refusal.status, refusal.code, str(refusal.message), errors)


def dressed(response: HttpResponse) -> HttpResponse:
    """Add what every answer to a program carries: nothing is stored on the way."""
    response["Cache-Control"] = "no-store"
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="medtour"'
    if response.status_code in RETRY_AFTER:
        response["Retry-After"] = RETRY_AFTER[response.status_code]
    return response
