"""Refunds on their way: lost answers, refusals, banks that send money back, news in any order."""

import datetime as dt
import itertools

import pytest

from medtour.lib import clock
from medtour.lib.money import Money
from messaging.models import Message
from payments.gateways import gateway
from payments.gateways.protocol import RefundFacts, RefundRequest
from payments.gateways.sandbox import world
from payments.gateways.sandbox.models import KeptAnswer, StoredObject
from payments.models import MoneyAlert, Refund, RefundCause, RefundRoute
from payments.refund_refusals import ReferenceMissing, RefundDecided
from payments.services import refund_sending, refunds
from payments.transitions import RefundState
from tests.factories import ObligationFactory, PaymentFactory, UserFactory
from tests.payments.paid import alerts, balances, card_payment, keys, money_snapshot

pytestmark = pytest.mark.django_db
HALF = Money(80_000, "CNY")
PAID = ("processor", "CNY")
ON_ITS_WAY = ("refund_payable", "CNY")


@pytest.fixture
def payment(frozen):
    return card_payment()


@pytest.fixture
def refund(payment):
    return refunds.request_refund(payment, amount=HALF, cause=RefundCause.PATIENT_CANCELLED)


def at_gateway():
    return StoredObject.objects.filter(kind="refund").count()


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def again(refund):
    refund.refresh_from_db()
    return refund


def test_a_card_refund_is_sent_once_and_settled(refund):
    assert refunds.send_due_refunds() == 1
    assert refunds.send_due_refunds() == 0
    assert again(refund).state == RefundState.SUCCEEDED
    assert refund.gateway_id.startswith("re_")
    assert at_gateway() == 1
    assert balances() == {PAID: 80_000, ("patient", "CNY"): -80_000}
    assert kinds() == ["payments.refund_begun", "payments.refund_done"]


def test_a_wallets_refund_takes_its_time(frozen):
    payment = card_payment(outcome="alipay")
    refund = refunds.request_refund(payment, amount=HALF, cause=RefundCause.PATIENT_CANCELLED)
    refunds.send_due_refunds()
    assert again(refund).state == RefundState.PENDING
    assert balances()[ON_ITS_WAY] == -80_000
    world.finish_refund(refund.gateway_id)
    later = frozen + dt.timedelta(hours=7)
    assert refunds.send_due_refunds(now=later) == 1
    assert again(refund).state == RefundState.SUCCEEDED
    assert ON_ITS_WAY not in balances()


@pytest.mark.parametrize("fault", ["dropped_before", "dropped_after", "409", "429", "500"])
def test_a_lost_answer_is_asked_for_again_with_the_same_key(refund, frozen, fault):
    world.go_wrong(fault, path="/refunds")
    refunds.send_due_refunds()
    assert again(refund).state == RefundState.CREATED
    assert refunds.send_due_refunds(now=frozen + dt.timedelta(minutes=5)) == 1
    assert again(refund).state == RefundState.SUCCEEDED
    assert at_gateway() == 1
    assert balances() == {PAID: 80_000, ("patient", "CNY"): -80_000}


def test_a_fault_that_the_gateway_keeps_under_the_key_ends_with_a_new_one(refund, frozen):
    world.go_wrong("500_kept", path="/refunds")
    refunds.send_due_refunds()
    refunds.send_due_refunds(now=frozen + dt.timedelta(minutes=5))
    assert (again(refund).state, refund.attempt, at_gateway()) == (RefundState.CREATED, 1, 0)
    refunds.send_due_refunds(now=frozen + dt.timedelta(minutes=20))
    assert (again(refund).state, refund.attempt, at_gateway()) == (RefundState.SUCCEEDED, 2, 1)


def test_days_later_we_look_before_we_ask_again(refund, frozen):
    """The gateway may have forgotten the key by then: the same refund must not be made twice."""
    world.go_wrong("dropped_after", path="/refunds")
    refunds.send_due_refunds()
    assert at_gateway() == 1
    KeptAnswer.objects.all().delete()
    refunds.send_due_refunds(now=frozen + dt.timedelta(days=3))
    assert at_gateway() == 1
    assert (again(refund).state, refund.attempt) == (RefundState.SUCCEEDED, 1)


def test_what_the_bank_sends_back_becomes_an_alert_and_a_transfer(refund, payment, frozen):
    refunds.send_due_refunds()
    world.fail_refund(again(refund).gateway_id)
    refunds.follow_refund(refund)
    assert (refund.state, refund.failure_code) == ("failed", "expired_or_canceled_card")
    task = Refund.objects.get(replaces=refund)
    assert (task.route, task.state, task.amount) == (RefundRoute.BANK_TRANSFER, "created", HALF)
    assert (task.cause, task.needs_approval) == (RefundCause.PATIENT_CANCELLED, False)
    assert alerts() == ["refund_failed"]
    assert kinds()[-1] == "payments.refund_failed"
    assert kinds().count("payments.refund_begun") == 1
    assert balances() == {PAID: 160_000, ("patient", "CNY"): -80_000, ON_ITS_WAY: -80_000}
    payment.refresh_from_db()
    assert payment.refunded_minor == 80_000


def test_the_cashier_pays_the_transfer_and_notes_it(refund, frozen):
    cashier = UserFactory(staff=True)
    refunds.send_due_refunds()
    world.fail_refund(again(refund).gateway_id)
    refunds.follow_refund(refund)
    task = Refund.objects.get(replaces=refund)
    assert refunds.send_due_refunds(now=frozen + dt.timedelta(days=1)) == 0
    with pytest.raises(ReferenceMissing):
        refunds.record_bank_refund(task, bank_reference=" ", by=cashier)
    done = refunds.record_bank_refund(task, bank_reference="SWIFT77", by=cashier)
    assert (done.state, done.bank_reference) == (RefundState.SUCCEEDED, "SWIFT77")
    assert balances() == {
        PAID: 160_000,
        ("bank", "CNY"): -80_000,
        ("patient", "CNY"): -80_000,
    }
    assert kinds()[-1] == "payments.refund_done"
    before = money_snapshot()
    with pytest.raises(RefundDecided):
        refunds.record_bank_refund(task, bank_reference="SWIFT78", by=cashier)
    assert money_snapshot() == before


def test_a_refund_to_a_card_cannot_be_noted_as_a_transfer(refund):
    before = money_snapshot()
    with pytest.raises(RefundDecided):
        refunds.record_bank_refund(refund, bank_reference="SWIFT1", by=UserFactory())
    assert money_snapshot() == before


def test_what_came_by_bank_goes_back_by_bank(frozen):
    payment = PaymentFactory(succeeded=True, transfer=True)
    refund = refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    assert refund.route == RefundRoute.BANK_TRANSFER
    assert refunds.send_due_refunds() == 0


def test_a_final_no_of_the_gateway_becomes_a_transfer(refund, payment):
    payment.intent_id = "pi_unknown"
    payment.save(update_fields=["intent_id"])
    refunds.send_due_refunds()
    assert again(refund).state == RefundState.FAILED
    assert Refund.objects.get(replaces=refund).route == RefundRoute.BANK_TRANSFER
    assert alerts() == ["refund_failed"]


def test_what_was_given_back_past_us_is_not_paid_twice(payment, frozen):
    """Somebody refunded at the gateway's own desk: our refund ends without a second way."""
    give_back_past_us(payment, 160_000)
    refund = refunds.refund_all(payment, cause=RefundCause.PLACE_LOST)
    refunds.send_due_refunds()
    assert (again(refund).state, refund.failure_code) == ("failed", "charge_already_refunded")
    assert Refund.objects.count() == 1
    assert alerts() == ["refund_failed"]


def give_back_past_us(payment, minor):
    facts = RefundRequest(
        refund_id="",
        attempt=9,
        intent_id=payment.intent_id,
        amount=Money(minor, "CNY"),
        account_id="",
    )
    return gateway().refund(facts)


def test_a_refund_that_we_never_asked_for_raises_an_alert(payment, frozen):
    theirs = give_back_past_us(payment, 100)
    before = balances()
    assert refunds.follow_gateway_refund(theirs.gateway_id, account_id="") is None
    assert refunds.follow_gateway_refund(theirs.gateway_id, account_id="") is None
    assert alerts() == ["ledger_differs"]
    assert balances() == before


def facts(refund, status, **changes):
    return RefundFacts(
        **{
            "gateway_id": "re_9",
            "refund_id": refund.public_id,
            "intent_id": refund.payment.intent_id,
            "status": status,
            "amount": HALF,
            "failure_code": "lost_or_stolen_card" if status == "failed" else "",
            **changes,
        }
    )


NEWS = ("pending", "succeeded", "failed")


@pytest.mark.parametrize("order", list(itertools.permutations(NEWS)), ids="-".join)
def test_news_of_one_refund_in_any_order_and_twice_is_posted_once(refund, order):
    """A late success after a failure is not believed: it raises an alert instead."""
    for status in order:
        refunds.apply_refund(refund, facts(refund, status))
        refunds.apply_refund(refund, facts(refund, status))
    assert again(refund).state == RefundState.FAILED
    assert Refund.objects.filter(replaces=refund).count() == 1
    assert balances() == {PAID: 160_000, ("patient", "CNY"): -80_000, ON_ITS_WAY: -80_000}
    late = order.index("succeeded") > order.index("failed")
    assert alerts() == (["refund_failed", "ledger_differs"] if late else ["refund_failed"])
    assert len(keys()) == len(set(keys()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": Money(80_001, "CNY")},
        {"amount": Money(80_000, "JPY")},
        {"refund_id": "other"},
        {"intent_id": "pi_other"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_news_that_does_not_fit_changes_nothing_and_alerts_once(refund, wrong):
    before = balances()
    for _time in range(2):
        refunds.apply_refund(refund, facts(refund, "succeeded", **wrong))
    assert again(refund).state == RefundState.CREATED
    assert balances() == before
    assert alerts() == ["event_does_not_fit"]


def test_another_id_for_a_known_refund_does_not_fit(refund):
    refunds.apply_refund(refund, facts(refund, "pending"))
    refunds.apply_refund(refund, facts(refund, "succeeded", gateway_id="re_10"))
    assert again(refund).state == RefundState.PENDING
    assert alerts() == ["event_does_not_fit"]


def test_two_workers_do_not_take_the_same_refund(refund, frozen):
    assert len(refund_sending._claim_due(frozen)) == 1
    assert refund_sending._claim_due(frozen) == []
    assert len(refund_sending._claim_due(frozen + dt.timedelta(minutes=2))) == 1


def test_an_alert_names_the_hospital(refund, payment):
    refunds.apply_refund(refund, facts(refund, "failed"))
    alert = MoneyAlert.objects.get()
    assert (alert.hospital, alert.payment) == (payment.obligation.hospital, payment)
    assert alert.details == {"refund": refund.public_id, "code": "lost_or_stolen_card"}
    assert refund.created_at <= clock.now()


def test_asking_after_a_refund_never_sends_it(frozen):
    payment = card_payment(ObligationFactory(confirmed=True, amount_minor=2_000_000))
    waiting = refunds.request_refund(
        payment,
        amount=Money(600_000, "CNY"),
        cause=RefundCause.GOODWILL,
        reason="Complaint upheld",
        place="keep",
        by=UserFactory(staff=True),
    )
    refunds.follow_refund(waiting)
    refunds.follow_refunds_of(payment)
    assert (again(waiting).state, at_gateway()) == (RefundState.CREATED, 0)


def test_a_transfer_refund_that_needed_two_people_carries_them(frozen):
    obligation = ObligationFactory(confirmed=True, amount_minor=2_000_000)
    payment = card_payment(obligation)
    asker, second = UserFactory(staff=True), UserFactory(staff=True)
    refund = refunds.request_refund(
        payment,
        amount=Money(600_000, "CNY"),
        cause=RefundCause.GOODWILL,
        reason="Complaint upheld",
        place="keep",
        by=asker,
    )
    refunds.approve_refund(refund, by=second)
    refunds.send_due_refunds()
    world.fail_refund(again(refund).gateway_id)
    refunds.follow_refund(refund)
    task = Refund.objects.get(replaces=refund)
    assert (task.requested_by, task.approved_by, task.needs_approval) == (asker, second, True)


def test_after_money_went_back_past_us_no_bank_is_told_to_send_more(payment, frozen):
    theirs = give_back_past_us(payment, 80_000)
    refund_sending.follow_gateway_refund(theirs.gateway_id, account_id="")
    refund = refunds.refund_all(payment, cause=RefundCause.PLACE_LOST)
    refunds.send_due_refunds()
    assert again(refund).state == RefundState.FAILED
    assert Refund.objects.count() == 1, "nobody knows yet how much is left"
    assert alerts() == ["ledger_differs", "refund_failed"]


def test_a_refund_that_cannot_be_worked_on_keeps_no_other_waiting(frozen):
    broken, good = (
        refunds.request_refund(card_payment(), amount=HALF, cause=RefundCause.PATIENT_CANCELLED)
        for _number in range(2)
    )
    Refund.objects.filter(pk=broken.pk).update(route="pigeon")
    refunds.send_due_refunds()
    assert again(good).state == RefundState.SUCCEEDED
