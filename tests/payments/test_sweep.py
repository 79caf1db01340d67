"""The sweep repairs what a crash at any step leaves behind; twice changes nothing more."""

import datetime as dt

import pytest

from bookings.models import Appointment
from bookings.services import expiry
from medtour.lib import clock
from payments.gateways import gateway
from payments.gateways.protocol import CheckoutRequest
from payments.gateways.sandbox import world
from payments.models import LedgerPosting, MoneyAlert, Payment
from payments.services import settlement, sweep
from tests.payments.paying import CANCEL, SUCCESS, at_the_page, due, paid_unseen, started

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
MINUTE = dt.timedelta(minutes=1)


def swept(instant):
    with clock.freeze(instant):
        expiry.expire_stale_holds()
        sweep.sweep()
        sweep.sweep()


def states():
    payment = Payment.objects.get()
    return payment.state, Appointment.objects.get().state


def opened_but_not_written(payment):
    """Open the page as a process that is killed right after it."""
    return gateway().create_checkout(
        CheckoutRequest(
            payment_id=payment.public_id,
            attempt=payment.attempt,
            amount=payment.charge,
            account_id=payment.payee_account.account_id,
            language="en",
            label="Deposit",
            success_url=SUCCESS,
            cancel_url=CANCEL,
            expires_at=payment.expires_at,
        )
    )


def test_killed_after_the_attempt(frozen):
    started(due())
    swept(frozen + 3 * MINUTE)
    assert states() == ("created", "awaiting_payment")
    swept(frozen + 40 * MINUTE)
    assert states() == ("expired", "expired")


def test_killed_after_the_page_was_opened(frozen):
    opened_but_not_written(started(due()))
    swept(frozen + 3 * MINUTE)
    assert states() == ("pending", "awaiting_payment")


def test_killed_after_the_page_was_opened_and_the_hold_lapsed(frozen):
    page = opened_but_not_written(started(due()))
    swept(frozen + 40 * MINUTE)
    assert states() == ("expired", "expired")
    assert world.session_of(page.payment_id)["status"] == "expired"


def test_killed_while_the_payer_pays(frozen):
    paid_unseen(due())
    swept(frozen + 3 * MINUTE)
    assert states() == ("succeeded", "confirmed")
    assert LedgerPosting.objects.count() == 2


def test_killed_after_the_hold_was_closed(frozen):
    payment = at_the_page(due())
    Appointment.objects.update(held_until=frozen)
    with clock.freeze(frozen + MINUTE):
        expiry.expire_stale_holds()
        sweep.close_lapsed(now=clock.now())
    assert states() == ("pending", "expired")
    assert world.session_of(payment.public_id)["status"] == "open"
    swept(frozen + 2 * MINUTE)
    assert states() == ("expired", "expired")
    assert world.session_of(payment.public_id)["status"] == "expired"


def test_killed_after_the_page_was_closed(frozen):
    payment = at_the_page(due())
    gateway().expire_checkout(payment.session_id, account_id=payment.payee_account.account_id)
    swept(frozen + 3 * MINUTE)
    assert states()[0] == "expired"
    obligation = payment.obligation
    assert settlement.settle(paid_unseen(obligation)).state == "succeeded"


def test_a_silent_gateway_stops_the_round_and_nothing_is_lost(frozen):
    paid_unseen(due())
    world.go_wrong("500")
    with clock.freeze(frozen + 3 * MINUTE):
        assert sweep.settle_unanswered(now=clock.now()) == 0
        assert sweep.settle_unanswered(now=clock.now()) == 1
    assert states() == ("succeeded", "confirmed")


def test_fresh_payments_are_left_in_peace(frozen):
    paid_unseen(due())
    assert sweep.settle_unanswered(now=frozen + MINUTE) == 0


def test_the_page_of_a_payment_that_was_given_up_is_closed(frozen):
    payment = at_the_page(due())
    Payment.objects.update(state="cancelled")
    swept(frozen + MINUTE)
    payment.refresh_from_db()
    assert (payment.state, payment.session_url) == ("cancelled", "")
    assert world.session_of(payment.public_id)["status"] == "expired"


def test_money_on_the_page_of_a_payment_that_was_given_up_counts_while_it_is_owed(frozen):
    paid_unseen(due())
    Payment.objects.update(state="cancelled")
    swept(frozen + MINUTE)
    assert states() == ("succeeded", "confirmed")


def test_a_payment_of_which_the_gateway_knows_nothing_is_told_to_the_desk_once(frozen):
    at_the_page(due())
    Payment.objects.update(session_id="cs_gone")
    swept(frozen + 3 * MINUTE)
    assert states() == ("pending", "awaiting_payment")
    alert = MoneyAlert.objects.get()
    assert (alert.kind, alert.details) == ("event_stuck", {"code": "resource_missing"})
