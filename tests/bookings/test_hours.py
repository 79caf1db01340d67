"""Changed working hours: what stays on sale, what goes, and who keeps a place."""

import datetime as dt

import pytest

from bookings.models import CaseEvent, Slot
from bookings.services import hours, slots
from medtour.lib import clock
from tests.factories import (
    AppointmentFactory,
    DoctorFactory,
    OfferFactory,
    ScheduleExceptionFactory,
    ScheduleFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NEXT_MONDAY = dt.date(2026, 11, 30)


@pytest.fixture
def schedule():
    """09:00 and 09:30 on Mondays, of which one today and two next Monday are ahead."""
    made = ScheduleFactory(ends_at=dt.time(10))
    slots.generate_slots(days=8)
    return made


def on_sale(day="11-30"):
    found = Slot.objects.filter(is_open=True).order_by("starts_at")
    starts = [f"{clock.local(slot.starts_at, 'Asia/Shanghai'):%m-%d %H:%M}" for slot in found]
    return [start.split()[1] for start in starts if start.startswith(day)]


def last_slot():
    return Slot.objects.order_by("starts_at").last()


def test_a_time_that_somebody_once_held_is_on_sale_after_the_hours_are_saved(schedule):
    held = last_slot()
    AppointmentFactory(expired=True, slot=held)

    count = hours.change_hours(schedule)

    assert on_sale() == ["09:00", "09:30"]
    assert count == Slot.objects.filter(is_open=True).count()
    assert Slot.objects.get(pk=held.pk).withdrawn_at is None


def test_times_keep_their_addresses_when_the_hours_are_saved(schedule):
    before = set(Slot.objects.values_list("public_id", flat=True))

    hours.change_hours(schedule)

    assert before <= set(Slot.objects.values_list("public_id", flat=True))


def test_a_time_once_held_follows_the_new_doctor_and_places(schedule):
    held = last_slot()
    AppointmentFactory(expired=True, slot=held)
    schedule.capacity, schedule.doctor = 3, DoctorFactory(hospital=schedule.hospital)
    schedule.save()

    hours.change_hours(schedule)

    held.refresh_from_db()
    assert (held.capacity, held.doctor_id, held.is_open) == (3, schedule.doctor_id, True)


def test_hours_that_come_back_bring_their_times_back(schedule):
    AppointmentFactory(expired=True, slot=last_slot())
    schedule.ends_at = dt.time(9, 30)
    schedule.save()
    hours.change_hours(schedule)
    assert on_sale() == ["09:00"]
    schedule.ends_at = dt.time(10)
    schedule.save()

    hours.change_hours(schedule)

    assert on_sale() == ["09:00", "09:30"]


def test_what_staff_withdrew_by_hand_stays_withdrawn(schedule, coordinator):
    slots.withdraw_slot(last_slot(), by=coordinator)

    hours.change_hours(schedule)

    assert on_sale() == ["09:00"]


def test_extra_hours_open_a_closed_day_again_also_where_somebody_held_a_time(schedule, coordinator):
    AppointmentFactory(expired=True, slot=last_slot())
    hospital = schedule.hospital
    closed = ScheduleExceptionFactory.build(hospital=hospital, date=NEXT_MONDAY)
    slots.add_exception(closed, by=coordinator)
    assert on_sale() == []
    extra = ScheduleExceptionFactory.build(
        hospital=hospital,
        schedule=schedule,
        date=NEXT_MONDAY,
        kind="extra",
        starts_at=dt.time(9),
        ends_at=dt.time(10),
    )

    slots.add_exception(extra, by=coordinator)

    assert on_sale() == ["09:00", "09:30"]


def test_changed_hours_replace_free_times_and_keep_booked_ones(schedule):
    booked = AppointmentFactory(slot=last_slot())
    schedule.starts_at, schedule.ends_at = dt.time(14), dt.time(15)
    schedule.save()

    hours.change_hours(schedule)

    booked.refresh_from_db()
    assert (booked.state, booked.slot.booked) == ("confirmed", 1)
    assert on_sale() == ["14:00", "14:30"]
    assert not Slot.objects.filter(starts_at=booked.slot.starts_at - dt.timedelta(minutes=30))


@pytest.fixture
def shared_hours():
    """Three places at each time; one place of the last time is taken."""
    schedule = ScheduleFactory(ends_at=dt.time(10), capacity=3)
    slots.generate_slots(days=8)
    return schedule, AppointmentFactory(slot=last_slot())


def test_places_left_outside_the_new_hours_are_not_sold(shared_hours):
    schedule, booked = shared_hours
    schedule.starts_at, schedule.ends_at = dt.time(14), dt.time(15)
    schedule.save()

    hours.change_hours(schedule)

    booked.refresh_from_db()
    assert (booked.state, booked.slot.is_open) == ("confirmed", False)
    assert on_sale() == ["14:00", "14:30"]
    assert list(hours.outside_hours(schedule)) == [booked]


def test_hours_switched_off_sell_nothing(shared_hours):
    schedule, booked = shared_hours
    schedule.is_active = False
    schedule.save()

    assert hours.change_hours(schedule) == 0

    assert Slot.objects.filter(is_open=True).count() == 0
    assert list(hours.outside_hours(schedule)) == [booked]


def test_fewer_places_never_drop_below_those_taken(shared_hours):
    schedule, booked = shared_hours
    AppointmentFactory(slot=booked.slot)
    schedule.capacity = 1
    schedule.save()

    hours.change_hours(schedule)

    booked.slot.refresh_from_db()
    assert (booked.slot.capacity, booked.slot.booked, booked.slot.is_open) == (2, 2, False)


def test_a_new_time_never_lies_over_a_patient_of_the_old_hours():
    doctor = DoctorFactory()
    schedule = ScheduleFactory(
        offer=OfferFactory(hospital=doctor.hospital), doctor=doctor, ends_at=dt.time(10)
    )
    slots.generate_slots(days=8)
    booked = AppointmentFactory(slot=last_slot())
    schedule.slot_minutes = 60
    schedule.save()

    hours.change_hours(schedule)

    booked.refresh_from_db()
    assert booked.slot.withdrawn_at is not None
    assert on_sale() == []
    assert on_sale("12-07") == ["09:00"]


def test_who_closed_a_day_withdrew_a_time_or_vouched_is_written_down(schedule, coordinator):
    closed = ScheduleExceptionFactory.build(
        hospital=schedule.hospital, date=NEXT_MONDAY, reason="Moving house"
    )
    slots.add_exception(closed, by=coordinator)
    slots.withdraw_slot(Slot.objects.order_by("starts_at").first(), by=coordinator)
    slots.confirm_slots(schedule.hospital, by=coordinator)

    lines = CaseEvent.objects.order_by("pk")
    assert [(line.action, line.by) for line in lines] == [
        ("day_closed", coordinator),
        ("withdraw", coordinator),
        ("vouch", coordinator),
    ]
    assert lines[0].details == {"exception": closed.pk, "date": "2026-11-30", "slots": 2}
    assert lines[0].reason == "Moving house"
