"""What an insurer's yes or no does to the benefit, the booking and the money."""

import datetime as dt

import pytest

from bookings.models import Appointment
from bookings.transitions import AppointmentState as A
from medtour.lib import clock
from messaging.models import Message
from payments import guarantee_refusals as refusals
from payments.models import (
    BalanceEntry,
    BenefitBalance,
    BenefitReservation,
    Guarantee,
    Obligation,
    ReservationState,
)
from payments.selectors.insurance.claim_parts import promised_of_bill
from payments.selectors.insurance.guarantees import base_of, own_part_of
from payments.services.bills import Billed, record_final_bill
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance import guarantee_moves as moves
from payments.services.insurance import guarantees, reservations
from payments.services.insurance.guarantee_sweep import expire_guarantees
from payments.services.obligations import open_deposit
from payments.transitions import GuaranteeState as G
from tests.factories import claims
from tests.factories import guarantees as make
from tests.factories.insurance import BenefitBalanceFactory, BenefitFactory
from tests.factories.quotes import accepted_quote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DEPOSIT = {"slot__offer__asks_deposit_online": True, "slot__offer__deposit_minor": 500_000}


def kinds():
    return sorted(Message.objects.values_list("kind", flat=True))


def state_of(guarantee):
    return Appointment.objects.get(pk=guarantee.appointment_id).state


def resubmit(draft):
    return moves.submit_guarantee(
        draft, by=draft.case.opened_by, row_version=draft.row_version, despite_lead_time=True
    )


def entries():
    return list(
        BalanceEntry.objects.order_by("pk").values_list(
            "balance__category", "change", "reserved_minor", "used_minor"
        )
    )


def test_a_full_promise_confirms_and_reserves_both_limits():
    coverage = make.covered(annual_limit_minor=5_000_000)
    terms = coverage.plan.terms.get()
    BenefitFactory(terms=terms, category="inpatient", annual_sublimit_minor=4_000_000)
    approved = make.approve(make.submitted(coverage=coverage))
    assert (approved.state, approved.approved, approved.is_partial) == (
        G.APPROVED, make.cny(2_700_000), False,
    )  # fmt: skip
    assert approved.own_part == make.cny(300_000)
    assert (approved.answer_due_at, approved.warn_at) == (None, None)
    assert state_of(approved) == A.CONFIRMED
    assert make.balance_of(coverage) == make.balance_of(coverage, "inpatient") == (0, 2_700_000)
    limits = BenefitBalance.objects.order_by("pk").values_list("category", "limit_minor")
    assert list(limits) == [("", 5_000_000), ("inpatient", 4_000_000)]
    assert entries() == [
        ("", "reserved", 2_700_000, 0), ("inpatient", "reserved", 2_700_000, 0),
    ]  # fmt: skip
    assert kinds() == [
        "bookings.appointment_confirmed", "bookings.pre_visit", "bookings.reminder_24h",
        "bookings.reminder_2d", "bookings.reminder_day", "payments.guarantee_approved",
        "payments.guarantee_ending", "payments.guarantee_submitted",
    ]  # fmt: skip


def test_a_part_is_told_as_a_part():
    approved = make.approve(make.submitted(), 1_000_000)
    assert (approved.is_partial, approved.own_part) == (True, make.cny(2_000_000))
    assert "payments.guarantee_partly_approved" in kinds()
    assert "payments.guarantee_approved" not in kinds()


def test_an_open_guarantee_reserves_what_was_asked():
    coverage = make.covered()
    approved = make.approve(make.submitted(coverage=coverage), None)
    assert (approved.approved, approved.promised) == (None, make.cny(2_700_000))
    assert make.balance_of(coverage) == (0, 2_700_000)


def test_the_patients_share_is_paid_before_confirming():
    appointment = make.waiting_appointment(**DEPOSIT)
    approved = make.approve(make.submitted(appointment), 2_700_000)
    appointment.refresh_from_db()
    assert appointment.state == A.AWAITING_PAYMENT
    due = deposit_of(appointment)
    # The offer asks CNY 5,000, and no more than CNY 3,000 is left to the patient.
    assert (due.amount_minor, due.currency) == (300_000, "CNY")
    assert due.terms["deposit"] == {
        "amount_minor": 300_000, "currency": "CNY", "percent": None, "of_minor": None,
        "is_own_part": True,
    }  # fmt: skip
    assert approved.own_part == due.amount


def deposit_of(appointment):
    return open_deposit(appointment, by=appointment.booker, language="en", most=own_part_of)


def test_the_whole_deposit_is_due_when_the_share_is_larger():
    appointment = make.waiting_appointment(**DEPOSIT)
    make.approve(make.submitted(appointment), 1_000_000)
    appointment.refresh_from_db()
    due = deposit_of(appointment)
    assert due.amount_minor == 500_000
    assert "is_own_part" not in due.terms["deposit"]


def test_nothing_is_paid_first_when_the_insurer_pays_all():
    appointment = make.waiting_appointment(**DEPOSIT)
    make.approve(make.submitted(appointment), 3_000_000)
    appointment.refresh_from_db()
    assert appointment.state == A.CONFIRMED
    assert not Obligation.objects.exists()


@pytest.mark.parametrize(
    ("promise", "refusal"),
    [
        ({"amount": 3_000_001}, refusals.AmountsBroken),
        ({"amount": 0}, refusals.AmountsBroken),
        ({"valid_until": dt.date(2026, 11, 1)}, refusals.DaysBroken),
        ({"valid_from": dt.date(2026, 12, 1)}, refusals.ValidityTooShort),
        ({"valid_until": dt.date(2026, 12, 3)}, refusals.ValidityTooShort),
    ],
)
def test_a_broken_promise_changes_nothing(promise, refusal):
    sent = make.submitted()
    before = (list(Guarantee.objects.values()), kinds())
    with pytest.raises(refusal):
        make.approve(sent, **{"amount": make.REQUESTED} | promise)
    assert (list(Guarantee.objects.values()), kinds()) == before
    assert not BenefitBalance.objects.exists()
    assert state_of(sent) == A.AWAITING_GUARANTEE


@pytest.mark.parametrize("category", ["", "inpatient"])
def test_a_limit_that_does_not_hold_it_refuses(category):
    coverage = make.covered(annual_limit_minor=None if category else 3_000_000)
    if category:
        terms = coverage.plan.terms.get()
        BenefitFactory(terms=terms, category=category, annual_sublimit_minor=3_000_000)
    BenefitBalanceFactory(
        coverage=coverage, category=category, limit_minor=3_000_000, used_minor=300_001
    )
    sent = make.submitted(coverage=coverage)
    with pytest.raises(refusals.BenefitExhausted):
        make.approve(sent)
    assert not BenefitReservation.objects.exists()
    assert not BalanceEntry.objects.exists()
    assert make.balance_of(coverage, category) == (300_001, 0)
    sent.refresh_from_db()
    assert sent.state == G.SUBMITTED
    BenefitBalance.objects.filter(category=category).update(used_minor=300_000)
    assert make.approve(sent).state == G.APPROVED


def test_cancelling_frees_the_benefit_and_the_booking_waits_again(frozen):
    coverage = make.covered()
    approved = make.approve(make.submitted(coverage=coverage))
    cancelled = moves.cancel_guarantee(
        approved, by=None, row_version=approved.row_version, reason="Cover ended"
    )
    assert cancelled.state == G.CANCELLED
    assert make.balance_of(coverage) == (0, 0)
    appointment = Appointment.objects.get()
    assert (appointment.state, appointment.held_until) == (
        A.AWAITING_GUARANTEE, frozen + dt.timedelta(days=1),
    )  # fmt: skip
    assert "payments.guarantee_ended" in kinds()
    reservations.release(cancelled, by=None, now=frozen)
    assert make.balance_of(coverage) == (0, 0)


def billed_beside(guarantee):
    """Record the bill as the desk does: the patient is asked for their own part only."""
    by = claims.cashier_of(guarantee)
    quote = accepted_quote(guarantee.case, by)
    quoted = {line.label: line for line in quote.lines.all()}
    sums = {"Surgery": claims.SURGERY, "Ward": claims.WARD}
    lines = [Billed(label, minor, quoted[label]) for label, minor in sums.items()]
    return record_final_bill(
        quote, lines=lines, by=by, reason="As agreed", insurer_part=promised_of_bill
    )


def balances_due():
    rows = Obligation.objects.filter(kind="balance").order_by("pk")
    return list(rows.values_list("amount_minor", "closed_reason"))


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_a_promise_that_ends_after_the_bill_is_asked_of_the_patient(end):
    guarantee = claims.approved()
    bill = billed_beside(guarantee)
    own_part = bill.agreed_minor - promised_of_bill(guarantee.case, bill.agreed).minor
    assert 0 < own_part < bill.agreed_minor
    assert balances_due() == [(own_part, "")]
    if end == "cancelled":
        moves.cancel_guarantee(
            guarantee, by=None, row_version=guarantee.row_version, reason="Cover ended"
        )
    else:
        later = clock.now() + dt.timedelta(days=400)
        assert expire_guarantees(now=later) == 1
    assert balances_due() == [(own_part, "balance_changed"), (bill.agreed_minor, "")]


def test_what_a_second_insurer_still_promises_is_not_asked_of_the_patient():
    first = claims.approved()
    bill = billed_beside(first)
    [(own_part, _open)] = balances_due()
    claims.approved(minor=1_000_000, appointment=first.appointment, coverage=make.covered())
    moves.cancel_guarantee(first, by=None, row_version=first.row_version, reason="Cover ended")
    assert balances_due() == [
        (own_part, "balance_changed"),
        (bill.agreed_minor - 1_000_000, ""),
    ]


def test_a_promise_that_ends_before_the_bill_asks_for_nothing():
    guarantee = claims.approved()
    moves.cancel_guarantee(
        guarantee, by=None, row_version=guarantee.row_version, reason="Cover ended"
    )
    assert balances_due() == []


def test_a_top_up_takes_the_place_of_the_version_before():
    coverage = make.covered(annual_limit_minor=3_700_000)
    first = make.approve(make.submitted(coverage=coverage))
    draft = make.top_up(first)
    assert (draft.version, draft.tops_up, draft.state) == (2, first, G.DRAFT)
    assert [each.kind for each in draft.documents.all()] == ["medical_report"]
    first.refresh_from_db()
    assert first.state == G.APPROVED
    second = make.approve(resubmit(draft), 3_600_000)
    first.refresh_from_db()
    assert (first.state, second.state) == (G.TOPPED_UP, G.APPROVED)
    assert make.balance_of(coverage) == make.balance_of(coverage, "inpatient") == (0, 3_600_000)
    live = BenefitReservation.objects.filter(state=ReservationState.LIVE)
    assert {kept.guarantee for kept in live} == {second}


def test_a_refused_top_up_leaves_the_first_promise_and_can_be_asked_again():
    coverage = make.covered()
    first = make.approve(make.submitted(coverage=coverage))
    refused = make.refuse(resubmit(make.top_up(first)))
    first.refresh_from_db()
    assert (first.state, refused.state) == (G.APPROVED, G.DECLINED)
    assert make.balance_of(coverage) == (0, 2_700_000)
    assert state_of(first) == A.CONFIRMED
    third = make.top_up(first, 3_300_000)
    assert (third.version, third.tops_up) == (3, refused)
    make.approve(resubmit(third), 3_300_000)
    first.refresh_from_db()
    assert first.state == G.TOPPED_UP
    assert make.balance_of(coverage) == (0, 3_300_000)


def test_a_top_up_above_the_limit_leaves_everything():
    coverage = make.covered(annual_limit_minor=3_000_000)
    first = make.approve(make.submitted(coverage=coverage))
    sent = resubmit(make.top_up(first))
    with pytest.raises(refusals.BenefitExhausted):
        make.approve(sent, 3_600_000)
    first.refresh_from_db()
    assert first.state == G.APPROVED
    assert make.balance_of(coverage) == (0, 2_700_000)


def test_a_claim_uses_less_than_was_kept():
    coverage = make.covered(annual_limit_minor=3_000_000)
    approved = make.approve(make.submitted(coverage=coverage))
    used = decisions.use_guarantee(
        approved, used_minor=2_500_000, by=None, row_version=approved.row_version
    )
    assert used.state == G.USED
    assert make.balance_of(coverage) == make.balance_of(coverage, "inpatient") == (2_500_000, 0)
    assert BenefitBalance.objects.get(category="inpatient").visits_used == 1
    assert entries()[-1] == ("inpatient", "used", -2_700_000, 2_500_000)
    with pytest.raises(ValueError, match="less than nothing"):
        reservations.use_reservation(used, used_minor=-1, by=None, now=used.decided_at)


def test_a_claim_above_the_limit_of_others_is_refused():
    coverage = make.covered(annual_limit_minor=5_400_000)
    first = make.approve(make.submitted(coverage=coverage))
    make.approve(make.submitted(coverage=coverage))
    with pytest.raises(refusals.BenefitExhausted):
        decisions.use_guarantee(first, used_minor=2_700_001, by=None, row_version=None)
    first.refresh_from_db()
    assert first.state == G.APPROVED
    assert make.balance_of(coverage) == (0, 5_400_000)


def test_a_refusal_leaves_the_patient_a_day_to_choose(frozen):
    sent = make.submitted(urgency="urgent")
    Appointment.objects.update(held_until=frozen + dt.timedelta(minutes=5))
    refused = make.refuse(sent, appeal_until=dt.date(2026, 12, 31))
    assert (refused.refusal_code, refused.decided_at) == ("not_necessary", frozen)
    appointment = Appointment.objects.get()
    assert (appointment.state, appointment.held_until) == (
        A.AWAITING_GUARANTEE, frozen + dt.timedelta(days=1),
    )  # fmt: skip
    assert kinds() == ["payments.guarantee_declined", "payments.guarantee_submitted"]


def test_a_refused_top_up_says_that_the_promise_stands():
    first = make.approve(make.submitted())
    make.refuse(resubmit(make.top_up(first)))
    first.refresh_from_db()
    assert (first.state, state_of(first)) == (G.APPROVED, A.CONFIRMED)
    assert kinds().count("payments.guarantee_more_declined") == 1
    assert "payments.guarantee_declined" not in kinds()


def test_a_refusal_that_finds_the_place_gone_is_recorded_all_the_same():
    sent = make.submitted()
    Appointment.objects.update(state=A.EXPIRED, held_until=None)
    assert make.refuse(sent).state == G.DECLINED
    assert state_of(sent) == A.EXPIRED


def test_a_promise_that_comes_too_late_does_not_bring_the_place_back():
    sent = make.submitted()
    Appointment.objects.update(state=A.EXPIRED, held_until=None)
    assert make.approve(sent).state == G.APPROVED
    assert state_of(sent) == A.EXPIRED


@pytest.mark.parametrize(("code", "reason"), [("", "why"), ("code", " ")])
def test_a_refusal_has_code_and_reason(code, reason):
    sent = make.submitted()
    with pytest.raises(refusals.WordsMissing):
        decisions.decline_guarantee(
            sent, refused=decisions.Refused(code, reason), by=None, row_version=sent.row_version
        )
    sent.refresh_from_db()
    assert sent.state == G.SUBMITTED


def test_a_machine_client_is_named_in_the_history():
    sent = make.submitted()
    decisions.ask_question(
        sent, question="Why?", by=None, row_version=sent.row_version, client_id="bupa-api"
    )
    assert sent.events.latest("pk").client_id == "bupa-api"


def test_the_newest_version_is_found_past_refused_ones():
    first = make.approve(make.submitted())
    refused = make.refuse(resubmit(make.top_up(first)))
    assert guarantees.newest_version(first) == refused
    assert base_of(refused) == first
    assert base_of(first) is None
