"""The plain JSON interface: /api/v1/eligibility and /api/v1/checks/… (DP-13)."""

import json
import re
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from pydantic import ValidationError

from payments import machine_refusals as refusals
from payments.api.description import description
from payments.api.door import OPEN, guarded, marked
from payments.api.problems import JSON, answered, told
from payments.api.shapes import CHECK_ID, UNDETERMINED, WORDS, EligibilityQuestion
from payments.insurance_questions import Wanted, public_output
from payments.machine_refusals import Unreadable
from payments.machine_scopes import Scope
from payments.models import EligibilityCheck
from payments.selectors.insurance.machine_facts import Caller
from payments.selectors.insurance.machine_rows import checks_of
from payments.services.insurance.machine_calls import Call, ask_as_machine, let_in, note_reading

SUMS = (
    "currency",
    "estimate",
    "covered_amount",
    "patient_share",
    "direct_pay_amount",
    "patient_pays_hospital",
)
MOST_ERRORS = 20
# What a field of ours could be called; anything else that was sent is not repeated.
NAME = re.compile(r"[a-z][a-z_]{0,39}")


@guarded(Scope.ELIGIBILITY, "POST", kinds=(JSON,), tell=told, at_once=False)
def eligibility(request: HttpRequest, call: Call) -> HttpResponse:
    """Answer at once whether and how the insurer pays; the same key brings the same answer."""
    wanted, hospital = _readable(request, call)
    reply = ask_as_machine(wanted, call, hospital_slug=hospital, render=rendered)
    return answered(reply.body, status=reply.status, is_repeated=reply.is_repeated)


@guarded(Scope.ELIGIBILITY, "GET", kinds=(JSON,), tell=told)
def check(request: HttpRequest, call: Call, caller: Caller, name: str) -> HttpResponse:
    """Return an answer that a client of the same insurer got before."""
    rows = checks_of(caller.insurer)
    found = rows.filter(public_id=name).first() if re.fullmatch(CHECK_ID, name) else None
    if found is None:
        raise refusals.NotHere
    note_reading(caller, target=f"payments.eligibilitycheck:{found.public_id}")
    return answered(rendered(found))


@marked(OPEN)
def described(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI description; it holds no data and needs no token."""
    return answered(_description())


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


def _readable(request: HttpRequest, call: Call) -> tuple[Wanted, str]:
    """Return what is asked, and about which hospital; whether the token is good is told first."""
    refusal: Unreadable
    try:
        question = EligibilityQuestion.model_validate_json(request.body)
        return question.wanted(), question.hospital
    except ValidationError as error:
        refusal = _faults(error)
    except ValueError:
        refusal = Unreadable(errors=("amount: above zero, decimals as the currency",))
    let_in(call)
    raise refusal


def _faults(error: ValidationError) -> Unreadable:
    """Return which fields are wrong and how, without what they held."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    if any(fault["type"] in ("json_invalid", "model_type") for fault in faults):
        return refusals.NotJson()
    names = [str(fault["loc"][0]) if fault["loc"] else "" for fault in faults]
    told_names = [name if NAME.fullmatch(name) else "(not a field)" for name in names]
    lines = (f"{name}: {fault['type']}" for name, fault in zip(told_names, faults, strict=True))
    return Unreadable(errors=tuple(dict.fromkeys(lines))[:MOST_ERRORS])


@lru_cache(maxsize=1)
def _description() -> str:
    return json.dumps(description())
