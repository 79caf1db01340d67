"""What an insurer writes: a decision as a ClaimResponse, or a request of its own as a Claim."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from medtour.lib.money import Money
from payments import fhir_words as words
from payments.eligibility_values import MINOR_UNITS, decimals, plain_decimal
from payments.fhir import reading
from payments.fhir.guarantees import ADJUDICATION, APPROVED, DECISION, DENIED, QUEUED, REFUSAL
from payments.machine_refusals import Unreadable
from payments.models import Urgency
from payments.services.insurance.guarantee_decisions import Promise, Refused
from payments.services.insurance.guarantees import Request
from payments.services.insurance.machine_guarantees import Begun

CASE_SYSTEM = f"{words.SYSTEM}/case"
LONGEST_WORDS = 2_000
LONGEST_AMOUNT = 16


@dataclass(frozen=True, slots=True)
class Decision:
    """A promise, a refusal or a question about one version of a request."""

    guarantee_id: str
    row_version: int
    word: Promise | Refused | str


def decision_of(found: dict[str, Any]) -> Decision:
    """Return an insurer's decision; raises Unreadable with the element that is missing or wrong."""
    reading.must_be(found, "status", "active")
    reading.must_be(found, "use", "preauthorization")
    outcome = reading.must_be(found, "outcome", "queued", "complete")
    word = reading.extensions(found).get(DECISION)
    allowed = (APPROVED, DENIED) if outcome == "complete" else (QUEUED,)
    if word not in allowed:
        raise Unreadable(errors=(f"extension {DECISION}: {' or '.join(allowed)} expected",))
    target, version = _target(found)
    if word == QUEUED:
        text = str(reading.one(found, "processNote").get("text") or "")
        return Decision(target, version, text[:LONGEST_WORDS])
    return Decision(target, version, _refused(found) if word == DENIED else _promise(found))


def case_of(found: dict[str, Any]) -> str:
    """Return the case that a Claim names; "" when it names none."""
    for each in found.get("identifier") or []:
        if each.get("system") == CASE_SYSTEM:
            return _name(each.get("value"), "identifier")
    return ""


def begun_of(found: dict[str, Any]) -> Begun:
    """Return a request for an own member's case; raises Unreadable."""
    item = reading.one(found, "item")
    reference = str((reading.one(found, "insurance").get("coverage") or {}).get("reference") or "")
    kind, _, coverage = reference.partition("/")
    if kind != "Coverage":
        raise Unreadable(errors=("insurance.coverage: Coverage/… expected",))
    start, end = _days(found.get("billablePeriod"), "billablePeriod")
    priority = reading.code_of(
        found.get("priority"), "http://terminology.hl7.org/CodeSystem/processpriority", "priority"
    )
    return Begun(
        case_id=case_of(found),
        coverage_id=_name(coverage, "insurance.coverage"),
        hospital_slug=hospital_of(found),
        request=Request(
            service_from=start,
            service_until=end,
            urgency=Urgency.URGENT if priority == "stat" else Urgency.PLANNED,
            diagnosis_code=(diagnosis_of(found) or "")[:20],
            procedure_code=reading.code_of(
                item.get("productOrService"), words.PROCEDURE_SYSTEM, "item.productOrService"
            )[:20],
            estimate=money_of(found.get("total"), "total"),
            requested=money_of(item.get("net"), "item.net"),
        ),
    )


def hospital_of(found: dict[str, Any]) -> str:
    return reading.identifier_of(found.get("provider"), words.HOSPITAL_SYSTEM, "provider")


def diagnosis_of(found: dict[str, Any]) -> str | None:
    if not found.get("diagnosis"):
        return None
    concept = reading.one(found, "diagnosis").get("diagnosisCodeableConcept")
    return reading.code_of(concept, words.DIAGNOSIS_SYSTEM, "diagnosis") or None


def money_of(amount: Any, name: str) -> Money:
    """Return an amount in whole minor units; raises Unreadable for one that is finer."""
    amount = amount or {}
    text, currency = reading.number_text(amount.get("value")), str(amount.get("currency"))
    units = MINOR_UNITS.get(currency)
    is_plain = plain_decimal(text) is not None and len(text) <= LONGEST_AMOUNT
    if units is None or not is_plain or decimals(text) > units:
        raise Unreadable(errors=(f"{name}: decimals as the currency expected",))
    return Money.from_major(text, currency)


def _target(found: dict[str, Any]) -> tuple[str, int]:
    kind, _, target = str((found.get("request") or {}).get("reference") or "").partition("/")
    if kind != "Claim":
        raise Unreadable(errors=("request: Claim/… expected",))
    version = str((found.get("meta") or {}).get("versionId") or "")
    if not (version.isascii() and version.isdigit() and len(version) < 9):
        raise Unreadable(errors=("meta.versionId: that of the Claim expected",))
    return _name(target, "request"), int(version)


def _refused(found: dict[str, Any]) -> Refused:
    code = reading.code_of(reading.one(found, "error").get("code"), REFUSAL, "error.code")
    return Refused(
        code[:40],
        str(found.get("disposition") or "")[:LONGEST_WORDS],
        insurer_reference=str(found.get("preAuthRef") or "")[:60],
    )


def _promise(found: dict[str, Any]) -> Promise:
    start, end = _days(found.get("preAuthPeriod"), "preAuthPeriod")
    if not found.get("preAuthRef"):
        raise Unreadable(errors=("preAuthRef: your reference expected",))
    total = reading.one(found, "total")
    reading.code_of(total.get("category"), ADJUDICATION, "total.category")
    return Promise(
        amount=money_of(total.get("amount"), "total.amount"),
        valid_from=start,
        valid_until=end,
        conditions=str(found.get("disposition") or "")[:LONGEST_WORDS],
        insurer_reference=str(found["preAuthRef"])[:60],
    )


def _days(period: Any, name: str) -> tuple[dt.date, dt.date]:
    try:
        start, end = (dt.date.fromisoformat(str(period[each])) for each in ("start", "end"))
    except (KeyError, TypeError, ValueError):
        raise Unreadable(errors=(f"{name}: two dates expected",)) from None
    return start, end


def _name(text: Any, name: str) -> str:
    """Return one of our public ids."""
    if not isinstance(text, str) or not (text.isascii() and text.isalnum()) or len(text) > 32:
        raise Unreadable(errors=(f"{name}: one of our names expected",))
    return text
