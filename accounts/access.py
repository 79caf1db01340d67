"""Whose persons a signed-in account may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Consent, Patient, User


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
