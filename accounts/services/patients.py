"""Saving the persons an account looks after."""

import datetime as dt
import unicodedata
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Patient, User
from accounts.models.patient import Relation
from medtour.lib.errors import Refusal, constraint_name


class AlreadyHaveSelf(Refusal):
    code = "already_have_self"

    def __init__(self) -> None:
        super().__init__(
            _("You have already saved your own details. Choose yourself from the list.")
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


def save_patient(details: PatientDetails, *, by: User, patient: Patient | None = None) -> Patient:
    """Create or change a person of the account `by`.

    An account has one "self": naming it again changes that row instead of making a second.
    Raises `AlreadyHaveSelf` when another row would become "self".
    """
    if patient is None and details.relation == Relation.SELF:
        patient = Patient.objects.filter(account=by, relation=Relation.SELF).first()
    patient = patient or Patient(account=by)
    patient.relation = details.relation
    patient.passport_name = normalised_name(details.passport_name)
    patient.date_of_birth = details.date_of_birth
    patient.phone = details.phone
    patient.language = details.language
    try:
        with transaction.atomic():
            patient.save()
    except IntegrityError as error:
        if constraint_name(error) == "accounts_patient_one_self":
            raise AlreadyHaveSelf from error
        raise
    return patient
