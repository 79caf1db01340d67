"""Rows of a hospital's desk, one fixture a thing, all at `hospital`."""

import datetime as dt

import pytest

from bookings.models import (
    Appointment,
    Case,
    Schedule,
    ScheduleException,
    Slot,
    WaitingEntry,
    WindowRequest,
)
from hospitals.models import Department, Doctor, Equipment, Interpreter, Offer
from payments.models import FinalBill, Quote
from tests.factories import (
    AppointmentFactory,
    DepartmentFactory,
    DoctorFactory,
    EquipmentFactory,
    InterpreterFactory,
    MembershipFactory,
    OfferFactory,
    ScheduleExceptionFactory,
    ScheduleFactory,
    SlotFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
)
from tests.factories.bookings import in_days
from tests.factories.quotes import accepted_quote, final_bill


@pytest.fixture(autouse=True)
def _admin_templates(lenient_templates):
    """Every page of the admin comes from templates that are not ours."""


@pytest.fixture
def staff_of(hospital):
    """Return a function that signs up somebody with a role at `hospital`."""

    def make(role):
        return MembershipFactory(hospital=hospital, role=role).user

    return make


@pytest.fixture
def offer(hospital) -> Offer:
    return OfferFactory(hospital=hospital)


@pytest.fixture
def department(hospital) -> Department:
    return DepartmentFactory(hospital=hospital)


@pytest.fixture
def doctor(hospital, department) -> Doctor:
    return DoctorFactory(hospital=hospital, department=department)


@pytest.fixture
def interpreter(hospital) -> Interpreter:
    return InterpreterFactory(hospital=hospital)


@pytest.fixture
def equipment(hospital) -> Equipment:
    return EquipmentFactory(hospital=hospital)


@pytest.fixture
def slot(offer) -> Slot:
    return SlotFactory(offer=offer, starts_at=in_days(1))


@pytest.fixture
def schedule(offer) -> Schedule:
    return ScheduleFactory(offer=offer)


@pytest.fixture
def closed_day(hospital) -> ScheduleException:
    return ScheduleExceptionFactory(hospital=hospital)


@pytest.fixture
def appointment(slot, patient) -> Appointment:
    return AppointmentFactory(slot=slot, patient=patient)


@pytest.fixture
def case(appointment) -> Case:
    return appointment.case


@pytest.fixture
def window_request(offer, patient) -> WindowRequest:
    return WindowRequestFactory(
        offer=offer,
        case__patient=patient,
        first_on=in_days(3).date(),
        last_on=in_days(5).date(),
        notes="I use a wheelchair",
    )


@pytest.fixture
def waiting_entry(offer, patient) -> WaitingEntry:
    return WaitingEntryFactory(offer=offer, patient=patient, booker=patient.account)


@pytest.fixture
def quote(case, operator) -> Quote:
    return accepted_quote(case, operator)


@pytest.fixture
def bill(quote, operator) -> FinalBill:
    return final_bill(quote, operator, {"Surgery": 3_000_000, "Wine": 7_000})


@pytest.fixture
def rows(
    appointment,
    case,
    window_request,
    waiting_entry,
    slot,
    schedule,
    closed_day,
    offer,
    doctor,
    interpreter,
    equipment,
    hospital,
    quote,
    bill,
) -> dict[str, object]:
    """Return one row of `hospital` for each page that hospital staff work with."""
    found = (
        appointment,
        case,
        window_request,
        waiting_entry,
        slot,
        schedule,
        closed_day,
        offer,
        doctor,
        interpreter,
        equipment,
        hospital,
        quote,
        bill,
    )
    return {row._meta.label_lower: row for row in found}


@pytest.fixture
def begun(offer, patient, frozen) -> Appointment:
    """Return a confirmed appointment that began half an hour ago."""
    slot = SlotFactory(offer=offer, starts_at=frozen - dt.timedelta(minutes=30))
    return AppointmentFactory(slot=slot, patient=patient)
