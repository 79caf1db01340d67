"""What paying does to an appointment: kept, confirmed, taken again when it is still free."""

import datetime as dt

import pytest

from bookings.models import Appointment
from bookings.refusals import HoldExpired
from bookings.services import expiry
from bookings.services.holds import Holder, place_hold
from bookings.services.paid import confirm_paid, keep_for_payment, reclaim
from medtour.lib import clock
from medtour.lib.states import MoveRefused
from messaging.models import Message
from tests.factories import AppointmentFactory, InterpreterFactory, SlotFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
MINUTE = dt.timedelta(minutes=1)


def waiting(**facts):
    return AppointmentFactory(awaiting_payment=True, confirmed_at=None, **facts)


def lapsed(**facts):
    """An appointment whose hold ran out unpaid, forty minutes later."""
    appointment = waiting(**facts)
    with clock.freeze(clock.now() + 40 * MINUTE):
        expiry.expire_stale_holds()
    appointment.refresh_from_db()
    assert (appointment.state, appointment.case.__class__.objects.get().state) == (
        "expired",
        "withdrawn",
    )
    return appointment


def test_a_place_is_kept_longer_but_never_shorter(frozen):
    appointment = waiting()
    kept = keep_for_payment(appointment, until=frozen + 50 * MINUTE, now=frozen)
    assert kept.held_until == frozen + 50 * MINUTE
    kept = keep_for_payment(appointment, until=frozen + 20 * MINUTE, now=frozen)
    assert kept.held_until == frozen + 50 * MINUTE
    assert [event.action for event in appointment.events.all()] == ["extend"]


def test_a_place_is_not_kept_after_the_hold_or_past_the_start(frozen):
    appointment = waiting()
    with pytest.raises(HoldExpired):
        keep_for_payment(appointment, until=frozen + 90 * MINUTE, now=appointment.held_until)
    with pytest.raises(HoldExpired):
        keep_for_payment(appointment, until=appointment.slot.starts_at + MINUTE, now=frozen)
    with pytest.raises(HoldExpired):
        keep_for_payment(AppointmentFactory(), until=frozen + 50 * MINUTE, now=frozen)
    assert Appointment.objects.get(pk=appointment.pk).held_until == frozen + 35 * MINUTE


def test_a_paid_place_is_confirmed_once(frozen):
    appointment = waiting()
    for _time in range(2):
        confirmed = confirm_paid(appointment, now=frozen)
        assert (confirmed.state, confirmed.held_until, confirmed.confirmed_at) == (
            "confirmed",
            None,
            frozen,
        )
    assert [event.after for event in appointment.events.all()] == ["confirmed"]
    assert Message.objects.filter(kind="bookings.appointment_confirmed").count() == 1


def test_an_overdue_hold_that_nobody_ended_is_confirmed(frozen):
    appointment = waiting()
    assert confirm_paid(appointment, now=frozen + 60 * MINUTE).state == "confirmed"


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_an_ended_appointment_is_not_confirmed(state, frozen):
    appointment = AppointmentFactory(**{state: True})
    with pytest.raises(MoveRefused):
        confirm_paid(appointment, now=frozen)
    appointment.refresh_from_db()
    assert appointment.state == state


def test_a_lapsed_place_that_is_free_is_taken_again(frozen):
    appointment = lapsed()
    assert reclaim(appointment, now=frozen + 50 * MINUTE) is True
    appointment.refresh_from_db()
    appointment.case.refresh_from_db()
    assert (appointment.state, appointment.ended_by, appointment.case.state) == (
        "confirmed",
        "",
        "scheduled",
    )
    appointment.slot.refresh_from_db()
    assert appointment.slot.booked == 1
    last = appointment.events.filter(action="confirm").get()
    assert (last.before, last.after) == ("expired", "confirmed")
    assert reclaim(appointment, now=frozen + 60 * MINUTE) is True


def test_a_place_that_somebody_else_holds_is_gone(frozen):
    appointment = lapsed()
    later = frozen + 50 * MINUTE
    with clock.freeze(later):
        place_hold(appointment.slot, holder=Holder("visitor:other"), language="en")
    assert reclaim(appointment, now=later) is False
    appointment.refresh_from_db()
    assert appointment.state == "expired"


def test_an_overdue_hold_of_somebody_else_gives_way(frozen):
    appointment = lapsed()
    with clock.freeze(frozen + 50 * MINUTE):
        place_hold(appointment.slot, holder=Holder("visitor:other"), language="en")
    assert reclaim(appointment, now=frozen + 90 * MINUTE) is True


def test_a_patient_who_booked_elsewhere_meanwhile_keeps_that(frozen):
    appointment = lapsed()
    AppointmentFactory(patient=appointment.patient, slot=SlotFactory())
    assert reclaim(appointment, now=frozen + 50 * MINUTE) is False


@pytest.mark.parametrize("change", ["withdrawn", "stale", "near"])
def test_a_time_that_is_off_sale_is_not_taken_again(change, frozen):
    appointment, now = lapsed(), frozen + 50 * MINUTE
    slot = appointment.slot
    if change == "withdrawn":
        slot.withdrawn_at = now
    elif change == "stale":
        slot.last_confirmed_at = now - dt.timedelta(days=15)
    else:
        now = slot.starts_at - 59 * MINUTE
    slot.save()
    assert reclaim(appointment, now=now) is False


def test_a_cancelled_appointment_is_never_taken_again(frozen):
    assert reclaim(AppointmentFactory(cancelled=True), now=frozen) is False


def test_the_interpreter_is_found_again_or_nothing_is(frozen):
    slot = SlotFactory(languages=["zh-hans"])
    slot.offer.interpreter_available = True
    slot.offer.save()
    one = InterpreterFactory(hospital=slot.hospital)
    appointment = lapsed(slot=slot, language="ru", interpreter=one)
    one.is_active = False
    assert reclaim(appointment, now=frozen + 50 * MINUTE) is True
    appointment.refresh_from_db()
    assert appointment.interpreter == one


def test_money_that_comes_after_nobody_came_confirms_nothing(frozen):
    appointment = AppointmentFactory(state="no_show")
    told = Message.objects.count()
    assert confirm_paid(appointment, now=frozen).state == "no_show"
    appointment.refresh_from_db()
    assert (appointment.state, Message.objects.count()) == ("no_show", told)
