"""Supply of time and claims on it, for tests.

Instants follow `medtour.lib.clock`, so a test that freezes the clock gets exact values. Slots carry
no doctor unless a test gives one, because a doctor cannot be in two slots at once.
"""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from bookings import models, policies
from bookings.models.case import CaseStateChoice
from bookings.models.schedule import CalendarDayKind, ExceptionKind
from bookings.transitions import AppointmentState
from medtour.lib import clock
from tests.factories.accounts import PatientFactory, UserFactory
from tests.factories.hospitals import HospitalFactory, OfferFactory, TreatmentFactory

HOSPITAL_ZONE = "Asia/Shanghai"


def in_days(days: int, hour: int = 9, minute: int = 0) -> dt.datetime:
    """Return an instant so many days from now, at a wall time in the hospitals' zone."""
    day = clock.today(HOSPITAL_ZONE) + dt.timedelta(days=days)
    return clock.at_wall_time(day, dt.time(hour, minute), HOSPITAL_ZONE)


class ScheduleFactory(DjangoModelFactory):
    """Mondays 09:00 to 12:00 in half hours, one place each."""

    class Meta:
        model = models.Schedule

    offer = factory.SubFactory(OfferFactory)
    hospital = factory.SelfAttribute("offer.hospital")
    weekday = 0
    starts_at = dt.time(9)
    ends_at = dt.time(12)
    slot_minutes = 30
    capacity = 1


class ScheduleExceptionFactory(DjangoModelFactory):
    class Meta:
        model = models.ScheduleException

    hospital = factory.SubFactory(HospitalFactory)
    date = factory.LazyFunction(lambda: in_days(7).date())
    kind = ExceptionKind.CLOSED
    reason = "Test closure"


class CalendarDayFactory(DjangoModelFactory):
    class Meta:
        model = models.CalendarDay

    date = factory.LazyFunction(lambda: in_days(7).date())
    kind = CalendarDayKind.HOLIDAY
    name_en = "Test holiday"
    source = "Test source"
    as_of = "2026"


class SlotFactory(DjangoModelFactory):
    """One open place of half an hour, seven days from now at 09:00 hospital time."""

    class Meta:
        model = models.Slot

    class Params:
        withdrawn = factory.Trait(withdrawn_at=factory.LazyFunction(clock.now))

    offer = factory.SubFactory(OfferFactory)
    hospital = factory.SelfAttribute("offer.hospital")
    starts_at = factory.LazyFunction(lambda: in_days(7))
    ends_at = factory.LazyAttribute(lambda slot: slot.starts_at + dt.timedelta(minutes=30))
    capacity = 1
    languages = factory.LazyAttribute(lambda slot: list(slot.offer.languages))


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = models.Case

    patient = factory.SubFactory(PatientFactory)
    hospital = factory.SubFactory(HospitalFactory)
    treatment = factory.SubFactory(TreatmentFactory)
    state = CaseStateChoice.SCHEDULED
    opened_by = factory.SelfAttribute("patient.account")


def _ended(state: str) -> factory.Trait:
    return factory.Trait(state=state, ended_by="patient")


class AppointmentFactory(DjangoModelFactory):
    """A confirmed appointment of a patient; a trait gives another state.

    `held=True` is a visitor's hold that runs out in 15 minutes; `offered=True` is a time that
    the hospital offers. The row's `period` and the slot's `booked` come from the database's trigger
    and are read back.
    """

    class Meta:
        model = models.Appointment

    class Params:
        confirmed = factory.Trait(state=AppointmentState.CONFIRMED)
        arrived = factory.Trait(state=AppointmentState.ARRIVED)
        completed = factory.Trait(state=AppointmentState.COMPLETED)
        no_show = factory.Trait(state=AppointmentState.NO_SHOW)
        cancelled = _ended(AppointmentState.CANCELLED)
        expired = factory.Trait(state=AppointmentState.EXPIRED, ended_by="system")
        declined = _ended(AppointmentState.DECLINED)
        awaiting_payment = factory.Trait(
            state=AppointmentState.AWAITING_PAYMENT,
            held_until=factory.LazyFunction(lambda: clock.now() + policies.PAYMENT_HOLD),
        )
        offered = factory.Trait(
            state=AppointmentState.OFFERED,
            held_until=factory.LazyFunction(lambda: clock.now() + policies.OFFERED_TIME_HOLD),
            confirmed_at=None,
        )
        held = factory.Trait(
            state=AppointmentState.HELD,
            held_until=factory.LazyFunction(lambda: clock.now() + policies.HOLD),
            holder_key=factory.Sequence(lambda n: f"visitor:test{n}"),
            patient=None,
            case=None,
            booker=None,
            confirmed_at=None,
        )

    slot = factory.SubFactory(SlotFactory)
    hospital = factory.SelfAttribute("slot.hospital")
    state = AppointmentState.CONFIRMED
    patient = factory.SubFactory(PatientFactory)
    booker = factory.SelfAttribute("patient.account")
    case = factory.SubFactory(
        CaseFactory,
        patient=factory.SelfAttribute("..patient"),
        hospital=factory.SelfAttribute("..hospital"),
        treatment=factory.SelfAttribute("..slot.offer.treatment"),
    )
    holder_key = factory.LazyAttribute(lambda appointment: f"user:{appointment.booker.pk}")
    language = "en"
    confirmed_at = factory.LazyFunction(clock.now)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        appointment = super()._create(model_class, *args, **kwargs)
        appointment.refresh_from_db(fields=["period"])
        appointment.slot.refresh_from_db(fields=["booked", "is_open"])
        return appointment


class WindowRequestFactory(DjangoModelFactory):
    class Meta:
        model = models.WindowRequest

    offer = factory.SubFactory(OfferFactory, window=True)
    case = factory.SubFactory(
        CaseFactory,
        hospital=factory.SelfAttribute("..offer.hospital"),
        treatment=factory.SelfAttribute("..offer.treatment"),
        state=CaseStateChoice.SUBMITTED,
    )
    booker = factory.SelfAttribute("case.patient.account")
    first_on = factory.LazyFunction(lambda: in_days(14).date())
    last_on = factory.LazyFunction(lambda: in_days(21).date())
    language = "en"
    answer_by = factory.LazyFunction(lambda: in_days(2, 17))
    idempotency_key = factory.Sequence(lambda n: f"request-{n}")


class WaitingEntryFactory(DjangoModelFactory):
    class Meta:
        model = models.WaitingEntry

    offer = factory.SubFactory(OfferFactory)
    booker = factory.SubFactory(UserFactory)
    patient = factory.SubFactory(PatientFactory, account=factory.SelfAttribute("..booker"))
    first_on = factory.LazyFunction(lambda: in_days(1).date())
    last_on = factory.LazyFunction(lambda: in_days(30).date())
    language = "en"
