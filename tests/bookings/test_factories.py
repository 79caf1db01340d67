"""The factories make what their names say; every other test leans on them."""

import datetime as dt

import pytest

from bookings.transitions import AppointmentState
from medtour.lib import clock
from tests import factories
from tests.factories import AppointmentFactory, DoctorFactory, OfferFactory, SlotFactory

STATES = [
    "confirmed",
    "arrived",
    "completed",
    "no_show",
    "cancelled",
    "expired",
    "declined",
    "awaiting_payment",
    "offered",
    "held",
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(set(factories.__all__) - {"CalendarDayFactory"}))
def test_each_factory_makes_a_row_twice(name):
    factory = getattr(factories, name)
    first, second = factory(), factory()
    assert first.pk != second.pk


@pytest.mark.django_db
@pytest.mark.parametrize("state", STATES)
def test_an_appointment_occupies_a_place_only_while_it_is_alive(state, frozen):
    appointment = AppointmentFactory(**{state: True})
    occupies = state in {
        AppointmentState.CONFIRMED,
        AppointmentState.ARRIVED,
        AppointmentState.AWAITING_PAYMENT,
        AppointmentState.OFFERED,
        AppointmentState.HELD,
    }
    assert appointment.state == state
    assert appointment.slot.booked == int(occupies)
    assert appointment.slot.is_open is not occupies


@pytest.mark.django_db
def test_a_hold_has_no_patient_yet(frozen):
    hold = AppointmentFactory(held=True)
    assert (hold.patient, hold.case, hold.booker) == (None, None, None)
    assert hold.held_until == frozen + dt.timedelta(minutes=15)


@pytest.mark.django_db
def test_a_slot_starts_at_nine_in_the_hospital_a_week_from_now(frozen):
    slot = SlotFactory()
    assert slot.starts_at == dt.datetime(2026, 11, 30, 1, 0, tzinfo=dt.UTC)
    assert clock.local(slot.starts_at, "Asia/Shanghai").hour == 9


@pytest.mark.django_db
def test_an_offer_has_one_price_and_a_doctor_works_where_the_department_is():
    offer = OfferFactory()
    doctor = DoctorFactory()
    assert offer.price_lines.count() == 1
    assert OfferFactory(unpriced=True).price_lines.count() == 0
    assert doctor.department.hospital_id == doctor.hospital_id


@pytest.mark.django_db
def test_people_are_different_persons(patient, stranger, coordinator, other_coordinator, officer):
    people = {patient.account, stranger, coordinator, other_coordinator, officer}
    assert len(people) == 5
    assert coordinator.hospital_memberships.get().hospital.slug == "first-hospital"
    assert other_coordinator.hospital_memberships.get().hospital.slug == "second-hospital"
