"""What a program may read beside requests: own coverages, the network, own members' times."""

from typing import Any

from fhir.resources.R4B.appointment import Appointment as FhirAppointment
from fhir.resources.R4B.coverage import Coverage as FhirCoverage
from fhir.resources.R4B.organization import Organization
from fhir.resources.R4B.slot import Slot as FhirSlot

from bookings.models import Appointment
from bookings.transitions import AppointmentState as A
from hospitals.models import Hospital
from payments import fhir_words as words
from payments.models import Coverage, CoverageStatus

# http://hl7.org/fhir/ValueSet/appointmentstatus
STATUSES = {
    A.OFFERED: "proposed",
    A.HELD: "pending",
    A.AWAITING_GUARANTEE: "pending",
    A.AWAITING_PAYMENT: "pending",
    A.CONFIRMED: "booked",
    A.ARRIVED: "arrived",
    A.COMPLETED: "fulfilled",
    A.NO_SHOW: "noshow",
}
# A suspended coverage covers nobody today; R4 has no nearer word than draft.
COVERAGE_STATUSES = {
    CoverageStatus.ACTIVE: "active",
    CoverageStatus.SUSPENDED: "draft",
    CoverageStatus.CANCELLED: "cancelled",
}
TERMS = "http://terminology.hl7.org/CodeSystem"
# Type: what is done with it.
INTERACTIONS = {
    "CoverageEligibilityRequest": ("create",),
    "CoverageEligibilityResponse": ("read",),
    "Claim": ("create", "read", "search-type"),
    "ClaimResponse": ("create", "read", "search-type"),
    "Coverage": ("read", "search-type"),
    "Organization": ("read", "search-type"),
    "Slot": ("read", "search-type"),
    "Appointment": ("read", "search-type"),
}


def coverage_resource(coverage: Coverage) -> dict[str, Any]:
    member = {"system": words.MEMBER_SYSTEM, "value": coverage.member.number}
    plan = {
        "type": words.coding(f"{TERMS}/coverage-class", "plan"),
        "value": coverage.plan.code,
        "name": coverage.plan.name,
    }
    body: dict[str, Any] = {
        "resourceType": "Coverage",
        "id": coverage.public_id,
        "status": COVERAGE_STATUSES[CoverageStatus(coverage.status)],
        "subscriberId": coverage.member.number,
        "beneficiary": {"identifier": member},
        "period": {"start": coverage.valid_from.isoformat()},
        "payor": [{"display": "the insurer of this client"}],
        "class": [plan],
    }
    if coverage.valid_until:
        body["period"]["end"] = coverage.valid_until.isoformat()
    FhirCoverage.model_validate(body)
    return body


def organization_resource(hospital: Hospital) -> dict[str, Any]:
    body = {
        "resourceType": "Organization",
        "id": hospital.slug[:64],
        "identifier": [{"system": words.HOSPITAL_SYSTEM, "value": hospital.slug}],
        "active": True,
        "type": [words.coding(f"{TERMS}/organization-type", "prov")],
        "name": hospital.name,
    }
    Organization.model_validate(body)
    return body


def slot_resource(appointment: Appointment) -> dict[str, Any]:
    """Return the time that a member's appointment takes."""
    slot = appointment.slot
    body = {
        "resourceType": "Slot",
        "id": slot.public_id,
        "schedule": {"display": appointment.hospital.name},
        "status": "busy",
        "start": slot.starts_at.isoformat(),
        "end": slot.ends_at.isoformat(),
    }
    FhirSlot.model_validate(body)
    return body


def appointment_resource(appointment: Appointment) -> dict[str, Any]:
    """Return when and where a member is expected, without what is to be done there."""
    slot = appointment.slot
    hospital = {"identifier": {"system": words.HOSPITAL_SYSTEM, "value": appointment.hospital.slug}}
    body = {
        "resourceType": "Appointment",
        "id": appointment.public_id,
        "status": STATUSES.get(appointment.state, "cancelled"),
        "start": slot.starts_at.isoformat(),
        "end": slot.ends_at.isoformat(),
        "slot": [{"reference": f"Slot/{slot.public_id}"}],
        "participant": [
            {"actor": hospital, "status": "accepted"},
            {"actor": {"display": "the member of the guarantee"}, "status": "accepted"},
        ],
    }
    FhirAppointment.model_validate(body)
    return body


def bundle_of(entries: list[dict[str, Any]], *, total: int) -> dict[str, Any]:
    body: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": total}
    if entries:
        body["entry"] = [{"resource": each, "search": {"mode": "match"}} for each in entries]
    return body


def capabilities(day: str) -> dict[str, Any]:
    """Return what this interface can do; it needs no token and holds nobody's data."""
    resources = [
        {"type": kind, "interaction": [{"code": code} for code in codes]}
        for kind, codes in INTERACTIONS.items()
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": day,
        "kind": "instance",
        "software": {"name": "Medtour"},
        "implementation": {"description": "Direct pay for insurers' own programs"},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "OAuth 2 client credentials at /oauth/token."},
                "resource": resources,
            }
        ],
    }
