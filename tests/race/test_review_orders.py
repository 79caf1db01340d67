"""Symptoms found by reading: locks in no order, and rows that vanish between reading and locking."""

import threading
import time

import pytest
from django.db import connection, transaction

from bookings.models import Appointment, Slot
from bookings.refusals import SlotGone
from bookings.services import holds, moves
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from medtour.lib.locks import lock_row
from tests.factories import AppointmentFactory, SlotFactory
from tests.factories.bookings import in_days

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_waits() -> bool:
    """Tell whether a connection waits for a lock in this database; others test beside us."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT held.pid"
            " FROM pg_locks held JOIN pg_database ON held.database = pg_database.oid"
            " WHERE datname = current_database())"
        )
        return cursor.fetchone()[0] > 0


def test_ending_many_holds_locks_their_slots_in_order_and_cannot_deadlock():
    first = SlotFactory()
    second = SlotFactory(offer=first.offer, starts_at=in_days(8))
    for slot in (second, first):
        AppointmentFactory(held=True, slot=slot, held_until=clock.now())
    first_taken, ended = threading.Event(), []

    def sweep():
        first_taken.wait(10)
        try:
            ended.append(expire_stale_holds())
        except Exception as error:
            ended.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=sweep)
    thread.start()
    with transaction.atomic():
        lock_row(Slot.objects.all(), first.pk)
        first_taken.set()
        patience = time.monotonic() + 10
        while not somebody_waits() and time.monotonic() < patience:
            pass
        lock_row(Slot.objects.all(), second.pk)
    thread.join()
    assert ended == [2]


def test_holding_a_time_that_was_just_deleted_is_refused():
    slot = SlotFactory()
    Slot.objects.filter(pk=slot.pk).delete()
    with pytest.raises(SlotGone):
        holds.place_hold(slot, holder=holds.Holder("visitor:a"), language="en")
    assert not Appointment.objects.exists()


def test_moving_to_a_time_that_was_just_deleted_is_refused():
    kept = AppointmentFactory()
    target = SlotFactory(offer=kept.slot.offer, starts_at=in_days(9))
    Slot.objects.filter(pk=target.pk).delete()
    with pytest.raises(SlotGone):
        moves.move_appointment(
            kept, to_slot=target, by=kept.booker, actor="patient", version=kept.version
        )
    kept.refresh_from_db()
    assert (kept.state, kept.version) == ("confirmed", 1)
