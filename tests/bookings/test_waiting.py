import datetime as dt

import pytest

from bookings.models import Appointment, WaitingEntry
from bookings.refusals import AlreadyWaiting, HoldExpired, PlacesAreFree, SlotFull
from bookings.services import appointments, holds, waiting
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from messaging.models import Message
from tests.bookings.snapshot import snapshot
from tests.factories import (
    AppointmentFactory,
    ConsentFactory,
    InterpreterFactory,
    OfferFactory,
    PatientFactory,
    SlotFactory,
    WaitingEntryFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def full():
    return AppointmentFactory()


def join(offer, patient, **kwargs):
    today = clock.today("Asia/Shanghai")
    return waiting.join_waiting_list(
        offer,
        patient=patient,
        by=patient.account,
        **{"first_on": today, "last_on": today + 30 * DAY, "language": "en", **kwargs},
    )


def cancel(appointment):
    return appointments.cancel_appointment(
        appointment, by=appointment.booker, actor="patient", version=appointment.version
    )


def offers_made():
    return list(
        Appointment.objects.filter(state="offered")
        .order_by("pk")
        .values_list("patient", "waiting_entry", "held_until")
    )


def test_joining_is_refused_while_places_are_free(patient):
    slot = SlotFactory()
    before = snapshot()

    with pytest.raises(PlacesAreFree):
        join(slot.offer, patient)

    assert snapshot() == before


def test_joining_a_full_offer_once(full, patient):
    entry = join(full.slot.offer, patient)
    before = snapshot()

    with pytest.raises(AlreadyWaiting):
        join(full.slot.offer, patient)

    assert (entry.state, snapshot()) == ("waiting", before)
    assert Message.objects.get().kind == "bookings.waiting_joined"


def test_a_freed_place_goes_to_the_first_in_line_and_nobody_skips(full, patient, frozen):
    first = join(full.slot.offer, PatientFactory())
    join(full.slot.offer, patient)

    cancel(full)

    assert offers_made() == [(first.patient_id, first.pk, frozen + DAY)]
    with pytest.raises(SlotFull):
        holds.place_hold(full.slot, holder=holds.Holder("visitor:quick"), language="en")


def test_the_next_booker_of_a_stale_hold_does_not_skip_the_line(frozen, patient):
    slot = SlotFactory()
    AppointmentFactory(held=True, slot=slot, held_until=frozen)
    entry = WaitingEntryFactory(offer=slot.offer, patient=patient, booker=patient.account)

    with pytest.raises(SlotFull):
        holds.place_hold(slot, holder=holds.Holder("visitor:quick"), language="en")
    expire_stale_holds()

    assert [row[1] for row in offers_made()] == [entry.pk]


def test_accepting_confirms_and_ends_the_wait(full, patient):
    entry = join(full.slot.offer, patient)
    hospital = full.hospital.slug
    ConsentFactory(patient=patient, purpose="hospital_transfer", recipient=hospital)
    cancel(full)
    offered = Appointment.objects.get(state="offered")

    done = appointments.accept_place(offered, by=patient.account)

    entry.refresh_from_db()
    assert (done.state, done.case.state, entry.state) == ("confirmed", "scheduled", "accepted")


def test_an_unanswered_offer_passes_on_to_the_next(full, patient, frozen):
    first = join(full.slot.offer, PatientFactory())
    second = join(full.slot.offer, patient)
    cancel(full)
    offered = Appointment.objects.get(state="offered")

    with clock.freeze(frozen + DAY):
        with pytest.raises(HoldExpired):
            appointments.accept_place(offered, by=first.booker)
        expire_stale_holds()
        assert [row[1] for row in offers_made()] == [second.pk]

    states = dict(WaitingEntry.objects.values_list("pk", "state"))
    assert states == {first.pk: "expired", second.pk: "offered"}
    assert Message.objects.filter(kind="bookings.waiting_ended").count() == 1


def test_leaving_the_list_passes_an_offered_place_on(full, patient):
    first = join(full.slot.offer, PatientFactory())
    second = join(full.slot.offer, patient)
    cancel(full)

    waiting.leave_waiting_list(first, by=first.booker)

    assert [row[1] for row in offers_made()] == [second.pk]
    assert dict(WaitingEntry.objects.values_list("pk", "state"))[first.pk] == "left"


def test_days_that_do_not_suit_are_passed_over(full, patient):
    slot_day = clock.local(full.slot.starts_at, "Asia/Shanghai").date()
    join(full.slot.offer, PatientFactory(), last_on=slot_day - DAY)
    suits = join(full.slot.offer, patient, first_on=slot_day, last_on=slot_day)

    cancel(full)

    assert [row[1] for row in offers_made()] == [suits.pk]


def test_new_times_are_offered_to_the_line_and_past_entries_end(full, patient, frozen):
    entry = join(full.slot.offer, patient)
    SlotFactory(offer=full.slot.offer, starts_at=full.slot.starts_at + DAY)

    assert waiting.offer_waiting() == 1
    assert waiting.offer_waiting() == 0
    assert [row[1] for row in offers_made()] == [entry.pk]

    past = WaitingEntryFactory(first_on=frozen.date() - 9 * DAY, last_on=frozen.date() - 2 * DAY)
    waiting.offer_waiting()
    past.refresh_from_db()
    assert past.state == "expired"


def test_times_in_another_language_do_not_keep_others_waiting(full, patient, monkeypatch):
    """One person waits for a language that nobody speaks there, at more times than one sweep."""
    monkeypatch.setattr(waiting, "SWEEP", 2)
    rare = OfferFactory()
    for number in range(3):
        SlotFactory(offer=rare, starts_at=full.slot.starts_at + number * DAY, languages=["zh-hans"])
    WaitingEntryFactory(
        offer=rare,
        language="mn",
        first_on=full.slot.starts_at.date() - DAY,
        last_on=full.slot.starts_at.date() + 9 * DAY,
    )
    entry = join(full.slot.offer, patient)
    SlotFactory(offer=full.slot.offer, starts_at=full.slot.starts_at + 5 * DAY)
    assert waiting.offer_waiting() == 1
    assert [row[1] for row in offers_made()] == [entry.pk]


def test_an_interpreter_brings_a_time_into_the_sweep(full, frozen):
    offer = OfferFactory()
    slot = SlotFactory(offer=offer, starts_at=full.slot.starts_at, languages=["zh-hans"])
    waits = WaitingEntryFactory(
        offer=offer,
        language="mn",
        first_on=slot.starts_at.date() - DAY,
        last_on=slot.starts_at.date() + DAY,
    )
    assert waiting.offer_waiting() == 0
    InterpreterFactory(hospital=slot.hospital, languages=["mn"])
    assert waiting.offer_waiting() == 1
    assert [row[1] for row in offers_made()] == [waits.pk]
