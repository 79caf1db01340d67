"""Two people move at once while each one's stale claim stands where the other moves (house 1.4)."""

import datetime as dt
import threading
from contextlib import suppress

import pytest

from bookings.models import Appointment
from bookings.services import expiry, release
from bookings.services.moves import move_appointment
from medtour.lib import clock
from medtour.lib.locks import lock_rows
from tests.factories import AppointmentFactory, OfferFactory, PatientFactory, SlotFactory
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
HOUR = dt.timedelta(hours=1)
A_MOMENT = 1


def booked_with_a_stale_claim(offer, stale_at):
    """Return a confirmed appointment and the time to move to, which overlaps the stale claim."""
    patient = PatientFactory()
    begins = clock.now() + dt.timedelta(days=9)
    appointment = AppointmentFactory(
        patient=patient, slot=SlotFactory(offer=offer, starts_at=begins)
    )
    AppointmentFactory(
        awaiting_payment=True,
        confirmed_at=None,
        patient=patient,
        slot=stale_at,
        held_until=clock.now() - HOUR,
    )
    return appointment


@pytest.fixture
def movers(monkeypatch):
    """Return what moves both at once; each waits a moment for the other behind its locks."""
    offer = OfferFactory()
    later = clock.now() + dt.timedelta(days=10)
    targets = [SlotFactory(offer=offer, starts_at=later, capacity=9) for _number in range(2)]
    booked = [booked_with_a_stale_claim(offer, stale_at) for stale_at in (targets[1], targets[0])]
    barrier, expire = threading.Barrier(2), expiry.expire

    def late(*args, **facts):
        with suppress(threading.BrokenBarrierError):
            barrier.wait(A_MOMENT)
        return expire(*args, **facts)

    def move(number):
        appointment = Appointment.objects.get(pk=booked[number].pk)
        return move_appointment(
            appointment,
            to_slot=targets[number],
            by=appointment.booker,
            actor="patient",
            version=appointment.version,
        )

    monkeypatch.setattr(expiry, "expire", late)
    return lambda: tally(together(2, move))


def test_both_move(movers):
    assert movers() == {"Appointment": 2}
    assert Appointment.objects.filter(state="expired").count() == 2


def test_with_only_their_own_times_locked_one_is_sent_away(movers, monkeypatch):
    """Negative control: each waits for the other's time, or finds a claim the other is ending."""

    def only_own(pks, **_facts):
        return {slot.pk: slot for slot in lock_rows(release.Slot.objects.all(), pks)}

    monkeypatch.setattr(release, "lock_slots", only_own)
    assert movers().get("Appointment", 0) < 2
