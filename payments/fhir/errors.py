"""Answers of the FHIR interface: resources out, and refusals as OperationOutcome."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from medtour.lib.errors import Refusal
from payments.api.door import guarded, marked
from payments.api.problems import JSON, answered
from payments.fhir_words import KIND, dumps
from payments.services.insurance.machine_calls import Reply

KINDS = (KIND, JSON)
# http://hl7.org/fhir/ValueSet/issue-type
ISSUES = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    429: "throttled",
    503: "transient",
}


def operation_outcome(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return a refusal; its texts name elements and rules, never values."""
    issue = ISSUES.get(refusal.status, "processing")
    texts = getattr(refusal, "errors", ()) or (str(refusal.message),)
    body = {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": issue,
                "details": {"coding": [{"code": refusal.code}], "text": text},
            }
            for text in texts
        ],
    }
    return answered(dumps(body), status=refusal.status, kind=KIND, refusal=refusal)


def answer(reply: Reply) -> HttpResponse:
    return answered(reply.body, status=reply.status, kind=KIND, is_repeated=reply.is_repeated)


def resource(body: dict[str, Any]) -> HttpResponse:
    return answered(dumps(body), kind=KIND)


def fhir(scope: str, method: str, *, at_once: bool = True) -> Callable[[Any], Any]:
    """Make a FHIR view; see `guarded`."""
    return guarded(scope, method, kinds=KINDS, tell=operation_outcome, at_once=at_once)


def by_method(**views: Any) -> Any:
    """Return one view for an address where several methods do different things."""

    def chosen(request: HttpRequest, **parts: Any) -> HttpResponse:
        return views.get(str(request.method).lower(), views["get"])(request, **parts)

    chosen.scopes = {name: view.machine_scope for name, view in views.items()}  # type: ignore[attr-defined]
    return marked(views["get"].machine_scope)(chosen)
