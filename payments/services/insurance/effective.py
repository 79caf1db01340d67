"""Replacing facts that have days: a change is a new row, the old one stays (DP-09)."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import audit
from medtour.lib.errors import constraint_name
from medtour.lib.locks import busy_is_a_refusal, lock_row
from payments import insurance_refusals as refusals
from payments.models import Benefit, PlanTerms
from payments.models.insurance.effective import EffectiveRow

R = TypeVar("R", bound=EffectiveRow)

ONE_DAY = dt.timedelta(days=1)
OVERLAPS = frozenset(
    {
        "payments_agreement_one_in_force",
        "payments_network_one_tier",
        "payments_terms_one_in_force",
        "payments_coverage_one_in_force",
    }
)
NOT_COPIED = frozenset({"id", "public_id", "recorded_at", "recorded_by", "superseded_at"})


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both included; no last day means until further notice."""

    first: dt.date
    last: dt.date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise refusals.DaysOutOfOrder


def record_row(
    row: EffectiveRow,
    *,
    days: Days,
    by: User | None,
    replaces: EffectiveRow | None,
    now: dt.datetime,
) -> None:
    """Save a new fact for these days; of the one it replaces, the other days are kept.

    Raises FactsOverlap or FactReplaced; then nothing changed.
    """
    row.valid_from, row.valid_until = days.first, days.last
    with transaction.atomic(), _overlaps_are_refusals():
        if replaces is not None:
            _replace(replaces, now=now)
            for rest in _rests(replaces, days):
                _save(rest, by=by, now=now)
                _copy_benefits(replaces, rest)
        _save(row, by=by, now=now)


@contextmanager
def _overlaps_are_refusals() -> Iterator[None]:
    """Turn the exclusion constraints of effective rows into FactsOverlap, waiting into Busy."""
    with busy_is_a_refusal():
        try:
            yield
        except IntegrityError as error:
            if constraint_name(error) in OVERLAPS:
                raise refusals.FactsOverlap from error
            raise


def end_row(row: R, *, last_day: dt.date, by: User | None, now: dt.datetime) -> R:
    """Let a fact end on a day, by a row that replaces it; raises FactReplaced, DaysOutOfOrder."""
    ended = copied(row, Days(row.valid_from, last_day))
    with transaction.atomic(), _overlaps_are_refusals():
        _replace(row, now=now)
        _save(ended, by=by, now=now)
    return ended


def _replace(row: EffectiveRow, *, now: dt.datetime) -> None:
    """Mark a row as replaced; raises FactReplaced when somebody was faster."""
    model = type(row)
    if lock_row(model.objects.all(), row.pk).superseded_at is not None:
        raise refusals.FactReplaced
    model.objects.filter(pk=row.pk).update(superseded_at=now)


def _rests(row: R, days: Days) -> list[R]:
    """Return what stays of a replaced row before and after the days of the new one."""
    rests = []
    if row.valid_from < days.first:
        before = days.first - ONE_DAY
        last = before if row.valid_until is None else min(row.valid_until, before)
        rests.append(copied(row, Days(row.valid_from, last)))
    if days.last is not None and (row.valid_until is None or row.valid_until > days.last):
        first = max(row.valid_from, days.last + ONE_DAY)
        rests.append(copied(row, Days(first, row.valid_until)))
    return rests


def copied(row: R, days: Days) -> R:
    """Return an unsaved copy of a fact for other days."""
    values = {
        each.attname: getattr(row, each.attname)
        for each in row._meta.concrete_fields
        if each.name not in NOT_COPIED
    }
    return type(row)(**values | {"valid_from": days.first, "valid_until": days.last})


def _copy_benefits(old: EffectiveRow, new: EffectiveRow) -> None:
    if not isinstance(old, PlanTerms):
        return
    benefits = list(Benefit.objects.filter(terms=old))
    for benefit in benefits:
        benefit.pk, benefit.terms_id = None, new.pk
        benefit._state.adding = True
    Benefit.objects.bulk_create(benefits)


def _save(row: EffectiveRow, *, by: User | None, now: dt.datetime) -> None:
    row.recorded_by, row.recorded_at = by, now
    row.save(force_insert=True)
    hospital = getattr(row, "hospital", None)
    audit.record(
        by=by,
        action="insurance.fact",
        target=f"{row._meta.label_lower}:{row.pk}",
        hospital_slug=hospital.slug if hospital else "",
    )
