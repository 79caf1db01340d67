"""Making slots from working hours, ahead of time and never on a page view."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from bookings import policies
from bookings.models import Appointment, Schedule, ScheduleException, Slot
from bookings.models.schedule import ExceptionKind
from bookings.refusals import OverbookingRefused, SlotGone
from bookings.selectors.workdays import WorkingDays
from bookings.services import history, waiting
from bookings.transitions import OCCUPYING
from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.locks import lock_found, lock_row

BATCH = 5000
# What the working hours say of each of their times.
FROM_HOURS = (
    "ends_at",
    "capacity",
    "doctor_id",
    "equipment_id",
    "languages",
    "last_confirmed_at",
)


def generate_slots(
    *,
    hospital: Hospital | None = None,
    days: int = policies.SLOT_HORIZON_DAYS,
    now: dt.datetime | None = None,
) -> int:
    """Make the missing slots of all active working hours for the next `days` days.

    Returns how many were made. Safe to run twice at once: the database refuses a second slot of
    the same hours, doctor or device at the same time (BK-08).
    """
    now = now or clock.now()
    schedules = Schedule.objects.filter(is_active=True, offer__is_published=True)
    if hospital:
        schedules = schedules.filter(hospital=hospital)
    made = 0
    for schedule in schedules.select_related("hospital", "doctor", "offer").prefetch_related(
        "doctor__languages"
    ):
        made += _generate(schedule, days=days, now=now)
    return made


def _generate(schedule: Schedule, *, days: int, now: dt.datetime) -> int:
    today = clock.local(now, schedule.hospital.time_zone).date()
    last = today + dt.timedelta(days=days)
    first = max(today, schedule.generated_until or today)
    if first >= last:
        return 0
    span = clock.days(first, (last - first).days)
    slots = list(slots_on(schedule, span, now=now))
    with transaction.atomic():
        made = insert_slots(schedule, slots)
        Schedule.objects.filter(pk=schedule.pk).update(generated_until=last)
    return made


def insert_slots(schedule: Schedule, slots: list[Slot]) -> int:
    """Save those that nothing stands in the way of; returns how many the database took."""
    at_these_times = Slot.objects.filter(
        schedule=schedule, starts_at__in=[slot.starts_at for slot in slots]
    )
    before = at_these_times.count() if slots else 0
    Slot.objects.bulk_create(slots, batch_size=BATCH, ignore_conflicts=True)
    return at_these_times.count() - before if slots else 0


def slots_on(schedule: Schedule, days: list[dt.date], *, now: dt.datetime) -> Iterator[Slot]:
    """Yield the unsaved slots that working hours and their exceptions make on these days."""
    calendar = WorkingDays.between(days[0], days[-1])
    exceptions = _exceptions(schedule, days)
    for day in days:
        if schedule.valid_from and day < schedule.valid_from:
            continue
        if schedule.valid_until and day > schedule.valid_until:
            continue
        here = exceptions.get(day, [])
        closed = any(row.kind == ExceptionKind.CLOSED for row in here)
        if calendar.weekday_worked(day) == schedule.weekday and not closed:
            yield from slots_between(schedule, day, schedule.starts_at, schedule.ends_at, now=now)
        for row in here:
            if row.kind == ExceptionKind.EXTRA and row.schedule_id == schedule.pk:
                yield from slots_between(schedule, day, row.starts_at, row.ends_at, now=now)


def _exceptions(schedule: Schedule, days: list[dt.date]) -> dict[dt.date, list[ScheduleException]]:
    found: dict[dt.date, list[ScheduleException]] = {}
    rows = ScheduleException.objects.filter(
        hospital_id=schedule.hospital_id, date__gte=days[0], date__lte=days[-1]
    )
    for row in rows:
        for_all = row.doctor_id is None and row.schedule_id is None
        for_doctor = row.doctor_id is not None and row.doctor_id == schedule.doctor_id
        if for_all or for_doctor or row.schedule_id == schedule.pk:
            found.setdefault(row.date, []).append(row)
    return found


def slots_between(
    schedule: Schedule,
    day: dt.date,
    opens: dt.time | None,
    closes: dt.time | None,
    *,
    now: dt.datetime,
) -> Iterator[Slot]:
    """Yield the slots of one stretch of hours, none when a wall time is missing that day."""
    if opens is None or closes is None:
        return
    zone = schedule.hospital.time_zone
    starts_at = clock.at_wall_time(day, opens, zone)
    end = clock.at_wall_time(day, closes, zone)
    length = dt.timedelta(minutes=schedule.slot_minutes)
    languages = (
        [spoken.code for spoken in schedule.doctor.languages.all()] if schedule.doctor else []
    )
    while starts_at and end and starts_at + length <= end:
        if starts_at > now:
            yield Slot(
                hospital_id=schedule.hospital_id,
                offer_id=schedule.offer_id,
                schedule=schedule,
                doctor_id=schedule.doctor_id,
                equipment_id=schedule.equipment_id,
                starts_at=starts_at,
                ends_at=starts_at + length,
                capacity=schedule.capacity,
                languages=languages or schedule.offer.languages,
                last_confirmed_at=now,
            )
        starts_at += length


def appointments_hit(exception: ScheduleException) -> list[Appointment]:
    """Return the live appointments that a closed day would hit, before it is saved."""
    return _standing_at(_slots_hit(exception).values_list("pk", flat=True))


def _standing_at(slot_ids: Iterable[int]) -> list[Appointment]:
    return list(
        Appointment.objects.filter(slot__in=slot_ids, state__in=OCCUPYING)
        .select_related("patient", "slot__offer__treatment")
        .order_by("slot__starts_at")
    )


def _slots_hit(exception: ScheduleException) -> QuerySet[Slot]:
    if exception.kind != ExceptionKind.CLOSED:
        return Slot.objects.none()
    start, end = clock.day_bounds(exception.date, exception.hospital.time_zone)
    slots = Slot.objects.filter(
        hospital=exception.hospital, starts_at__gte=start, starts_at__lt=end, withdrawn_at=None
    )
    if exception.doctor_id:
        slots = slots.filter(doctor_id=exception.doctor_id)
    if exception.schedule_id:
        slots = slots.filter(schedule_id=exception.schedule_id)
    return slots


def add_exception(
    exception: ScheduleException, *, by: User, now: dt.datetime | None = None
) -> list[Appointment]:
    """Save a closed day or extra hours and adjust the slots; returns the appointments it hits.

    Free slots of a closed day are withdrawn at once. Booked ones are withdrawn for new bookings
    too, but their appointments stay until somebody moves or cancels each: a person decides.
    """
    now = now or clock.now()
    with transaction.atomic():
        exception.save()
        # Locked before it is read who is hit: nobody can book in between.
        pks = [slot.pk for slot in lock_found(_slots_hit(exception))]
        Slot.objects.filter(pk__in=pks).update(withdrawn_at=now, outside_hours=True)
        hit = _standing_at(pks)
        history.record([history.exception_event(exception, by=by, at=now, slots=len(pks))])
        if exception.kind == ExceptionKind.EXTRA and exception.schedule:
            _open_extra(exception.schedule, exception, now=now)
    return hit


def _open_extra(schedule: Schedule, exception: ScheduleException, *, now: dt.datetime) -> None:
    """Make the extra times; one that was withdrawn before comes back, because a person says so."""
    extra = list(
        slots_between(schedule, exception.date, exception.starts_at, exception.ends_at, now=now)
    )
    Slot.objects.bulk_create(extra, ignore_conflicts=True)
    wanted = {slot.starts_at: slot for slot in extra}
    old = Slot.objects.filter(schedule=schedule, starts_at__in=wanted, withdrawn_at__isnull=False)
    for slot in lock_found(old):
        take_over(slot, wanted[slot.starts_at])


def take_over(slot: Slot, wanted: Slot) -> bool:
    """Give a locked slot what the working hours say, and put it on sale again.

    Never fewer places than are taken. False, and nothing changed, where the doctor or the room is
    at another time's disposal then.
    """
    for name in FROM_HOURS:
        setattr(slot, name, getattr(wanted, name))
    slot.capacity = max(slot.capacity, slot.booked)
    slot.withdrawn_at, slot.outside_hours = None, False
    try:
        with transaction.atomic():
            slot.save(update_fields=[*FROM_HOURS, "withdrawn_at", "outside_hours"])
    except IntegrityError:
        return False
    return True


def withdraw_slot(slot: Slot, *, by: User, now: dt.datetime | None = None) -> list[Appointment]:
    """Take a slot off sale; returns the appointments that a person now has to move or cancel."""
    now = now or clock.now()
    with transaction.atomic():
        fresh = lock_row(Slot.objects.all(), slot.pk)
        if fresh.withdrawn_at is None or fresh.outside_hours:
            # By hand now: changed hours do not bring it back.
            fresh.withdrawn_at, fresh.outside_hours = fresh.withdrawn_at or now, False
            fresh.save(update_fields=["withdrawn_at", "outside_hours"])
            history.record([history.slot_event(fresh, "withdraw", by=by, at=now)])
        return list(
            Appointment.objects.filter(slot=fresh, state__in=OCCUPYING).select_related("patient")
        )


def add_place(slot: Slot, *, by: User, reason: str, now: dt.datetime | None = None) -> Slot:
    """Add one place beyond the working hours' number, within the hospital's rule (BK-05).

    Whoever waits for it is served first (BK-11).
    Raises OverbookingRefused beyond `overbooking_places`, which is 0 unless the hospital sets it.
    """
    now = now or clock.now()
    with transaction.atomic():
        fresh = lock_row(Slot.objects.select_related("hospital", "schedule"), slot.pk)
        if fresh.withdrawn_at or fresh.starts_at <= now:
            raise SlotGone
        regular = fresh.schedule.capacity if fresh.schedule else fresh.capacity
        if fresh.capacity + 1 > regular + fresh.hospital.overbooking_places:
            raise OverbookingRefused
        fresh.capacity += 1
        fresh.save(update_fields=["capacity"])
        history.record([history.slot_event(fresh, "add_place", by=by, at=now, reason=reason)])
        waiting.offer_places({fresh.pk}, now=now)
    return fresh


def confirm_slots(hospital: Hospital, *, by: User, now: dt.datetime | None = None) -> int:
    """Note that the hospital vouches for all its future times now (M25); returns how many."""
    now = now or clock.now()
    with transaction.atomic():
        count = Slot.objects.filter(
            hospital=hospital, starts_at__gt=now, withdrawn_at=None, last_confirmed_at__lt=now
        ).update(last_confirmed_at=now)
        history.record([history.vouched_event(hospital, by=by, at=now, slots=count)])
    return count


def slots_out_of_step(slot_ids: Iterable[int] | None = None) -> list[int]:
    """Return slots whose counter differs from their live claims; always empty (RL-10)."""
    slots = Slot.objects.annotate(
        live=Count("appointments", filter=Q(appointments__state__in=OCCUPYING))
    )
    if slot_ids is not None:
        slots = slots.filter(pk__in=list(slot_ids))
    return list(slots.exclude(booked=F("live")).values_list("pk", flat=True))
