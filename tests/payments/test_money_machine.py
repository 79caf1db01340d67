"""Any order, repetition and loss of everything that can happen to money keeps the truths of it.

Two patients want the same two places. Hypothesis chooses what happens next: holds, attempts, pages,
cards and wallets, lost answers, news at any time, cancelling, moving, refunds, disputes, shares. At
the end the sweeps have their turn, then all the news arrives twice and backwards.
"""

import datetime as dt
from collections import Counter
from contextlib import contextmanager

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bookings.models import Appointment
from bookings.models.case import Actor
from bookings.services import expiry
from bookings.services.appointments import confirm_hold
from bookings.services.holds import Holder, place_hold
from bookings.services.moves import move_appointment
from hospitals.models import CancellationPolicy
from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.money import Money
from medtour.lib.states import MoveRefused
from payments.gateways.protocol import GatewayDown, GatewayRefused
from payments.gateways.sandbox import deliveries, world
from payments.gateways.sandbox.models import Delivery, Fault, StoredObject
from payments.models import (
    DepositGap,
    Obligation,
    Payment,
    PaymentShare,
    Place,
    Refund,
    RefundCause,
)
from payments.selectors.refund_preview import refund_preview
from payments.services import (
    collecting,
    deposit_gaps,
    deposits,
    inbox,
    receipts,
    refunds,
    settlement,
    sweep,
)
from payments.services.cancellation import cancel_with_refund
from payments.services.obligations import open_deposit
from payments.services.shares import offer_share, withdraw_share
from tests.conftest import MONDAY_MORNING
from tests.factories import (
    MembershipFactory,
    OfferFactory,
    PatientFactory,
    PayeeAccountFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.bookings import in_days
from tests.payments import money_truths
from tests.payments.again import rolled_back
from tests.payments.paying import ACCOUNT, CANCEL, SUCCESS
from tests.payments.sandbox import signed

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
MINUTE = dt.timedelta(minutes=1)
WHICH = st.integers(0, 5)
SAYS_NO = (Refusal, MoveRefused, GatewayDown, GatewayRefused)
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
CURRENCIES = st.sampled_from(["CNY", "CNY", "JPY", "USD"])
ENDS = ("wallet", "refund", "refund fails", "refund waits", "card lets go", "card refuses")
FAULTS = ("dropped_before", "dropped_after", "500", "429")


def nth(rows, which):
    """Return one of the rows, by a number that may be larger than their count; None of none."""
    found = list(rows.order_by("pk"))
    return found[which % len(found)] if found else None


class Town:
    """One hospital with two places, the two patients who want them, and a member of staff."""

    def __init__(self):
        offer = OfferFactory(asks_deposit_online=True, deposit_percent=20)
        offer.cancellation_policy = CancellationPolicy.objects.create(
            hospital=offer.hospital, name="Deposits", bands=[[168, 100], [48, 50]]
        )
        offer.save()
        PayeeAccountFactory(hospital=offer.hospital, account_id=ACCOUNT, reserves_first=True)
        fresh = clock.now() + dt.timedelta(days=30)
        self.slots = [
            SlotFactory(offer=offer, starts_at=in_days(days, hour), last_confirmed_at=fresh)
            for days, hour in ((8, 9), (5, 14))
        ]
        self.patients = [PatientFactory(), PatientFactory()]
        self.staff = [UserFactory(), UserFactory()]
        self.coordinator = MembershipFactory(hospital=offer.hospital).user


class Happenings(RuleBasedStateMachine):
    """Each rule is one kind of thing; numbers choose among the rows that there are."""

    town: Town

    def __init__(self):
        super().__init__()
        self.now = MONDAY_MORNING
        self._around = rolled_back()
        self._around.__enter__()

    @contextmanager
    def step(self):
        """Do something at this machine's time; a refusal is an answer like any other."""
        with clock.freeze(self.now):
            try:
                yield
            except SAYS_NO:
                assert not connection.needs_rollback

    def do(self, act, thing, *args, **kwargs):
        """Act on a thing, if there is one."""
        if thing is not None:
            with self.step():
                act(thing, *args, **kwargs)

    @initialize(currency=CURRENCIES, shared=st.booleans())
    def somebody_is_about_to_pay(self, currency, shared):
        self.book(0, 0)
        if shared:
            self.offer_a_share(0, 5_000)
            self.pay_a_share(0, currency)
        self.begin_to_pay(0, currency, True)

    @rule(which=WHICH, who=WHICH)
    def book(self, which, who):
        patient = self.town.patients[who % 2]
        user = patient.account
        with self.step():
            hold = place_hold(
                self.town.slots[which % 2], holder=Holder(f"user:{user.pk}", user), language="en"
            )
            confirmed = confirm_hold(hold, by=user, patient=patient)
            open_deposit(confirmed, by=user, language="en")

    @rule(which=WHICH, currency=CURRENCIES, opens=st.booleans())
    def begin_to_pay(self, which, currency, opens):
        """Press the button, perhaps again, perhaps in another tab; the tab may close at once."""
        self.do(self._begin, nth(Obligation.objects.all(), which), currency, opens)

    def _begin(self, obligation, currency, opens, share=None):
        payer = None if share else obligation.opened_by
        payment = deposits.start_payment(
            obligation, share=share, charge_currency=currency, payer=payer, language="en"
        )
        if opens:
            self._open(payment)

    def _open(self, payment):
        deposits.begin_checkout(payment, success_url=SUCCESS, cancel_url=CANCEL)

    @rule(which=WHICH, outcome=st.sampled_from(OUTCOMES), news=st.sampled_from(list(world.PLANS)))
    def act_on_the_page(self, which, outcome, news):
        """Pay or try to, on a page of any age; the address of one lies in the browser's history."""
        payment = nth(Payment.objects.exclude(session_id=""), which)
        if payment is not None:
            self.do(world.pay, payment.session_id, outcome, plan=world.PLANS[news])

    @rule(which=WHICH)
    def somebody_pays_and_returns(self, which):
        payment = nth(Payment.objects.filter(state="pending"), which)
        if payment is not None:
            self.do(world.pay, payment.session_id, "card")
            self.do(settlement.settle_if_possible, payment)

    @rule(which=WHICH)
    def somebody_returns_or_goes_back_to_the_page(self, which):
        payment = nth(Payment.objects.all(), which)
        self.do(settlement.settle_if_possible if which % 2 else self._open, payment)

    @rule(which=st.integers(0, 40), works=st.booleans())
    def news_arrives(self, which, works):
        """Bring one message, new or old; work on it now or leave it lying."""
        delivery = nth(Delivery.objects.select_related("event"), which)
        if delivery is None:
            return
        with self.step():
            event = inbox.receive(*signed(delivery.event.body))
            if event is not None and works:
                inbox.process(event)

    @rule()
    def all_news_arrives_backwards(self):
        with self.step():
            for delivery in Delivery.objects.select_related("event").order_by("-pk"):
                inbox.receive(*signed(delivery.event.body))
            inbox.process_due()

    @rule(task=st.sampled_from(TASKS))
    def a_worker_runs(self, task):
        with self.step():
            task()

    @rule(minutes=st.sampled_from([1, 3, 20, 36, 24 * 60]))
    def time_passes(self, minutes):
        if self.now < MONDAY_MORNING + dt.timedelta(days=7):
            self.now += minutes * MINUTE

    @rule(which=WHICH, by_hospital=st.booleans())
    def cancel(self, which, by_hospital):
        self.do(self._cancel, nth(Appointment.objects.exclude(case=None), which), by_hospital)

    def _cancel(self, appointment, by_hospital):
        """What the page promised a moment ago is what is begun, to the minor unit."""
        cause = RefundCause.HOSPITAL_CANCELLED if by_hospital else None
        promised = refund_preview(appointment, cause=cause).totals
        before = set(Refund.objects.values_list("pk", flat=True))
        actor, by = self._who(appointment, by_hospital)
        cancel_with_refund(appointment, by=by, actor=actor, version=appointment.version)
        begun = Counter()
        for refund in Refund.objects.exclude(pk__in=before).select_related("payment"):
            begun[refund.amount.currency] += refund.amount_minor
        assert begun == {currency: money.minor for currency, money in promised.items()}

    def _who(self, appointment, by_hospital):
        if by_hospital:
            return Actor.HOSPITAL, self.town.staff[0]
        return Actor.PATIENT, appointment.booker

    @rule(which=WHICH, by_hospital=st.booleans())
    def move(self, which, by_hospital):
        self.do(self._move, nth(Appointment.objects.filter(state="confirmed"), which), by_hospital)

    def _move(self, appointment, by_hospital):
        first, second = self.town.slots
        to = second if appointment.slot_id == first.pk else first
        actor, by = self._who(appointment, by_hospital)
        move_appointment(appointment, to_slot=to, by=by, actor=actor, version=appointment.version)

    @rule(
        which=WHICH,
        percent=st.sampled_from([1, 50, 100]),
        place=st.sampled_from(["", *Place.values]),
    )
    def goodwill(self, which, percent, place):
        paid = nth(Payment.objects.filter(state="succeeded"), which)
        self.do(self._be_kind, paid, percent, place)

    def _be_kind(self, payment, percent, place):
        asked = refunds.request_refund(
            payment,
            amount=Money(payment.charge_minor * percent // 100, payment.charge_currency),
            cause=RefundCause.GOODWILL,
            reason="Kind",
            place=place,
            by=self.town.staff[0],
        )
        if asked.needs_approval:
            refunds.approve_refund(asked, by=self.town.staff[1])

    @rule(which=WHICH, what=st.sampled_from([*ENDS]))
    def something_ends_at_the_gateway(self, which, what):
        known = StoredObject.objects
        if what == "wallet":
            waiting = nth(known.filter(kind="payment_intent", body__status="processing"), which)
            if waiting is not None:
                self.do(world.finish_wallet, waiting.about_id)
        elif what in ("card lets go", "card refuses"):
            kept = nth(known.filter(kind="payment_intent", body__status="requires_capture"), which)
            if kept is not None:
                act = world.let_go if what == "card lets go" else world.refuse_to_give
                self.do(act, kept.object_id)
        elif what == "refund waits":
            world.go_wrong(Fault.Kind.REFUND_WAITS)
        elif refund := nth(known.filter(kind="refund"), which):
            ends = world.fail_refund if what == "refund fails" else world.finish_refund
            self.do(ends, refund.object_id)

    @rule(which=WHICH, whole=st.booleans())
    def the_payer_complains(self, which, whole):
        charges = StoredObject.objects.filter(kind="charge", body__status="succeeded")
        charge = nth(charges.filter(body__disputed=False, body__amount_refunded=0), which)
        if charge is not None:
            part = None if whole else charge.body["amount"] // 3
            self.do(world.open_dispute, charge.body["payment_intent"], amount=part, fee=1_500)

    @rule(which=WHICH, is_won=st.booleans())
    def the_bank_decides(self, which, is_won):
        dispute = nth(StoredObject.objects.filter(kind="dispute"), which)
        if dispute is not None:
            self.do(world.close_dispute, dispute.object_id, is_won=is_won)

    @rule(which=WHICH, keeps=st.booleans())
    def the_desk_decides_about_a_place(self, which, keeps):
        decide = deposit_gaps.keep_place if keeps else deposit_gaps.give_up_place
        gap = nth(DepositGap.objects.filter(state="open"), which)
        self.do(decide, gap, by=self.town.coordinator, reason="Decided")

    @rule(which=WHICH, minor=st.sampled_from([1, 5_000, 16_000]))
    def offer_a_share(self, which, minor):
        obligation = nth(Obligation.objects.all(), which)
        self.do(offer_share, obligation, label="Aunt", amount=Money(minor, "CNY"), by=None)

    @rule(which=WHICH, currency=CURRENCIES)
    def pay_a_share(self, which, currency):
        share = nth(PaymentShare.objects.select_related("obligation"), which)
        if share is not None:
            self.do(self._begin, share.obligation, currency, True, share)

    @rule(which=WHICH)
    def take_a_share_back(self, which):
        self.do(withdraw_share, nth(PaymentShare.objects.all(), which), by=None)

    @rule(kind=st.sampled_from(FAULTS), path=st.sampled_from(["sessions", "intents", "refunds"]))
    def something_will_go_wrong(self, kind, path):
        world.go_wrong(kind, path=path)

    @invariant()
    def money_is_right(self):
        money_truths.hold_always()

    def teardown(self):
        try:
            if not connection.needs_rollback:
                self.come_to_rest()
        finally:
            self._around.__exit__(None, None, None)

    def come_to_rest(self):
        """Let time pass and the sweeps work without news; then let all of the news arrive."""
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
        for dispute in StoredObject.objects.filter(kind="dispute"):
            world.close_dispute(dispute.object_id, is_won=True)
        for refund in StoredObject.objects.filter(kind="refund", body__status="pending"):
            world.finish_refund(refund.object_id)


def test_money_stays_right_whatever_happens():
    machine = type("Machine", (Happenings,), {"town": Town()})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=14,
            stateful_step_count=30,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
