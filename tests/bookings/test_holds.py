import datetime as dt

import pytest

from bookings.models import Appointment, CaseEvent
from bookings.refusals import (
    HoldAlreadyExtended,
    HoldExpired,
    InterpreterTaken,
    RepeatedWithOtherBody,
    SlotFull,
    SlotGone,
)
from bookings.services import holds
from bookings.services.slots import slots_out_of_step
from medtour.lib import clock
from tests.bookings.snapshot import snapshot
from tests.factories import (
    AppointmentFactory,
    InterpreterFactory,
    OfferFactory,
    SlotFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
VISITOR = holds.Holder("visitor:one")
OTHER = holds.Holder("visitor:two")
MINUTE = dt.timedelta(minutes=1)


def hold(slot, holder=VISITOR, **kwargs):
    return holds.place_hold(slot, holder=holder, language="en", **kwargs)


def test_a_hold_takes_the_place_for_fifteen_minutes(frozen):
    slot = SlotFactory()

    held = hold(slot)

    held.refresh_from_db()
    slot.refresh_from_db()
    assert (held.state, held.held_until) == ("held", frozen + 15 * MINUTE)
    assert (held.period.lower, held.period.upper) == (slot.starts_at, slot.ends_at)
    assert (slot.booked, slot.is_open) == (1, False)
    assert [(event.action, event.before, event.after) for event in CaseEvent.objects.all()] == [
        ("hold", "", "held")
    ]


def test_a_full_slot_is_refused_and_nothing_changes():
    slot = SlotFactory(capacity=1)
    hold(slot)
    before = snapshot()

    with pytest.raises(SlotFull):
        hold(slot, OTHER)

    assert snapshot() == before


def test_every_place_of_a_larger_slot_can_be_held():
    slot = SlotFactory(capacity=2)
    hold(slot)
    hold(slot, OTHER)

    with pytest.raises(SlotFull):
        hold(slot, holds.Holder("visitor:three"))

    slot.refresh_from_db()
    assert slot.booked == 2


def test_the_next_booker_ends_a_stale_hold_in_the_same_act(frozen):
    slot = SlotFactory()
    stale = hold(slot)

    with clock.freeze(frozen + 15 * MINUTE):
        held = hold(slot, OTHER)

    stale.refresh_from_db()
    slot.refresh_from_db()
    assert (stale.state, stale.ended_by, held.state) == ("expired", "system", "held")
    assert slot.booked == 1


def test_a_hold_is_safe_until_its_last_second(frozen):
    slot = SlotFactory()
    hold(slot)

    with (
        clock.freeze(frozen + 15 * MINUTE - dt.timedelta(seconds=1)),
        pytest.raises(SlotFull),
    ):
        hold(slot, OTHER)


def test_a_visitor_holds_one_time_and_the_newer_one_wins():
    first, second = SlotFactory(), SlotFactory()
    earlier = hold(first)

    hold(second)

    earlier.refresh_from_db()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (earlier.state, first.booked, second.booked) == ("cancelled", 0, 1)


def test_the_same_key_returns_the_first_hold_even_when_the_slot_is_full():
    slot = SlotFactory()
    first = hold(slot, idempotency_key="k1")
    before = snapshot()

    again = hold(slot, idempotency_key="k1")

    assert again.pk == first.pk
    assert snapshot() == before


def test_the_same_key_for_another_time_is_refused():
    first, second = SlotFactory(), SlotFactory()
    hold(first, idempotency_key="k1")
    before = snapshot()

    with pytest.raises(RepeatedWithOtherBody):
        hold(second, idempotency_key="k1")

    assert snapshot() == before


@pytest.mark.parametrize(
    "slot_fields",
    [
        {"withdrawn": True},
        {"last_confirmed_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)},
        {"starts_at": dt.datetime(2026, 11, 23, 1, 59, tzinfo=dt.UTC)},
    ],
    ids=["withdrawn", "not confirmed lately", "too near"],
)
def test_times_that_cannot_be_booked_are_refused(slot_fields):
    slot = SlotFactory(**slot_fields)
    before = snapshot()

    with pytest.raises(SlotGone):
        hold(slot)

    assert snapshot() == before


def test_an_interpreter_is_taken_with_the_doctor_or_nothing_is():
    slot = SlotFactory(capacity=2, languages=["zh-hans"])
    interpreter = InterpreterFactory(hospital=slot.hospital, languages=["ru"])

    held = holds.place_hold(slot, holder=VISITOR, language="ru")
    before = snapshot()
    with pytest.raises(InterpreterTaken):
        holds.place_hold(slot, holder=OTHER, language="ru")

    assert held.interpreter == interpreter
    assert snapshot() == before


def test_a_second_interpreter_serves_the_second_patient():
    slot = SlotFactory(capacity=2, languages=["zh-hans"])
    both = {InterpreterFactory(hospital=slot.hospital, languages=["ru"]).pk for _ in range(2)}

    first = holds.place_hold(slot, holder=VISITOR, language="ru")
    second = holds.place_hold(slot, holder=OTHER, language="ru")

    assert {first.interpreter_id, second.interpreter_id} == both


def test_a_doctor_who_speaks_the_language_needs_no_interpreter_unless_wanted():
    slot = SlotFactory(capacity=2, languages=["ru"])
    interpreter = InterpreterFactory(hospital=slot.hospital, languages=["ru"])

    alone = holds.place_hold(slot, holder=VISITOR, language="ru")
    helped = holds.place_hold(slot, holder=OTHER, language="ru", interpreter_wanted=True)

    assert (alone.interpreter, helped.interpreter) == (None, interpreter)


def test_a_hold_is_extended_once(frozen):
    held = hold(SlotFactory())

    extended = holds.extend_hold(held)

    assert extended.held_until == frozen + 30 * MINUTE
    with pytest.raises(HoldAlreadyExtended):
        holds.extend_hold(held)


def test_an_expired_hold_cannot_be_extended_filled_or_released(frozen):
    held = hold(SlotFactory())
    before = snapshot()

    with clock.freeze(frozen + 15 * MINUTE):
        for act in (
            lambda: holds.extend_hold(held),
            lambda: holds.release_hold(held),
            lambda: holds.save_intake(held, intake={"notes": "x"}),
        ):
            with pytest.raises(HoldExpired):
                act()

    assert snapshot() == before


def test_releasing_frees_the_place_and_forgets_what_was_written():
    slot = SlotFactory()
    held = holds.save_intake(hold(slot), intake={"notes": "knee"})

    holds.release_hold(held)

    held.refresh_from_db()
    slot.refresh_from_db()
    assert (held.state, held.intake, slot.booked) == ("cancelled", None, 0)


def test_what_was_written_is_stored_encrypted(django_assert_num_queries):
    held = holds.save_intake(hold(SlotFactory()), intake={"notes": "left knee"})
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT intake FROM bookings_appointment WHERE id = %s", [held.pk])
        stored = cursor.fetchone()[0]

    held.refresh_from_db()
    assert "knee" not in stored
    assert held.intake == {"notes": "left knee"}


def test_signing_in_takes_the_hold_along_and_an_older_one_gives_way():
    user = UserFactory()
    older = holds.place_hold(
        SlotFactory(), holder=holds.Holder(f"user:{user.pk}", user), language="en"
    )
    held = hold(SlotFactory())

    assert holds.adopt_hold(VISITOR.key, user=user) == 1

    held.refresh_from_db()
    older.refresh_from_db()
    assert (held.holder_key, held.booker) == (f"user:{user.pk}", user)
    assert older.state == "cancelled"
    assert holds.adopt_hold("visitor:nobody", user=user) == 0


def test_the_sweeper_expires_what_is_overdue_and_nothing_else(frozen):
    from bookings.services.expiry import expire_stale_holds

    overdue = AppointmentFactory(held=True, held_until=frozen - MINUTE)
    live = AppointmentFactory(held=True, held_until=frozen + MINUTE)
    kept = AppointmentFactory()

    assert expire_stale_holds() == 1
    assert expire_stale_holds() == 0

    states = {row.pk: row.state for row in Appointment.objects.all()}
    assert states == {overdue.pk: "expired", live.pk: "held", kept.pk: "confirmed"}
    assert slots_out_of_step() == []


def test_the_database_refuses_to_count_beyond_capacity_whatever_the_code_does():
    from django.db import IntegrityError, transaction

    from bookings.models import Slot

    slot = SlotFactory(offer=OfferFactory(), capacity=1)
    AppointmentFactory(slot=slot)

    with pytest.raises(IntegrityError, match="no place left"), transaction.atomic():
        AppointmentFactory(slot=slot)
    with pytest.raises(IntegrityError, match="within_capacity"), transaction.atomic():
        Slot.objects.filter(pk=slot.pk).update(booked=2)


def test_history_cannot_be_rewritten():
    from django.db import DatabaseError, transaction

    hold(SlotFactory())

    for act in (
        lambda: CaseEvent.objects.update(action="nothing"),
        lambda: CaseEvent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            act()


def test_a_deposit_that_could_not_be_paid_in_time_is_refused_before_the_details(frozen):
    offer = OfferFactory(asks_deposit_online=True)
    near, far = (
        SlotFactory(offer=offer, starts_at=frozen + minutes * MINUTE) for minutes in (64, 65)
    )
    with pytest.raises(SlotGone):
        hold(near)
    assert hold(far).state == "held"
    assert hold(SlotFactory(starts_at=frozen + 64 * MINUTE), OTHER).state == "held"
