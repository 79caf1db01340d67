"""What insurers decide and pay, appeals, the end of a claim, and the ledger beneath them (DP-10)."""

import contextlib
import datetime as dt
import io

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from medtour.lib import clock
from medtour.lib.errors import Refusal
from medtour.lib.money import Money
from messaging.models import Message
from payments import claim_refusals as refusals
from payments.claim_rules import patient_bears
from payments.models import (
    Account,
    BalanceEntry,
    InsuranceClaim,
    LedgerEntry,
    LedgerPosting,
    Obligation,
    Remittance,
    RemittanceLine,
)
from payments.selectors.balances import balance
from payments.services.insurance import appeals, claim_decisions, remittances
from payments.services.insurance.claim_decisions import LineDecision
from payments.services.insurance.claims import submit_claim
from payments.services.insurance.remittance_plan import Paid
from payments.transitions import ClaimState
from tests.factories import claims as made
from tests.factories.claims import BILLED, INSURER, PATIENT
from tests.factories.guarantees import balance_of

pytestmark = [pytest.mark.long, pytest.mark.django_db]
C = ClaimState


def on_account(account, claim):
    found = balance(account, case=claim.bill.quote.case).get("CNY")
    return found.minor if found else 0


def check(claim, text, minor=INSURER, reference="BANK-1"):
    return remittances.check_remittance_file(
        claim.insurer,
        hospital=claim.hospital,
        payment=made.bank(minor, reference),
        content=text.encode(),
    )


def sheet(claim, *rows):
    lines = [f"{claim.reference},{row}" for row in rows]
    return "\n".join(["claim,line,status,paid,code", *lines])


def nothing_changed(claim, state):
    claim.refresh_from_db()
    assert (claim.state, claim.paid_minor) == (state, 0)
    assert not Remittance.objects.exists()
    assert not RemittanceLine.objects.exists()
    assert on_account(Account.INSURER_RECEIVABLE, claim) == INSURER


def test_every_line_is_decided_and_a_reduced_one_has_a_code():
    claim = made.decided_claim(line_2=400_000)

    rows = claim.lines.values_list("allowed_minor", "denial_code", "denial_reason", "paid_minor")
    assert list(rows) == [(3_000_000, "", "", 0), (400_000, "NOT_NECESSARY", "Not needed", 0)]
    assert claim.state == C.ADJUDICATED


@pytest.mark.parametrize(
    "wrong",
    [
        [LineDecision(1, 3_000_000)],
        [LineDecision(1, 3_000_000), LineDecision(1, 3_000_000)],
        [LineDecision(1, 3_000_001), LineDecision(2, 450_000)],
        [LineDecision(1, -1, "X"), LineDecision(2, 450_000)],
        [LineDecision(1, 2_999_999), LineDecision(2, 450_000)],
        [LineDecision(1, 3_000_000), LineDecision(3, 450_000)],
    ],
)
def test_a_broken_decision_changes_nothing(wrong):
    claim = made.sent_claim()

    with pytest.raises(refusals.DecisionBroken):
        claim_decisions.adjudicate_claim(claim, decisions=wrong, by=None)
    claim.refresh_from_db()
    assert claim.state == C.SUBMITTED
    assert list(claim.lines.values_list("allowed_minor", flat=True)) == [None, None]


def test_a_claim_of_which_nothing_is_allowed_is_denied_at_once():
    claim = made.decided_claim(line_1=0, line_2=0)

    assert claim.state == C.DENIED
    assert on_account(Account.INSURER_RECEIVABLE, claim) == INSURER
    assert Message.objects.filter(kind="payments.claim_short").count() == 1


def test_a_remittance_in_full_pays_the_claim():
    claim = made.remitted(made.decided_claim())

    assert (claim.state, claim.paid_minor) == (C.PAID, INSURER)
    assert on_account(Account.INSURER_RECEIVABLE, claim) == 0
    assert on_account(Account.BANK, claim) == INSURER
    assert list(claim.lines.values_list("paid_minor", flat=True)) == [2_700_000, 405_000]
    told = Message.objects.get(kind="payments.claim_settled")
    assert told.recipient == claim.bill.quote.case.patient.account


def test_a_remittance_in_part_tells_the_desk():
    claim = made.remitted(made.decided_claim(), line_1=2_000_000, line_2=0)

    assert (claim.state, claim.paid_minor) == (C.SHORT_PAID, 2_000_000)
    rows = RemittanceLine.objects.values_list("status", "paid_minor", "denial_code")
    assert list(rows) == [
        ("short_paid", 2_000_000, "NOT_NECESSARY"),
        ("denied", 0, "NOT_NECESSARY"),
    ]
    assert Message.objects.filter(kind="payments.claim_short").count() == 1
    assert not Message.objects.filter(kind="payments.claim_settled").exists()


def test_a_payment_without_a_decision_is_one():
    claim = made.remitted(made.sent_claim(), line_2=100_000)

    assert claim.state == C.SHORT_PAID
    lines = list(claim.lines.all())
    assert [(line.allowed_minor, line.denial_code) for line in lines] == [
        (3_000_000, ""),
        (111_112, "NOT_NECESSARY"),
    ]
    assert [claim_decisions.payable_left(line) for line in lines] == [0, 0]
    actions = claim.events.values_list("action", flat=True)
    assert list(actions)[-2:] == ["adjudicate", "remit"]


def test_a_file_is_tried_before_it_is_recorded():
    claim = made.decided_claim()
    text = sheet(claim, "1,paid,27000.00,", "2,short_paid,4000.00,TARIFF")

    report = check(claim, text, minor=3_100_000)

    assert (report.rows, report.faults, report.total) == (2, [], Money(3_100_000, "CNY"))
    nothing_changed(claim, C.ADJUDICATED)

    remittances.import_remittance(
        claim.insurer,
        hospital=claim.hospital,
        payment=made.bank(3_100_000),
        content=text.encode(),
        by=made.cashier_of(claim.guarantee),
    )
    claim.refresh_from_db()
    assert (claim.state, claim.paid_minor) == (C.SHORT_PAID, 3_100_000)


def test_a_workbook_is_read_like_text():
    claim = made.decided_claim()
    book = Workbook()
    book.active.append(["Claim", "Line", "Status", "Paid", "Code"])
    book.active.append([claim.reference, 1, "paid", 27000, None])
    book.active.append([claim.reference, 2, "paid", "4050.00", None])
    out = io.BytesIO()
    book.save(out)

    report = remittances.check_remittance_file(
        claim.insurer, hospital=claim.hospital, payment=made.bank(INSURER), content=out.getvalue()
    )

    assert (report.faults, report.total) == ([], Money(INSURER, "CNY"))


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        (["1,paid,27000.00,", "2,paid,4050.01,"], [(3, "paid")]),
        (["1,paid,27000.00,", "2,short-paid,10,"], [(3, "code")]),
        (["1,paid,27000.00,", "2,denied,1,X"], [(3, "paid")]),
        (["1,paid,27000.00,", "2,gone,0,X"], [(3, "status")]),
        (["1,paid,27000.00,"], [(2, "line")]),
        (["1,paid,27000.00,", "1,paid,27000.00,"], [(3, "line")]),
        (["1,paid,27000.00,", "7,paid,1,"], [(3, "line")]),
        (["1,paid,27000.00,", "x,paid,1,"], [(3, "line")]),
        (["1,paid,27000.001,", "2,paid,4050,"], [(2, "paid")]),
        (["1,paid,,", ",paid,1,"], [(2, "paid"), (3, "line")]),
        (["1,paid,27000.00,", "2,denied,0,X"], [(1, "paid")]),
    ],
)
def test_bad_lines_are_named_and_nothing_is_recorded(rows, faults):
    claim = made.decided_claim()
    text = sheet(claim, *rows)

    report = check(claim, text)

    assert [(fault.line, fault.column) for fault in report.faults] == faults
    assert all(str(fault.reason) for fault in report.faults)
    with pytest.raises(refusals.RemittanceRefused):
        remittances.import_remittance(
            claim.insurer,
            hospital=claim.hospital,
            payment=made.bank(INSURER),
            content=text.encode(),
            by=made.cashier_of(claim.guarantee),
        )
    nothing_changed(claim, C.ADJUDICATED)


def test_a_missing_column_is_named():
    claim = made.decided_claim()

    report = check(claim, "claim,line,status\n")

    assert [(fault.line, fault.column) for fault in report.faults] == [(1, "paid")]


@pytest.mark.parametrize("foreign", ["insurer", "hospital"])
def test_a_claim_of_another_insurer_or_hospital_is_unknown(foreign):
    claim, other = made.decided_claim(), made.decided_claim()
    insurer = other.insurer if foreign == "insurer" else claim.insurer
    hospital = other.hospital if foreign == "hospital" else claim.hospital

    with pytest.raises(refusals.RemittanceRefused) as refused:
        remittances.record_remittance(
            insurer,
            hospital=hospital,
            payment=made.bank(INSURER),
            parts=made.paid_lines(claim),
            by=made.cashier_of(claim.guarantee),
        )
    unknown = refusals.RemittanceRefused(refused.value.faults).faults[0]
    assert unknown.column == "claim"
    assert "no claim with this reference" in str(unknown.reason)
    nothing_changed(claim, C.ADJUDICATED)


def test_a_bank_reference_counts_once():
    claim = made.remitted(made.decided_claim(), line_2=0)

    with pytest.raises(refusals.RemittanceTwice):
        remittances.record_remittance(
            claim.insurer,
            hospital=claim.hospital,
            payment=made.bank(405_000, " BANK-1 "),
            parts=[Paid(claim.reference, 2, "paid", 405_000)],
            by=made.cashier_of(claim.guarantee),
        )
    assert Remittance.objects.count() == 1
    faults = check(claim, sheet(claim, "2,paid,4050,"), minor=405_000).faults
    assert [(fault.line, fault.column) for fault in faults][0] == (1, "")


def test_an_appeal_needs_what_was_missing_and_its_day():
    claim = made.remitted(made.decided_claim(), line_2=0)
    by = made.cashier_of(claim.guarantee)

    with pytest.raises(refusals.ClaimIncomplete) as refused:
        appeals.appeal_claim(claim, reason="Wrong", missing_documents=["translation"], by=by)
    assert refused.value.missing == ("Translation",)
    with pytest.raises(refusals.ReasonMissing):
        appeals.appeal_claim(claim, reason=" ", by=by)
    later = clock.now() + dt.timedelta(days=32)
    with pytest.raises(refusals.AppealTooLate):
        appeals.appeal_claim(claim, reason="Wrong", by=by, now=later)
    assert not claim.appeals.exists()

    appeal = appeals.appeal_claim(
        claim, reason="Wrong", missing_documents=["discharge_summary"], by=by
    )
    assert (appeal.missing_documents, appeal.answered_at) == (["discharge_summary"], None)


def test_an_appeal_that_is_granted_is_decided_and_paid_again():
    claim = made.claim_in_state(C.APPEALED)

    appeals.answer_appeal(
        claim,
        answer=appeals.Answer("You are right.", made.decisions(claim)),
        by=made.officer_of_insurer(claim.guarantee),
    )
    claim.refresh_from_db()
    assert claim.state == C.ADJUDICATED
    assert claim.appeals.get().is_upheld is True
    remittances.record_remittance(
        claim.insurer,
        hospital=claim.hospital,
        payment=made.bank(405_000, "BANK-2"),
        parts=[Paid(claim.reference, 2, "paid", 405_000)],
        by=made.cashier_of(claim.guarantee),
    )
    claim.refresh_from_db()
    assert (claim.state, claim.paid_minor) == (C.PAID, INSURER)
    assert on_account(Account.INSURER_RECEIVABLE, claim) == 0


def test_an_appeal_that_is_refused_leaves_what_was():
    claim = made.claim_in_state(C.APPEALED)

    appeals.answer_appeal(
        claim, answer=appeals.Answer("No."), by=made.officer_of_insurer(claim.guarantee)
    )

    claim.refresh_from_db()
    assert (claim.state, claim.appeals.get().is_upheld) == (C.SHORT_PAID, False)
    assert claim.paid_minor == 2_700_000


@pytest.mark.parametrize(
    ("code", "patient", "hospital"),
    [("BENEFIT_NOT_COVERED", 405_000, 0), ("NOT_NECESSARY", 0, 405_000), ("??", 0, 405_000)],
)
def test_what_is_never_paid_goes_where_its_reason_lies(code, patient, hospital):
    claim = made.remitted(made.decided_claim(), line_2=0)
    claim.lines.filter(position=2).update(denial_code=code)
    by = made.cashier_of(claim.guarantee)

    with pytest.raises(refusals.AppealStillPossible):
        claim_decisions.close_claim(claim, by=by)
    claim_decisions.close_claim(claim, by=by, without_appeal=True)

    assert on_account(Account.INSURER_RECEIVABLE, claim) == 0
    assert on_account(Account.PATIENT, claim) == PATIENT + patient
    assert on_account(Account.HOSPITAL_PAYABLE, claim) == hospital - BILLED
    assert balance_of(claim.guarantee.coverage) == (INSURER - 405_000, 0)
    due = Obligation.objects.filter(closed_at=None, settled_at=None)
    assert sum(row.amount_minor for row in due) == PATIENT + patient
    assert Message.objects.filter(kind="payments.claim_returned").count() == bool(patient)


def test_reasons_are_read_however_they_are_written():
    assert patient_bears("benefit-not covered")
    assert not patient_bears("late")
    assert not patient_bears("")


def test_settled_claims_close_by_themselves():
    paid = made.remitted(made.decided_claim())
    short = made.remitted(made.decided_claim(), line_2=0)

    assert claim_decisions.close_settled_claims() == 1
    paid.refresh_from_db()
    short.refresh_from_db()
    assert (paid.state, short.state) == (C.CLOSED, C.SHORT_PAID)

    later = clock.now() + dt.timedelta(days=32)
    assert claim_decisions.close_settled_claims(now=later) == 1
    assert claim_decisions.close_settled_claims(now=later) == 0
    assert BalanceEntry.objects.filter(change="corrected").count() == 2


ACTS = ("submit", "adjudicate", "deny", "remit", "short", "appeal", "grant", "refuse", "close")


def do(claim, act, number):
    by = made.cashier_of(claim.guarantee)
    if act == "submit":
        submit_claim(claim, by=by)
    elif act == "adjudicate":
        made.decided_claim(claim, line_1=1_234_567)
    elif act == "deny":
        made.decided_claim(claim, line_1=0, line_2=0)
    elif act in ("remit", "short"):
        remit(claim, by, number, all_of_it=act == "remit")
    elif act == "appeal":
        appeals.appeal_claim(claim, reason="Wrong", by=by)
    elif act == "grant":
        appeals.answer_appeal(claim, answer=appeals.Answer("Yes", made.decisions(claim)), by=None)
    elif act == "refuse":
        appeals.answer_appeal(claim, answer=appeals.Answer("No"), by=None)
    else:
        claim_decisions.close_claim(claim, by=by, without_appeal=True)


def remit(claim, by, number, *, all_of_it):
    lines = []
    for line in claim.lines.all():
        due = claim_decisions.payable_left(line) if claim.state == C.ADJUDICATED else None
        due = line.insurer_minor - line.paid_minor if due is None else due
        minor = due if all_of_it else due // 3
        status = "paid" if minor == due else "short_paid" if minor else "denied"
        lines.append(Paid(claim.reference, line.position, status, minor, "CODE"))
    remittances.record_remittance(
        claim.insurer,
        hospital=claim.hospital,
        payment=made.bank(sum(line.paid_minor for line in lines), f"BANK-{number}"),
        parts=lines,
        by=by,
    )


@pytest.fixture
def complete_claim(db):
    return made.complete(made.drafted_claim())


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=6, max_size=14))
def test_any_order_keeps_the_ledger_at_zero_and_nothing_overpaid(complete_claim, acts):
    with transaction.atomic():
        for number, act in enumerate(["submit", *acts]):
            claim = InsuranceClaim.objects.get(pk=complete_claim.pk)
            with contextlib.suppress(Refusal):
                do(claim, act, number)
            holds(InsuranceClaim.objects.get(pk=claim.pk))
        transaction.set_rollback(True)


def holds(claim):
    """Check what must be true after every step, however it ended."""
    assert sum(LedgerEntry.objects.values_list("amount_minor", flat=True)) == 0
    assert 0 <= claim.paid_minor <= claim.insurer_minor
    assert claim.paid_minor == sum(line.paid_minor for line in claim.lines.all())
    assert on_account(Account.INSURER_RECEIVABLE, claim) == claim.outstanding.minor
    assert on_account(Account.BANK, claim) == claim.paid_minor
    assert LedgerPosting.objects.filter(kind="claim").count() <= 1
