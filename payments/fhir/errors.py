"""Answers of the FHIR interface: resources out, and refusals as OperationOutcome."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from medtour.lib.errors import Refusal
from payments.api.door import call_of, marked, note_refusal
from payments.api.problems import dressed
from payments.fhir_words import KIND, dumps
from payments.services.insurance.machine_calls import Reply, let_in

KINDS = (KIND, "application/json")
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


def operation_outcome(
    request: HttpRequest, status: int, code: str, told: str, errors: tuple[str, ...] = ()
) -> HttpResponse:
    """Return an OperationOutcome; its texts name elements and rules, never values."""
    note_refusal(request, status, code)
    issue = ISSUES.get(status, "processing")
    body = {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": issue,
                "details": {"coding": [{"code": code}], "text": text},
            }
            for text in (errors or (told,))
        ],
    }
    return answer(Reply(status, dumps(body)))


def answer(reply: Reply) -> HttpResponse:
    response = HttpResponse(reply.body, status=reply.status, content_type=KIND)
    if reply.is_repeated:
        response["Idempotent-Replayed"] = "true"
    return dressed(response)


def resource(body: dict[str, Any]) -> HttpResponse:
    return answer(Reply(200, dumps(body)))


def fhir(scope: str, method: str, *, at_once: bool = True) -> Callable[[Any], Any]:
    """Make a FHIR view: marked with its scope, given the call and, `at_once`, who calls.

    With `at_once=False` the view itself sees to it that the token is read before anything else.
    """

    def make(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, **parts: Any) -> HttpResponse:
            try:
                call = call_of(request, scope, *KINDS)
                if request.method != method:
                    let_in(call)
                    return _not_allowed(request, method)
                if at_once:
                    return view(request, call, let_in(call), **parts)
                return view(request, call, **parts)
            except Refusal as refusal:
                errors = tuple(getattr(refusal, "errors", ()))
                return operation_outcome(
                    request, refusal.status, refusal.code, str(refusal.message), errors
                )

        return marked(scope)(guarded)

    return make


def by_method(**views: Any) -> Any:
    """Return one view for an address where several methods do different things."""

    def chosen(request: HttpRequest, **parts: Any) -> HttpResponse:
        return views.get(str(request.method).lower(), views["get"])(request, **parts)

    chosen.scopes = {name: view.machine_scope for name, view in views.items()}  # type: ignore[attr-defined]
    return marked(views["get"].machine_scope)(chosen)


def _not_allowed(request: HttpRequest, method: str) -> HttpResponse:
    response = operation_outcome(request, 405, "method", "This is not done here.")
    response["Allow"] = method
    return response
