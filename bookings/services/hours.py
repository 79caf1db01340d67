"""Changed working hours: the times on sale follow them, and what was booked stays booked."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from bookings import policies
from bookings.models import Appointment, Schedule, Slot
from bookings.services import slots
from bookings.transitions import OCCUPYING
from medtour.lib import clock
from medtour.lib.locks import lock_found

SAME_PLACE = ("ends_at", "doctor_id", "equipment_id")


def change_hours(schedule: Schedule, *, now: dt.datetime | None = None) -> int:
    """Make future slots follow changed working hours; booked ones stay and keep their patients.

    A time that the new hours have stays on sale, whoever held it before. One that they no longer
    have goes: deleted where nobody ever claimed it, else withdrawn, also when places of it are
    left. What staff withdrew by hand stays withdrawn. Returns how many times are on sale now.
    """
    now = now or clock.now()
    last = clock.local(now, schedule.hospital.time_zone).date() + dt.timedelta(
        days=policies.SLOT_HORIZON_DAYS
    )
    with transaction.atomic():
        ahead = _lock_ahead(schedule, now=now)
        wanted = _wanted(schedule, ahead, last=last, now=now)
        _follow(ahead, wanted, now=now)
        there = {slot.starts_at for slot in ahead}
        end, _ = clock.day_bounds(last, schedule.hospital.time_zone)
        new = [slot for at, slot in wanted.items() if at not in there and at < end]
        slots.insert_slots(schedule, new)
        generated = last if schedule.is_active else None
        Schedule.objects.filter(pk=schedule.pk).update(generated_until=generated)
        schedule.generated_until = generated
        return Slot.objects.filter(schedule=schedule, starts_at__gt=now, is_open=True).count()


def _lock_ahead(schedule: Schedule, *, now: dt.datetime) -> list[Slot]:
    return lock_found(Slot.objects.filter(schedule=schedule, starts_at__gt=now))


def _wanted(
    schedule: Schedule, ahead: list[Slot], *, last: dt.date, now: dt.datetime
) -> dict[dt.datetime, Slot]:
    """Return what the hours make, as far ahead as there are slots of them, by their beginning.

    Nothing is made over a patient of the old hours who still stands.
    """
    if not schedule.is_active:
        return {}
    zone = schedule.hospital.time_zone
    first = clock.local(now, zone).date()
    furthest = [clock.local(slot.starts_at, zone).date() + dt.timedelta(1) for slot in ahead]
    span = clock.days(first, (max([last, *furthest]) - first).days)
    made = {slot.starts_at: slot for slot in slots.slots_on(schedule, span, now=now)}
    stay = [slot for slot in ahead if slot.booked and not _is_made(slot, made)]
    return {at: slot for at, slot in made.items() if not _overlaps(slot, stay)}


def _follow(ahead: list[Slot], wanted: dict[dt.datetime, Slot], *, now: dt.datetime) -> None:
    """Let the slots that are there follow; first those go that the hours no longer have."""
    ours = [slot for slot in ahead if slot.withdrawn_at is None or slot.outside_hours]
    left = [slot for slot in ours if not _is_made(slot, wanted)]
    claims = Appointment.objects.filter(slot__in=left).values_list("slot_id", flat=True)
    claimed = set(claims)
    gone = [slot.pk for slot in left if slot.pk not in claimed]
    stay = [slot.pk for slot in left if slot.pk in claimed and slot.withdrawn_at is None]
    Slot.objects.filter(pk__in=gone).delete()
    _withdraw(stay, now=now)
    kept = [slot for slot in ours if _is_made(slot, wanted)]
    refused = [slot.pk for slot in kept if not slots.take_over(slot, wanted[slot.starts_at])]
    _withdraw(refused, now=now)


def _withdraw(pks: list[int], *, now: dt.datetime) -> None:
    Slot.objects.filter(pk__in=pks).update(withdrawn_at=now, outside_hours=True)


def _is_made(slot: Slot, wanted: dict[dt.datetime, Slot]) -> bool:
    """Tell whether the hours have this time; one that is booked must also be the same place."""
    new = wanted.get(slot.starts_at)
    if new is None or not slot.booked:
        return new is not None
    return all(getattr(slot, name) == getattr(new, name) for name in SAME_PLACE)


def _overlaps(slot: Slot, others: Iterable[Slot]) -> bool:
    return any(slot.starts_at < one.ends_at and one.starts_at < slot.ends_at for one in others)


def outside_hours(schedule: Schedule, *, now: dt.datetime | None = None) -> QuerySet[Appointment]:
    """Return the live appointments at times that the hours no longer have: a person decides."""
    now = now or clock.now()
    return Appointment.objects.filter(
        slot__schedule=schedule,
        slot__outside_hours=True,
        slot__starts_at__gt=now,
        state__in=OCCUPYING,
    )
