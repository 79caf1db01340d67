"""Reading a resource: the form by fhir.resources, codes and values by us."""

import json
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from fhir.resources.R4B.claim import Claim
from fhir.resources.R4B.claimresponse import ClaimResponse
from fhir.resources.R4B.coverageeligibilityrequest import CoverageEligibilityRequest
from pydantic import ValidationError

from payments.machine_refusals import NotJson, Unreadable

MODELS = {
    "CoverageEligibilityRequest": CoverageEligibilityRequest,
    "Claim": Claim,
    "ClaimResponse": ClaimResponse,
}
MOST_ERRORS = 20
# What the resource classes raise for some of what they do not understand.
UNREADABLE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError)
LARGEST_EXPONENT = 20


def read(request: HttpRequest, kind: str) -> dict[str, Any]:
    """Return the body as a resource of this kind; numbers keep every digit.

    Raises NotJson, or Unreadable with the elements that are wrong.
    """
    try:
        found = json.loads(request.body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        raise NotJson from None
    if not isinstance(found, dict):
        raise NotJson
    if found.get("resourceType") != kind:
        raise Unreadable(errors=(f"resourceType: {kind} expected",))
    model = MODELS[kind]
    try:
        model.model_validate(found)
    except ValidationError as error:
        raise Unreadable(errors=_told(kind, model, error)) from None
    except UNREADABLE:
        raise Unreadable(errors=(f"{kind}: not readable",)) from None
    return found


def one(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the only entry of a list; raises Unreadable for none or several."""
    rows = found.get(name)
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
        raise Unreadable(errors=(f"{name}: exactly one expected",))
    return rows[0]


def must_be(found: dict[str, Any], name: str, *allowed: str) -> str:
    """Return a code that must be one of those that R4 binds the element to."""
    if found.get(name) not in allowed:
        raise Unreadable(errors=(f"{name}: {' or '.join(allowed)} expected",))
    return str(found[name])


def code_of(concept: Any, system: str, name: str) -> str:
    """Return the code of our system in a CodeableConcept; "" when there is no concept."""
    if concept is None:
        return ""
    for coding in concept.get("coding") or []:
        if coding.get("system") == system and coding.get("code"):
            return str(coding["code"])
    raise Unreadable(errors=(f"{name}: a code of {system} expected",))


def identifier_of(reference: Any, system: str, name: str) -> str:
    """Return the identifier value of a logical reference in our system."""
    identifier = (reference or {}).get("identifier") or {}
    if identifier.get("system") != system or not identifier.get("value"):
        raise Unreadable(errors=(f"{name}: an identifier of {system} expected",))
    return str(identifier["value"])


def number_text(value: Any) -> str:
    """Return an amount as the plain decimal text that the rules read."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unreadable(errors=("value: a number expected",))
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact.adjusted()) > LARGEST_EXPONENT:
        raise Unreadable(errors=("value: a number expected",))
    return f"{exact:f}"


def contained_patient(found: dict[str, Any]) -> dict[str, Any]:
    """Return the contained Patient that `patient` points to."""
    pointed = str((found.get("patient") or {}).get("reference") or "")
    for each in found.get("contained") or []:
        is_patient = isinstance(each, dict) and each.get("resourceType") == "Patient"
        if is_patient and pointed == f"#{each.get('id')}":
            return each
    raise Unreadable(errors=("patient: a contained Patient with birthDate expected",))


def extensions(found: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the simple extensions by their address."""
    values: dict[str, Any] = {}
    for each in found.get("extension") or []:
        for key, value in each.items():
            if key.startswith("value"):
                values[str(each.get("url"))] = value
    return values


def _told(kind: str, model: Any, error: ValidationError) -> tuple[str, ...]:
    """Return which elements are wrong; an element that R4 has not is not repeated."""
    known = {field.alias or name for name, field in model.model_fields.items()}
    told = []
    for each in error.errors(include_input=False, include_url=False)[:MOST_ERRORS]:
        top = str(each["loc"][0]) if each["loc"] else kind
        told.append(f"{kind}.{top}: {each['type']}" if top in known else f"{kind}: {each['type']}")
    return tuple(dict.fromkeys(told))


def _no_number(_text: str) -> None:
    raise ValueError("not a number")
