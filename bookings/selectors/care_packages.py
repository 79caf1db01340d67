"""A package of sessions as its pages show it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from bookings.models import CarePackage, Case
from bookings.package_rules import LOWER, Promise, Standing, standing
from medtour.lib import clock


@dataclass(frozen=True, slots=True)
class ShownSession:
    """One line: planned, took place, measured; `is_late` when its day is over without it."""

    number: int
    planned_on: dt.date
    done_on: dt.date | None
    measured: Decimal | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class ShownPackage:
    """The package with its promise and how it stands today at the hospital."""

    measure: str
    is_lower_better: bool
    start: Decimal
    course: list[tuple[dt.date, Decimal]]
    sessions: list[ShownSession]
    standing: Standing


def promise_of(package: CarePackage) -> Promise:
    kept = package.promise
    return Promise(
        measure=kept["measure"],
        better=kept["better"],
        start=Decimal(kept["start"]),
        course=[(day, Decimal(value)) for day, value in kept["course"]],
    )


def package_of(case: Case) -> ShownPackage | None:
    """Return the package of a case, None without one; two queries."""
    package = CarePackage.objects.filter(case=case).first()
    if package is None:
        return None
    promise, today = promise_of(package), clock.today(case.hospital.time_zone)
    rows = [
        (row, Decimal(row.measured["value"]) if row.measured else None)
        for row in package.sessions.order_by("number")
    ]
    return ShownPackage(
        measure=promise.measure,
        is_lower_better=promise.better == LOWER,
        start=promise.start,
        course=[(package.begins_on + dt.timedelta(days=d), v) for d, v in promise.course],
        sessions=[
            ShownSession(
                number=row.number,
                planned_on=row.planned_on,
                done_on=row.done_on,
                measured=value,
                is_late=row.done_on is None and row.planned_on < today,
            )
            for row, value in rows
        ],
        standing=standing(
            promise,
            begins_on=package.begins_on,
            sessions=[(row.planned_on, row.done_on, value) for row, value in rows],
            today=today,
        ),
    )
