"""What is owed: opened once, terms frozen, closed when it is no longer due."""

import datetime as dt

import pytest

from bookings.models import Appointment
from hospitals.models import CancellationPolicy, PriceLine
from hospitals.policies import Band, Ladder
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Obligation, ObligationKind
from payments.refusals import DepositUnclear, HoldOver
from payments.selectors.terms import terms_in
from payments.services.obligations import close_obligation, open_deposit
from tests.factories import AppointmentFactory, PaymentFactory, PriceLineFactory
from tests.payments.paying import cny, deposit_offer, due, waiting_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_a_deposit_is_part_of_the_lowest_price():
    offer = deposit_offer(deposit_percent=25)
    PriceLineFactory(offer=offer, amount_minor=200_001)
    obligation = due(waiting_appointment(offer))
    assert obligation.amount == cny(20_000)
    assert (obligation.kind, obligation.claimed_minor) == (ObligationKind.DEPOSIT, 0)
    assert obligation.due_at == obligation.appointment.held_until


def test_a_deposit_can_be_a_fixed_sum():
    offer = deposit_offer(deposit_percent=None, deposit_minor=33_300)
    assert due(waiting_appointment(offer)).amount == cny(33_300)


def test_asking_again_finds_the_same_one():
    appointment = waiting_appointment()
    first = due(appointment)
    assert due(appointment) == first
    assert Obligation.objects.count() == 1


def test_terms_do_not_change_when_the_hospital_changes_its_mind():
    offer = deposit_offer()
    offer.cancellation_policy = CancellationPolicy.objects.create(
        hospital=offer.hospital, name="Usual", bands=[[168, 100], [48, 50]]
    )
    offer.title_ru = "Приём"
    offer.save()
    obligation = due(waiting_appointment(offer))
    PriceLine.objects.update(amount_minor=999_999)
    offer.deposit_percent, offer.cancellation_policy = 90, None
    offer.save()
    terms = terms_in(Obligation.objects.get(pk=obligation.pk), "ru")
    assert terms.ladder == Ladder((Band(168, 100), Band(48, 50)))
    assert (terms.percent, terms.percent_of) == (20, cny(80_000))
    assert terms.title == "Приём"
    assert terms.inclusions == ("The visit", "A written report")
    (line,) = terms.lines
    assert (line.amount, line.tier, line.source, line.as_of) == (
        Money(80_000, "CNY"),
        "international",
        "Test source, page 1",
        "2026-01",
    )


def test_without_a_policy_the_notice_is_the_ladder():
    offer = deposit_offer(cancellation_notice_hours=72)
    terms = terms_in(due(waiting_appointment(offer)), "en")
    assert terms.ladder == Ladder((Band(72, 100),))


def test_prices_that_ended_are_not_agreed_on():
    offer = deposit_offer(unpriced=True)
    PriceLineFactory(offer=offer, amount_minor=10_000, valid_until=dt.date(2026, 11, 22))
    PriceLineFactory(offer=offer, amount_minor=50_000, valid_until=dt.date(2026, 11, 23))
    assert due(waiting_appointment(offer)).amount == cny(10_000)


def test_an_offer_without_a_price_has_no_deposit():
    appointment = waiting_appointment(deposit_offer(unpriced=True))
    with pytest.raises(DepositUnclear):
        due(appointment)
    assert not Obligation.objects.exists()


@pytest.mark.parametrize("state", ["confirmed", "cancelled", "expired"])
def test_only_what_waits_for_payment_gets_one(state):
    appointment = AppointmentFactory(**{state: True})
    with pytest.raises(HoldOver):
        open_deposit(appointment, by=None, language="en")


def test_a_hold_that_is_over_gets_none(frozen):
    appointment = waiting_appointment()
    Appointment.objects.update(held_until=frozen)
    with pytest.raises(HoldOver):
        open_deposit(appointment, by=None, language="en")


def test_closing_twice_keeps_the_first_reason():
    obligation = due()
    close_obligation(obligation, reason="hold_over", now=clock.now())
    close_obligation(obligation, reason="other", now=clock.now() + dt.timedelta(days=1))
    obligation.refresh_from_db()
    assert (obligation.closed_reason, obligation.closed_at) == ("hold_over", clock.now())


def leaves(minor):
    return lambda appointment: cny(minor)


def test_a_promise_lowers_a_deposit_that_nobody_has_begun_to_pay():
    appointment = waiting_appointment()
    first = due(appointment)
    lower = open_deposit(appointment, by=None, language="en", most=leaves(9_000))
    first.refresh_from_db()
    assert (first.amount, first.closed_reason) == (cny(16_000), "own_part_changed")
    assert lower.amount == cny(9_000)
    assert lower.terms["deposit"]["is_own_part"] is True
    assert open_deposit(appointment, by=None, language="en", most=leaves(9_000)) == lower


@pytest.mark.parametrize("left", [16_000, 20_000, 0])
def test_a_promise_that_leaves_as_much_changes_nothing(left):
    appointment = waiting_appointment()
    first = due(appointment)
    assert open_deposit(appointment, by=None, language="en", most=leaves(left)) == first


def test_a_deposit_that_somebody_is_paying_stays():
    appointment = waiting_appointment()
    first = due(appointment)
    PaymentFactory(pending=True, obligation=first)
    assert open_deposit(appointment, by=None, language="en", most=leaves(9_000)) == first
    first.refresh_from_db()
    assert first.closed_at is None
