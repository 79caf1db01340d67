from django.urls import path

from payments.fhir import views

urlpatterns = [
    path("metadata", views.metadata, name="fhir_metadata"),
    path("CoverageEligibilityRequest", views.ask, name="fhir_ask"),
    path(
        "CoverageEligibilityResponse/<slug:name>",
        views.eligibility_response,
        name="fhir_eligibility_response",
    ),
    path("Claim", views.claims_or_new, name="fhir_claims"),
    path("Claim/<slug:name>", views.CLAIM.one(), name="fhir_claim"),
    path("ClaimResponse", views.claim_responses_or_new, name="fhir_claim_responses"),
    path("ClaimResponse/<slug:name>", views.CLAIM_RESPONSE.one(), name="fhir_claim_response"),
    path("Coverage", views.COVERAGE.many(), name="fhir_coverages"),
    path("Coverage/<slug:name>", views.COVERAGE.one(), name="fhir_coverage"),
    path("Organization", views.ORGANIZATION.many(), name="fhir_organizations"),
    path("Organization/<slug:name>", views.ORGANIZATION.one(), name="fhir_organization"),
    path("Appointment", views.APPOINTMENT.many(), name="fhir_appointments"),
    path("Appointment/<slug:name>", views.APPOINTMENT.one(), name="fhir_appointment"),
    path("Slot", views.SLOT.many(), name="fhir_slots"),
    path("Slot/<slug:name>", views.SLOT.one(), name="fhir_slot"),
]
