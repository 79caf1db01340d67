import datetime as dt

import pytest

from bookings.models import Slot
from bookings.refusals import OverbookingRefused
from bookings.selectors import availability
from bookings.services import slots
from medtour.lib import clock
from tests.factories import (
    AppointmentFactory,
    CalendarDayFactory,
    DoctorFactory,
    DoctorLanguageFactory,
    HospitalFactory,
    InterpreterFactory,
    OfferFactory,
    ScheduleExceptionFactory,
    ScheduleFactory,
    SlotFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NEXT_MONDAY = dt.date(2026, 11, 30)


def local_starts(zone="Asia/Shanghai"):
    return [
        f"{clock.local(slot.starts_at, zone):%m-%d %H:%M}"
        for slot in Slot.objects.filter(withdrawn_at=None).order_by("starts_at")
    ]


def test_slots_follow_the_weekly_hours_and_past_ones_are_not_made(frozen):
    ScheduleFactory(ends_at=dt.time(10, 30))

    assert slots.generate_slots(days=8) == 5

    assert local_starts() == [
        "11-23 09:30",
        "11-23 10:00",
        "11-30 09:00",
        "11-30 09:30",
        "11-30 10:00",
    ]


def test_generating_again_adds_only_new_days():
    ScheduleFactory()
    slots.generate_slots(days=8)
    made = Slot.objects.count()

    assert slots.generate_slots(days=8) == 0
    slots.generate_slots(days=15)

    assert Slot.objects.count() == made + 6


def test_holidays_close_and_days_in_exchange_follow_their_weekday():
    ScheduleFactory()
    CalendarDayFactory(date=NEXT_MONDAY)
    CalendarDayFactory(
        date=dt.date(2026, 11, 28), kind="working", name_en="Exchange", works_as_weekday=0
    )

    slots.generate_slots(days=8)

    days = {start[:5] for start in local_starts()}
    assert days == {"11-23", "11-28"}


def test_summer_time_does_not_shift_a_clinic():
    hospital = HospitalFactory(time_zone="Europe/London")
    offer = OfferFactory(hospital=hospital)
    ScheduleFactory(offer=offer, weekday=5, ends_at=dt.time(9, 30))

    with clock.freeze(dt.datetime(2027, 3, 26, 0, 0, tzinfo=dt.UTC)):
        slots.generate_slots(days=9)

    starts = list(Slot.objects.order_by("starts_at").values_list("starts_at", flat=True))
    assert [f"{start:%m-%d %H:%M}" for start in starts] == ["03-27 09:00", "04-03 08:00"]
    assert local_starts("Europe/London") == ["03-27 09:00", "04-03 09:00"]


@pytest.mark.parametrize(
    ("zone", "day", "wall", "exists"),
    [
        ("Europe/London", dt.date(2027, 3, 28), dt.time(1, 30), False),
        ("America/New_York", dt.date(2027, 3, 14), dt.time(2, 30), False),
        ("Australia/Lord_Howe", dt.date(2026, 10, 4), dt.time(2, 15), False),
        ("Asia/Kathmandu", dt.date(2027, 3, 28), dt.time(1, 30), True),
        ("Asia/Shanghai", dt.date(2027, 3, 28), dt.time(2, 30), True),
    ],
)
def test_wall_times_that_a_changeover_skips_do_not_exist(zone, day, wall, exists):
    assert (clock.at_wall_time(day, wall, zone) is not None) is exists


def test_a_doctor_is_never_in_two_slots_at_once():
    doctor = DoctorFactory()
    for _ in range(2):
        ScheduleFactory(offer=OfferFactory(hospital=doctor.hospital), doctor=doctor)

    slots.generate_slots(days=8)

    assert len(local_starts()) == len(set(local_starts())) == 11


def test_a_slot_speaks_the_doctors_languages():
    doctor = DoctorFactory()
    DoctorLanguageFactory(doctor=doctor, code="ru")
    ScheduleFactory(offer=OfferFactory(hospital=doctor.hospital), doctor=doctor)

    slots.generate_slots(days=8)

    assert {tuple(slot.languages) for slot in Slot.objects.all()} == {("ru",)}


def test_a_closed_day_withdraws_its_times_and_names_whom_it_hits(coordinator):
    schedule = ScheduleFactory()
    slots.generate_slots(days=8)
    slot = Slot.objects.order_by("starts_at").last()
    hit = AppointmentFactory(slot=slot)
    closed = ScheduleExceptionFactory.build(hospital=schedule.hospital, date=NEXT_MONDAY)

    assert slots.appointments_hit(closed) == [hit]
    assert slots.add_exception(closed, by=coordinator) == [hit]

    hit.refresh_from_db()
    assert hit.state == "confirmed"
    assert {start[:5] for start in local_starts()} == {"11-23"}
    slots.generate_slots(days=9)
    assert {start[:5] for start in local_starts()} == {"11-23"}


def test_extra_hours_add_times(coordinator):
    schedule = ScheduleFactory()
    extra = ScheduleExceptionFactory.build(
        hospital=schedule.hospital,
        schedule=schedule,
        date=dt.date(2026, 11, 25),
        kind="extra",
        starts_at=dt.time(14),
        ends_at=dt.time(15),
    )

    slots.add_exception(extra, by=coordinator)

    assert local_starts() == ["11-25 14:00", "11-25 14:30"]


def test_extra_places_need_the_hospitals_rule_and_leave_a_reason(coordinator):
    slot = SlotFactory(schedule=ScheduleFactory())
    with pytest.raises(OverbookingRefused):
        slots.add_place(slot, by=coordinator, reason="family")
    slot.hospital.overbooking_places = 1
    slot.hospital.save()

    assert slots.add_place(slot, by=coordinator, reason="family").capacity == 2

    with pytest.raises(OverbookingRefused):
        slots.add_place(slot, by=coordinator, reason="again")
    slot.refresh_from_db()
    assert slot.capacity == 2


def test_the_strip_counts_places_by_hospital_day():
    offer = OfferFactory()
    first = SlotFactory(offer=offer, capacity=3)
    AppointmentFactory(slot=first)
    AppointmentFactory(slot=SlotFactory(offer=offer, starts_at=first.starts_at + dt.timedelta(1)))
    day = clock.local(first.starts_at, "Asia/Shanghai").date()

    strip = availability.days_strip(offer, first=day, count=3)

    assert [(one.places, one.slots, one.is_full, one.is_closed) for one in strip] == [
        (2, 1, False, False),
        (0, 1, True, False),
        (0, 0, False, True),
    ]


def test_times_are_shown_only_when_somebody_free_speaks_the_language():
    slot = SlotFactory(languages=["zh-hans"])
    day = clock.local(slot.starts_at, "Asia/Shanghai").date()
    interpreter = InterpreterFactory(hospital=slot.hospital, languages=["ru"])

    assert availability.slots_of_day(slot.offer, day=day, language="ru") == [slot]
    AppointmentFactory(
        slot=SlotFactory(starts_at=slot.starts_at), interpreter=interpreter, language="ru"
    )
    assert availability.slots_of_day(slot.offer, day=day, language="ru") == []
    assert availability.slots_of_day(slot.offer, day=day, language="zh-hans") == [slot]


def test_stale_and_withdrawn_times_vanish():
    offer = OfferFactory()
    SlotFactory(offer=offer, last_confirmed_at=clock.now() - dt.timedelta(days=15))
    SlotFactory(offer=offer, withdrawn=True)

    assert availability.next_openings([offer.pk]) == {}


def test_the_next_opening_of_many_offers_takes_one_query(django_assert_num_queries):
    late = SlotFactory()
    offers = [late.offer_id]
    soon = SlotFactory(offer=late.offer, starts_at=late.starts_at - dt.timedelta(hours=1))
    AppointmentFactory(
        slot=SlotFactory(offer=late.offer, starts_at=late.starts_at - dt.timedelta(hours=2))
    )
    offers += [SlotFactory().offer_id for _ in range(2)]

    with django_assert_num_queries(1):
        found = availability.next_openings(offers)

    assert set(found) == set(offers)
    assert (found[late.offer_id].starts_at, found[late.offer_id].slot_public_id) == (
        soon.starts_at,
        soon.public_id,
    )
