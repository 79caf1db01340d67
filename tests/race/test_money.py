"""Money under real threads: one attempt, one confirmation, never too much, whoever comes at once.

Each thread has its own connection; the sandbox is the only thing that is not real.
"""

import datetime as dt

import pytest

from bookings.models import Appointment
from bookings.services import expiry
from bookings.services.holds import Holder, place_hold
from medtour.lib import clock
from messaging.models import Message
from payments.models import GatewayEvent, LedgerPosting, Obligation, Payment, Refund
from payments.services import attempts, deposits, inbox, settlement, sweep
from payments.services.shares import offer_share
from tests.payments import sandbox
from tests.payments.paying import cny, due, paid_unseen, started, sums, waiting_appointment
from tests.race.together import tally, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

RUNS = 4


def money_is_right():
    obligation = Obligation.objects.get()
    paid = Payment.objects.filter(state="succeeded")
    claimed = sum(payment.contract_minor for payment in paid)
    assert claimed <= obligation.amount_minor
    assert set(sums().values()) <= {0}


@pytest.mark.parametrize("run", range(RUNS))
def test_two_looks_at_the_terms_open_one_deposit(run):
    appointment = waiting_appointment()
    results = together(4, lambda _number: due(appointment))
    assert tally(results) == {"Obligation": 4}
    assert Obligation.objects.count() == 1


@pytest.mark.parametrize("run", range(RUNS))
def test_two_tabs_begin_one_payment(run):
    obligation = due()
    results = together(4, lambda _number: started(obligation))
    assert tally(results) == {"Payment": 4}
    assert len({payment.pk for payment in results}) == 1
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("run", range(RUNS))
def test_two_tabs_open_one_page(run):
    payment = started(due())

    def begin(_number):
        return deposits.begin_checkout(
            payment, success_url="http://testserver/a/", cancel_url="http://testserver/b/"
        )

    results = [each for each in together(3, begin) if isinstance(each, Payment)]
    assert results
    assert len({each.session_id for each in results}) == 1
    assert Payment.objects.get().session_id == results[0].session_id


@pytest.mark.parametrize("run", range(RUNS))
def test_webhook_page_and_sweep_settle_at_once(run):
    payment = paid_unseen(due())
    event = GatewayEvent.objects.create(
        event_id="evt_race",
        gateway="stripe",
        type="checkout.session.completed",
        object_id=payment.session_id,
        account_id=payment.payee_account.account_id,
        is_live_mode=False,
    )
    late = clock.now() + dt.timedelta(minutes=3)
    ways = [
        lambda: settlement.settle(payment),
        lambda: inbox.process(event),
        lambda: sweep.settle_unanswered(now=late),
        lambda: settlement.settle_if_possible(payment),
    ]
    results = together(len(ways), lambda number: ways[number]())
    assert [each for each in results if isinstance(each, Exception)] == []
    assert Payment.objects.get().state == "succeeded"
    assert Appointment.objects.get().state == "confirmed"
    kinds = LedgerPosting.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["fee", "payment"]
    ahead = ("bookings.pre_visit", "bookings.visa_deadline")
    told = Message.objects.exclude(kind__contains="reminder").exclude(kind__in=ahead)
    assert sorted(told.values_list("kind", flat=True)) == [
        "bookings.appointment_confirmed",
        "payments.deposit_paid",
    ]
    money_is_right()


@pytest.mark.parametrize("run", range(RUNS))
def test_money_and_another_person_meet_at_the_end_of_the_hold(run):
    obligation = due()
    payment = paid_unseen(obligation)
    slot = obligation.appointment.slot
    Appointment.objects.update(held_until=clock.now() - dt.timedelta(seconds=1))
    ways = [
        lambda: settlement.settle(payment),
        expiry.expire_stale_holds,
        lambda: place_hold(slot, holder=Holder("visitor:other"), language="en"),
    ]
    together(len(ways), lambda number: ways[number]())
    sweep.sweep()
    settlement.settle(payment)
    slot.refresh_from_db()
    ours = Appointment.objects.get(pk=obligation.appointment_id)
    others = Appointment.objects.exclude(pk=ours.pk).filter(state="held").count()
    assert slot.booked == 1
    obligation.refresh_from_db()
    if ours.state == "confirmed":
        assert (others, Refund.objects.count()) == (0, 0)
        assert obligation.settled_at is not None
    else:
        assert (ours.state, others) == ("expired", 1)
        assert Refund.objects.get().amount == cny(16_000)
        assert obligation.settled_at is None
    money_is_right()


def two_shares_for_the_last_yuan():
    """Two shares that were each right when offered, and together more than what is left."""
    obligation = due()
    shares = [
        offer_share(obligation, label=label, amount=cny(8_000), by=None) for label in ("A", "B")
    ]
    Obligation.objects.update(amount_minor=8_000)
    return obligation, shares


@pytest.mark.parametrize("run", range(RUNS))
def test_two_payers_want_to_pay_the_last_yuan(run):
    obligation, shares = two_shares_for_the_last_yuan()
    results = together(2, lambda number: started(obligation, share=shares[number]))
    assert tally(results) == {"Payment": 1, "NothingOwed": 1}
    obligation.refresh_from_db()
    assert obligation.claimed_minor == obligation.amount_minor == 8_000


@pytest.fixture
def no_locks(monkeypatch):
    """Let every reader of a row have it without waiting."""

    def unlocked(queryset, pk):
        return queryset.get(pk=pk)

    for module in (deposits, attempts):
        monkeypatch.setattr(module, "lock_row", unlocked)


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("run", range(RUNS))
def test_without_locks_the_database_still_refuses_too_much(run):
    obligation, shares = two_shares_for_the_last_yuan()
    results = together(2, lambda number: started(obligation, share=shares[number]))
    assert tally(results) == {"Payment": 1, "NothingOwed": 1}
    obligation.refresh_from_db()
    assert obligation.claimed_minor == 8_000


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("run", range(RUNS))
def test_without_locks_there_is_still_one_live_payment_and_one_posting(run):
    obligation = due()
    results = together(3, lambda _number: started(obligation))
    assert set(tally(results)) <= {"Payment", "NothingOwed"}
    assert Payment.objects.count() == 1
    payment = paid_unseen(obligation)
    together(3, lambda _number: settlement.settle_if_possible(payment))
    settlement.settle(payment)
    assert LedgerPosting.objects.filter(kind="payment").count() == 1
    assert Appointment.objects.get().state == "confirmed"
    money_is_right()


def test_news_that_arrives_in_many_copies_at_once_is_stored_once():
    paid_unseen(due())
    raw, signature = sandbox.signed(sandbox.waiting()[0].event.body)
    results = together(6, lambda _number: inbox.receive(raw, signature))
    assert [each for each in results if isinstance(each, Exception)] == []
    assert sum(each is not None for each in results) == 1
    assert GatewayEvent.objects.count() == 1
