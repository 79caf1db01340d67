"""Which rows of the catalogue a person may see; hospital staff see what is their own hospital's."""

from collections.abc import Collection

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from hospitals.models import Doctor, Hospital, HospitalMembership, Insurer, Offer
from hospitals.models.staff import Role

ALL_ROLES = frozenset(Role.values)


def published_offers() -> QuerySet[Offer]:
    """The offers that everybody may see."""
    return Offer.objects.filter(is_published=True)


def public_doctors() -> QuerySet[Doctor]:
    """The doctors that everybody may see."""
    return Doctor.objects.filter(is_public=True)


def hospitals_by_slug(slugs: Collection[str]) -> dict[str, Hospital]:
    """Return catalogue hospitals by their slugs, in one query; none for no slugs."""
    if not slugs:
        return {}
    return {hospital.slug: hospital for hospital in Hospital.objects.filter(slug__in=slugs)}


def insurers_by_slug(slugs: Collection[str]) -> dict[str, Insurer]:
    """Return listed insurers by their slugs, in one query; none for no slugs."""
    if not slugs:
        return {}
    return {insurer.slug: insurer for insurer in Insurer.objects.filter(slug__in=slugs)}


def is_operator(user: User | AnonymousUser) -> bool:
    """Tell whether a person runs the platform and may see every hospital."""
    return bool(user.is_active and user.is_superuser)


def hospitals_of_staff(
    user: User | AnonymousUser, roles: Collection[str] = ALL_ROLES
) -> QuerySet[Hospital]:
    """The hospitals where this person works in one of `roles`; all of them for an operator."""
    if is_operator(user):
        return Hospital.objects.all()
    if not (user.is_active and getattr(user, "is_staff", False)):
        return Hospital.objects.none()
    own = HospitalMembership.objects.filter(user_id=user.pk, role__in=roles)
    return Hospital.objects.filter(pk__in=own.values("hospital_id"))


def roles_by_hospital(user: User | AnonymousUser) -> dict[int, frozenset[str]]:
    """Return the roles a member of staff has at each hospital, by the hospital's key."""
    roles: dict[int, frozenset[str]] = {}
    if user.is_active and getattr(user, "is_staff", False):
        rows = HospitalMembership.objects.filter(user_id=user.pk).values_list("hospital_id", "role")
        for hospital_id, role in rows:
            roles[hospital_id] = roles.get(hospital_id, frozenset()) | {role}
    return roles
