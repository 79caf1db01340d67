"""A confirmed appointment never stands without its deposit, unless somebody signed that it does."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from bookings.history_words import history_lines
from bookings.models import Appointment, CaseEvent
from bookings.refusals import ReasonMissing
from hospitals.models.staff import Role
from medtour.lib.errors import constraint_name
from medtour.lib.money import Money
from messaging.kinds import Suppressed
from messaging.models import Message
from messaging.rendering import render
from payments.access import deposit_gaps_of_staff
from payments.gateways.sandbox import world
from payments.models import DepositGap, Place, Refund, RefundCause
from payments.refund_refusals import (
    CoordinatorNeeded,
    GapDecided,
    PlaceUndecided,
)
from payments.selectors.deposit_gaps import missing_of, to_decide
from payments.services import deposit_gaps, disputes, refunds
from tests.factories import (
    MembershipFactory,
    ObligationFactory,
    OfferFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.bookings import in_days
from tests.payments.paid import balances, card_payment, money_snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
WHOLE = Money(160_000, "CNY")
HALF = Money(80_000, "CNY")


@pytest.fixture
def payment():
    """A paid deposit of CNY 1,600 for a confirmed appointment next week."""
    slot = SlotFactory(offer=OfferFactory(), starts_at=in_days(7))
    return card_payment(ObligationFactory(confirmed=True, appointment__slot=slot))


def staff(payment, role=Role.CASHIER):
    return MembershipFactory(hospital=payment.obligation.hospital, role=role).user


@pytest.fixture
def cashier(payment):
    return staff(payment)


@pytest.fixture
def coordinator(payment):
    return staff(payment, Role.COORDINATOR)


def give(payment, amount=WHOLE, **facts):
    wanted = {"cause": RefundCause.GOODWILL, "reason": "Her mother died", **facts}
    return refunds.request_refund(payment, amount=amount, **wanted)


def state(payment):
    return Appointment.objects.get(pk=payment.obligation.appointment_id).state


def everything(payment):
    rows = (DepositGap, CaseEvent, Message, AuditEntry, Appointment)
    return [money_snapshot(), *(list(model.objects.order_by("pk").values()) for model in rows)]


def kinds():
    return sorted(Message.objects.values_list("kind", flat=True))


@pytest.mark.parametrize("amount", [WHOLE, Money(1, "CNY")])
@pytest.mark.parametrize("place", ["", "perhaps"])
def test_giving_the_deposit_back_asks_what_becomes_of_the_appointment(
    payment, coordinator, amount, place
):
    before = everything(payment)
    with pytest.raises(PlaceUndecided):
        give(payment, amount, by=coordinator, place=place)
    assert everything(payment) == before


def test_a_coordinator_cancels_with_the_refund(payment, coordinator):
    refund = give(payment, HALF, by=coordinator, place=Place.CANCEL)
    appointment = Appointment.objects.get(pk=payment.obligation.appointment_id)
    assert (appointment.state, appointment.ended_by) == ("cancelled", "hospital")
    assert appointment.ended_reason == "Her mother died"
    back = Refund.objects.order_by("pk").values_list("cause", "amount_minor")
    assert list(back) == [("goodwill", 80_000), ("hospital_cancelled", 80_000)]
    assert not refund.needs_approval
    assert balances()[("refund_payable", "CNY")] == -160_000
    assert not DepositGap.objects.exists()
    assert "bookings.appointment_cancelled" in kinds()


def test_a_coordinator_keeps_by_a_signed_waiver(payment, coordinator):
    refund = give(payment, HALF, by=coordinator, place=Place.KEEP)
    assert state(payment) == "confirmed"
    gap = DepositGap.objects.get()
    assert (gap.state, gap.missing, gap.refund) == ("kept", HALF, refund)
    assert (gap.decided_by, gap.reason) == (coordinator, "Her mother died")
    event = CaseEvent.objects.get(action="deposit_waived")
    assert (event.by, event.details, event.reason) == (coordinator, {"gap": gap.public_id}, "")
    assert [str(line.words) for line in history_lines([event])] == [
        "Appointment kept without the deposit"
    ]
    assert AuditEntry.objects.get(action="desk.waive_deposit").reason == "Her mother died"
    message = Message.objects.get(kind="payments.deposit_waived")
    assert message.recipient == payment.obligation.appointment.booker
    rendered = render(message)
    assert "You need not pay the deposit again." in rendered.text
    assert "Her mother died" not in rendered.text + rendered.html + rendered.subject


@pytest.mark.parametrize("place", Place.values)
def test_a_cashier_needs_somebody_else_for_either(payment, cashier, place):
    refund = give(payment, Money(1_000, "CNY"), by=cashier, place=place)
    assert refund.needs_approval
    assert (state(payment), DepositGap.objects.count()) == ("confirmed", 0)
    assert missing_of(payment.obligation).minor == 0
    second = staff(payment)
    refunds.approve_refund(refund, by=second)
    if place == Place.KEEP:
        gap = DepositGap.objects.get()
        assert (state(payment), gap.decided_by) == ("confirmed", second)
    else:
        assert state(payment) == "cancelled"


def test_a_refund_that_nobody_approved_leaves_the_appointment(payment, cashier):
    refund = give(payment, by=cashier, place=Place.CANCEL)
    refunds.refuse_refund(refund, by=staff(payment), reason="No")
    assert (state(payment), missing_of(payment.obligation).minor) == ("confirmed", 0)


def test_an_appointment_that_ended_meanwhile_needs_no_decision(payment, cashier):
    refund = give(payment, by=cashier, place=Place.KEEP)
    Appointment.objects.update(state="completed")
    refunds.approve_refund(refund, by=staff(payment))
    assert not DepositGap.objects.exists()
    assert Refund.objects.get().approved_by_id is not None


def test_a_part_waived_before_is_not_asked_about_again(payment, coordinator):
    give(payment, HALF, by=coordinator, place=Place.KEEP)
    give(payment, Money(30_000, "CNY"), by=coordinator, place=Place.KEEP)
    assert sorted(DepositGap.objects.values_list("missing_minor", flat=True)) == [30_000, 80_000]
    assert missing_of(payment.obligation).minor == 0


def lose(payment, minor=WHOLE.minor):
    name = world.open_dispute(payment.intent_id, amount=minor)
    world.close_dispute(name, is_won=False)
    return disputes.follow_dispute(name, account_id="")


def test_a_lost_dispute_asks_the_desk_and_tells_the_patient(payment, coordinator):
    lost = lose(payment, 60_000)
    gap = DepositGap.objects.get()
    assert (gap.state, gap.missing.minor, gap.dispute) == ("open", 60_000, lost)
    assert list(to_decide(deposit_gaps_of_staff(coordinator))) == [gap]
    assert state(payment) == "confirmed"
    event = CaseEvent.objects.get(action="deposit_missing")
    assert (event.actor, event.details) == ("system", {"gap": gap.public_id})
    rendered = render(Message.objects.get(kind="payments.deposit_missing"))
    assert "The hospital now decides" in rendered.text
    disputes.follow_dispute(lost.gateway_id, account_id="")
    assert DepositGap.objects.count() == 1


def test_the_coordinator_keeps_after_a_lost_dispute(payment, coordinator):
    lose(payment)
    gap = deposit_gaps.keep_place(DepositGap.objects.get(), by=coordinator, reason="A mistake")
    assert (gap.state, gap.decided_by, gap.reason) == ("kept", coordinator, "A mistake")
    assert (state(payment), missing_of(payment.obligation).minor) == ("confirmed", 0)
    assert isinstance(render(Message.objects.get(kind="payments.deposit_missing")), Suppressed)


def test_the_coordinator_cancels_after_a_lost_dispute_and_the_rest_goes_back(payment, coordinator):
    lose(payment, 60_000)
    gap = deposit_gaps.give_up_place(DepositGap.objects.get(), by=coordinator, reason="No deposit")
    assert (gap.state, gap.decided_by) == ("cancelled", coordinator)
    appointment = Appointment.objects.get(pk=payment.obligation.appointment_id)
    assert (appointment.state, appointment.ended_reason) == ("cancelled", "No deposit")
    rest = Refund.objects.get()
    assert (rest.amount_minor, rest.cause) == (100_000, "hospital_cancelled")


DECIDE = (deposit_gaps.keep_place, deposit_gaps.give_up_place)


@pytest.mark.parametrize("decide", DECIDE)
def test_a_refused_decision_changes_nothing(payment, coordinator, cashier, decide):
    lose(payment)
    gap = DepositGap.objects.get()
    before = everything(payment)
    with pytest.raises(ReasonMissing):
        decide(gap, by=coordinator, reason=" ")
    stranger = MembershipFactory(role=Role.COORDINATOR).user
    for somebody in (cashier, UserFactory(), stranger):
        with pytest.raises(CoordinatorNeeded):
            decide(gap, by=somebody, reason="Because")
    assert everything(payment) == before


@pytest.mark.parametrize("decide", DECIDE)
def test_it_is_decided_once_and_only_while_the_appointment_stands(payment, coordinator, decide):
    lose(payment)
    gap = DepositGap.objects.get()
    deposit_gaps.keep_place(gap, by=coordinator, reason="Kept")
    before = everything(payment)
    with pytest.raises(GapDecided):
        decide(gap, by=coordinator, reason="Again")
    assert everything(payment) == before
    DepositGap.objects.update(state="open")
    Appointment.objects.update(state="cancelled")
    with pytest.raises(GapDecided):
        decide(gap, by=coordinator, reason="Late")
    assert not to_decide(DepositGap.objects.all()).exists()


@pytest.mark.parametrize("visited", ["completed", "arrived", "no_show", "cancelled"])
def test_other_appointments_stand_on_no_deposit(payment, cashier, visited):
    Appointment.objects.update(state=visited)
    assert not give(payment, HALF, by=cashier).needs_approval
    payment.disputes.create(gateway_id="du_9", amount_minor=1_000, state="lost")
    deposit_gaps.ask_the_desk(payment.disputes.get(), now=payment.settled_at)
    assert not DepositGap.objects.exists()


def test_the_database_wants_a_name_under_a_waiver(payment):
    gap = {"obligation": payment.obligation, "payment": payment, "missing_minor": 5}
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        DepositGap.objects.create(state="kept", **gap)
    assert constraint_name(refused.value) == "payments_gap_waiver_is_signed"
