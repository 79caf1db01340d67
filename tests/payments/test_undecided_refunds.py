"""Where everything goes back by a rule, a refund that still waits for a second person is part of it."""

import datetime as dt

import pytest

from bookings.models.case import Actor
from medtour.lib.money import Money
from payments.models import Place, Refund, RefundCause
from payments.refund_refusals import RefundDecided
from payments.selectors.refund_preview import refund_preview
from payments.services import refunds
from payments.services.cancellation import cancel_with_refund
from tests.factories import UserFactory
from tests.payments.paid import balances, card_payment
from tests.payments.test_cancellation import SHANGHAI, booked
from tests.payments.test_disputes import closed, opened

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
WHOLE = Money(160_000, "CNY")


@pytest.fixture
def payment():
    return card_payment(booked())


@pytest.fixture
def waiting(payment):
    """Half of a deposit that a cashier wants to give back, and nobody agreed to yet."""
    asked = refunds.request_refund(
        payment,
        amount=Money(80_000, "CNY"),
        cause=RefundCause.GOODWILL,
        reason="Kind",
        place=Place.KEEP,
        by=UserFactory(),
    )
    assert asked.needs_approval
    return asked


def cancel(payment, actor, *, now):
    appointment = payment.obligation.appointment
    appointment.refresh_from_db()
    promised = refund_preview(
        appointment,
        cause=RefundCause.HOSPITAL_CANCELLED if actor == Actor.HOSPITAL else None,
        now=now,
    )
    by = UserFactory() if actor == Actor.HOSPITAL else appointment.booker
    cancel_with_refund(appointment, by=by, actor=actor, version=appointment.version, now=now)
    return promised.totals


@pytest.mark.parametrize(
    ("actor", "before"), [(Actor.HOSPITAL, HOUR), (Actor.PATIENT, dt.timedelta(days=8))]
)
def test_everything_comes_back_at_once(payment, waiting, actor, before):
    assert cancel(payment, actor, now=SHANGHAI - before) == {"CNY": WHOLE}
    waiting.refresh_from_db()
    assert (waiting.state, waiting.failure_code) == ("failed", "overtaken")
    assert Refund.objects.exclude(pk=waiting.pk).get().amount == WHOLE
    assert balances()["refund_payable", "CNY"] == -WHOLE.minor
    with pytest.raises(RefundDecided):
        refunds.approve_refund(waiting, by=UserFactory())


def test_where_the_ladder_keeps_a_part_it_stays_a_wish(payment, waiting):
    promised = cancel(payment, Actor.PATIENT, now=SHANGHAI - dt.timedelta(days=3))
    assert promised == {"CNY": Money(40_000, "CNY")}
    waiting.refresh_from_db()
    assert (waiting.state, waiting.approved_by) == ("created", None)


def test_money_for_a_lost_place_goes_back_whole(payment, waiting):
    assert refunds.refund_all(payment, cause=RefundCause.PLACE_LOST).amount == WHOLE
    waiting.refresh_from_db()
    assert waiting.failure_code == "overtaken"


def test_what_a_lost_dispute_does_not_cover_is_still_sent(payment, waiting):
    cancel(payment, Actor.HOSPITAL, now=SHANGHAI - HOUR)
    closed(opened(payment, 50_000), is_won=False)
    assert Refund.objects.exclude(state="failed").get().amount == Money(110_000, "CNY")
