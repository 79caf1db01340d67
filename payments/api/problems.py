"""Answers of the plain JSON interface, and its refusals as problem+json (RFC 9457)."""

import json

from django.http import HttpRequest, HttpResponse

from medtour.lib.errors import Refusal

JSON, PROBLEM = "application/json", "application/problem+json"
RETRY_AFTER = {429: "60", 503: "5"}
# Nothing is stored on the way, and nothing in an answer is ever a page.
ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


def told(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return a refusal as a problem; `errors` name fields and rules, never values."""
    body = {
        "type": f"urn:medtour:problem:{refusal.code}",
        "title": str(refusal.message),
        "status": refusal.status,
        "code": refusal.code,
        "request_id": getattr(request, "id", ""),
        "errors": list(getattr(refusal, "errors", ())),
    }
    return answered(json.dumps(body), status=refusal.status, kind=PROBLEM, refusal=refusal)


def answered(
    body: str,
    *,
    status: int = 200,
    kind: str = JSON,
    is_repeated: bool = False,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Return what every answer to a program is, with the headers that it needs."""
    response = HttpResponse(body, status=status, content_type=kind, headers=ALWAYS)
    response["Content-Length"] = len(response.content)
    if is_repeated:
        response["Idempotent-Replayed"] = "true"
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="medtour"'
    if status in RETRY_AFTER:
        response["Retry-After"] = RETRY_AFTER[status]
    if refusal is not None and hasattr(refusal, "allow"):
        response["Allow"] = refusal.allow
    return response
