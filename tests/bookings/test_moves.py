import datetime as dt

import pytest

from bookings.models import Slot
from bookings.refusals import (
    AlreadyBooked,
    InterpreterTaken,
    OtherOffer,
    SlotFull,
    SlotGone,
    StaleVersion,
    TooLate,
)
from bookings.services.moves import move_appointment
from medtour.lib import clock
from messaging.models import Message
from tests.bookings.snapshot import snapshot
from tests.factories import AppointmentFactory, InterpreterFactory, OfferFactory, SlotFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def offer(hospital):
    return OfferFactory(hospital=hospital)


@pytest.fixture
def booked(offer, patient, user):
    return AppointmentFactory(slot=SlotFactory(offer=offer), patient=patient, booker=user)


@pytest.fixture
def later(offer, booked):
    return SlotFactory(offer=offer, starts_at=booked.slot.starts_at + 2 * HOUR)


def move(booked, later, **kwargs):
    return move_appointment(
        booked, to_slot=later, **{"by": booked.booker, "actor": "patient", "version": 1, **kwargs}
    )


def test_moving_swaps_the_places_and_keeps_the_appointment(booked, later):
    left = booked.slot

    moved = move(booked, later)

    moved.refresh_from_db()
    places = dict(Slot.objects.values_list("pk", "booked"))
    assert (moved.pk, moved.slot_id, moved.state) == (booked.pk, later.pk, "confirmed")
    assert places == {left.pk: 0, later.pk: 1}
    assert (moved.period.lower, moved.version, moved.calendar_sequence) == (later.starts_at, 2, 1)
    event = moved.events.get()
    assert (event.action, event.details) == (
        "move",
        {
            "from_starts_at": left.starts_at.isoformat(),
            "to_starts_at": later.starts_at.isoformat(),
        },
    )
    assert sorted(Message.objects.values_list("kind", flat=True)) == [
        "bookings.appointment_moved",
        "bookings.pre_visit",
        "bookings.reminder_24h",
        "bookings.reminder_2d",
        "bookings.reminder_7d",
        "bookings.reminder_day",
    ]


def test_a_full_target_changes_nothing(booked, later):
    AppointmentFactory(slot=later)
    before = snapshot()

    with pytest.raises(SlotFull):
        move(booked, later)

    assert snapshot() == before


def test_a_stale_hold_does_not_block_a_move(booked, later, frozen):
    AppointmentFactory(held=True, slot=later, held_until=frozen)

    assert move(booked, later).slot_id == later.pk


def test_a_stale_claim_of_the_same_person_elsewhere_does_not_block_a_move(booked, later, frozen):
    elsewhere = AppointmentFactory(
        awaiting_payment=True,
        confirmed_at=None,
        patient=booked.patient,
        slot=SlotFactory(starts_at=later.starts_at),
        held_until=frozen - HOUR,
    )
    assert move(booked, later).slot == later
    elsewhere.refresh_from_db()
    assert elsewhere.state == "expired"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"version": 2}, StaleVersion),
        ({"to": "same"}, SlotGone),
        ({"to": "other offer"}, OtherOffer),
        ({"to": "withdrawn"}, SlotGone),
        ({"at": "start"}, TooLate),
    ],
)
def test_refused_moves_change_nothing(booked, later, change, refusal):
    target = {
        "same": lambda: booked.slot,
        "other offer": SlotFactory,
        "withdrawn": lambda: SlotFactory(
            offer=later.offer, starts_at=later.starts_at + HOUR, withdrawn=True
        ),
    }.get(change.get("to"), lambda: later)()
    now = booked.slot.starts_at if change.get("at") else clock.now()
    before = snapshot()

    with clock.freeze(now), pytest.raises(refusal):
        move(booked, target, version=change.get("version", 1))

    assert snapshot() == before


def test_a_person_cannot_be_moved_onto_another_appointment(booked, later, patient, user):
    AppointmentFactory(slot=SlotFactory(starts_at=later.starts_at), patient=patient, booker=user)
    before = snapshot()

    with pytest.raises(AlreadyBooked):
        move(booked, later)

    assert snapshot() == before


def test_the_interpreter_comes_along_or_another_or_nobody_moves(booked, later):
    mine, second = (
        InterpreterFactory(hospital=booked.hospital, languages=["ru"]) for _ in range(2)
    )
    booked.interpreter, booked.language = mine, "ru"
    booked.save()
    busy = AppointmentFactory(
        slot=SlotFactory(starts_at=later.starts_at), interpreter=mine, language="ru"
    )

    assert move(booked, later).interpreter == second

    back = SlotFactory(offer=later.offer, starts_at=later.starts_at + HOUR)
    for person in (mine, second):
        AppointmentFactory(slot=SlotFactory(starts_at=back.starts_at), interpreter=person)
    before = snapshot()
    with pytest.raises(InterpreterTaken):
        move(booked, back, version=2)
    assert snapshot() == before
    assert busy.interpreter == mine
