"""Claims from discharge to the last word, by their sums, their documents and their ledger (M22)."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import Consent, Disclosure
from accounts.services.disclosures import SharingNotAgreed
from medtour.lib import clock
from medtour.lib.money import Money
from medtour.lib.states import MoveRefused
from messaging.models import Message
from payments import claim_refusals as refusals
from payments.claim_rules import (
    Sharing,
    insurer_part,
    sharing_of,
    spread,
    taken_of_benefit,
)
from payments.models import (
    Account,
    ClaimEvent,
    DocumentKind,
    InsuranceClaim,
    LedgerPosting,
    Obligation,
)
from payments.selectors.balances import balance
from payments.selectors.insurance.claim_needs import missing_items
from payments.selectors.insurance.claim_parts import promised_of_bill
from payments.services.bills import Billed, record_final_bill
from payments.services.insurance import claims
from payments.transitions import CLAIM, OPEN_GUARANTEE, ClaimState, GuaranteeState
from tests.factories import claims as made
from tests.factories.claims import BILLED, INSURER, PATIENT
from tests.factories.documents import stored
from tests.factories.guarantees import balance_of, covered, top_up
from tests.factories.quotes import accepted_quote
from tests.payments.claim_moves import MOVES

pytestmark = [pytest.mark.long, pytest.mark.django_db]
C = ClaimState


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def on_account(account: Account, claim: InsuranceClaim) -> int:
    found = balance(account, case=claim.bill.quote.case).get("CNY")
    return found.minor if found else 0


def codes(claim: InsuranceClaim) -> list[str]:
    return [item.code for item in missing_items(claim)]


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "taken"),
    [
        (cny(1_234), "CNY", "7", 1_234),
        (cny(2_300_012), "KWD", "0.0434782608", 1_000_005),
        (cny(1_000), "JPY", "20.59", 205),
        (cny(999), "USD", "0.1399", 139),
    ],
)
def test_a_benefit_is_used_to_its_own_minor_unit_and_never_rounded_up(
    amount, currency, rate, taken
):
    found = taken_of_benefit(amount, currency, Decimal(rate))
    assert found == Money(taken, currency)


@pytest.mark.parametrize(
    ("sharing", "approved", "part"),
    [
        (Sharing(cny(0), 345_000, 3_450_000), None, 3_105_000),
        (Sharing(cny(0), 345_000, 3_450_000), cny(2_000_000), 2_000_000),
        (Sharing(cny(50_000), 0, 1), cny(9_999_999), 3_400_000),
        (Sharing(cny(50_000), 34_000, 3_400_000), None, 3_366_000),
        (Sharing(cny(4_000_000), 0, 1), None, 0),
        (Sharing(cny(0), 1, 3), None, 2_300_000),
    ],
)
def test_the_insurers_part_is_what_the_check_leaves_at_most_the_promise(sharing, approved, part):
    found = insurer_part(cny(BILLED), sharing=sharing, approved=approved, rate=Decimal(1))

    assert found == cny(part)


def test_a_promise_in_another_currency_is_never_exceeded():
    """USD 1,000.00 at 0.1403 is CNY 7,127.58 and a little; the little stays with the patient."""
    rate = Decimal("0.1403000000")
    sharing = Sharing(Money(10_000, "USD"), 0, 1)

    found = insurer_part(cny(900_000), sharing=sharing, approved=Money(100_000, "USD"), rate=rate)
    below = insurer_part(cny(300_000), sharing=sharing, approved=Money(100_000, "USD"), rate=rate)

    assert found == cny(712_758)
    assert below == cny(300_000 - 71_276)


def test_an_answer_without_a_breakdown_shares_in_proportion():
    sharing = sharing_of({"estimate": "100.00", "patient_share": "25.00"}, "CNY")

    assert sharing == Sharing(cny(0), 2_500, 10_000)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (7, [5, 0, 5], [4, 0, 3]),
        (0, [3, 4], [0, 0]),
        (7, [3, 4], [3, 4]),
        (0, [], []),
    ],
)
def test_a_part_is_spread_over_lines_to_the_minor_unit(total, weights, parts):
    assert spread(total, weights) == parts


def test_a_draft_maps_the_bill_and_uses_the_guarantee():
    claim = made.drafted_claim()

    lines = list(
        claim.lines.values_list(
            "position", "label", "tier", "code", "billed_minor", "insurer_minor"
        )
    )
    assert lines == [
        (1, "Surgery", "international", "8151", 3_000_000, 2_700_000),
        (2, "Ward", "international", "8151", 450_000, 405_000),
    ]
    assert (claim.billed_minor, claim.insurer_minor, claim.patient_minor) == (
        BILLED, INSURER, PATIENT,
    )  # fmt: skip
    guarantee = claim.guarantee
    guarantee.refresh_from_db()
    assert guarantee.state == GuaranteeState.USED
    assert balance_of(guarantee.coverage) == (INSURER, 0)
    assert [row.kind for row in claim.documents.all()] == [DocumentKind.MEDICAL_REPORT]
    assert LedgerPosting.objects.filter(kind="claim").count() == 0


def test_what_nobody_agreed_to_is_not_claimed():
    guarantee = made.approved()
    bill = made.billed(guarantee, Surgery=3_000_000, Gadget=99_900)

    claim = claims.draft_claim(guarantee, bill=bill, by=made.cashier_of(guarantee))

    assert claim.billed_minor == 3_000_000
    assert [line.label for line in claim.lines.all()] == ["Surgery"]


def test_a_promise_in_part_leaves_the_rest_to_the_patient():
    claim = made.drafted_claim(made.approved(minor=2_000_000))

    assert (claim.insurer_minor, claim.patient_minor) == (2_000_000, 1_450_000)
    assert sum(line.insurer_minor for line in claim.lines.all()) == 2_000_000


def test_a_bill_is_claimed_once():
    claim = made.drafted_claim()

    with pytest.raises(refusals.ClaimExists):
        claims.draft_claim(claim.guarantee, bill=claim.bill, by=made.cashier_of(claim.guarantee))
    assert InsuranceClaim.objects.count() == 1


def test_a_bill_of_another_case_is_refused():
    guarantee = made.approved()
    other = made.billed(made.approved())

    with pytest.raises(refusals.BillOfAnother):
        claims.draft_claim(guarantee, bill=other, by=made.cashier_of(guarantee))
    guarantee.refresh_from_db()
    assert guarantee.state == GuaranteeState.APPROVED
    assert not InsuranceClaim.objects.exists()


def test_everything_missing_is_named():
    claim = made.drafted_claim(
        required_documents=[
            DocumentKind.FAPIAO, DocumentKind.DISCHARGE_SUMMARY, DocumentKind.TRANSLATION,
            DocumentKind.ITEMISED_BILL, DocumentKind.MEDICAL_REPORT,
        ],
        identity_copy_above_minor=BILLED - 1,
    )  # fmt: skip

    assert codes(claim) == [
        "fapiao_number", "fapiao", "discharge_summary", "translation", "identity_copy",
    ]  # fmt: skip
    with pytest.raises(refusals.ClaimIncomplete) as refused:
        claims.submit_claim(claim, by=made.cashier_of(claim.guarantee))
    assert refused.value.missing == (
        "number of the fapiao", "Invoice (fapiao)", "Discharge summary", "Translation",
        "Copy of the passport",
    )  # fmt: skip
    claim.refresh_from_db()
    assert claim.state == C.DRAFT
    assert not LedgerPosting.objects.filter(kind="claim").exists()


def test_a_passport_copy_is_not_asked_up_to_the_limit():
    claim = made.drafted_claim(
        required_documents=[DocumentKind.IDENTITY_COPY], identity_copy_above_minor=BILLED
    )

    assert codes(claim) == ["fapiao_number"]


def test_without_an_agreement_the_products_own_list_counts():
    guarantee = made.approved()
    bill = made.billed(guarantee)
    claim = claims.draft_claim(guarantee, bill=bill, by=made.cashier_of(guarantee))

    assert codes(claim) == ["fapiao_number", "fapiao", "discharge_summary", "guarantee_letter"]
    assert claim.due_on is None


def test_sending_lets_the_insurer_owe_its_part():
    claim = made.sent_claim()

    assert claim.state == C.SUBMITTED
    today = clock.today(claim.hospital.time_zone)
    assert claim.due_on == today + dt.timedelta(days=90)
    assert claim.payment_due_on == today + dt.timedelta(days=30)
    assert on_account(Account.INSURER_RECEIVABLE, claim) == INSURER
    assert on_account(Account.PATIENT, claim) == PATIENT
    assert on_account(Account.HOSPITAL_PAYABLE, claim) == -BILLED
    posting = LedgerPosting.objects.get(key=f"claim:{claim.public_id}")
    legs = sorted(posting.entries.values_list("account", "amount_minor"))
    assert legs == [
        ("hospital_payable", -INSURER),
        ("hospital_payable", INSURER),
        ("insurer_receivable", INSURER),
        ("patient", -INSURER),
    ]
    told = Disclosure.objects.filter(about=f"payments.insuranceclaim:{claim.public_id}")
    assert [row.what for row in told] == [["documents", "identity", "insurance", "treatment"]]


def test_the_patient_is_asked_for_their_own_part_only():
    claim = made.sent_claim()

    due = Obligation.objects.filter(
        case=claim.bill.quote.case, closed_at=None, settled_at=None
    ).values_list("kind", "amount_minor")
    assert list(due) == [("balance", PATIENT)]


def test_the_bill_itself_asks_for_no_more_where_a_guarantee_is_approved():
    guarantee = made.approved()
    by = made.cashier_of(guarantee)
    quote = accepted_quote(guarantee.case, by)
    lines = [Billed(line.label, {"Surgery": 3_000_000, "Ward": 450_000}[line.label], line)
             for line in quote.lines.filter(label__in=["Surgery", "Ward"])]  # fmt: skip

    record_final_bill(quote, lines=lines, by=by, insurer_part=promised_of_bill)

    assert [row.amount_minor for row in Obligation.objects.filter(case=quote.case)] == [PATIENT]


def test_a_late_claim_is_sent_only_when_that_is_confirmed():
    claim = made.complete(made.drafted_claim(claim_within_days=10))
    later = clock.now() + dt.timedelta(days=12)
    InsuranceClaim.objects.filter(pk=claim.pk).update(discharged_on=clock.today("Asia/Shanghai"))
    by = made.cashier_of(claim.guarantee)

    with pytest.raises(refusals.ClaimLate):
        claims.submit_claim(claim, by=by, now=later)
    claim.refresh_from_db()
    assert claim.state == C.DRAFT

    sent = claims.submit_claim(claim, by=by, despite_deadline=True, now=later)
    assert sent.state == C.SUBMITTED


def test_nothing_is_sent_before_discharge():
    claim = made.complete(made.drafted_claim())
    case = claim.bill.quote.case
    case.state = "in_treatment"
    case.save(update_fields=["state"])

    with pytest.raises(refusals.NotDischarged):
        claims.submit_claim(claim, by=made.cashier_of(claim.guarantee))
    claim.refresh_from_db()
    assert claim.state == C.DRAFT


def test_nothing_is_sent_to_an_insurer_the_patient_no_longer_agrees_to():
    claim = made.complete(made.drafted_claim())
    Consent.objects.filter(purpose="insurer_transfer").update(withdrawn_at=clock.now())

    with pytest.raises(SharingNotAgreed):
        claims.submit_claim(claim, by=made.cashier_of(claim.guarantee))
    claim.refresh_from_db()
    assert claim.state == C.DRAFT
    assert not LedgerPosting.objects.filter(kind="claim").exists()


def test_a_document_of_somebody_else_is_refused():
    claim = made.drafted_claim()
    strange = stored(made.approved().case.patient)

    with pytest.raises(refusals.DocumentOfAnother):
        claims.add_document(
            claim, document=strange, kind="fapiao", by=made.cashier_of(claim.guarantee)
        )
    assert claim.documents.count() == 1


def test_a_row_that_changed_meanwhile_is_refused():
    claim = made.drafted_claim()
    by = made.cashier_of(claim.guarantee)
    claims.set_fapiao_number(claim, number="1", by=by, row_version=claim.row_version)

    with pytest.raises(refusals.ClaimChanged):
        claims.set_fapiao_number(claim, number="2", by=by, row_version=claim.row_version)
    claim.refresh_from_db()
    assert claim.fapiao_number == "1"


def test_officers_hear_of_a_claim_without_names():
    guarantee = made.approved()
    officer = made.officer_of_insurer(guarantee)
    claim = made.sent_claim(guarantee)

    queued = Message.objects.filter(kind="payments.claim_officer")
    assert [row.recipient for row in queued] == [officer]
    assert set(queued[0].context) == {"claim", "state", "row_version"}
    assert queued[0].context["claim"] == claim.public_id


def test_every_move_has_a_line_of_history():
    claim = made.claim_in_state(C.CLOSED)

    moves = ClaimEvent.objects.filter(claim=claim).exclude(action="document")
    assert [(row.action, row.before, row.after) for row in moves] == [
        ("draft", "", "draft"),
        ("fapiao", "draft", "draft"),
        ("submit", "draft", "submitted"),
        ("adjudicate", "submitted", "adjudicated"),
        ("remit", "adjudicated", "paid"),
        ("close", "paid", "closed"),
    ]


@pytest.mark.parametrize("state", [value for value, _label in InsuranceClaim.State.choices])
def test_the_matrix_of_moves(state):
    """Every move from every state: what the table forbids raises and changes nothing."""
    claim = made.claim_in_state(state)
    for name, (befores, act) in MOVES.items():
        if state in befores:
            continue
        events, postings = ClaimEvent.objects.count(), LedgerPosting.objects.count()
        with pytest.raises((MoveRefused, refusals.RemittanceRefused)):
            act(claim)
        claim.refresh_from_db()
        assert claim.state == state, name
        assert (ClaimEvent.objects.count(), LedgerPosting.objects.count()) == (events, postings)


def test_the_table_names_every_state_and_ends():
    states = set(InsuranceClaim.State.values)

    assert set(CLAIM) | {C.CLOSED} == states
    assert set().union(*CLAIM.values()) | {C.DRAFT} == states


def test_no_claim_is_drawn_up_while_a_higher_promise_is_asked_for():
    guarantee = made.approved()
    made.agreement_for(guarantee)
    bill = made.billed(guarantee)
    asked = top_up(guarantee, minor=3_300_000)
    by = made.cashier_of(guarantee)
    with pytest.raises(refusals.TopUpRunning):
        claims.draft_claim(guarantee, bill=bill, by=by)
    guarantee.refresh_from_db()
    assert (guarantee.state, InsuranceClaim.objects.count()) == ("approved", 0)
    assert asked.state in OPEN_GUARANTEE


def test_a_claim_takes_of_the_benefit_what_is_left_after_rounding_down():
    """CNY 31,050.00 of a plan in dollars: half to even would take one cent more of some sums."""
    coverage = covered()
    type(coverage.plan).objects.filter(pk=coverage.plan.pk).update(currency="USD")
    coverage.plan.refresh_from_db()
    output = {"estimate": "4931.00", "covered_amount": "4437.90", "patient_share": "493.10"}
    output["breakdown"] = {**made.OUTPUT["breakdown"], "coinsurance": "493.10"}
    claim = made.drafted_claim(made.approved(minor=443_790, coverage=coverage, output=output))
    exact = Decimal(claim.insurer_part.minor) * claim.rate
    assert balance_of(coverage)[0] == int(exact)
    assert exact != int(exact)
