"""FHIR R4 JSON for insurers' own programs (DP-14); each view declares the scope it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from hospitals.models import Insurer
from medtour.lib import clock
from medtour.lib.errors import Refusal
from payments.api.door import OPEN, marked
from payments.fhir import catalogue, decisions, eligibility, guarantees, reading
from payments.fhir.errors import answer, by_method, fhir, resource
from payments.fhir_words import dumps
from payments.machine_refusals import NotHere, Unreadable
from payments.machine_scopes import Scope
from payments.models import Guarantee
from payments.selectors.insurance import machine_rows as rows
from payments.services.insurance.machine_calls import (
    Reply,
    ask_as_machine,
    let_in,
    note_reading,
    once,
)
from payments.services.insurance.machine_guarantees import begin_guarantee, decide

PAGE = 50
OUTCOMES = {"queued": rows.WAITING, "complete": rows.DECIDED}


@marked(OPEN)
def metadata(request: HttpRequest) -> HttpResponse:
    return resource(catalogue.capabilities(clock.now().date().isoformat()))


@fhir(Scope.ELIGIBILITY, "POST", at_once=False)
def ask(request, call):
    """Answer a CoverageEligibilityRequest at once."""
    found, (wanted, hospital) = _readable(
        request, call, "CoverageEligibilityRequest", eligibility.question_of
    )
    return _by_rules(call, found, wanted, hospital, eligibility.response_of)


@fhir(Scope.ELIGIBILITY, "GET")
def eligibility_response(request, call, caller, name):
    check = _own(rows.checks_of(caller.insurer).select_related("insurer"), name)
    note_reading(caller, target=f"payments.eligibilitycheck:{check.public_id}")
    return resource(eligibility.response_of(check))


@fhir(Scope.GUARANTEE_WRITE, "POST", at_once=False)
def post_claim(request, call):
    """Begin a request for a case of an own member; without a case, say what the rules say."""
    found, case = _readable(request, call, "Claim", _case_of)
    if not case:
        _found, (wanted, hospital) = _readable(request, call, "Claim", _claim_question)
        return _by_rules(call, found, wanted, hospital, guarantees.response_of_check)
    caller = let_in(call)
    begun = decisions.begun_of(found)
    _only_own_insurer(found, caller.insurer.slug)

    def act():
        return Reply(201, dumps(guarantees.claim_response_of(begin_guarantee(caller, begun))))

    return answer(once(call, caller, act))


@fhir(Scope.GUARANTEE_WRITE, "POST")
def post_claim_response(request, call, caller):
    """Write down an insurer's decision about the version of the request that it saw."""
    made = decisions.decision_of(reading.read(request, "ClaimResponse"))

    def act():
        decided = decide(caller, made.guarantee_id, made.word, row_version=made.row_version)
        return Reply(201, dumps(guarantees.claim_response_of(decided)))

    return answer(once(call, caller, act))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource to read: whose rows, how they look, and by what one is named."""

    scope: str
    rows_of: Callable[[Insurer], QuerySet[Any]]
    to_resource: Callable[[Any], dict[str, Any]]
    target: str
    key: str = "public_id"

    def one(self):
        @fhir(self.scope, "GET")
        def view(request, call, caller, name):
            """Return one own row."""
            found = _own(self.rows_of(caller.insurer), name, key=self.key)
            note_reading(caller, target=f"{self.target}:{name}")
            return resource(self.to_resource(found))

        return view

    def many(self):
        @fhir(self.scope, "GET")
        def view(request, call, caller):
            """Return a page of own rows, fifty at a time."""
            found = _filtered(request, self.rows_of(caller.insurer))
            pages = Paginator(found, PAGE)
            page = pages.get_page(request.GET.get("page", "1")[:6])
            note_reading(caller, target=f"{self.target}:list")
            entries = [self.to_resource(each) for each in page]
            return resource(catalogue.bundle_of(entries, total=pages.count))

        return view


GUARANTEE, READ = "payments.guarantee", Scope.GUARANTEE_READ
CLAIM = Kind(READ, rows.guarantees_of, guarantees.claim_of, GUARANTEE)
CLAIM_RESPONSE = Kind(READ, rows.guarantees_of, guarantees.claim_response_of, GUARANTEE)
COVERAGE = Kind(READ, rows.coverages_of, catalogue.coverage_resource, "payments.coverage")
ORGANIZATION = Kind(
    Scope.NETWORK_READ,
    rows.hospitals_of,
    catalogue.organization_resource,
    "hospitals.hospital",
    key="slug",
)
APPOINTMENT = Kind(
    Scope.APPOINTMENT_READ,
    rows.appointments_of,
    catalogue.appointment_resource,
    "bookings.appointment",
)
SLOT = Kind(
    Scope.APPOINTMENT_READ,
    rows.appointments_of,
    catalogue.slot_resource,
    "bookings.slot",
    key="slot__public_id",
)
claims_or_new = by_method(get=CLAIM.many(), post=post_claim)
claim_responses_or_new = by_method(get=CLAIM_RESPONSE.many(), post=post_claim_response)


def _by_rules(call, found, wanted, hospital, to_resource):
    def render(check):
        _only_own_insurer(found, check.insurer.slug)
        return dumps(to_resource(check))

    return answer(ask_as_machine(wanted, call, hospital_slug=hospital, render=render))


def _readable(request, call, kind, read):
    """Return the body and what is read from it; whether the token is good is told first."""
    try:
        found = reading.read(request, kind)
        return found, read(found)
    except Refusal:
        let_in(call)
        raise


def _case_of(found):
    reading.must_be(found, "status", "active")
    reading.must_be(found, "use", "preauthorization")
    return decisions.case_of(found)


def _claim_question(found):
    item = reading.one(found, "item")
    return eligibility.wanted_of(
        found,
        item,
        found.get("total"),
        decisions.hospital_of(found),
        decisions.diagnosis_of(found),
    )


def _only_own_insurer(found, slug):
    if eligibility.insurer_of(found) != slug:
        raise Unreadable(errors=("insurer: the client's own expected",))


def _own(found, name, *, key="public_id"):
    row = found.filter(**{key: name}).first()
    if row is None:
        raise NotHere
    return row


def _filtered(request, found):
    outcome = request.GET.get("outcome")
    if outcome is None or found.model is not Guarantee:
        return found
    if outcome not in OUTCOMES:
        raise Unreadable(errors=("outcome: queued or complete expected",))
    return found.filter(state__in=OUTCOMES[outcome])
