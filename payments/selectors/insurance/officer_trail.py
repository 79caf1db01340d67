"""What an insurer's own people did in the portal: who, when, what, about which record (SE-16).

An officer can be a patient too. Only acts of the portal on records of this insurer are here; what
somebody does with their own bookings, or did at another insurer, is not.
"""

from typing import Any

from django.db.models import CharField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import AuditEntry, User
from payments.models import (
    AskedThrough,
    ClaimDocument,
    EligibilityBatch,
    EligibilityCheck,
    Guarantee,
    GuaranteeDocument,
    InsuranceClaim,
    InsurerOfficer,
    Member,
    Remittance,
)

ACTIONS = (
    "claim.adjudicate",
    "claim.denied",
    "claim.remit",
    "claim.short_paid",
    "claim.statement",
    "claim.uphold",
    "document.open",
    "guarantee.approve",
    "guarantee.ask",
    "guarantee.decline",
    "insurance.batch",
    "insurance.batch_saved",
    "insurance.check",
    "insurance.members",
    "insurance.trail_saved",
    "insurance.utilisation",
    "member.search",
    "member.view",
    "remittance.record",
)
GUARANTEE, CLAIM = "payments.guarantee", "payments.insuranceclaim"
CHECK, BATCH = "payments.eligibilitycheck", "payments.eligibilitybatch"
MEMBER, REMITTANCE = "payments.member", "payments.remittance"
INSURER, DOCUMENT = "hospitals.insurer", "accounts.medicaldocument"
KINDS = (GUARANTEE, CLAIM, CHECK, BATCH, MEMBER, REMITTANCE, DOCUMENT, INSURER)
KEY = OuterRef("key")


def people_of(officer: InsurerOfficer) -> QuerySet[User]:
    """Return whose acts an officer may read: all of the insurer's people, a liaison's own only."""
    people = User.objects.filter(insurer_officer__insurer=officer.insurer_id)
    if officer.hospital_id:
        people = people.filter(pk=officer.user_id)
    return people.order_by("email")


def trail_of(officer: InsurerOfficer) -> QuerySet[Any]:
    """Return the entries with `kind`, `key` and `reference` of their record, the newest first."""
    entries = AuditEntry.objects.filter(user__in=people_of(officer), action__in=ACTIONS)
    if officer.suspended_at is not None:
        return entries.none()
    parted = entries.annotate(kind=_part(1), key=_part(2))
    own = parted.filter(_is_own(officer))
    named = own.annotate(reference=Coalesce(*_references(), Value("")))
    return named.select_related("user").order_by("-pk")


def _part(number: int) -> Func:
    return Func(
        F("target"), Value(":"), Value(number), function="split_part", output_field=CharField()
    )


def _is_own(officer: InsurerOfficer) -> Q:
    """Return the condition that an entry is about a record of this insurer."""
    insurer = officer.insurer_id
    own = {"insurer": insurer, "public_id": KEY}
    asked = EligibilityCheck.objects.filter(**own, asked_through=AskedThrough.PORTAL)
    theirs = Q(document__public_id=KEY) & ~Q(document__patient__account=OuterRef("user"))
    shared = GuaranteeDocument.objects.filter(theirs, guarantee__insurer=insurer)
    sent = ClaimDocument.objects.filter(theirs, claim__insurer=insurer)
    return (
        Q(Exists(Guarantee.objects.filter(**own)), kind=GUARANTEE)
        | Q(Exists(InsuranceClaim.objects.filter(**own)), kind=CLAIM)
        | Q(Exists(asked), kind=CHECK)
        | Q(Exists(EligibilityBatch.objects.filter(**own)), kind=BATCH)
        | Q(Exists(Member.objects.filter(**own)), kind=MEMBER)
        | Q(Exists(Remittance.objects.filter(**own)), kind=REMITTANCE)
        | Q(Exists(shared) | Exists(sent), kind=DOCUMENT)
        | Q(kind=INSURER, key=officer.insurer.slug)
    )


def _references() -> tuple[Subquery, Subquery]:
    """Return the words by which people know a request or a claim."""
    return (
        Subquery(Guarantee.objects.filter(public_id=KEY).values("reference")[:1]),
        Subquery(InsuranceClaim.objects.filter(public_id=KEY).values("reference")[:1]),
    )
