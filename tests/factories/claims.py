"""Claims for tests; they reach their state through the services themselves.

Sums: CNY 30,000 for surgery and CNY 4,500 for the ward were agreed and billed. The check leaves
10 % to the patient, so the insurer's part is CNY 31,050: 27,000 and 4,050.
"""

import datetime as dt
from typing import Any

from accounts.models import User
from bookings.models.case import CaseStateChoice
from hospitals.models.staff import Role
from medtour.lib import clock
from medtour.lib.money import Money
from payments.models import Agreement, DocumentKind, FinalBill, Guarantee, InsuranceClaim
from payments.services.insurance import (
    appeals,
    claim_decisions,
    claims,
    guarantees,
    remittances,
)
from payments.services.insurance import guarantee_moves as moves
from payments.services.insurance.claim_decisions import LineDecision
from payments.services.insurance.remittance_plan import BankPayment, Paid
from payments.transitions import ClaimState as C
from tests.factories.documents import stored
from tests.factories.guarantees import (
    agrees_to_insurer,
    approve,
    check_of,
    covered,
    request_for,
    waiting_appointment,
)
from tests.factories.hospitals import MembershipFactory
from tests.factories.insurance import AgreementFactory, OfficerFactory
from tests.factories.quotes import accepted_quote, final_bill

SURGERY, WARD = 3_000_000, 450_000
BILLED = SURGERY + WARD
INSURER, PATIENT = 3_105_000, 345_000
PARTS = {1: 2_700_000, 2: 405_000}
OUTPUT = {
    "currency": "CNY",
    "estimate": "34500.00",
    "covered_amount": "31050.00",
    "patient_share": "3450.00",
    "breakdown": {
        "deductible": "0.00",
        "copay": "0.00",
        "coinsurance": "3450.00",
        "penalty": "0.00",
        "over_limit": "0.00",
    },
}
NEEDED = [DocumentKind.ITEMISED_BILL, DocumentKind.DISCHARGE_SUMMARY, DocumentKind.MEDICAL_REPORT]


def cashier_of(guarantee: Guarantee) -> User:
    found = guarantee.hospital.memberships.filter(role=Role.CASHIER).first()
    return (
        found.user
        if found
        else MembershipFactory(hospital=guarantee.hospital, role=Role.CASHIER).user
    )


def officer_of_insurer(guarantee: Guarantee) -> User:
    found = guarantee.insurer.officers.first()
    return found.user if found else OfficerFactory(insurer=guarantee.insurer).user


def approved(
    *, minor: int | None = INSURER, output: dict[str, Any] | None = None, **fields: Any
) -> Guarantee:
    """Return an approved guarantee for CNY 31,050 of an estimate of CNY 34,500."""
    appointment = fields.pop("appointment", None) or waiting_appointment()
    coverage = fields.pop("coverage", None) or covered()
    answer = OUTPUT | {"currency": coverage.plan.currency} | (output or {})
    check = check_of(appointment, coverage, output=answer)
    patient, by = appointment.kept_patient, appointment.kept_booker
    agrees_to_insurer(patient, check.insurer)
    draft = guarantees.draft_guarantee(
        appointment.kept_case, check=check, request=request_for(appointment, **fields), by=by
    )
    guarantees.share_document(
        draft, document=stored(patient), kind=DocumentKind.MEDICAL_REPORT, by=by
    )
    sent = moves.submit_guarantee(
        draft, by=by, row_version=draft.row_version, despite_lead_time=True
    )
    return approve(sent, minor)


def agreement_for(guarantee: Guarantee, **fields: Any) -> Agreement:
    values = {
        "insurer": guarantee.insurer,
        "hospital": guarantee.hospital,
        "setting": guarantee.setting,
        "required_documents": NEEDED,
        "claim_within_days": 90,
        "settlement_days": 30,
    }
    return AgreementFactory(**values | fields)


def billed(guarantee: Guarantee, **amounts: int) -> FinalBill:
    """Return the final bill of the guarantee's case: surgery and ward as quoted."""
    by = cashier_of(guarantee)
    quote = accepted_quote(guarantee.case, by)
    sums = amounts or {"Surgery": SURGERY, "Ward": WARD}
    return final_bill(quote, by, sums)


def discharge(guarantee: Guarantee) -> None:
    case = guarantee.case
    case.state = CaseStateChoice.DISCHARGED
    case.save(update_fields=["state"])


def drafted_claim(guarantee: Guarantee | None = None, **agreement: Any) -> InsuranceClaim:
    """Return a draft with an agreement in force; number and summary are missing."""
    guarantee = guarantee or approved()
    agreement_for(guarantee, **agreement)
    bill = billed(guarantee)
    discharge(guarantee)
    return claims.draft_claim(guarantee, bill=bill, by=cashier_of(guarantee))


def complete(claim: InsuranceClaim) -> InsuranceClaim:
    by = cashier_of(claim.guarantee)
    claims.set_fapiao_number(claim, number="24317000000123456789", by=by)
    patient = claim.bill.quote.case.patient
    claims.add_document(claim, document=stored(patient), kind=DocumentKind.DISCHARGE_SUMMARY, by=by)
    claim.refresh_from_db()
    return claim


def sent_claim(guarantee: Guarantee | None = None, **agreement: Any) -> InsuranceClaim:
    claim = complete(drafted_claim(guarantee, **agreement))
    return claims.submit_claim(claim, by=cashier_of(claim.guarantee))


def decisions(claim: InsuranceClaim, **allowed: int) -> list[LineDecision]:
    """Return a decision of every line: all allowed, but for `line_1=…` and so on."""
    made = []
    for line in claim.lines.all():
        minor = allowed.get(f"line_{line.position}", line.billed_minor)
        code = "" if minor == line.billed_minor else "NOT_NECESSARY"
        made.append(LineDecision(line.position, minor, code, "Not needed" if code else ""))
    return made


def decided_claim(claim: InsuranceClaim | None = None, **allowed: int) -> InsuranceClaim:
    claim = claim or sent_claim()
    return claim_decisions.adjudicate_claim(
        claim,
        decisions=decisions(claim, **allowed),
        by=officer_of_insurer(claim.guarantee),
        appeal_until=clock.today("UTC") + dt.timedelta(days=30),
    )


def bank(minor: int, reference: str = "BANK-1", **fields: Any) -> BankPayment:
    return BankPayment(reference, clock.today("UTC"), Money(minor, "CNY"), **fields)


def paid_lines(claim: InsuranceClaim, **paid: int) -> list[Paid]:
    """Return what an insurer says of every line: paid in full, but for `line_1=…` and so on."""
    made = []
    for row, line in enumerate(claim.lines.all(), start=2):
        due = line.insurer_minor - line.paid_minor
        minor = paid.get(f"line_{line.position}", due)
        status = "paid" if minor == due else "short_paid" if minor else "denied"
        code = "" if status == "paid" else "NOT_NECESSARY"
        made.append(Paid(claim.reference, line.position, status, minor, code, row))
    return made


def remitted(claim: InsuranceClaim, reference: str = "BANK-1", **paid: int) -> InsuranceClaim:
    lines = paid_lines(claim, **paid)
    remittances.record_remittance(
        claim.insurer,
        hospital=claim.hospital,
        payment=bank(sum(line.paid_minor for line in lines), reference),
        parts=lines,
        by=cashier_of(claim.guarantee),
    )
    claim.refresh_from_db()
    return claim


def claim_in_state(state: str) -> InsuranceClaim:
    """Return a claim that has reached a state by the moves that lead there."""
    if state == C.DRAFT:
        return complete(drafted_claim())
    if state == C.SUBMITTED:
        return sent_claim()
    claim = decided_claim()
    if state == C.ADJUDICATED:
        return claim
    paid = {C.SHORT_PAID: {"line_2": 0}, C.APPEALED: {"line_2": 0}}
    if state == C.DENIED:
        return remitted(claim, line_1=0, line_2=0)
    claim = remitted(claim, **paid.get(state, {}))
    by = cashier_of(claim.guarantee)
    if state == C.APPEALED:
        appeals.appeal_claim(claim, reason="It was needed.", by=by)
    if state == C.CLOSED:
        claim_decisions.close_claim(claim, by=by)
    claim.refresh_from_db()
    return claim
