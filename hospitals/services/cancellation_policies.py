"""Cancellation policies of a hospital: a version never changes, a new ladder is a new version."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hospitals.models import CancellationPolicy, Hospital, Offer
from hospitals.policies import Ladder
from medtour.lib.errors import Refusal, constraint_name

ONE_VERSION = "hospitals_cancellation_version"


class VersionTaken(Refusal):
    code = "version_taken"

    def __init__(self) -> None:
        super().__init__(
            _("A policy with this name is there already. Please begin a new version of it.")
        )


class NothingChanged(Refusal):
    code = "nothing_changed"

    def __init__(self) -> None:
        super().__init__(_("These are the steps of the present version. Nothing was changed."))


def first_version(
    hospital: Hospital, *, name: str, bands: Iterable[Iterable[int]], by: User
) -> CancellationPolicy:
    """Begin a policy; raises VersionTaken when the hospital has one of this name, LadderBroken."""
    policy = CancellationPolicy(hospital=hospital, name=name.strip(), version=1)
    return _add(policy, bands, by=by)


def next_version(
    policy: CancellationPolicy, *, bands: Iterable[Iterable[int]], by: User
) -> CancellationPolicy:
    """Add the version after the newest one, and let offers of older versions follow it.

    What was booked keeps the ladder it was booked with. Raises NothingChanged, VersionTaken when
    somebody else was faster, or LadderBroken.
    """
    newest = _versions(policy).first() or policy
    if newest.ladder == Ladder.from_pairs(bands):
        raise NothingChanged
    new = CancellationPolicy(hospital=policy.hospital, name=policy.name, version=newest.version + 1)
    with transaction.atomic():
        added = _add(new, bands, by=by)
        Offer.objects.filter(cancellation_policy__in=_versions(policy)).update(
            cancellation_policy=added, version=F("version") + 1
        )
    return added


def _versions(policy: CancellationPolicy) -> QuerySet[CancellationPolicy]:
    return CancellationPolicy.objects.filter(
        hospital_id=policy.hospital_id, name=policy.name
    ).order_by("-version")


def _add(
    policy: CancellationPolicy, bands: Iterable[Iterable[int]], *, by: User
) -> CancellationPolicy:
    policy.bands, policy.entered_by = Ladder.from_pairs(bands).to_pairs(), by
    try:
        with transaction.atomic():
            policy.save(force_insert=True)
    except IntegrityError as error:
        if constraint_name(error) != ONE_VERSION:
            raise
        raise VersionTaken from error
    return policy
