"""Beginning to pay: once, for the right sum, to the right payee, while the place is held."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from bookings.models import Appointment
from bookings.services import expiry
from medtour.lib import clock, exchange
from payments.gateways.sandbox import world
from payments.models import MoneyAlert, PayeeAccount, Payment
from payments.refusals import (
    CurrencyNotTaken,
    GatewayUnavailable,
    HoldOver,
    NoPayee,
    NothingOwed,
    PayeeMismatch,
    PaymentOver,
)
from payments.services import deposits, settlement
from tests.payments.paying import (
    CANCEL,
    SUCCESS,
    at_the_page,
    cny,
    due,
    paid_unseen,
    started,
    waiting_appointment,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def refused(refusal, obligation, currency="CNY", **facts):
    """Assert that paying is refused and that no attempt is left behind."""
    before = list(Payment.objects.values_list("pk", "state"))
    with pytest.raises(refusal):
        started(obligation, currency, **facts)
    assert list(Payment.objects.values_list("pk", "state")) == before


def test_an_attempt_claims_the_deposit():
    obligation = due()
    payment = started(obligation)
    obligation.refresh_from_db()
    assert (payment.state, payment.attempt, payment.charge) == ("created", 1, cny(16_000))
    assert obligation.unclaimed == cny(0)
    assert payment.expires_at == clock.now() + dt.timedelta(minutes=31)
    assert payment.payer == obligation.opened_by


def test_the_charge_is_fixed_by_the_reference_rate():
    payment = started(due(), "JPY")
    assert payment.charge_currency == "JPY"
    exact = Decimal(160) * payment.rate
    assert payment.charge_minor == int(exact.to_integral_value())
    assert (payment.rate_source, payment.contract) == ("European Central Bank", cny(16_000))
    assert payment.rate_on is not None


def test_a_double_click_is_one_attempt():
    obligation = due()
    assert started(obligation) == started(obligation)
    first = at_the_page(obligation)
    second = at_the_page(obligation)
    assert (first.session_id, first.session_url) == (second.session_id, second.session_url)
    assert Payment.objects.count() == 1


def test_another_currency_ends_the_first_page():
    obligation = due()
    first = at_the_page(obligation)
    second = at_the_page(obligation, "USD")
    first.refresh_from_db()
    assert (first.state, second.state, second.attempt) == ("cancelled", "pending", 2)
    assert world.session_of(first.public_id)["status"] == "expired"
    assert world.session_of(second.public_id)["status"] == "open"


def test_money_on_the_first_page_counts_when_another_currency_is_asked_for():
    obligation = due()
    first = paid_unseen(obligation)
    with pytest.raises(NothingOwed):
        started(obligation, "USD")
    first.refresh_from_db()
    assert first.state == "succeeded"
    assert Appointment.objects.get().state == "confirmed"


@pytest.mark.parametrize("currency", ["GBP", "XXX"])
def test_a_currency_that_the_payee_does_not_take(currency):
    refused(CurrencyNotTaken, due(), currency)


def test_without_a_rate_no_other_currency_is_charged():
    obligation = due()
    PayeeAccount.objects.update(charge_currencies=["CNY", "KWD"])
    refused(CurrencyNotTaken, obligation, "KWD")


def test_money_goes_only_to_the_named_payee():
    obligation = due()
    PayeeAccount.objects.update(holder_name="Somebody Else Trading Co")
    refused(PayeeMismatch, obligation)
    refused(PayeeMismatch, obligation)
    assert [alert.kind for alert in MoneyAlert.objects.all()] == ["payee_differs"]


def test_without_an_account_nothing_is_paid():
    obligation = due()
    PayeeAccount.objects.update(is_active=False)
    refused(NoPayee, obligation)


def test_after_the_hold_nothing_can_be_begun(frozen):
    obligation = due()
    refused(HoldOver, obligation, now=obligation.appointment.held_until)
    with clock.freeze(frozen + dt.timedelta(minutes=36)):
        expiry.expire_stale_holds()
        refused(HoldOver, obligation)


def test_the_place_is_kept_until_the_page_closes(frozen):
    obligation = due()
    with clock.freeze(frozen + dt.timedelta(minutes=30)):
        payment = at_the_page(obligation)
        assert payment.expires_at == frozen + dt.timedelta(minutes=61)
        appointment = Appointment.objects.get()
        assert appointment.held_until == frozen + dt.timedelta(minutes=65)
        assert [event.action for event in appointment.events.order_by("pk")][-2:] == [
            "extend",
            "payment",
        ]


def test_trying_again_and_again_does_not_keep_the_place_for_ever(frozen):
    obligation, instant = due(), frozen
    for _attempt in range(3):
        with clock.freeze(instant):
            at_the_page(obligation)
        instant += dt.timedelta(minutes=33)
    with clock.freeze(instant):
        payment = started(obligation)
        with pytest.raises(HoldOver):
            deposits.begin_checkout(payment, success_url=SUCCESS, cancel_url=CANCEL)
    assert Appointment.objects.get().held_until == frozen + dt.timedelta(minutes=101)


@pytest.mark.parametrize("fault", ["dropped_before", "dropped_after", "500", "429"])
def test_an_unanswered_page_is_opened_once(fault):
    obligation = due()
    world.go_wrong(fault, path="/checkout/sessions", method="post")
    with pytest.raises(GatewayUnavailable):
        at_the_page(obligation)
    payment = Payment.objects.get()
    assert (payment.state, payment.session_id) == ("created", "")
    again = at_the_page(obligation)
    assert (again.pk, again.state) == (payment.pk, "pending")
    assert again.session_id == world.session_of(payment.public_id)["id"]


def test_a_page_we_never_heard_of_is_found_again():
    obligation = due()
    world.go_wrong("dropped_after", path="/checkout/sessions", method="post")
    with pytest.raises(GatewayUnavailable):
        at_the_page(obligation)
    payment = settlement.settle(Payment.objects.get())
    assert payment.state == "pending"
    assert payment.session_url.endswith(f"/sandbox/checkout/{payment.session_id}/")


def test_an_attempt_that_cannot_open_its_page_any_more_is_replaced(frozen):
    obligation = due()
    first = started(obligation)
    with clock.freeze(frozen + dt.timedelta(minutes=2)):
        with pytest.raises(PaymentOver):
            deposits.begin_checkout(first, success_url=SUCCESS, cancel_url=CANCEL)
        second = at_the_page(obligation)
    first.refresh_from_db()
    assert (first.state, second.attempt, second.state) == ("cancelled", 2, "pending")


def test_a_sum_that_the_gateway_refuses_ends_the_attempt():
    appointment = waiting_appointment()
    appointment.slot.offer.price_lines.update(amount_minor=600_000_000)
    obligation = due(appointment)
    with pytest.raises(GatewayUnavailable):
        at_the_page(obligation)
    payment = Payment.objects.get()
    assert (payment.state, payment.failure_code) == ("failed", "amount_too_large")
    obligation.refresh_from_db()
    assert obligation.unclaimed == cny(120_000_000)


def test_a_paid_deposit_is_not_paid_again():
    obligation = due()
    settlement.settle(paid_unseen(obligation))
    refused(NothingOwed, obligation)


def test_another_rate_ends_the_first_page_and_asks_for_the_sum_of_today():
    obligation = due()
    first = at_the_page(obligation, "USD")
    table = exchange.latest()
    dearer = {code: each / 2 if code == "CNY" else each for code, each in table.per_euro.items()}
    newer = replace(table, day=table.day + dt.timedelta(days=1), per_euro=dearer)
    exchange.use_source(lambda: newer)
    second = at_the_page(obligation, "USD")
    first.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "pending")
    assert second.charge == deposits.charge_for(cny(16_000), "USD").charge
    assert at_the_page(obligation, "USD") == second, "the same sum is the same page"


def test_nobody_is_charged_by_a_rate_that_is_too_old(settings):
    obligation, age = due(), (clock.now().date() - exchange.latest().day).days
    settings.CHARGE_RATE_MAX_AGE_DAYS = age
    assert deposits.charge_for(cny(16_000), "USD").charge.currency == "USD"
    settings.CHARGE_RATE_MAX_AGE_DAYS = age - 1
    refused(CurrencyNotTaken, obligation, "USD")
    assert deposits.charge_for(cny(16_000), "CNY").charge == cny(16_000)
    settings.CHARGE_RATE_MAX_AGE_DAYS = None
    assert deposits.charge_for(cny(16_000), "USD").charge.currency == "USD"
