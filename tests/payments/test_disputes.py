"""Disputes: frozen refunds, postings, what is left afterwards, and what speaks for the hospital."""

import datetime as dt
import itertools

import pytest

from bookings.services.attendance import mark_arrived
from medtour.lib.money import Money
from payments.gateways.protocol import DisputeFacts
from payments.gateways.sandbox import world
from payments.models import Dispute, MoneyAlert, Refund, RefundCause, RefundRoute
from payments.selectors.evidence import LogLine, evidence_summary, open_disputes
from payments.selectors.refundable import left_of
from payments.services import disputes, refunds
from tests.factories import ConsentFactory, ObligationFactory, UserFactory
from tests.payments.paid import alerts, balances, card_payment, keys

pytestmark = pytest.mark.django_db
WHOLE = 160_000


@pytest.fixture
def payment(frozen):
    return card_payment()


def opened(payment, minor=WHOLE):
    name = world.open_dispute(payment.intent_id, amount=minor)
    return disputes.follow_dispute(name, account_id="")


def closed(dispute, *, is_won):
    world.close_dispute(dispute.gateway_id, is_won=is_won)
    return disputes.follow_dispute(dispute.gateway_id, account_id="")


def test_an_open_dispute_is_posted_and_told_with_its_deadline(payment, frozen):
    dispute = opened(payment)
    assert (dispute.state, dispute.reason) == (Dispute.State.OPEN, "fraudulent")
    assert dispute.evidence_due_at == frozen + dt.timedelta(days=9)
    assert balances() == {("disputed", "CNY"): WHOLE, ("patient", "CNY"): -WHOLE}
    alert = MoneyAlert.objects.get()
    assert alert.kind == "dispute_opened"
    assert alert.details["answer_by"] == dispute.evidence_due_at.isoformat()
    assert alert.hospital == payment.obligation.hospital


def test_a_won_dispute_leaves_everything_as_it_was(payment):
    before = balances()
    dispute = closed(opened(payment), is_won=True)
    assert dispute.state == Dispute.State.WON
    assert balances() == before
    assert left_of(payment).charge == Money(WHOLE, "CNY")


def test_a_lost_dispute_counts_as_given_back(payment):
    closed(opened(payment, 60_000), is_won=False)
    assert balances() == {("processor", "CNY"): 100_000, ("patient", "CNY"): -100_000}
    assert left_of(payment).charge == Money(100_000, "CNY")
    assert left_of(payment).contract == Money(100_000, "CNY")
    rest = refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    assert rest.amount == Money(100_000, "CNY")


@pytest.mark.parametrize("charge", [Money(33_001, "JPY"), Money(22_037, "USD")])
def test_a_lost_dispute_in_another_currency_leaves_no_crumb(charge, frozen):
    payment = card_payment(charge=charge)
    closed(opened(payment, 10_000), is_won=False)
    rest = refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    assert rest.route == RefundRoute.BANK_TRANSFER
    assert refunds.send_due_refunds() == 0
    refunds.record_bank_refund(rest, bank_reference="SWIFT1", by=UserFactory())
    assert balances() == {
        ("processor", charge.currency): charge.minor - 10_000,
        ("bank", charge.currency): 10_000 - charge.minor,
    }


def test_a_gateway_that_sends_nothing_after_a_lost_dispute_is_not_asked_for_ever(payment, frozen):
    refund = refunds.request_refund(
        payment, amount=Money(1_000, "CNY"), cause=RefundCause.PATIENT_CANCELLED
    )
    world.open_dispute(payment.intent_id, amount=500)
    refunds.send_due_refunds()
    refund.refresh_from_db()
    assert refund.state == "created"
    payment.disputes.create(gateway_id="dp_1", amount_minor=500, state="lost")
    refunds.send_due_refunds(now=frozen + dt.timedelta(hours=1))
    refund.refresh_from_db()
    assert (refund.state, refund.failure_code) == ("failed", "charge_disputed")
    assert Refund.objects.get(replaces=refund).route == RefundRoute.BANK_TRANSFER


def test_refunds_wait_and_go_when_it_is_won(payment, frozen):
    dispute = opened(payment)
    refund = refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    assert refunds.send_due_refunds() == 0
    closed(dispute, is_won=True)
    assert refunds.send_due_refunds() == 1
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert balances() == {}


def test_a_refund_that_waited_is_not_paid_on_top_of_a_lost_dispute(payment):
    dispute = opened(payment)
    refund = refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    closed(dispute, is_won=False)
    refund.refresh_from_db()
    assert (refund.state, refund.failure_code) == ("failed", "dispute_lost")
    assert Refund.objects.count() == 1
    assert balances() == {}


def test_only_what_the_dispute_did_not_cover_is_still_paid(payment):
    dispute = opened(payment, 60_000)
    refunds.refund_all(payment, cause=RefundCause.HOSPITAL_CANCELLED)
    closed(dispute, is_won=False)
    rest = Refund.objects.latest("pk")
    assert rest.amount == Money(100_000, "CNY")
    assert rest.cause == RefundCause.HOSPITAL_CANCELLED
    assert balances() == {
        ("processor", "CNY"): 100_000,
        ("refund_payable", "CNY"): -100_000,
    }


def facts(payment, status, **changes):
    return DisputeFacts(
        **{
            "gateway_id": "dp_9",
            "intent_id": payment.intent_id,
            "status": status,
            "amount": Money(WHOLE, "CNY"),
            "reason": "fraudulent",
            "evidence_due_at": None,
            **changes,
        }
    )


@pytest.mark.parametrize("end", ["won", "lost"])
@pytest.mark.parametrize("news", list(itertools.product(["open", "end"], repeat=3)), ids="-".join)
def test_news_in_any_order_and_twice_ends_in_the_same_state(payment, end, news):
    for word in (*news, "end"):
        disputes.apply_dispute(facts(payment, end if word == "end" else "open"), account_id="")
    assert Dispute.objects.get().state == end
    expected = {
        "won": {("processor", "CNY"): WHOLE, ("patient", "CNY"): -WHOLE},
        "lost": {},
    }
    assert balances() == expected[end]
    assert len(keys()) == len(set(keys()))


def test_an_inquiry_takes_no_money(payment):
    before = balances()
    disputes.apply_dispute(facts(payment, "open", is_held=False), account_id="")
    disputes.apply_dispute(facts(payment, "won", is_held=False), account_id="")
    assert balances() == before
    assert Dispute.objects.get().state == "won"


@pytest.mark.parametrize(
    "wrong",
    [{"amount": Money(WHOLE + 1, "CNY")}, {"amount": Money(WHOLE, "USD")}],
    ids=["amount", "currency"],
)
def test_what_does_not_fit_changes_nothing_and_alerts_once(payment, wrong):
    before = balances()
    for _time in range(2):
        assert disputes.apply_dispute(facts(payment, "open", **wrong), account_id="") is None
    assert not Dispute.objects.exists()
    assert balances() == before
    assert alerts() == ["event_does_not_fit"]


def test_a_dispute_about_somebody_elses_payment_is_not_ours(payment):
    unknown = facts(payment, "open", intent_id="pi_unknown")
    assert disputes.apply_dispute(unknown, account_id="") is None
    assert disputes.apply_dispute(facts(payment, "open"), account_id="acct_other") is None
    assert not Dispute.objects.exists()


def test_the_evidence_names_facts_and_nothing_about_health(frozen):
    obligation = ObligationFactory(
        confirmed=True,
        terms={"ladder": [[168, 100], [48, 50]], "policy": {"name": "Standard", "version": 3}},
        terms_language="fr",
    )
    appointment = obligation.appointment
    ConsentFactory(patient=appointment.patient, text_version="2026-11", given_at=frozen)
    ConsentFactory(
        patient=appointment.patient,
        purpose="hospital_transfer",
        recipient="another-hospital",
        given_at=frozen,
    )
    payment = card_payment(obligation)
    came = appointment.slot.starts_at
    mark_arrived(appointment, by=UserFactory(), now=came)
    refunds.request_refund(payment, amount=Money(1_000, "CNY"), cause=RefundCause.PATIENT_CANCELLED)
    refunds.send_due_refunds()
    found = evidence_summary(opened(payment))
    assert (found.policy, found.ladder, found.terms_language) == (
        "Standard · 3",
        ((168, 100), (48, 50)),
        "fr",
    )
    assert [(each.purpose, each.text_version) for each in found.consents] == [
        ("health_data", "2026-11")
    ]
    assert LogLine(came, "arrive", "confirmed", "arrived", "hospital") in found.log
    assert (found.starts_at, found.came_at, found.done_at) == (came, came, None)
    assert (found.charged, found.refunded) == (Money(WHOLE, "CNY"), Money(1_000, "CNY"))


def test_open_disputes_come_with_the_next_deadline_first(payment, frozen):
    later = Dispute.objects.create(
        payment=payment, gateway_id="b", amount_minor=1, evidence_due_at=frozen + dt.timedelta(9)
    )
    sooner = Dispute.objects.create(
        payment=payment, gateway_id="a", amount_minor=1, evidence_due_at=frozen + dt.timedelta(2)
    )
    Dispute.objects.create(payment=payment, gateway_id="c", amount_minor=1, state="won")
    assert list(open_disputes(Dispute.objects.all())) == [sooner, later]
