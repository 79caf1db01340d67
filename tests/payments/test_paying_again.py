"""Two tabs, double clicks, going back, late news, a page that closed: each with its exact end.

Seen from the browser where a page is involved; the browser's own journeys are in tests/journeys.
"""

import datetime as dt

import pytest
from django.urls import reverse

from bookings.models import Appointment
from bookings.services.expiry import expire_stale_holds
from medtour.lib import clock
from messaging.models import Message
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import StoredObject
from payments.models import LedgerPosting, MoneyAlert, Obligation, Payment, Refund
from payments.services import inbox, refunds, sweep
from tests.factories import AppointmentFactory, PatientFactory
from tests.payments import money_truths, sandbox
from tests.payments.paid import balances

pytest_plugins = ["tests.payments.payers"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]
MINUTE = dt.timedelta(minutes=1)
DEPOSIT = 38_700


@pytest.fixture
def press(signed_in, waiting):
    """Press the button on the page of terms; returns the answer."""

    def pressed(currency="CNY"):
        address = reverse("payments:deposit", args=[waiting.public_id])
        page = signed_in.get(address).content.decode()
        if f'value="{currency}-' not in page:
            return signed_in.post(address, {"currency": f"{currency}-1", "agreed": "on"})
        minor = page.split(f'value="{currency}-')[1].split('"')[0]
        return signed_in.post(address, {"currency": f"{currency}-{minor}", "agreed": "on"})

    return pressed


def returns(client, payment):
    return client.get(reverse("payments:paying", args=[payment.public_id]))


def hear(client):
    sandbox.deliver(client)
    inbox.process_due()


def paid_once(contract=DEPOSIT, also=()):
    """Assert the one good end: one payment counts, the place is confirmed, one message each."""
    succeeded = Payment.objects.get(state="succeeded")
    assert (succeeded.contract_minor, succeeded.surplus_minor) == (contract, 0)
    assert Appointment.objects.get().state == "confirmed"
    assert Obligation.objects.get().settled_at is not None
    assert balances()[("patient", "CNY")] == -contract
    ahead = ("bookings.pre_visit", "bookings.visa_deadline")
    told = Message.objects.exclude(kind__contains="reminder").exclude(kind__in=ahead)
    kinds = list(told.values_list("kind", flat=True))
    expected = ["bookings.appointment_confirmed", "payments.deposit_paid", *also]
    assert sorted(kinds) == sorted(expected)
    assert not Refund.objects.exists()
    assert not MoneyAlert.objects.exists()
    money_truths.hold_always()
    return succeeded


def test_a_double_click_leads_to_one_page_and_one_payment(press, client):
    first, second = press(), press()
    assert first["Location"] == second["Location"]
    payment = Payment.objects.get()
    world.pay(payment.session_id)
    hear(client)
    assert paid_once() == payment
    assert StoredObject.objects.filter(kind="checkout.session").count() == 1


def test_two_tabs_in_two_currencies_and_the_older_one_pays(press, signed_in, client):
    """The second button closed the page of the first: nothing can be paid there any more."""
    press()
    older = Payment.objects.get()
    press("USD")
    world.pay(older.session_id)
    newer = Payment.objects.latest("pk")
    world.pay(newer.session_id)
    hear(client)
    older.refresh_from_db()
    assert older.state == "cancelled"
    assert paid_once() == newer
    assert StoredObject.objects.filter(kind="charge").count() == 1
    returns(signed_in, older)
    returns(signed_in, newer)
    paid_once()


def test_two_tabs_and_the_older_one_paid_before_the_newer_opened(press, client):
    """The money of the first counts; the second button charges nothing."""
    press()
    older = Payment.objects.get()
    world.pay(older.session_id)
    press("USD")
    hear(client)
    assert paid_once() == older
    assert not Payment.objects.filter(charge_currency="USD", state__in=("created", "pending"))


def test_the_button_again_after_paying(press, signed_in, waiting):
    press()
    payment = Payment.objects.get()
    world.pay(payment.session_id)
    returns(signed_in, payment)
    press()
    assert Payment.objects.count() == 1
    assert paid_once() == payment


@pytest.mark.parametrize("news_first", [True, False])
def test_the_return_page_and_the_news_in_either_order(press, signed_in, client, news_first):
    press()
    payment = Payment.objects.get()
    world.pay(payment.session_id)
    steps = [lambda: hear(client), lambda: returns(signed_in, payment)]
    for step in steps if news_first else steps[::-1]:
        step()
        paid_once()
    assert LedgerPosting.objects.count() == 2


def test_back_from_the_page_without_paying_and_on_again(press, signed_in, client):
    press()
    payment = Payment.objects.get()
    left = signed_in.get(reverse("payments:paying", args=[payment.public_id]) + "?left=1")
    assert left.status_code == 200
    payment.refresh_from_db()
    assert payment.state == "pending"
    assert press()["Location"] == payment.session_url
    world.pay(payment.session_id)
    hear(client)
    assert paid_once() == payment


def test_news_two_days_late_finds_everything_done(press, client, frozen):
    press()
    payment = Payment.objects.get()
    world.pay(payment.session_id)
    with clock.freeze(frozen + 3 * MINUTE):
        sweep.sweep()
    with clock.freeze(frozen + dt.timedelta(days=2)):
        expire_stale_holds()
        hear(client)
        assert paid_once() == payment


def test_news_two_days_late_is_the_first_we_hear_and_the_time_is_still_free(press, client, frozen):
    press()
    payment = Payment.objects.get()
    world.pay(payment.session_id)
    with clock.freeze(frozen + dt.timedelta(days=2)):
        expire_stale_holds()
        assert Appointment.objects.get().state == "expired"
        hear(client)
        assert paid_once(also=["bookings.deposit_lapsed"]) == payment


def test_news_two_days_late_and_somebody_else_has_the_time(press, client, frozen, waiting):
    press()
    world.pay(Payment.objects.get().session_id)
    with clock.freeze(frozen + dt.timedelta(days=2)):
        expire_stale_holds()
        AppointmentFactory(slot=waiting.slot, patient=PatientFactory())
        hear(client)
        hear(client)
        refunds.send_due_refunds()
    waiting.refresh_from_db()
    refund = Refund.objects.get()
    assert waiting.state == "expired"
    assert (refund.state, refund.cause, refund.amount_minor) == ("succeeded", "place_lost", DEPOSIT)
    obligation = Obligation.objects.get()
    assert (obligation.settled_at, obligation.closed_reason) == (None, "place_lost")
    assert ("patient", "CNY") not in balances()
    assert [alert.kind for alert in MoneyAlert.objects.all()] == ["place_lost"]
    assert Message.objects.filter(kind="payments.place_lost").count() == 1
    assert not Message.objects.filter(kind="payments.deposit_paid").exists()


def test_the_page_closed_and_is_opened_anew(press, client, frozen):
    press()
    first = Payment.objects.get()
    with clock.freeze(frozen + 32 * MINUTE):
        world.pay(first.session_id)
        assert press().status_code == 303
        first.refresh_from_db()
        assert first.state in ("cancelled", "expired")
        second = Payment.objects.get(state="pending")
        world.pay(second.session_id)
        hear(client)
        assert paid_once() == second
    assert StoredObject.objects.filter(kind="charge").count() == 1


def test_the_page_and_the_hold_ended(press, signed_in, client, frozen, waiting):
    press()
    payment = Payment.objects.get()
    with clock.freeze(frozen + 36 * MINUTE):
        world.pay(payment.session_id)
        expire_stale_holds()
        sweep.sweep()
        hear(client)
        assert press().status_code == 409
        assert returns(signed_in, payment).status_code == 200
    payment.refresh_from_db()
    waiting.refresh_from_db()
    obligation = Obligation.objects.get()
    assert (payment.state, waiting.state) == ("expired", "expired")
    assert (obligation.claimed_minor, obligation.closed_reason) == (0, "lapsed")
    assert not LedgerPosting.objects.exists()
    assert not StoredObject.objects.filter(kind="charge").exists()
