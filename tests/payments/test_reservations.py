"""A deposit for a near appointment is reserved on the card and collected later (PY-03)."""

import datetime as dt

import pytest

from bookings.models import Appointment
from bookings.models.case import Actor
from medtour.lib import clock
from messaging.models import Message
from messaging.rendering import render
from payments.gateways import gateway
from payments.gateways.sandbox import world
from payments.models import (
    DepositGap,
    LedgerPosting,
    MoneyAlert,
    Obligation,
    Payment,
    Receipt,
    Refund,
)
from payments.policies import collect_at
from payments.presenters.outcome import outcome_of
from payments.selectors.refund_preview import refund_preview
from payments.services import collecting, inbox, receipts, settlement, sweep
from payments.services.cancellation import cancel_by_hospital, cancel_with_refund
from tests.factories import PaymentShareFactory, SlotFactory, UserFactory
from tests.factories.bookings import in_days
from tests.payments import money_truths
from tests.payments.again import rolled_back
from tests.payments.paid import alerts, balances
from tests.payments.paying import at_the_page, deposit_offer, due, started, waiting_appointment

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
WHOLE = 16_000


def obligation(days=5, *, reserves=True, bands=None):
    offer = deposit_offer()
    if bands:
        from hospitals.models import CancellationPolicy

        offer.cancellation_policy = CancellationPolicy.objects.create(
            hospital=offer.hospital, name="Near", bands=bands
        )
        offer.save()
    appointment = waiting_appointment(
        offer, slot=SlotFactory(offer=offer, starts_at=in_days(days, 9))
    )
    offer.hospital.payee_accounts.update(reserves_first=reserves)
    return due(appointment)


def reserved(days=5, **facts):
    """A deposit that a card keeps, settled as the return page does it."""
    payment = at_the_page(obligation(days, **facts))
    world.pay(payment.session_id)
    return settlement.settle(payment)


def fresh(payment):
    return Payment.objects.select_related("obligation__appointment__slot").get(pk=payment.pk)


def state():
    return Appointment.objects.get().state


def intent(payment):
    return gateway().fetch_charge(payment.intent_id, account_id=payment.payee_account.account_id)


@pytest.mark.parametrize("card_lets_go", [None, 2 * DAY, 7 * DAY])
def test_the_task_keeps_to_the_rule_to_the_second(frozen, card_lets_go):
    payment = reserved()
    until = frozen + card_lets_go if card_lets_go else None
    Payment.objects.update(capture_before=until)
    starts_at = fresh(payment).obligation.appointment.slot.starts_at
    due_at = collect_at(starts_at, capture_before=until)
    with clock.freeze(due_at - dt.timedelta(seconds=1)):
        assert collecting.collect_due() == 0
    with clock.freeze(due_at):
        assert collecting.collect_due() == 1
    assert fresh(payment).state == "succeeded"


def test_what_is_not_due_stands_in_nobodys_way(frozen, monkeypatch):
    """More reservations than one run takes: those of next week must not hide tomorrow's."""
    monkeypatch.setattr(collecting, "BATCH", 1)
    far, near = reserved(5), reserved(3)
    with clock.freeze(frozen + 2 * DAY):
        assert collecting.collect_due() == 1
    assert (fresh(near).state, fresh(far).state) == ("succeeded", "reserved")


def test_one_that_cannot_be_worked_on_stops_nobody_and_waits_a_minute(frozen):
    broken, sound = reserved(3), reserved(3)
    Payment.objects.filter(pk=broken.pk).update(gateway="gone")
    with clock.freeze(frozen + 2 * DAY):
        assert collecting.collect_due() == 1
        assert (fresh(sound).state, fresh(broken).state) == ("succeeded", "reserved")
        assert fresh(broken).collect_next_at == clock.now() + dt.timedelta(minutes=1)


@pytest.mark.parametrize(("days", "reserves"), [(8, True), (1, True), (5, False)])
def test_otherwise_it_is_taken_at_once(days, reserves):
    payment = reserved(days, reserves=reserves)
    assert (payment.is_reserved_first, payment.state) == (False, "succeeded")


def test_a_share_and_what_is_left_of_it_are_taken_at_once():
    found = obligation()
    share = PaymentShareFactory(obligation=found, amount_minor=6_000)
    assert not started(found, share=share).is_reserved_first
    assert not started(found).is_reserved_first


@pytest.mark.parametrize("wallet", ["alipay", "wechat_pay"])
def test_wallets_pay_at_once(wallet):
    payment = at_the_page(obligation())
    world.pay(payment.session_id, wallet)
    payment = settlement.settle(payment)
    assert (payment.is_reserved_first, payment.state) == (True, "succeeded")
    assert balances()[("patient", "CNY")] == -WHOLE


def test_a_card_keeps_the_money_and_the_appointment_is_confirmed(frozen):
    payment = reserved()
    assert (payment.state, payment.method) == ("reserved", "card")
    assert payment.capture_before == frozen + 7 * DAY
    assert state() == "confirmed"
    assert intent(payment).status == "reserved"
    assert (LedgerPosting.objects.count(), balances()) == (0, {})
    receipts.issue_due()
    assert not Receipt.objects.exists()
    found = Obligation.objects.get()
    assert (found.settled_at, found.claimed_minor, found.closed_at) == (None, WHOLE, None)
    assert outcome_of(fresh(payment), found) == "reserved"
    assert settlement.settle(payment).state == "reserved"
    rendered = render(Message.objects.get(kind="payments.deposit_reserved"))
    assert "CNY 160.00" in rendered.text
    assert "27" in rendered.text.partition("We collect it on")[2].partition("If you cancel")[0]
    money_truths.hold_always()


def test_the_events_alone_do_the_same(client):
    payment = at_the_page(obligation())
    world.pay(payment.session_id)
    from tests.payments.sandbox import deliver

    assert set(deliver(client)) == {200}
    inbox.process_due()
    assert (fresh(payment).state, state()) == ("reserved", "confirmed")


def test_it_is_collected_a_day_before_and_not_earlier(frozen):
    payment = reserved()
    at = payment.obligation.appointment.slot.starts_at - DAY
    with clock.freeze(at - dt.timedelta(seconds=1)):
        assert collecting.collect_due() == 0
    with clock.freeze(at):
        assert (collecting.collect_due(), collecting.collect_due()) == (1, 0)
    payment = fresh(payment)
    assert (payment.state, payment.settled_at) == ("succeeded", at)
    assert balances()[("patient", "CNY")] == -WHOLE
    assert Obligation.objects.get().settled_at == at
    assert receipts.issue_due(now=at) == 1
    assert Message.objects.filter(kind="payments.deposit_paid").count() == 1
    assert Message.objects.filter(kind="bookings.appointment_confirmed").count() == 1
    money_truths.hold_always()


def test_before_the_card_lets_go_when_the_appointment_moved_away(frozen):
    payment = reserved()
    slot = payment.obligation.appointment.slot
    Appointment.objects.update(slot=SlotFactory(offer=slot.offer, starts_at=in_days(20)))
    with clock.freeze(frozen + 7 * DAY - 6 * HOUR):
        assert collecting.collect_due() == 1
    assert fresh(payment).state == "succeeded"


@pytest.mark.parametrize("fault", ["dropped_before", "dropped_after", "500", "429"])
def test_a_lost_answer_collects_once(frozen, fault):
    payment = reserved()
    world.go_wrong(fault, path="/capture")
    with clock.freeze(payment.obligation.appointment.slot.starts_at - DAY):
        for _each in range(3):
            collecting.collect_due()
    assert fresh(payment).state == "succeeded"
    assert balances()[("patient", "CNY")] == -WHOLE
    assert not MoneyAlert.objects.exists()


def test_a_card_that_does_not_give_is_told_once_and_tried_every_hour(frozen):
    payment = reserved()
    world.refuse_to_give(payment.intent_id)
    at = payment.obligation.appointment.slot.starts_at - DAY
    for minutes in (0, 1, 61, 125):
        with clock.freeze(at + dt.timedelta(minutes=minutes)):
            collecting.collect_due()
    assert alerts() == ["not_collected"]
    assert (fresh(payment).state, state()) == ("reserved", "confirmed")


def test_a_card_that_let_go_asks_the_desk_about_the_appointment(frozen):
    payment = reserved()
    world.let_go(payment.intent_id)
    settlement.settle(payment)
    assert (fresh(payment).state, state()) == ("cancelled", "confirmed")
    assert alerts() == ["not_collected"]
    gap = DepositGap.objects.get()
    assert (gap.state, gap.missing_minor, gap.dispute, gap.refund) == ("open", WHOLE, None, None)
    rendered = render(Message.objects.get(kind="payments.deposit_not_collected"))
    assert "Nothing was charged." in rendered.text
    assert (balances(), Obligation.objects.get().claimed_minor) == ({}, 0)
    money_truths.hold_always()


def cancel(payment, actor=Actor.PATIENT):
    appointment = Appointment.objects.get()
    if actor == Actor.PATIENT:
        by = appointment.booker
        cancel_with_refund(appointment, by=by, actor=actor, version=appointment.version)
    else:
        cancel_by_hospital(appointment, by=UserFactory(), version=appointment.version)
    return fresh(payment)


@pytest.mark.parametrize("actor", [Actor.PATIENT, Actor.HOSPITAL])
def test_cancelling_in_time_lets_the_card_go_and_charges_nothing(actor):
    payment = reserved(bands=[[48, 100]])
    preview = refund_preview(Appointment.objects.get())
    assert (preview.route, preview.days, preview.totals["CNY"].minor) == ("released", (0, 7), WHOLE)
    payment = cancel(payment, actor)
    assert (payment.wanted, Refund.objects.count()) == ("release", 0)
    assert (collecting.collect_due(), collecting.collect_due()) == (1, 0)
    payment = fresh(payment)
    assert (payment.state, payment.wanted, intent(payment).status) == ("cancelled", "", "canceled")
    assert (balances(), DepositGap.objects.count(), alerts()) == ({}, 0, [])
    rendered = render(Message.objects.get(kind="payments.deposit_released"))
    assert "Nothing was charged." in rendered.text
    money_truths.hold_when_all_is_quiet()


def test_cancelling_late_collects_and_gives_the_ladders_part_back():
    payment = reserved(bands=[[168, 100], [48, 50]])
    promised = refund_preview(Appointment.objects.get())
    assert (promised.route, promised.totals["CNY"].minor) == ("original", WHOLE // 2)
    cancel(payment)
    assert collecting.collect_due() == 1
    assert fresh(payment).state == "succeeded"
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.cause) == (WHOLE // 2, "patient_cancelled")
    assert balances()[("patient", "CNY")] == -WHOLE // 2
    assert state() == "cancelled"
    assert not Message.objects.filter(kind="payments.place_lost").exists()


def test_cancelling_when_nothing_comes_back_collects_all():
    payment = reserved(bands=[[168, 100]])
    cancel(payment)
    collecting.collect_due()
    assert (fresh(payment).state, Refund.objects.count()) == ("succeeded", 0)
    assert balances()[("patient", "CNY")] == -WHOLE


def test_a_lost_answer_to_letting_go_is_asked_for_again(frozen):
    payment = reserved(bands=[[48, 100]])
    cancel(payment)
    world.go_wrong("dropped_after", path="/cancel")
    assert collecting.collect_due() == 0
    collecting.collect_due()
    assert (fresh(payment).state, fresh(payment).wanted) == ("cancelled", "")


@pytest.mark.parametrize("lost", ["expired", "cancelled"])
def test_a_card_that_keeps_money_for_a_lost_place_is_let_go(frozen, lost):
    payment = at_the_page(obligation())
    world.pay(payment.session_id)
    slot = payment.obligation.appointment.slot
    Appointment.objects.update(state=lost)
    slot.withdrawn_at = frozen
    slot.save(update_fields=["withdrawn_at"])
    settlement.settle(payment)
    assert (fresh(payment).wanted, state()) == ("release", lost)
    sweep.sweep()
    collecting.collect_due()
    assert (fresh(payment).state, balances()) == ("cancelled", {})
    assert Obligation.objects.get().closed_at is not None


def test_a_card_that_keeps_money_on_a_page_we_gave_up_is_let_go(frozen):
    payment = at_the_page(obligation())
    world.pay(payment.session_id)
    Payment.objects.update(state="cancelled")
    settlement.settle(payment)
    assert (fresh(payment).wanted, state()) == ("release", "awaiting_payment")
    assert (collecting.collect_due(), collecting.collect_due()) == (1, 0)
    assert (fresh(payment).state, fresh(payment).wanted) == ("cancelled", "")
    assert intent(fresh(payment)).status == "canceled"


def test_a_card_that_let_go_of_what_the_ladder_keeps_is_told_to_the_desk(frozen):
    payment = reserved(bands=[[168, 100]])
    cancel(payment)
    world.let_go(payment.intent_id)
    collecting.collect_due()
    assert (fresh(payment).state, fresh(payment).wanted) == ("cancelled", "")
    assert (alerts(), DepositGap.objects.count()) == (["not_collected"], 0)


def test_a_card_that_let_go_unheard_is_found_within_the_hour(frozen):
    payment = reserved()
    sweep.sweep()
    assert (fresh(payment).state, fresh(payment).collect_next_at) == ("reserved", frozen + HOUR)
    world.let_go(payment.intent_id)
    with clock.freeze(frozen + HOUR - dt.timedelta(seconds=1)):
        sweep.sweep()
        assert fresh(payment).state == "reserved"
    with clock.freeze(frozen + HOUR):
        sweep.sweep()
    assert (fresh(payment).state, state()) == ("cancelled", "confirmed")
    assert (DepositGap.objects.get().state, alerts()) == ("open", ["not_collected"])


def test_asking_puts_no_collecting_off(frozen):
    payment = reserved()
    starts_at = fresh(payment).obligation.appointment.slot.starts_at
    due_at = collect_at(starts_at, capture_before=fresh(payment).capture_before)
    with clock.freeze(due_at - HOUR / 2):
        sweep.sweep()
    assert fresh(payment).collect_next_at == due_at
    with clock.freeze(due_at):
        assert sweep.ask_whether_kept(now=due_at) == 0
        assert collecting.collect_due() == 1


def test_a_lapsed_place_that_is_still_free_is_taken_again(frozen):
    payment = at_the_page(obligation())
    world.pay(payment.session_id)
    Appointment.objects.update(state="expired")
    settlement.settle(payment)
    assert (fresh(payment).state, state()) == ("reserved", "confirmed")


ORDERS = ("settle", "events", "collect", "sweep")


def test_any_order_of_pages_events_and_tasks_ends_alike(client):
    from itertools import permutations

    from tests.payments.sandbox import deliver

    ends = set()
    for order in permutations(ORDERS):
        with rolled_back():
            payment = at_the_page(obligation())
            world.pay(payment.session_id)
            at = payment.obligation.appointment.slot.starts_at - DAY
            acts = {
                "settle": lambda payment=payment: settlement.settle(payment),
                "events": lambda: (deliver(client), inbox.process_due()),
                "collect": collecting.collect_due,
                "sweep": sweep.sweep,
            }
            for name in order:
                acts[name]()
            with clock.freeze(at):
                collecting.collect_due()
            ends.add((fresh(payment).state, state(), tuple(sorted(balances().items()))))
    assert len(ends) == 1
    assert ends.pop()[:2] == ("succeeded", "confirmed")
