"""Whose persons a signed-in account may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import Consent, Patient, User
from accounts.models.consent import Purpose


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


def patients_ready_for(user: User | AnonymousUser, *, hospital_slug: str) -> QuerySet[Patient]:
    """Persons with complete details whose data may go to this hospital already."""
    return patients_for(user).filter(
        ~Q(phone=""),
        consents__purpose=Purpose.HOSPITAL_TRANSFER,
        consents__recipient=hospital_slug,
        consents__withdrawn_at=None,
    )
