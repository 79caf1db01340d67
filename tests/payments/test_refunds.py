"""Refunds: what they take, who must agree, what the ledger says, what the payer is told."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from bookings.refusals import ReasonMissing
from medtour.lib.errors import constraint_name
from medtour.lib.money import Money
from messaging.models import Message
from payments.models import Refund, RefundCause
from payments.refund_refusals import (
    AmountNotPayable,
    NothingToRefund,
    RefundDecided,
    RefundsFrozen,
    RefundTooLarge,
    SecondPersonNeeded,
)
from payments.selectors.refundable import left_of
from payments.services import refunds
from payments.transitions import RefundState
from tests.factories import MembershipFactory, ObligationFactory, PaymentFactory, UserFactory
from tests.payments.paid import balances, card_payment, keys, money_snapshot

pytestmark = pytest.mark.django_db
CNY = "CNY"


def cny(minor):
    return Money(minor, CNY)


@pytest.fixture
def payment():
    return PaymentFactory(succeeded=True, obligation=ObligationFactory(visited=True))


@pytest.fixture
def cashier(payment):
    return MembershipFactory(hospital=payment.obligation.hospital, role="cashier").user


@pytest.fixture
def second(payment):
    return MembershipFactory(hospital=payment.obligation.hospital, role="cashier").user


def ask(payment, amount, **facts):
    return refunds.request_refund(
        payment, **{"amount": amount, "cause": RefundCause.GOODWILL, **facts}
    )


def test_a_refund_by_a_rule_is_posted_and_told_at_once(payment):
    refund = ask(payment, cny(60_000), cause=RefundCause.PATIENT_CANCELLED)
    payment.refresh_from_db()
    assert (refund.state, refund.needs_approval, refund.contract_minor) == (
        "created",
        False,
        60_000,
    )
    assert payment.refunded_minor == 60_000
    assert balances() == {
        ("processor", CNY): 160_000,
        ("patient", CNY): -100_000,
        ("refund_payable", CNY): -60_000,
    }
    message = Message.objects.get()
    assert message.kind == "payments.refund_begun"
    assert message.recipient == payment.obligation.case.patient.account


def test_a_small_refund_by_one_person_needs_nobody_else(payment, cashier):
    refund = ask(payment, cny(10_000), by=cashier, reason="Waited two hours")
    assert (refund.needs_approval, refund.requested_by) == (False, cashier)
    assert keys()[-1] == f"refund:{refund.public_id}:begun"


@pytest.fixture
def large():
    obligation = ObligationFactory(visited=True, amount_minor=2_000_000)
    return PaymentFactory(succeeded=True, obligation=obligation)


def test_above_the_threshold_nothing_moves_before_a_second_person(large, cashier):
    before = balances()
    refund = ask(large, cny(500_001), by=cashier, reason="Complaint upheld")
    assert refund.needs_approval
    assert balances() == before
    assert not Message.objects.exists()
    assert refunds.send_due_refunds() == 0
    assert left_of(_again(large)).charge == cny(1_499_999)
    assert left_of(_again(large)).contract == cny(1_499_999)


def test_shares_of_one_case_count_together(large, cashier):
    due = ObligationFactory(
        appointment=large.obligation.appointment, kind="top_up", amount_minor=2_000_000
    )
    other = PaymentFactory(succeeded=True, obligation=due)
    elsewhere = PaymentFactory(
        succeeded=True, obligation=ObligationFactory(visited=True, amount_minor=2_000_000)
    )
    first = ask(large, cny(300_000), by=cashier, reason="Complaint upheld")
    second = ask(other, cny(200_001), by=cashier, reason="Complaint upheld")
    third = ask(elsewhere, cny(200_001), by=cashier, reason="Another case")
    needs = [refund.needs_approval for refund in (first, second, third)]
    assert needs == [False, True, False]


def _again(payment):
    payment.refresh_from_db()
    return payment


def test_the_second_person_lets_it_go(large, cashier, second):
    refund = ask(large, cny(500_001), by=cashier, reason="Complaint upheld")
    approved = refunds.approve_refund(refund, by=second)
    assert approved.approved_by == second
    assert balances()[("refund_payable", CNY)] == -500_001
    assert Message.objects.get().kind == "payments.refund_begun"


def test_whoever_asked_cannot_approve(large, cashier):
    refund = ask(large, cny(500_001), by=cashier, reason="Complaint upheld")
    before = money_snapshot()
    with pytest.raises(SecondPersonNeeded):
        refunds.approve_refund(refund, by=cashier)
    assert money_snapshot() == before


def test_the_database_says_so_too(large, cashier):
    refund = ask(large, cny(500_001), by=cashier, reason="Complaint upheld")
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(approved_by=cashier)
    assert constraint_name(broken.value) == "payments_refund_two_people"
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(state="pending")
    assert constraint_name(broken.value) == "payments_refund_approved_first"


def test_approving_twice_is_refused(large, cashier, second):
    refund = ask(large, cny(500_001), by=cashier, reason="Complaint upheld")
    refunds.approve_refund(refund, by=second)
    before = money_snapshot()
    with pytest.raises(RefundDecided):
        refunds.approve_refund(refund, by=UserFactory())
    with pytest.raises(RefundDecided):
        refunds.refuse_refund(refund, by=second, reason="Too late")
    assert money_snapshot() == before


def test_a_refused_refund_never_reached_ledger_or_payer(large, cashier, second):
    before = balances()
    refund = ask(large, cny(500_001), by=cashier, reason="Complaint upheld")
    refused = refunds.refuse_refund(refund, by=second, reason="Not agreed")
    assert (refused.state, refused.failure_code) == (RefundState.FAILED, "not_approved")
    assert balances() == before
    assert left_of(_again(large)).charge == cny(2_000_000)
    assert not Message.objects.exists()


def test_several_small_refunds_count_together(large, cashier):
    first = ask(large, cny(300_000), by=cashier, reason="One")
    second = ask(large, cny(200_000), by=cashier, reason="Two")
    third = ask(large, cny(1), by=cashier, reason="Three")
    assert [each.needs_approval for each in (first, second, third)] == [False, False, True]


def test_a_person_must_say_why(payment, cashier):
    before = money_snapshot()
    with pytest.raises(ReasonMissing):
        ask(payment, cny(100), by=cashier, reason="  ")
    assert money_snapshot() == before


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        (cny(160_001), RefundTooLarge),
        (cny(0), AmountNotPayable),
        (cny(-5), AmountNotPayable),
        (Money(100, "USD"), AmountNotPayable),
    ],
)
def test_impossible_amounts_are_refused(payment, amount, refusal):
    before = money_snapshot()
    with pytest.raises(refusal):
        ask(payment, amount)
    assert money_snapshot() == before


def test_never_more_than_was_paid_however_it_is_split(payment):
    ask(payment, cny(100_000))
    with pytest.raises(RefundTooLarge):
        ask(payment, cny(60_001))
    ask(payment, cny(60_000))
    with pytest.raises(NothingToRefund):
        ask(payment, cny(1))
    assert balances() == {("processor", CNY): 160_000, ("refund_payable", CNY): -160_000}


def test_the_database_keeps_refunds_below_the_charge(payment):
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        Refund.objects.create(
            payment=payment, amount_minor=160_001, contract_minor=160_001, cause="goodwill"
        )
    assert constraint_name(broken.value) == "payments_payment_not_overrefunded"


def test_a_payment_that_did_not_succeed_has_nothing_to_give_back():
    with pytest.raises(NothingToRefund):
        ask(PaymentFactory(pending=True), cny(100))


def test_refund_all_twice_is_one_refund(payment):
    first = refunds.refund_all(payment, cause=RefundCause.PLACE_LOST)
    assert first.amount == cny(160_000)
    assert refunds.refund_all(payment, cause=RefundCause.PLACE_LOST) is None
    assert Refund.objects.count() == 1


def test_the_surplus_goes_back_out_of_its_own_account():
    obligation = ObligationFactory(visited=True)
    payment = PaymentFactory(
        succeeded=True,
        obligation=obligation,
        contract_minor=100_000,
        surplus_minor=60_000,
        charge_minor=160_000,
    )
    refund = refunds.refund_surplus(payment)
    assert (refund.amount, refund.contract_minor) == (cny(60_000), 60_000)
    assert balances() == {
        ("processor", CNY): 160_000,
        ("patient", CNY): -100_000,
        ("refund_payable", CNY): -60_000,
    }
    assert refunds.refund_surplus(payment) is None


def test_what_counted_goes_first_when_not_the_surplus_is_meant():
    obligation = ObligationFactory(visited=True)
    payment = PaymentFactory(
        succeeded=True,
        obligation=obligation,
        contract_minor=100_000,
        surplus_minor=60_000,
        charge_minor=160_000,
    )
    ask(payment, cny(90_000))
    assert balances()[("patient", CNY)] == -10_000
    assert balances()[("unapplied", CNY)] == -60_000
    refunds.refund_all(payment, cause=RefundCause.GOODWILL)
    assert ("patient", CNY) not in balances()
    assert ("unapplied", CNY) not in balances()


@pytest.mark.parametrize(
    ("charge", "parts"),
    [
        (Money(33_001, "JPY"), [11_000, 11_000, 11_001]),
        (Money(68_770, "KWD"), [22_920, 22_920, 22_930]),
        (Money(22_037, "USD"), [7_345, 7_346, 7_346]),
    ],
)
def test_partial_refunds_in_another_currency_end_at_nothing(charge, parts):
    payment = card_payment(charge=charge)
    for part in parts:
        ask(payment, Money(part, charge.currency))
    assert sum(payment.refunds.values_list("contract_minor", flat=True)) == 160_000
    assert balances() == {
        ("processor", charge.currency): charge.minor,
        ("refund_payable", charge.currency): -charge.minor,
    }
    assert refunds.send_due_refunds() == 3
    assert balances() == {}


def test_three_decimals_go_back_in_steps_that_a_processor_takes():
    payment = card_payment(charge=Money(68_770, "KWD"))
    with pytest.raises(AmountNotPayable):
        ask(payment, Money(22_925, "KWD"))


def test_a_relative_who_paid_by_link_is_told_at_their_own_address():
    obligation = ObligationFactory(visited=True)
    payment = PaymentFactory(
        succeeded=True,
        obligation=obligation,
        payer=None,
        payer_email="aunt@payer.example",
        language="fr",
    )
    ask(payment, cny(100))
    keeper, payer = Message.objects.order_by("pk")
    assert keeper.recipient == obligation.case.patient.account
    assert (payer.recipient, payer.address, payer.locale) == (None, "aunt@payer.example", "fr")
    assert payer.context["for"] == "payer"


def test_an_open_dispute_stops_people_but_rules_only_wait(payment, cashier):
    payment.disputes.create(gateway_id="dp_1", amount_minor=160_000)
    with pytest.raises(RefundsFrozen):
        ask(payment, cny(100), by=cashier, reason="Please")
    waiting = ask(payment, cny(100), cause=RefundCause.HOSPITAL_CANCELLED)
    assert waiting.state == RefundState.CREATED
    assert refunds.send_due_refunds(now=waiting.created_at + dt.timedelta(hours=1)) == 0


def test_approval_waits_for_the_dispute_as_well(large, cashier, second):
    refund = ask(large, cny(500_001), by=cashier, reason="Complaint upheld")
    large.disputes.create(gateway_id="dp_1", amount_minor=10)
    with pytest.raises(RefundsFrozen):
        refunds.approve_refund(refund, by=second)
