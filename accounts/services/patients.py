"""Saving the persons an account looks after."""

import datetime as dt
import unicodedata
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Patient, User
from accounts.models.patient import Relation
from accounts.services import audit
from medtour.lib.errors import Refusal, constraint_name
from medtour.lib.locks import busy_is_a_refusal, lock_row

CORRECTED = ("relation", "passport_name", "date_of_birth", "phone", "language")


class AlreadyHaveSelf(Refusal):
    code = "already_have_self"

    def __init__(self) -> None:
        super().__init__(
            _(
                "You have already saved your own details. "
                "Choose yourself from the list, or say who this other person is."
            )
        )


class AnotherPerson(Refusal):
    """A person whom a hospital or insurer was told of would become somebody else."""

    code = "another_person"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Name and date of birth are both new, so this looks like another person. "
                "Agreements and bookings stay with the person who is saved. "
                "Please add the other person anew."
            )
        )


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """What a hospital registers; `passport_name` is one field in Latin letters (AX-05)."""

    relation: str
    passport_name: str
    date_of_birth: dt.date | None
    phone: str
    language: str


def normalised_name(name: str) -> str:
    """Return a name in Unicode NFC with single spaces, so that equal names compare equal."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def saved_self(user: User) -> Patient | None:
    """Return the account's own person, if it was saved."""
    return Patient.objects.filter(account=user, relation=Relation.SELF).first()


def is_same_person(details: PatientDetails, patient: Patient) -> bool:
    """Tell whether typed details name a saved person: one name, and no other date of birth."""
    typed, saved = normalised_name(details.passport_name), patient.passport_name
    dates = {details.date_of_birth, patient.date_of_birth} - {None}
    return typed.casefold() == saved.casefold() and len(dates) < 2


def names_a_second_self(details: PatientDetails, *, by: User) -> bool:
    """Tell whether somebody else is typed in as "me" although the account has saved its own."""
    own = saved_self(by) if details.relation == Relation.SELF else None
    return own is not None and not is_same_person(details, own)


def save_patient(details: PatientDetails, *, by: User, patient: Patient | None = None) -> Patient:
    """Create or change a person of the account `by`.

    An account has one "self": naming it again brings that row up to date. Whoever has agreed to
    anything stays the same person: a name or a birth date may be corrected, which is written down,
    but not both at once. Raises `AlreadyHaveSelf` when another row, or a person of another name,
    would become "self", and `AnotherPerson`; nothing is changed then.
    """
    if patient is None and details.relation == Relation.SELF:
        patient = saved_self(by)
        if patient and not is_same_person(details, patient):
            raise AlreadyHaveSelf
        if patient:
            details = replace(details, date_of_birth=details.date_of_birth or patient.date_of_birth)
    patient = patient or Patient(account=by)
    try:
        with busy_is_a_refusal(), transaction.atomic():
            if patient.pk is None:
                _put(patient, details)
                patient.save()
            else:
                _correct(patient, details, by=by)
    except IntegrityError as error:
        if constraint_name(error) == "accounts_patient_one_self":
            raise AlreadyHaveSelf from error
        raise
    return patient


def _put(patient: Patient, details: PatientDetails) -> None:
    patient.relation = details.relation
    patient.passport_name = normalised_name(details.passport_name)
    patient.date_of_birth = details.date_of_birth
    patient.phone = details.phone
    patient.language = details.language


def _correct(patient: Patient, details: PatientDetails, *, by: User) -> None:
    before = lock_row(Patient.objects.all(), patient.pk)
    name = normalised_name(details.passport_name)
    identity = []
    if name.casefold() != before.passport_name.casefold():
        identity.append("passport_name")
    if before.date_of_birth not in (None, details.date_of_birth):
        identity.append("date_of_birth")
    if identity and before.consents.exists():
        if len(identity) == 2:
            raise AnotherPerson
        audit.record(
            by=by,
            action="patient.corrected",
            target=f"accounts.patient:{patient.public_id}",
            patient_public_id=patient.public_id,
            reason=", ".join(identity),
        )
    _put(patient, details)
    patient.save(update_fields=CORRECTED)
