"""Races for places on real PostgreSQL connections, each with a control that shows the race."""

import datetime as dt
import threading
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction

from bookings.models import Appointment, Slot
from bookings.services import appointments, claims, holds, release, waiting
from bookings.services.moves import move_appointment
from bookings.services.slots import generate_slots, slots_out_of_step
from medtour.lib import clock
from tests.factories import (
    AppointmentFactory,
    InterpreterFactory,
    OfferFactory,
    PatientFactory,
    ScheduleFactory,
    SlotFactory,
)
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def hold(slot_pk: int, number: int, **kwargs):
    slot = Slot.objects.select_related("offer").get(pk=slot_pk)
    return holds.place_hold(
        slot, holder=holds.Holder(f"visitor:{number}"), **{"language": "en", **kwargs}
    )


def booked(slot: Slot) -> tuple[int, int]:
    slot.refresh_from_db()
    live = Appointment.objects.filter(slot=slot, state__in=("held", "confirmed")).count()
    return slot.booked, live


@pytest.mark.parametrize("capacity", [1, 5])
def test_many_want_the_last_places(capacity):
    slot = SlotFactory(capacity=capacity)

    results = together(24, lambda number: hold(slot.pk, number))

    assert tally(results) == {"Appointment": capacity, "SlotFull": 24 - capacity}
    assert booked(slot) == (capacity, capacity)


def test_a_stale_hold_is_taken_over_by_exactly_one():
    slot = SlotFactory()
    AppointmentFactory(held=True, slot=slot, held_until=clock.now() - dt.timedelta(seconds=1))

    results = together(12, lambda number: hold(slot.pk, number))

    assert tally(results) == {"Appointment": 1, "SlotFull": 11}
    assert booked(slot) == (1, 1)


def test_without_the_lock_the_constraint_still_lets_one_win(monkeypatch):
    """Negative control: the row lock taken away, losers must meet the database's own refusal."""
    slot = SlotFactory()
    AppointmentFactory(held=True, slot=slot, held_until=clock.now() - dt.timedelta(seconds=1))
    met: list[str] = []
    refusal_of = claims.refusal_of
    # All stand where the lock would be before one goes on, however busy the machine is.
    unlocked = threading.Barrier(12)

    def nothing_locked(pks, **_facts):
        unlocked.wait(60)
        return dict.fromkeys(pks, slot)

    def noted(error):
        met.append(error.__cause__.diag.constraint_name)
        return refusal_of(error)

    monkeypatch.setattr(release, "lock_slots", nothing_locked)
    monkeypatch.setattr(claims, "refusal_of", noted)

    results = together(12, lambda number: hold(slot.pk, number))

    assert tally(results) == {"Appointment": 1, "SlotFull": 11}
    assert set(met) == {"bookings_slot_has_a_place"}
    assert len(met) == 11
    assert booked(slot) == (1, 1)


@contextmanager
def places_uncounted():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bookings_appointment DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE bookings_appointment ENABLE TRIGGER USER")


def test_checking_first_and_inserting_then_oversells():
    """Control: the toy recipe without lock and trigger sells one place many times."""
    slot = SlotFactory(capacity=1)
    looked = threading.Barrier(8)

    def check_then_insert(number: int):
        with transaction.atomic():
            taken = Appointment.objects.filter(slot=slot, state="held").count()
            looked.wait(20)
            if taken < slot.capacity:
                return Appointment.objects.create(
                    hospital_id=slot.hospital_id,
                    slot=slot,
                    state="held",
                    held_until=clock.now(),
                    holder_key=f"visitor:{number}",
                )
        return None

    with places_uncounted():
        results = together(8, check_then_insert)

    assert tally(results) == {"Appointment": 8}


def test_one_person_wins_one_of_two_overlapping_times():
    person = PatientFactory()
    first = SlotFactory()
    second = SlotFactory(starts_at=first.starts_at + dt.timedelta(minutes=15))

    def book(number: int):
        slot = Slot.objects.select_related("offer").get(pk=(first.pk, second.pk)[number % 2])
        return appointments.book_slot(slot, patient=person, by=person.account, language="en")

    results = tally(together(8, book))

    assert results.pop("Appointment") == 1
    assert set(results) <= {"AlreadyBooked", "SlotFull"}
    assert sum(Slot.objects.values_list("booked", flat=True)) == 1


def test_one_interpreter_is_never_in_two_rooms():
    first = SlotFactory(languages=["zh-hans"], capacity=4)
    second = SlotFactory(
        languages=["zh-hans"],
        capacity=4,
        offer=OfferFactory(hospital=first.hospital),
        starts_at=first.starts_at,
    )
    InterpreterFactory(hospital=first.hospital, languages=["ru"])

    results = together(
        8, lambda number: hold((first.pk, second.pk)[number % 2], number, language="ru")
    )

    assert tally(results) == {"Appointment": 1, "InterpreterTaken": 7}
    assert slots_out_of_step() == []


def test_a_double_click_makes_one_hold():
    slot = SlotFactory(capacity=3)

    def click(_number: int):
        fresh = Slot.objects.select_related("offer").get(pk=slot.pk)
        return holds.place_hold(
            fresh, holder=holds.Holder("visitor:same"), language="en", idempotency_key="one form"
        )

    results = together(8, click)

    assert len({result.pk for result in results}) == 1
    assert booked(slot) == (1, 1)


def test_opposite_moves_do_not_deadlock_and_nothing_is_lost():
    offer = OfferFactory()
    slots = [
        SlotFactory(
            offer=offer, capacity=2, starts_at=SlotFactory().starts_at + dt.timedelta(hours=hour)
        )
        for hour in (1, 2)
    ]
    rows = [AppointmentFactory(slot=slots[number % 2]) for number in range(2)]

    def swap(number: int):
        row = Appointment.objects.select_related("booker").get(pk=rows[number].pk)
        target = Slot.objects.get(pk=slots[(number + 1) % 2].pk)
        return move_appointment(
            row, to_slot=target, by=row.booker, actor="patient", version=row.version
        )

    results = together(2, swap)

    assert tally(results) == {"Appointment": 2}
    assert [Slot.objects.get(pk=slot.pk).booked for slot in slots] == [1, 1]
    assert slots_out_of_step() == []


def test_a_freed_place_goes_to_the_line_while_others_grab_for_it():
    taken = AppointmentFactory()
    offer = taken.slot.offer
    first = waiting.join_waiting_list(
        offer,
        patient=PatientFactory(),
        by=PatientFactory().account,
        first_on=clock.today("Asia/Shanghai"),
        last_on=clock.today("Asia/Shanghai") + dt.timedelta(days=30),
        language="en",
    )

    def grab_or_cancel(number: int):
        if number == 0:
            return appointments.cancel_appointment(
                taken, by=taken.booker, actor="patient", version=1
            )
        return hold(taken.slot_id, number)

    results = together(10, grab_or_cancel)

    assert tally(results) == {"Appointment": 1, "SlotFull": 9}
    offered = Appointment.objects.get(slot=taken.slot, state="offered")
    assert offered.waiting_entry == first


def test_slots_are_generated_once_by_many_at_once():
    ScheduleFactory()

    together(4, lambda _number: generate_slots(days=28))

    assert Slot.objects.count() == 24
    slot = Slot.objects.first()
    slot.pk, slot.public_id = None, "another"
    with pytest.raises(IntegrityError):
        slot.save(force_insert=True)
