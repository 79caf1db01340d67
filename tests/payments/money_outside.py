"""What cashiers, banks and card holders do to money, as happenings of the proof over random steps."""

import datetime as dt

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from medtour.lib import clock
from medtour.lib.money import Money
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import Fault, StoredObject
from payments.models import DepositGap, Obligation, Payment, Refund
from payments.services import collecting, deposit_gaps, refunds, settlement, transfers
from tests.payments.money_reach import happening
from tests.payments.money_town import Steps, nth

WHICH = st.integers(0, 5)
HOUR = dt.timedelta(hours=1)
GIVEN_UP = ("cancelled", "expired", "failed")
FAULTS = ("dropped_before", "dropped_after", "500", "429")


def at_gateway(kind, **body):
    """Return the gateway's objects of a kind, by what their bodies say."""
    return StoredObject.objects.filter(kind=kind, **{f"body__{key}": body[key] for key in body})


def some(find):
    """Let a happening wait until there is something for it to happen to."""
    return precondition(lambda _machine: find().exists())


def _paid_back_by_bank():
    return Refund.objects.filter(state="created", route="bank_transfer")


def _disputes():
    return at_gateway("dispute").exclude(body__status__in=("won", "lost"))


def _kept():
    return at_gateway("payment_intent", status="requires_capture")


def _reserved():
    return Payment.objects.filter(state="reserved")


def _open_gaps():
    return DepositGap.objects.filter(state="open")


def _given_up_pages():
    return Payment.objects.filter(state__in=GIVEN_UP).exclude(session_id="")


class ByBank(Steps):
    """Transfers of too little, enough and too much, each perhaps noted twice; refunds by bank."""

    @happening(which=WHICH, minor=st.sampled_from([1, 5_000, 11_000, 16_000, 21_000]), number=WHICH)
    def a_transfer_is_noted(self, which, minor, number):
        self.do(self._note, nth(Obligation.objects.all(), which), minor, f"SWIFT{number}")

    def _note(self, obligation, minor, reference):
        transfers.record_receipt(
            obligation,
            amount=Money(minor, "CNY"),
            received_on=clock.local(self.now, obligation.hospital.time_zone).date(),
            remitter="AUNT TEST",
            bank_reference=reference,
            by=self.town.staff[0],
        )

    @some(_paid_back_by_bank)
    @happening(which=WHICH)
    def the_cashier_pays_a_refund(self, which):
        refund = nth(_paid_back_by_bank(), which)
        by = self.town.staff[0]
        self.do(refunds.record_bank_refund, refund, bank_reference=f"OUT{which}", by=by)


class ByCard(Steps):
    """What a card does with money that it keeps for us, and pages that are paid too late."""

    @some(_given_up_pages)
    @happening(which=WHICH, hears=st.booleans())
    def somebody_pays_what_we_gave_up(self, which, hears):
        """Pay on the old page, if the gateway still has it open."""
        payment = nth(_given_up_pages(), which)
        self.do(world.pay, payment.session_id, "card")
        if hears:
            self.do(settlement.settle_if_possible, payment)

    @some(_reserved)
    @happening(which=WHICH)
    def the_day_before_comes(self, which):
        """Wait until reserved money is to be collected, and let the worker try."""
        payment = nth(_reserved().select_related("obligation__appointment__slot"), which)
        starts_at = payment.obligation.appointment.slot.starts_at
        self.now = max(self.now, starts_at - 24 * HOUR)
        with self.step():
            collecting.collect_due()

    @some(_kept)
    @happening(which=WHICH, lets_go=st.booleans())
    def a_card_gives_up_what_it_keeps(self, which, lets_go):
        kept = nth(_kept(), which)
        self.do(world.let_go if lets_go else world.refuse_to_give, kept.object_id)

    @some(_reserved)
    @happening(which=WHICH)
    def a_card_gives_it_after_all(self, which):
        """Let a card that refused be good for the money again, an hour later."""
        payment = nth(_reserved(), which)
        with self.step():
            at_gateway("payment_intent", id=payment.intent_id).update(ends_well=True)
        self.now += HOUR


class ByTheBanksWord(Steps):
    """Disputes of a part or of all, won and lost, and what the desk makes of a lost deposit."""

    @some(lambda: at_gateway("charge", captured=True, disputed=False))
    @happening(which=WHICH, whole=st.booleans())
    def the_payer_complains(self, which, whole):
        charge = nth(at_gateway("charge", captured=True, disputed=False), which)
        left = charge.body["amount"] - charge.body["amount_refunded"]
        if left:
            part = left if whole else max(left // 3, 1)
            self.do(world.open_dispute, charge.body["payment_intent"], amount=part, fee=1_500)

    @some(_disputes)
    @happening(which=WHICH, is_won=st.booleans())
    def the_bank_decides(self, which, is_won):
        self.do(world.close_dispute, nth(_disputes(), which).object_id, is_won=is_won)

    @some(_open_gaps)
    @happening(which=WHICH, keeps=st.booleans())
    def the_desk_decides_about_a_place(self, which, keeps):
        decide = deposit_gaps.keep_place if keeps else deposit_gaps.give_up_place
        self.do(decide, nth(_open_gaps(), which), by=self.town.coordinator, reason="Decided")

    @happening(
        kind=st.sampled_from(FAULTS), path=st.sampled_from(["sessions", "intents", "refunds"])
    )
    def something_will_go_wrong(self, kind, path):
        with self.step():
            world.go_wrong(kind, path=path)

    @happening(
        which=WHICH, what=st.sampled_from(["wallet", "refund", "refund fails", "refund waits"])
    )
    def something_ends_at_the_gateway(self, which, what):
        if what == "wallet":
            waiting = nth(at_gateway("payment_intent", status="processing"), which)
            if waiting is not None:
                self.do(world.finish_wallet, waiting.about_id)
        elif what == "refund waits":
            with self.step():
                world.go_wrong(Fault.Kind.REFUND_WAITS)
        elif refund := nth(at_gateway("refund"), which):
            ends = world.fail_refund if what == "refund fails" else world.finish_refund
            self.do(ends, refund.object_id)
