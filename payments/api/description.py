"""The OpenAPI description of the plain JSON interface, complete enough to be fuzzed (DP-13)."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from payments.api.door import KEY
from payments.api.problems import JSON, PROBLEM
from payments.api.shapes import CHECK_ID, EligibilityAnswer, EligibilityQuestion, Problem
from payments.machine_scopes import WORDS, Scope

SCHEMAS = "#/components/schemas/"
READ_FAULTS = (401, 403, 404, 405, 429, 503)
WRITE_FAULTS = (400, 401, 403, 405, 413, 415, 422, 429, 503)
KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "pattern": f"^{KEY.pattern}$"},
}
CHECK_PART = {
    "in": "path",
    "name": "check_id",
    "required": True,
    "schema": {"type": "string", "pattern": f"^{CHECK_ID}$"},
}


def description() -> dict[str, Any]:
    """Return what can be sent and what comes back; it holds no data."""
    shapes: list[Any] = [
        (EligibilityQuestion, "validation"),
        (EligibilityAnswer, "serialization"),
        (Problem, "serialization"),
    ]
    _names, schemas = models_json_schema(shapes, ref_template=SCHEMAS + "{model}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Medtour for insurers",
            "version": "1",
            "description": "Direct-pay questions of an insurer's own programs. See docs/api.md.",
        },
        "paths": {
            "/api/v1/eligibility": {
                "post": _operation(
                    "eligibility",
                    "Answer at once whether and how the insurer pays.",
                    faults=WRITE_FAULTS,
                    parameters=[KEY_HEADER],
                    requestBody={"required": True, "content": _content(JSON, EligibilityQuestion)},
                )
            },
            "/api/v1/checks/{check_id}": {
                "get": _operation(
                    "check",
                    "Return an answer that a client of the same insurer got before.",
                    faults=READ_FAULTS,
                    parameters=[CHECK_PART],
                )
            },
        },
        "components": {"schemas": schemas["$defs"], "securitySchemes": {"token": _tokens()}},
    }


def _operation(name: str, words: str, *, faults: tuple[int, ...], **more: Any) -> dict[str, Any]:
    answers = {"200": _answer(200, JSON, EligibilityAnswer)}
    answers |= {str(status): _answer(status, PROBLEM, Problem) for status in faults}
    return {
        "operationId": name,
        "summary": words,
        "security": [{"token": [Scope.ELIGIBILITY.value]}],
        "responses": answers,
        **more,
    }


def _answer(status: int, kind: str, shape: type[BaseModel]) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "headers": {"X-Request-Id": {"schema": {"type": "string"}}},
        "content": _content(kind, shape),
    }


def _content(kind: str, shape: type[BaseModel]) -> dict[str, Any]:
    return {kind: {"schema": {"$ref": SCHEMAS + shape.__name__}}}


def _tokens() -> dict[str, Any]:
    scopes = {scope.value: str(words) for scope, words in WORDS.items()}
    return {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}},
    }
