"""What becomes of a time whose appointment ends: passed on, withdrawn, or lapsed unpaid."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import Appointment, Case
from bookings.refusals import SlotFull, SlotGone, StaleVersion
from bookings.services import appointments, holds
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from messaging.models import Message
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, WaitingEntryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def booked(hospital):
    return AppointmentFactory(slot__offer__hospital=hospital)


@pytest.fixture
def waiting(booked):
    return WaitingEntryFactory(
        offer=booked.slot.offer, last_on=clock.today("Asia/Shanghai") + dt.timedelta(days=30)
    )


def cancel(appointment, by, **more):
    return appointments.cancel_appointment(
        appointment, by=by, actor="hospital", **{"version": 1, "reason": "doctor ill", **more}
    )


def messages():
    return sorted(Message.objects.values_list("kind", "dedupe_key"))


def test_a_time_the_hospital_can_still_use_goes_to_the_waiting_list(booked, waiting, coordinator):
    cancel(booked, coordinator, time_stays_usable=True)

    booked.slot.refresh_from_db()
    offered = Appointment.objects.get(state="offered")
    assert (booked.slot.withdrawn_at, booked.slot.booked) == (None, 1)
    assert offered.waiting_entry == waiting
    assert list(booked.events.values_list("action", "before", "after", "reason")) == [
        ("cancel", "confirmed", "cancelled", "doctor ill")
    ]


def test_a_time_without_a_doctor_goes_to_nobody(booked, waiting, coordinator, frozen):
    cancel(booked, coordinator, time_stays_usable=False)

    booked.slot.refresh_from_db()
    waiting.refresh_from_db()
    assert (booked.slot.withdrawn_at, booked.slot.booked) == (frozen, 0)
    assert (waiting.state, Appointment.objects.count()) == ("waiting", 1)
    assert list(booked.events.values_list("action", "before", "after", "actor", "reason")) == [
        ("cancel", "confirmed", "cancelled", "hospital", "doctor ill"),
        ("withdraw_time", "cancelled", "cancelled", "hospital", "doctor ill"),
    ]
    with pytest.raises(SlotGone):
        holds.place_hold(booked.slot, holder=holds.Holder("visitor:quick"), language="en")


def test_a_refused_cancellation_withdraws_no_time(booked, coordinator):
    before = snapshot()

    with pytest.raises(StaleVersion):
        cancel(booked, coordinator, version=7, time_stays_usable=False)

    assert snapshot() == before


def test_a_deposit_that_did_not_come_is_told_of_once(hospital, frozen):
    unpaid = AppointmentFactory(slot__offer__hospital=hospital, awaiting_payment=True)
    with clock.freeze(frozen + dt.timedelta(minutes=35)):
        assert (expire_stale_holds(), expire_stale_holds()) == (1, 0)

    unpaid.refresh_from_db()
    unpaid.slot.refresh_from_db()
    assert (unpaid.state, unpaid.slot.booked) == ("expired", 0)
    assert Case.objects.get(pk=unpaid.case_id).state == "withdrawn"
    assert messages() == [
        ("bookings.deposit_lapsed", f"bookings.deposit_lapsed:{unpaid.public_id}")
    ]
    assert Message.objects.get().recipient == unpaid.booker


def test_a_sweep_reads_who_booked_once_for_all(hospital, frozen):
    for _number in range(3):
        AppointmentFactory(slot__offer__hospital=hospital, awaiting_payment=True)
    with (
        clock.freeze(frozen + dt.timedelta(minutes=35)),
        CaptureQueriesContext(connection) as asked,
    ):
        assert expire_stale_holds() == 3
    alone = [q for q in asked if q["sql"].startswith('SELECT "accounts_user"')]
    assert alone == []


def test_a_hold_that_lapses_is_not_written_about(hospital, frozen):
    AppointmentFactory(slot__offer__hospital=hospital, held=True)
    with clock.freeze(frozen + dt.timedelta(minutes=15)):
        assert expire_stale_holds() == 1
    assert messages() == []


def test_a_deposit_in_time_keeps_the_place(hospital, frozen):
    unpaid = AppointmentFactory(slot__offer__hospital=hospital, awaiting_payment=True)
    with clock.freeze(frozen + dt.timedelta(minutes=34)):
        assert expire_stale_holds() == 0
        with pytest.raises(SlotFull):
            holds.place_hold(unpaid.slot, holder=holds.Holder("visitor:quick"), language="en")
    assert messages() == []
