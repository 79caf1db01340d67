"""Any order, repetition and loss of everything that can happen to money keeps the truths of it.

Two patients want the same two places. Hypothesis chooses what happens next: holds, attempts, pages,
cards and wallets, money that a card keeps, bank transfers, relatives' shares, payments too much and
too late, lost answers, news at any time, cancelling, moving, refunds, disputes won and lost. At the
end the sweeps have their turn, then all the news arrives twice and backwards. How often each of it
was reached is counted and printed, and must not fall below `DONE` and `SEEN`.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from bookings.models import Appointment
from bookings.services import expiry
from bookings.services.appointments import confirm_hold
from bookings.services.holds import Holder, place_hold
from bookings.services.moves import move_appointment
from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways.sandbox import deliveries, world
from payments.gateways.sandbox.models import Delivery, Fault
from payments.models import Obligation, Payment, PaymentShare, Place, Refund, RefundCause
from payments.selectors.refund_preview import refund_preview
from payments.services import collecting, inbox, receipts, refunds, settlement, sweep
from payments.services.cancellation import cancel_with_refund
from payments.services.obligations import open_deposit
from payments.services.shares import offer_share, withdraw_share
from tests.conftest import MONDAY_MORNING
from tests.payments import money_truths
from tests.payments.money_outside import WHICH, ByBank, ByCard, ByTheBanksWord, at_gateway
from tests.payments.money_reach import Reach, happening
from tests.payments.money_roads import ROADS
from tests.payments.money_town import Town, nth
from tests.payments.sandbox import signed

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
MINUTE = dt.timedelta(minutes=1)
OUTCOMES = (
    "card",
    "card",
    "insufficient_funds",
    "ask_3ds",
    "confirm_3ds",
    "fail_3ds",
    "alipay_later",
    "alipay_refused",
)
TASKS = (
    inbox.process_due,
    expiry.expire_stale_holds,
    sweep.sweep,
    refunds.send_due_refunds,
    receipts.issue_due,
    collecting.collect_due,
)
# For each road that leads into it.
RUNS, STEPS = 3, 25
# How often each must have been done, and in how many runs each must have been seen, at the least.
DONE = dict.fromkeys(
    (
        "a_card_gives_up_what_it_keeps",
        "a_transfer_is_noted",
        "act_on_the_page",
        "cancel",
        "goodwill",
        "move",
        "offer_a_share",
        "pay_a_share",
        "somebody_pays_what_we_gave_up",
        "the_bank_decides",
        "the_cashier_pays_a_refund",
        "the_day_before_comes",
        "the_desk_decides_about_a_place",
        "the_payer_complains",
    ),
    3,
)
SEEN = dict.fromkeys(
    (
        "alert not_collected",
        "card collected",
        "card released",
        "card to be collected early",
        "card to be released",
        "collected from a card and disputed",
        "collected part given back",
        "dispute lost",
        "dispute won",
        "late second payment",
        "lost dispute after a refund",
        "missing deposit kept",
        "missing deposit open",
        "online payment partly too much",
        "payment reserved",
        "posting dispute_lost",
        "posting surplus",
        "refund of a lost dispute's rest",
        "refund succeeded by bank_transfer",
        "refund succeeded by original",
        "share and own part paid",
        "transfer of nothing owed",
        "transfer too much",
    ),
    2,
)
CURRENCIES = st.sampled_from(["CNY", "CNY", "JPY", "USD"])


class Happenings(ByBank, ByCard, ByTheBanksWord):
    """Each rule is one kind of thing; numbers choose among the rows that there are."""

    road: Callable

    @initialize(currency=CURRENCIES, lost=st.booleans())
    def come_by_the_road(self, currency, lost):
        """Begin in the state that this machine's road leads to."""
        self.open_disputes_are_lost = lost
        for _step in self.road(self, currency):
            self.money_is_right()

    @happening(which=WHICH, who=WHICH)
    def book(self, which, who):
        patient = self.town.patients[who % 2]
        user = patient.account
        with self.step():
            hold = place_hold(
                self.town.slots[which % 2], holder=Holder(f"user:{user.pk}", user), language="en"
            )
            confirmed = confirm_hold(hold, by=user, patient=patient)
            open_deposit(confirmed, by=user, language="en")

    @happening(which=WHICH, currency=CURRENCIES, opens=st.booleans())
    def begin_to_pay(self, which, currency, opens):
        """Press the button, perhaps again, perhaps in another tab; the tab may close at once."""
        self.do(self._begin, nth(Obligation.objects.all(), which), currency, opens)

    @happening(
        which=WHICH, outcome=st.sampled_from(OUTCOMES), news=st.sampled_from(list(world.PLANS))
    )
    def act_on_the_page(self, which, outcome, news):
        """Pay or try to, on a page of any age; the address of one lies in the browser's history."""
        payment = nth(Payment.objects.exclude(session_id=""), which)
        if payment is not None:
            self.do(world.pay, payment.session_id, outcome, plan=world.PLANS[news])

    @happening(which=WHICH)
    def somebody_pays_and_returns(self, which):
        payment = nth(Payment.objects.filter(state="pending"), which)
        if payment is not None:
            self.do(world.pay, payment.session_id, "card")
            self.do(settlement.settle_if_possible, payment)

    @happening(which=WHICH)
    def somebody_returns_or_goes_back_to_the_page(self, which):
        payment = nth(Payment.objects.all(), which)
        self.do(settlement.settle_if_possible if which % 2 else self._open, payment)

    @happening(which=st.integers(0, 40), works=st.booleans())
    def news_arrives(self, which, works):
        """Bring one message, new or old; work on it now or leave it lying."""
        delivery = nth(Delivery.objects.select_related("event"), which)
        if delivery is None:
            return
        with self.step():
            event = inbox.receive(*signed(delivery.event.body))
            if event is not None and works:
                inbox.process(event)

    @happening()
    def all_news_arrives_backwards(self):
        with self.step():
            for delivery in Delivery.objects.select_related("event").order_by("-pk"):
                inbox.receive(*signed(delivery.event.body))
            inbox.process_due()

    @happening(task=st.sampled_from(TASKS))
    def a_worker_runs(self, task):
        with self.step():
            task()

    @happening(minutes=st.sampled_from([1, 3, 20, 36, 24 * 60]))
    def time_passes(self, minutes):
        if self.now < MONDAY_MORNING + dt.timedelta(days=7):
            self.now += minutes * MINUTE
            with self.step():
                deliveries.finish_due()

    @happening(which=WHICH, by_hospital=st.booleans())
    def cancel(self, which, by_hospital):
        self.do(self._cancel, nth(Appointment.objects.exclude(case=None), which), by_hospital)

    def _cancel(self, appointment, by_hospital):
        """What the page promised a moment ago is what is begun or written down, to the minor unit."""
        cause = RefundCause.HOSPITAL_CANCELLED if by_hospital else None
        promised = refund_preview(appointment, cause=cause).totals
        before = set(Refund.objects.values_list("pk", flat=True))
        kept = set(Payment.objects.filter(state="reserved", wanted="").values_list("pk", flat=True))
        actor, by = self._who(appointment, by_hospital)
        cancel_with_refund(appointment, by=by, actor=actor, version=appointment.version)
        begun = Counter()
        for refund in Refund.objects.exclude(pk__in=before).select_related("payment"):
            begun[refund.amount.currency] += refund.amount_minor
        for payment in Payment.objects.filter(pk__in=kept).exclude(wanted=""):
            is_whole = payment.wanted == Payment.Wanted.RELEASE
            back = payment.charge_minor if is_whole else payment.back_minor
            begun[payment.charge_currency] += back
        assert begun == Counter({currency: money.minor for currency, money in promised.items()})

    @happening(which=WHICH, by_hospital=st.booleans())
    def move(self, which, by_hospital):
        self.do(self._move, nth(Appointment.objects.filter(state="confirmed"), which), by_hospital)

    def _move(self, appointment, by_hospital):
        first, second = self.town.slots
        to = second if appointment.slot_id == first.pk else first
        actor, by = self._who(appointment, by_hospital)
        move_appointment(appointment, to_slot=to, by=by, actor=actor, version=appointment.version)

    @happening(
        which=WHICH,
        percent=st.sampled_from([1, 50, 100]),
        place=st.sampled_from(["", *Place.values]),
        second=st.sampled_from(["agrees", "refuses", "is away"]),
    )
    def goodwill(self, which, percent, place, second):
        paid = nth(Payment.objects.filter(state="succeeded"), which)
        self.do(self._be_kind, paid, percent, place, second)

    def _be_kind(self, payment, percent, place, second):
        asked = refunds.request_refund(
            payment,
            amount=Money(payment.charge_minor * percent // 100, payment.charge_currency),
            cause=RefundCause.GOODWILL,
            reason="Kind",
            place=place,
            by=self.town.staff[0],
        )
        if asked.needs_approval and second == "agrees":
            refunds.approve_refund(asked, by=self.town.staff[1])
        elif asked.needs_approval and second == "refuses":
            refunds.refuse_refund(asked, by=self.town.staff[1], reason="No")

    @happening(which=WHICH, minor=st.sampled_from([1, 5_000, 16_000]))
    def offer_a_share(self, which, minor):
        obligation = nth(Obligation.objects.all(), which)
        self.do(offer_share, obligation, label="Aunt", amount=Money(minor, "CNY"), by=None)

    @happening(which=WHICH, currency=CURRENCIES)
    def pay_a_share(self, which, currency):
        share = nth(PaymentShare.objects.select_related("obligation"), which)
        if share is not None:
            self.do(self._begin, share.obligation, currency, True, share)

    @happening(which=WHICH)
    def take_a_share_back(self, which):
        self.do(withdraw_share, nth(PaymentShare.objects.all(), which), by=None)

    @invariant()
    def money_is_right(self):
        money_truths.hold_always()
        self.reach.look()

    def teardown(self):
        try:
            if not connection.needs_rollback:
                self.come_to_rest()
                self.reach.look()
        finally:
            self._around.__exit__(None, None, None)

    def come_to_rest(self):
        """Let time pass and the sweeps work without news; then let all of the news arrive."""
        self.reach.is_over = True
        Fault.objects.all().delete()
        for _round in range(3):
            self.now += 40 * MINUTE
            with clock.freeze(self.now):
                self.the_outside_ends()
                inbox.process_due()
                expiry.expire_stale_holds()
                sweep.sweep()
                receipts.issue_due()
                collecting.collect_due()
        money_truths.hold_when_all_is_quiet()
        for _time in range(2):
            self.all_news_arrives_backwards()
            self.now += dt.timedelta(hours=7)
            self.a_worker_runs(refunds.send_due_refunds)
            self.a_worker_runs(collecting.collect_due)
            with clock.freeze(self.now):
                deliveries.finish_due()
            self.all_news_arrives_backwards()
        money_truths.hold_when_all_is_quiet()
        money_truths.shares_are_paid_by_their_payers()
        money_truths.agree()

    def the_outside_ends(self):
        deliveries.finish_due()
        for dispute in at_gateway("dispute"):
            world.close_dispute(dispute.object_id, is_won=not self.open_disputes_are_lost)
        for refund in at_gateway("refund", status="pending"):
            world.finish_refund(refund.object_id)


def test_money_stays_right_whatever_happens(record_property):
    reach, town = Reach(), Town()
    for road in ROADS:
        facts = {"town": town, "reach": reach, "road": staticmethod(road)}
        run_state_machine_as_test(
            type(road.__name__, (Happenings,), facts),
            settings=settings(
                max_examples=RUNS,
                phases=[Phase.explicit, Phase.generate],
                stateful_step_count=STEPS,
                derandomize=True,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    record_property("table", reach.table())
    assert reach.lacking(DONE, SEEN) == []
