"""The plain JSON interface: /api/v1/eligibility and /api/v1/checks/… (DP-13)."""

import json
from functools import partial
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Header, NinjaAPI, Path
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security.base import AuthBase
from pydantic import StringConstraints

from medtour.lib.errors import Refusal
from payments import machine_refusals as refusals
from payments.api.door import KEY, MARK, OPEN, call_of, marked
from payments.api.problems import KIND, dressed, of_refusal, problem
from payments.api.shapes import (
    UNDETERMINED,
    WORDS,
    EligibilityAnswer,
    EligibilityQuestion,
    Problem,
)
from payments.insurance_questions import public_output
from payments.machine_scopes import WORDS as SCOPE_WORDS
from payments.machine_scopes import Scope
from payments.models import EligibilityCheck
from payments.selectors.insurance.machine_rows import checks_of
from payments.services.insurance.machine_calls import ask_as_machine, let_in, note_reading

JSON = "application/json"
SUMS = (
    "currency",
    "estimate",
    "covered_amount",
    "patient_share",
    "direct_pay_amount",
    "patient_pays_hospital",
)
CheckId = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9]{1,32}$")]
Key = Annotated[str, StringConstraints(pattern=f"^{KEY.pattern}$")]
FAULTS = {401: "no valid token", 403: "scope or address", 429: "too many", 503: "busy"}
READ_FAULTS = dict.fromkeys((*FAULTS, 404, 422), Problem)
WRITE_FAULTS = dict.fromkeys((*FAULTS, 400, 413, 415, 422), Problem)


class Needs(AuthBase):
    """Reads the token off a request; whom it belongs to is read at once, or with the facts."""

    openapi_type = "oauth2"
    openapi_flows = {
        "clientCredentials": {
            "tokenUrl": "/oauth/token",
            "scopes": {scope.value: words for scope, words in SCOPE_WORDS.items()},
        }
    }

    def __init__(self, scope: Scope, *, at_once: bool = True) -> None:
        super().__init__()
        self.scope, self.at_once = scope, at_once

    def __call__(self, request: HttpRequest) -> Any:
        call = call_of(request, self.scope, JSON)
        request.machine_call, request.machine = call, None  # type: ignore[attr-defined]
        if self.at_once:
            request.machine = let_in(call)  # type: ignore[attr-defined]
        return call


class MachineAPI(NinjaAPI):
    """Says in its description which scope each operation needs and how a problem looks."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**kwargs)
        for path in schema["paths"].values():
            for operation in path.values():
                self._complete(operation)
        return schema

    @staticmethod
    def _complete(operation: dict[str, Any]) -> None:
        operation["security"] = operation["security"][-1:]  # the last one names the scope
        for status, response in operation["responses"].items():
            response["description"] = FAULTS.get(int(status), response.get("description", ""))
            response["headers"] = {"X-Request-Id": {"schema": {"type": "string"}}}
            if int(status) >= 400:
                response["content"] = {KIND: next(iter(response["content"].values()))}


api = MachineAPI(
    title="Medtour for insurers",
    version="1",
    description="Direct-pay questions of an insurer's own programs. See docs/api.md.",
    urls_namespace="machine",
    docs_url=None,
)


@api.post(
    "eligibility",
    auth=Needs(Scope.ELIGIBILITY, at_once=False),
    response={200: EligibilityAnswer, **WRITE_FAULTS},
    openapi_extra={"security": [{"Needs": [Scope.ELIGIBILITY.value]}]},
    url_name="eligibility",
)
def eligibility(
    request: HttpRequest,
    question: EligibilityQuestion,
    idempotency_key: Annotated[Key | None, Header(alias="Idempotency-Key")] = None,
) -> HttpResponse:
    """Answer at once whether and how the insurer pays; the same key brings the same answer."""
    call = request.machine_call  # type: ignore[attr-defined]
    try:
        wanted = question.wanted()
    except ValueError:
        let_in(call)
        raise refusals.Unreadable(
            errors=("amount: above zero, decimals as the currency",)
        ) from None
    reply = ask_as_machine(wanted, call, hospital_slug=question.hospital, render=rendered)
    response = HttpResponse(reply.body, status=reply.status, content_type=JSON)
    if reply.is_repeated:
        response["Idempotent-Replayed"] = "true"
    return dressed(response)


@api.get(
    "checks/{check_id}",
    auth=Needs(Scope.ELIGIBILITY),
    response={200: EligibilityAnswer, **READ_FAULTS},
    openapi_extra={"security": [{"Needs": [Scope.ELIGIBILITY.value]}]},
    url_name="check",
)
def check(request: HttpRequest, check_id: Annotated[CheckId, Path()]) -> HttpResponse:
    """Return an answer that a client of the same insurer got before."""
    caller = request.machine  # type: ignore[attr-defined]
    found = checks_of(caller.insurer).filter(public_id=check_id).first()
    if found is None:
        raise refusals.NotHere
    note_reading(caller, target=f"payments.eligibilitycheck:{found.public_id}")
    return dressed(HttpResponse(rendered(found), content_type=JSON))


def rendered(found: EligibilityCheck) -> str:
    """Return a check as the interface writes it; who is not identified is told nothing (DP-03)."""
    output = public_output(found.output)
    body = {
        "id": found.public_id,
        "outcome": str(found.outcome),
        "answer": WORDS.get(found.outcome, UNDETERMINED),
        "reason_codes": output["reason_codes"],
        "amounts": {name: output.get(name) for name in SUMS},
        "service_on": found.service_on.isoformat(),
        "as_of": found.asked_at.isoformat(),
        "spec_version": found.spec_version,
    }
    return json.dumps(body)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return of_refusal(request, refusal)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Tell which field is wrong, but first whether the token opens anything at all."""
    if getattr(request, "machine", None) is None:
        try:
            let_in(request.machine_call)  # type: ignore[attr-defined]
        except Refusal as refusal:
            return of_refusal(request, refusal)
    errors = tuple(
        f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['type']}"
        for each in error.errors[:20]
    )
    return of_refusal(request, refusals.Unreadable(errors=errors))


@api.exception_handler(HttpError)
def not_readable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON; as for a wrong field, the token comes first."""
    if error.status_code == 400 and getattr(request, "machine", None) is None:
        try:
            let_in(request.machine_call)  # type: ignore[attr-defined]
        except Refusal as refusal:
            return of_refusal(request, refusal)
        return of_refusal(request, refusals.NotJson())
    return problem(request, error.status_code, "refused", "The request was refused.")


def addresses() -> tuple[list[Any], str, str]:
    """Return the URL patterns, each view marked with the scope it needs."""
    patterns, app_name, namespace = api.urls
    kept = []
    for pattern in patterns:
        if pattern.name == "api-root":
            continue
        scope = _scope_of(pattern.name)
        view = pattern.callback
        if isinstance(view, partial):
            view = _described
        pattern.callback = marked(scope)(view)
        kept.append(pattern)
    return kept, app_name, namespace


def _described(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI description; it holds no data and needs no token."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    return HttpResponse(json.dumps(schema), content_type=JSON)


def _scope_of(name: str) -> str:
    """Return the scope of an operation; raises for one that declares none."""
    if name == "openapi-json":
        return OPEN
    for path in api.default_router.path_operations.values():
        for operation in path.operations:
            needs = [each for each in operation.auth_callbacks if isinstance(each, Needs)]
            if operation.url_name == name and needs:
                return needs[0].scope
    raise LookupError(f"{name} declares no {MARK}")
