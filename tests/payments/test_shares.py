"""Shares by link: others pay a part, nobody too much, nothing medical in the link."""

import datetime as dt

import pytest
from django.core import signing

from bookings.models import Appointment
from bookings.services import expiry
from medtour.lib import clock
from messaging.models import Message
from messaging.rendering import render
from payments import links
from payments.gateways.sandbox import world
from payments.models import MoneyAlert, PaymentShare, Refund
from payments.refusals import NothingOwed, ObligationClosed, ShareClosed, ShareTooLarge
from payments.selectors.balances import paid_in
from payments.selectors.due import own_part
from payments.services import settlement, sweep
from payments.services.obligations import close_obligation
from payments.services.shares import offer_share, withdraw_share
from tests.payments.paying import at_the_page, cny, due, paid_unseen, started, sums

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def share(obligation, minor=6_000, label="Aunt"):
    return offer_share(obligation, label=label, amount=cny(minor), by=obligation.opened_by)


def test_a_share_is_set_aside_from_the_patients_own_part():
    obligation = due()
    one = share(obligation)
    assert own_part(obligation) == cny(10_000)
    payment = started(obligation)
    assert payment.contract == cny(10_000)
    hers = started(obligation, share=one, payer_name="Aunt Test", payer_email="aunt@people.example")
    assert (hers.contract, hers.payer, hers.payer_name) == (cny(6_000), None, "Aunt Test")
    obligation.refresh_from_db()
    assert obligation.unclaimed == cny(0)


def test_only_when_all_is_paid_the_appointment_is_confirmed():
    obligation = due()
    one = share(obligation)
    settlement.settle(paid_unseen(obligation, share=one))
    one.refresh_from_db()
    obligation.refresh_from_db()
    assert (one.paid_at, obligation.settled_at) == (clock.now(), None)
    assert Appointment.objects.get().state == "awaiting_payment"
    settlement.settle(paid_unseen(obligation))
    assert Appointment.objects.get().state == "confirmed"
    assert paid_in(obligation) == cny(16_000)
    assert sums() == {"CNY": 0}


@pytest.mark.parametrize("minor", [0, -1, 16_001])
def test_a_share_fits_into_what_is_due(minor):
    obligation = due()
    with pytest.raises(ShareTooLarge):
        share(obligation, minor)
    assert not PaymentShare.objects.exists()


def test_what_is_being_paid_cannot_be_shared():
    obligation = due()
    at_the_page(obligation)
    with pytest.raises(ShareTooLarge):
        share(obligation, 1)


def test_shares_together_fit_too():
    obligation = due()
    share(obligation, 10_000)
    share(obligation, 6_000)
    with pytest.raises(ShareTooLarge):
        share(obligation, 1)
    with pytest.raises(NothingOwed):
        started(obligation)


def test_a_closed_deposit_is_not_shared():
    obligation = due()
    close_obligation(obligation, reason="test", now=clock.now())
    with pytest.raises(ObligationClosed):
        share(obligation)


def test_a_share_that_was_taken_back_cannot_be_paid():
    obligation = due()
    one = share(obligation)
    withdraw_share(one, by=None)
    assert own_part(obligation) == cny(16_000)
    with pytest.raises(ShareClosed):
        started(obligation, share=one)


def test_a_share_that_is_being_paid_cannot_be_taken_back():
    obligation = due()
    one = share(obligation)
    at_the_page(obligation, share=one)
    with pytest.raises(ShareClosed):
        withdraw_share(one, by=None)
    one.refresh_from_db()
    assert one.withdrawn_at is None


def test_a_paid_share_is_not_paid_again():
    obligation = due()
    one = share(obligation)
    settlement.settle(paid_unseen(obligation, share=one))
    with pytest.raises(ShareClosed):
        started(obligation, share=one)
    with pytest.raises(ShareClosed):
        withdraw_share(one, by=None)


def test_two_browsers_with_one_link_pay_once():
    obligation = due()
    one = share(obligation)
    assert at_the_page(obligation, share=one) == at_the_page(obligation, share=one)


def test_late_money_for_a_share_that_somebody_else_pays_goes_back(frozen):
    obligation = due()
    one = share(obligation)
    first = at_the_page(obligation, share=one)
    world.pay(first.session_id)
    type(first).objects.filter(pk=first.pk).update(state="expired")
    second = at_the_page(obligation, share=one)
    first = settlement.settle(first)
    assert (first.state, first.contract_minor, first.surplus_minor) == ("succeeded", 0, 6_000)
    assert second.state == "pending"
    assert Refund.objects.get().payment == first


def test_whoever_paid_a_share_is_thanked_and_learns_nothing_else():
    obligation = due()
    one = share(obligation)
    payment = paid_unseen(obligation, share=one, payer_email="aunt@people.example")
    settlement.settle(payment)
    message = Message.objects.get(kind="payments.share_paid")
    assert (message.address, message.recipient, message.locale) == (
        "aunt@people.example",
        None,
        "en",
    )
    rendered = render(message)
    assert "CNY 60.00" in rendered.text
    offer = obligation.appointment.slot.offer
    for secret in (offer.treatment.name, obligation.hospital.name, obligation.case.reference):
        assert secret not in rendered.text + rendered.subject


def test_parts_go_back_when_the_place_lapses_before_all_is_paid(frozen):
    obligation = due()
    one = share(obligation)
    settlement.settle(paid_unseen(obligation, share=one))
    own = at_the_page(obligation)
    with clock.freeze(frozen + dt.timedelta(minutes=40)):
        expiry.expire_stale_holds()
        sweep.sweep()
        sweep.sweep()
    own.refresh_from_db()
    obligation.refresh_from_db()
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause) == (cny(6_000), "place_lost")
    assert (own.state, obligation.closed_reason) == ("expired", "place_lost")
    assert world.session_of(own.public_id)["status"] == "expired"
    assert MoneyAlert.objects.count() == 1
    assert sums() == {"CNY": 0}


def test_a_link_opens_its_share_and_nothing_else():
    one = share(due())
    token = links.sign_share(one)
    assert links.share_from_token(token) == one
    assert links.share_from_token(token + "x") is None
    assert links.share_from_token(signing.dumps(one.public_id, salt="another")) is None
    assert "Aunt" not in token
