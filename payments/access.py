"""Which insurer an officer works for; nobody sees another insurer's desk."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from hospitals.models import Insurer


def insurers_for(user: User | AnonymousUser) -> QuerySet[Insurer]:
    """The one insurer of an officer; nothing for everybody else."""
    if not user.is_authenticated:
        return Insurer.objects.none()
    return Insurer.objects.filter(officers__user=user)
