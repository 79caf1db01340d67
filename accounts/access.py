"""Whose persons a signed-in account may see."""

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import Consent, DocumentState, MedicalDocument, Patient, User
from accounts.models.consent import Purpose
from medtour.lib.prepared import prepared_rows


def patients_for(user: User | AnonymousUser) -> QuerySet[Patient]:
    """The persons that this account looks after; nobody else's."""
    if not user.is_authenticated:
        return Patient.objects.none()
    return Patient.objects.filter(account=user)


def consents_for(user: User | AnonymousUser) -> QuerySet[Consent]:
    """The agreements given for the persons of this account."""
    if not user.is_authenticated:
        return Consent.objects.none()
    return Consent.objects.filter(patient__account=user)


def documents_for(user: User | AnonymousUser) -> QuerySet[MedicalDocument]:
    """The files of the persons of this account; not those that were refused or removed."""
    if not user.is_authenticated:
        return MedicalDocument.objects.none()
    kept = MedicalDocument.objects.filter(patient__account=user, deleted_at=None)
    return kept.exclude(state=DocumentState.REFUSED)


def patients_ready_for(user: User | AnonymousUser, *, hospital_slug: str) -> QuerySet[Patient]:
    """Persons with complete details whose data may go to this hospital already."""
    return patients_for(user).filter(
        ~Q(phone=""),
        consents__purpose=Purpose.HOSPITAL_TRANSFER,
        consents__recipient=hospital_slug,
        consents__withdrawn_at=None,
    )


READY_FIELDS = ["id", "public_id", "account_id"]
READY_PATIENT = f"""
SELECT {", ".join(f"patient.{name}" for name in READY_FIELDS)}
  FROM accounts_patient AS patient
 WHERE patient.public_id = %(patient)s AND patient.account_id = %(account)s AND patient.phone <> ''
   AND EXISTS (SELECT 1 FROM accounts_consent AS consent
                WHERE consent.patient_id = patient.id AND consent.purpose = %(purpose)s
                  AND consent.recipient = %(hospital)s AND consent.withdrawn_at IS NULL)
"""  # noqa: S608  (only names of columns)


def ready_patient(user: User, public_id: str, *, hospital_slug: str) -> Patient | None:
    """Return one of `patients_ready_for` by its public id, with no more than its keys read."""
    asked: dict[str, str | int] = {
        "patient": public_id,
        "account": user.pk,
        "purpose": Purpose.HOSPITAL_TRANSFER.value,
        "hospital": hospital_slug,
    }
    found = prepared_rows(READY_PATIENT, asked)
    return Patient.from_db(connection.alias, READY_FIELDS, found[0]) if found else None
