"""Packages of sessions: planned with a promise, then held to it (M15)."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.models import User
from bookings.models import CarePackage, Case, PackageSession
from bookings.package_rules import Promise
from bookings.refusals import SessionNotYet, SomebodyWasFaster
from medtour.lib import clock
from medtour.lib.locks import lock_row


def plan_package(
    case: Case,
    *,
    begins_on: dt.date,
    promise: Promise,
    session_days: Sequence[dt.date],
    by: User,
    now: dt.datetime | None = None,
) -> CarePackage:
    """Write the package of a case with its sessions; raises SomebodyWasFaster for a second one."""
    try:
        with transaction.atomic():
            package = CarePackage.objects.create(
                case=case,
                begins_on=begins_on,
                promise={
                    "measure": promise.measure,
                    "better": promise.better,
                    "start": str(promise.start),
                    "course": [[day, str(value)] for day, value in promise.course],
                },
                set_by=by,
                created_at=now or clock.now(),
            )
            PackageSession.objects.bulk_create(
                PackageSession(package=package, number=number, planned_on=day)
                for number, day in enumerate(sorted(session_days), start=1)
            )
    except IntegrityError as error:
        raise SomebodyWasFaster from error
    return package


def record_session(
    session: PackageSession, *, done_on: dt.date, measured: Decimal | None, zone_name: str
) -> PackageSession:
    """Note that a session took place, and what was measured; raises SessionNotYet for a later day.

    A second record corrects the first.
    """
    if done_on > clock.today(zone_name):
        raise SessionNotYet
    with transaction.atomic():
        fresh = lock_row(PackageSession.objects.all(), session.pk)
        fresh.done_on = done_on
        fresh.measured = None if measured is None else {"value": str(measured)}
        fresh.save(update_fields=["done_on", "measured"])
    return fresh
