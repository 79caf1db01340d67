"""Cancelling with money: the promise on the page and what is done are the same, to the minor unit."""

import datetime as dt

import pytest
from django.urls import reverse

from bookings.models.case import Actor
from bookings.refusals import StaleVersion, TooLate
from bookings.services.moves import move_appointment
from bookings.transitions import AppointmentState
from medtour.lib import clock
from medtour.lib.money import Money
from messaging.models import Message
from payments.models import Refund, RefundCause
from payments.selectors.refund_preview import Preview, refund_preview
from payments.services import refunds
from payments.services.cancellation import cancel_with_refund
from tests.bookings.snapshot import snapshot
from tests.factories import (
    AppointmentFactory,
    HospitalFactory,
    MembershipFactory,
    ObligationFactory,
    PaymentFactory,
    SlotFactory,
    UserFactory,
)
from tests.payments.paid import balances, card_payment, money_snapshot

pytestmark = pytest.mark.django_db
SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)
LADDER = [[168, 100], [48, 50], [24, 20]]
# Two days after New York's clocks went forward; the hospital's never do.
SHANGHAI = clock.at_wall_time(dt.date(2027, 3, 15), dt.time(9), "Asia/Shanghai")
# The morning of the night in which Berlin's clocks go forward.
BERLIN = clock.at_wall_time(dt.date(2027, 3, 28), dt.time(10), "Europe/Berlin")


def booked(starts_at=SHANGHAI, zone="Asia/Shanghai", **facts):
    """Return a confirmed appointment whose deposit of CNY 1,600 has this ladder."""
    hospital = HospitalFactory(time_zone=zone)
    slot = SlotFactory(offer__hospital=hospital, starts_at=starts_at, last_confirmed_at=starts_at)
    patients_account = UserFactory(time_zone="America/New_York")
    appointment = AppointmentFactory(slot=slot, patient__account=patients_account)
    return ObligationFactory(
        appointment=appointment,
        settled_at=starts_at - dt.timedelta(days=60),
        terms={"ladder": LADDER, "policy": {"name": "Standard", "version": 1}},
        **facts,
    )


def cancel(appointment, *, actor=Actor.PATIENT, now, **facts):
    appointment.refresh_from_db()
    by = facts.pop("by", appointment.booker)
    return cancel_with_refund(
        appointment, by=by, actor=actor, version=appointment.version, now=now, **facts
    )


STEPS = [
    (SHANGHAI, "Asia/Shanghai", 168, 100, 50),
    (SHANGHAI, "Asia/Shanghai", 48, 50, 20),
    (SHANGHAI, "Asia/Shanghai", 24, 20, 0),
    (BERLIN, "Europe/Berlin", 24, 20, 0),
]


@pytest.mark.parametrize(("starts_at", "zone", "hours", "before", "after"), STEPS)
@pytest.mark.parametrize("late", [0, 1], ids=["in the last second", "a second later"])
def test_each_step_at_the_second(starts_at, zone, hours, before, after, late):
    obligation = booked(starts_at, zone)
    payment = PaymentFactory(succeeded=True, obligation=obligation)
    percent = after if late else before
    now = starts_at - hours * HOUR + late * SECOND
    promised = refund_preview(obligation.appointment, now=now)
    assert promised.percent == percent
    cancel(obligation.appointment, now=now)
    payment.refresh_from_db()
    assert payment.refunded_minor == 1_600 * percent
    assert sum(money.minor for money in promised.totals.values()) == 1_600 * percent


@pytest.mark.parametrize(
    ("charge", "back"),
    [
        (Money(160_000, "CNY"), Money(80_000, "CNY")),
        (Money(33_001, "JPY"), Money(16_501, "JPY")),
        (Money(68_770, "KWD"), Money(34_390, "KWD")),
        (Money(22_037, "USD"), Money(11_019, "USD")),
    ],
    ids=lambda money: money.currency,
)
def test_what_was_promised_arrives_in_the_currency_of_the_charge(charge, back):
    obligation = booked()
    card_payment(obligation, charge=charge)
    now = SHANGHAI - 60 * HOUR
    promised = refund_preview(obligation.appointment, now=now)
    assert promised.totals == {charge.currency: back}
    cancel(obligation.appointment, now=now)
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause) == (back, RefundCause.PATIENT_CANCELLED)
    refunds.send_due_refunds(now=now)
    kept = charge - back
    assert balances()[("processor", charge.currency)] == kept.minor
    assert -balances()[("patient", "CNY")] == 160_000 - refund.contract_minor


def test_the_preview_says_how_much_until_when_and_how():
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    now = SHANGHAI - 200 * HOUR
    promised = refund_preview(obligation.appointment, now=now)
    assert promised.percent == 100
    assert [(step.until, step.percent, step.money) for step in promised.steps] == [
        (SHANGHAI - 168 * HOUR, 100, Money(160_000, "CNY")),
        (SHANGHAI - 48 * HOUR, 50, Money(80_000, "CNY")),
        (SHANGHAI - 24 * HOUR, 20, Money(32_000, "CNY")),
    ]
    assert (promised.route, promised.days) == ("original", (5, 10))
    assert promised.rest == {}


def test_shares_go_back_to_whoever_paid_them():
    obligation = booked()
    aunt = card_payment(obligation, contract_minor=53_333, charge=Money(7_346, "USD"))
    bank = PaymentFactory(
        succeeded=True, transfer=True, obligation=obligation, contract_minor=53_333
    )
    own = card_payment(obligation, contract_minor=53_334)
    now = SHANGHAI - 60 * HOUR
    promised = refund_preview(obligation.appointment, now=now)
    assert {line.payment.pk: line.amount for line in promised.lines} == {
        aunt.pk: Money(3_673, "USD"),
        bank.pk: Money(26_667, "CNY"),
        own.pk: Money(26_667, "CNY"),
    }
    assert promised.totals == {"USD": Money(3_673, "USD"), "CNY": Money(53_334, "CNY")}
    assert (promised.route, promised.days) == ("", (5, 14))
    assert promised.steps[0].money.currency == "CNY"
    cancel(obligation.appointment, now=now)
    assert {refund.payment_id: refund.amount for refund in Refund.objects.all()} == {
        line.payment.pk: line.amount for line in promised.lines
    }


@pytest.mark.parametrize("actor", [Actor.HOSPITAL, Actor.SYSTEM])
def test_a_hospital_gives_everything_back_however_late(actor):
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    cancel(obligation.appointment, actor=actor, now=SHANGHAI - SECOND, by=UserFactory())
    refund = Refund.objects.get()
    assert refund.amount == Money(160_000, "CNY")
    assert (refund.cause, refund.needs_approval) == (RefundCause.HOSPITAL_CANCELLED, False)


@pytest.mark.parametrize("cause", ["visa_refused", "guarantee_refused", "medically_unfit"])
def test_with_a_cause_that_needs_proof_the_ladders_part_comes_at_once(cause):
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    now = SHANGHAI - 60 * HOUR
    promised = refund_preview(obligation.appointment, cause=cause, now=now)
    assert promised.totals == {"CNY": Money(80_000, "CNY")}
    assert promised.rest == {"CNY": Money(80_000, "CNY")}
    cancel(obligation.appointment, now=now, cause=cause)
    assert Refund.objects.get().cause == cause


def test_a_patient_cannot_name_the_hospitals_cause():
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    with pytest.raises(ValueError, match="hospital_cancelled"):
        cancel(obligation.appointment, now=SHANGHAI - HOUR, cause="hospital_cancelled")
    assert not Refund.objects.exists()


def move(appointment, days, *, actor=Actor.PATIENT, now):
    slot = appointment.slot
    target = SlotFactory(
        offer=slot.offer,
        starts_at=slot.starts_at + dt.timedelta(days=days),
        last_confirmed_at=now,
    )
    appointment.refresh_from_db()
    return move_appointment(
        appointment,
        to_slot=target,
        by=appointment.booker,
        actor=actor,
        version=appointment.version,
        now=now,
    )


def test_moving_away_before_cancelling_gains_nothing():
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    now = SHANGHAI - 30 * HOUR
    moved = move(obligation.appointment, 30, now=now)
    promised = refund_preview(moved, now=now + HOUR)
    assert promised.percent == 20
    assert [(step.percent, step.until) for step in promised.steps] == [
        (20, SHANGHAI + dt.timedelta(days=30) - 24 * HOUR)
    ]
    cancel(moved, now=now + HOUR)
    assert Refund.objects.get().amount == Money(32_000, "CNY")


def test_an_early_move_keeps_the_whole_ladder():
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    moved = move(obligation.appointment, 30, now=SHANGHAI - 200 * HOUR)
    assert refund_preview(moved, now=SHANGHAI).percent == 100


def test_a_hospital_that_moves_the_time_forward_takes_nothing():
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    now = SHANGHAI - 200 * HOUR
    moved = move(obligation.appointment, -6, actor=Actor.HOSPITAL, now=now)
    assert refund_preview(moved, now=SHANGHAI - 168 * HOUR).percent == 100


def test_a_later_ladder_of_the_offer_changes_nothing_old():
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    offer = obligation.appointment.slot.offer
    offer.cancellation_notice_hours = 1_000
    offer.save()
    assert refund_preview(obligation.appointment, now=SHANGHAI - 168 * HOUR).percent == 100


@pytest.mark.parametrize(
    ("terms", "percent"),
    [({}, 100), ({"ladder": []}, 100), ({"ladder": [], "policy": {"name": "Strict"}}, 0)],
    ids=["no terms", "no rule", "a policy that gives nothing"],
)
def test_what_nobody_agreed_to_is_not_kept(terms, percent):
    obligation = booked()
    obligation.terms = terms
    obligation.save(update_fields=["terms"])
    PaymentFactory(succeeded=True, obligation=obligation)
    assert refund_preview(obligation.appointment, now=SHANGHAI - SECOND).percent == percent


def test_a_deposit_that_was_never_complete_comes_back_whole():
    appointment = AppointmentFactory(
        awaiting_payment=True,
        confirmed_at=None,
        slot=SlotFactory(starts_at=SHANGHAI, last_confirmed_at=SHANGHAI),
        held_until=SHANGHAI,
    )
    obligation = ObligationFactory(appointment=appointment, terms={"ladder": LADDER})
    PaymentFactory(succeeded=True, obligation=obligation, contract_minor=50_000)
    now = SHANGHAI - 30 * HOUR
    assert refund_preview(appointment, now=now).percent == 100
    cancel(appointment, now=now)
    assert Refund.objects.get().amount == Money(50_000, "CNY")


def test_earlier_goodwill_is_not_given_twice():
    obligation = booked()
    payment = PaymentFactory(succeeded=True, obligation=obligation)
    refunds.request_refund(payment, amount=Money(20_000, "CNY"), cause=RefundCause.GOODWILL)
    cancel(obligation.appointment, actor=Actor.HOSPITAL, now=SHANGHAI - HOUR)
    assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [20_000, 140_000]
    assert balances() == {("processor", "CNY"): 160_000, ("refund_payable", "CNY"): -160_000}


def test_after_the_last_step_nothing_is_sent_and_nothing_told():
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    cancelled = cancel(obligation.appointment, now=SHANGHAI - HOUR)
    assert cancelled.state == AppointmentState.CANCELLED
    assert not Refund.objects.exists()
    assert [message.kind for message in Message.objects.all()] == ["bookings.appointment_cancelled"]


def test_the_deposit_is_closed_with_the_appointment():
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    now = SHANGHAI - HOUR
    cancel(obligation.appointment, now=now)
    obligation.refresh_from_db()
    assert (obligation.closed_at, obligation.closed_reason) == (now, "cancelled")


def test_without_money_it_is_the_same_cancelling_as_ever():
    appointment = AppointmentFactory(slot=SlotFactory(starts_at=SHANGHAI))
    assert refund_preview(appointment, now=SHANGHAI - HOUR) == Preview()
    cancelled = cancel(appointment, now=SHANGHAI - HOUR)
    assert cancelled.state == AppointmentState.CANCELLED
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("now", "version", "refusal"),
    [(SHANGHAI, 1, TooLate), (SHANGHAI - HOUR, 7, StaleVersion)],
)
def test_a_refused_cancelling_moves_no_money(now, version, refusal):
    obligation = booked()
    PaymentFactory(succeeded=True, obligation=obligation)
    before = (snapshot(), money_snapshot())
    with pytest.raises(refusal):
        cancel_with_refund(
            obligation.appointment,
            by=obligation.appointment.booker,
            actor=Actor.PATIENT,
            version=version,
            now=now,
        )
    assert (snapshot(), money_snapshot()) == before


def test_money_for_the_case_goes_back_with_its_last_appointment():
    obligation = booked()
    appointment = obligation.appointment
    towards_case = ObligationFactory(
        appointment=None, case=appointment.case, opened_by=None, terms={"ladder": LADDER}
    )
    PaymentFactory(succeeded=True, obligation=towards_case)
    second = AppointmentFactory(
        case=appointment.case,
        patient=appointment.patient,
        slot=SlotFactory(offer=appointment.slot.offer, starts_at=SHANGHAI + 24 * HOUR),
    )
    now = SHANGHAI - 200 * HOUR
    assert refund_preview(appointment, now=now).lines == ()
    cancel(appointment, now=now)
    assert not Refund.objects.exists()
    cancel(second, now=now)
    assert Refund.objects.get().payment.obligation == towards_case


def test_a_disputed_payment_keeps_its_refund_waiting():
    obligation = booked()
    payment = PaymentFactory(succeeded=True, obligation=obligation)
    payment.disputes.create(gateway_id="dp_1", amount_minor=160_000)
    now = SHANGHAI - 200 * HOUR
    assert [line.waits for line in refund_preview(obligation.appointment, now=now).lines] == [True]
    cancel(obligation.appointment, now=now)
    assert Refund.objects.get().state == "created"
    assert refunds.send_due_refunds(now=now + HOUR) == 0


@pytest.mark.usefixtures("lenient_templates")
def test_the_desk_cancels_and_everything_goes_back(client, frozen):
    obligation = booked(starts_at=frozen + HOUR)
    payment = PaymentFactory(succeeded=True, obligation=obligation)
    appointment = obligation.appointment
    client.force_login(MembershipFactory(hospital=obligation.hospital).user)
    address = reverse("admin:bookings_appointment_cancel", args=[appointment.pk])
    answers = {"reason": "The doctor is ill", "time_is_usable": "no"}
    client.post(address, {"version": appointment.version, **answers})
    appointment.refresh_from_db()
    payment.refresh_from_db()
    assert appointment.state == AppointmentState.CANCELLED
    assert payment.refunded_minor == payment.charge_minor


def test_with_the_last_appointment_nothing_is_due_for_the_case_any_more():
    obligation = booked()
    appointment = obligation.appointment
    due = ObligationFactory(appointment=None, case=appointment.case, opened_by=None)
    second = AppointmentFactory(
        case=appointment.case,
        patient=appointment.patient,
        slot=SlotFactory(offer=appointment.slot.offer, starts_at=SHANGHAI + 24 * HOUR),
    )
    cancel(appointment, now=SHANGHAI - 200 * HOUR)
    due.refresh_from_db()
    assert due.closed_at is None, "another appointment of the case stands"
    cancel(second, now=SHANGHAI - 200 * HOUR)
    due.refresh_from_db()
    assert (due.closed_at, due.closed_reason) == (SHANGHAI - 200 * HOUR, "cancelled")
