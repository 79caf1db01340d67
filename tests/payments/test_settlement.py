"""Settling: whoever asks, however often, ends in the same state; money and place go together."""

import datetime as dt
from decimal import Decimal

import pytest

from bookings.models import Appointment
from bookings.services import expiry
from bookings.services.holds import Holder, place_hold
from medtour.lib import clock
from medtour.lib.money import Money
from messaging.models import Message
from payments.gateways.protocol import GatewayDown
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import StoredObject
from payments.models import Account, LedgerPosting, MoneyAlert, Payment, Refund
from payments.refusals import NothingOwed
from payments.selectors.balances import balance, paid_in
from payments.services import settlement, sweep
from tests.payments.paying import at_the_page, cny, due, paid_unseen, started, sums

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LATER = dt.timedelta(minutes=40)


TOLD = ["bookings.appointment_confirmed", "payments.deposit_paid"]
AHEAD = ("bookings.pre_visit", "bookings.visa_deadline")


def messages():
    told = Message.objects.exclude(kind__contains="reminder").exclude(kind__in=AHEAD)
    return sorted(told.values_list("kind", flat=True))


def lapse(instant):
    """Let every hold end."""
    with clock.freeze(instant):
        expiry.expire_stale_holds()


def test_a_paid_deposit_confirms_the_appointment():
    obligation = due()
    payment = settlement.settle(paid_unseen(obligation))
    obligation.refresh_from_db()
    appointment = Appointment.objects.get()
    assert (payment.state, payment.method, payment.settled_at) == ("succeeded", "card", clock.now())
    assert (appointment.state, appointment.held_until) == ("confirmed", None)
    assert (obligation.settled_at, obligation.closed_at) == (clock.now(), None)
    assert paid_in(obligation) == cny(16_000)
    assert balance(Account.FEES) == {"CNY": cny(payment.gateway_fee_minor)}
    assert sums() == {"CNY": 0}
    assert messages() == TOLD


def test_settling_again_changes_nothing():
    payment = paid_unseen(due())
    for _time in range(3):
        settlement.settle(payment)
    assert LedgerPosting.objects.count() == 2
    assert messages() == TOLD
    assert Appointment.objects.get().version == 2


def test_nothing_paid_changes_nothing():
    obligation = due()
    payment = settlement.settle(at_the_page(obligation))
    assert payment.state == "pending"
    assert Appointment.objects.get().state == "awaiting_payment"
    assert not LedgerPosting.objects.exists()


def test_a_declined_card_may_try_again_on_the_same_page():
    obligation = due()
    payment = at_the_page(obligation)
    world.pay(payment.session_id, "insufficient_funds")
    payment = settlement.settle(payment)
    assert (payment.state, payment.failure_code) == ("pending", "insufficient_funds")
    world.pay(payment.session_id)
    payment = settlement.settle(payment)
    assert (payment.state, payment.failure_code) == ("succeeded", "")


def test_an_abandoned_page_lapses_and_another_can_be_opened(frozen):
    obligation = due()
    payment = at_the_page(obligation)
    with clock.freeze(frozen + dt.timedelta(minutes=32)):
        assert settlement.settle(payment).state == "expired"
        obligation.refresh_from_db()
        assert obligation.unclaimed == cny(16_000)
        second = settlement.settle(paid_unseen(obligation))
    assert (second.state, second.attempt) == ("succeeded", 2)


def test_a_wallet_that_pays_later(frozen):
    payment = at_the_page(due())
    world.pay(payment.session_id, "alipay_later")
    assert settlement.settle(payment).state == "pending"
    with clock.freeze(frozen + dt.timedelta(minutes=32)):
        assert settlement.settle(payment).state == "pending"
        world.finish_wallet(payment.session_id)
        payment = settlement.settle(payment)
    assert (payment.state, payment.method) == ("succeeded", "alipay")
    assert Appointment.objects.get().state == "confirmed"


def test_while_a_wallet_is_at_work_nothing_else_is_begun():
    obligation = due()
    payment = at_the_page(obligation)
    world.pay(payment.session_id, "alipay_later")
    settlement.settle(payment)
    for currency in ("CNY", "USD"):
        with pytest.raises(NothingOwed):
            at_the_page(obligation, currency)
    assert Payment.objects.get().state == "pending"


def test_a_wallet_that_refuses_later():
    payment = at_the_page(due())
    world.pay(payment.session_id, "alipay_refused")
    world.finish_wallet(payment.session_id)
    payment = settlement.settle(payment)
    assert payment.state == "failed"
    assert Appointment.objects.get().state == "awaiting_payment"


def test_another_currency_is_posted_on_both_ends():
    obligation = due()
    payment = settlement.settle(paid_unseen(obligation, "JPY"))
    assert balance(Account.PROCESSOR)["JPY"].minor <= payment.charge_minor
    assert balance(Account.PATIENT) == {"CNY": cny(-16_000)}
    assert set(sums().values()) == {0}


def test_late_money_takes_the_free_place_again(frozen):
    obligation = due()
    payment = paid_unseen(obligation)
    lapse(frozen + LATER)
    assert Appointment.objects.get().state == "expired"
    with clock.freeze(frozen + dt.timedelta(days=2)):
        sweep.sweep()
    payment.refresh_from_db()
    obligation.refresh_from_db()
    appointment = Appointment.objects.select_related("case").get()
    assert (payment.state, appointment.state, appointment.case.state) == (
        "succeeded",
        "confirmed",
        "scheduled",
    )
    assert obligation.settled_at is not None
    assert obligation.closed_at is None
    assert not Refund.objects.exists()


def test_late_money_for_a_lost_place_goes_back_in_full(frozen):
    obligation = due()
    payment = paid_unseen(obligation, "USD")
    lapse(frozen + LATER)
    with clock.freeze(frozen + LATER):
        place_hold(obligation.appointment.slot, holder=Holder("visitor:other"), language="en")
        payment = settlement.settle(payment)
        settlement.settle(payment)
    obligation.refresh_from_db()
    refund = Refund.objects.get()
    assert (refund.cause, refund.amount, refund.contract_minor) == (
        "place_lost",
        payment.charge,
        16_000,
    )
    assert obligation.appointment.__class__.objects.get(pk=obligation.appointment_id).state == (
        "expired"
    )
    assert (obligation.settled_at, obligation.closed_reason) == (None, "place_lost")
    assert paid_in(obligation) == cny(0)
    assert [alert.kind for alert in MoneyAlert.objects.all()] == ["place_lost"]
    assert "payments.place_lost" in messages()
    assert "payments.deposit_paid" not in messages()
    assert set(sums().values()) == {0}


def test_money_for_a_cancelled_appointment_goes_back():
    obligation = due()
    payment = paid_unseen(obligation)
    Appointment.objects.update(state="cancelled")
    settlement.settle(payment)
    assert Refund.objects.get().amount == cny(16_000)
    assert Appointment.objects.get().state == "cancelled"


def test_money_after_we_gave_up_counts_as_far_as_something_is_owed(frozen):
    obligation = due()
    first = paid_unseen(obligation)
    Payment.objects.update(state="expired")
    second = settlement.settle(paid_unseen(obligation))
    first = settlement.settle(first)
    assert (second.contract_minor, second.surplus_minor) == (16_000, 0)
    assert (first.state, first.contract_minor, first.surplus_minor) == ("succeeded", 0, 16_000)
    assert balance(Account.PATIENT) == {"CNY": cny(-16_000)}
    assert balance(Account.UNAPPLIED) == {}
    refund = Refund.objects.get()
    assert (refund.payment, refund.cause, refund.amount) == (first, "paid_twice", cny(16_000))
    assert sums() == {"CNY": 0}


@pytest.mark.parametrize(
    ("kind", "changes", "wrong"),
    [
        ("checkout.session", {"amount_total": 100}, "amount"),
        ("checkout.session", {"currency": "usd"}, "currency"),
        ("checkout.session", {"livemode": True}, "live_mode"),
        ("checkout.session", {"client_reference_id": "somebody"}, "payment"),
        ("payment_intent", {"amount": 100}, "amount"),
        ("payment_intent", {"amount_received": 100}, "amount"),
        ("payment_intent", {"currency": "usd"}, "currency"),
        ("payment_intent", {"metadata": {"payment": "somebody"}}, "payment"),
        ("payment_intent", {"livemode": True}, "live_mode"),
    ],
)
def test_what_does_not_fit_changes_nothing(kind, changes, wrong):
    payment = paid_unseen(due())
    stored = StoredObject.objects.get(kind=kind)
    stored.body = {**stored.body, **changes}
    stored.save()
    for _time in range(2):
        settled = settlement.look(payment, now=clock.now())
        assert settled.misfit == wrong
    payment.refresh_from_db()
    assert payment.state == "pending"
    assert Appointment.objects.get().state == "awaiting_payment"
    assert not LedgerPosting.objects.exists()
    (alert,) = MoneyAlert.objects.all()
    assert (alert.kind, alert.payment, alert.details) == (
        "event_does_not_fit",
        payment,
        {"wrong": wrong},
    )


def test_a_gateway_that_is_down_changes_nothing_and_the_page_goes_on():
    payment = paid_unseen(due())
    world.go_wrong("500", times=2)
    with pytest.raises(GatewayDown):
        settlement.settle(payment)
    assert settlement.settle_if_possible(payment).state == "pending"
    assert settlement.settle_if_possible(payment).state == "succeeded"


def test_a_fee_that_is_known_later_is_posted_later():
    payment = settlement.settle(paid_unseen(due()))
    assert LedgerPosting.objects.filter(key=f"fee:{payment.public_id}").exists()
    assert payment.gateway_fee_minor == balance(Account.FEES)["CNY"].minor


def test_nothing_is_begun_and_the_attempt_lapses(frozen):
    payment = started(due())
    assert settlement.settle(payment).state == "created"
    with clock.freeze(frozen + LATER):
        assert settlement.settle(payment).state == "expired"


def test_history_tells_of_every_step():
    obligation = due()
    settlement.settle(paid_unseen(obligation))
    steps = obligation.case.events.filter(action="payment").order_by("pk")
    assert [(event.before, event.after, event.actor) for event in steps] == [
        ("", "created", "patient"),
        ("created", "pending", "system"),
        ("pending", "succeeded", "system"),
    ]


def test_the_rate_stays_with_the_payment():
    payment = settlement.settle(paid_unseen(due(), "USD"))
    posting = LedgerPosting.objects.get(key=f"payment:{payment.public_id}")
    assert posting.rate == payment.rate != Decimal(1)
    assert posting.rate_on == payment.rate_on
    assert payment.charge == Money(payment.charge_minor, "USD")
