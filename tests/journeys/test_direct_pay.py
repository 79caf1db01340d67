"""One treatment that an insurer pays, played by all three: patient, insurer's officer, hospital.

The patient asks, the officer questions, the patient answers, the officer approves a part, the
patient pays the rest, the hospital discharges and claims, the insurer remits short, the hospital
appeals. Sums: an estimate of CNY 1,935.00, of which 1,500.00 are promised and 1,200.00 paid.
"""

import pytest

from accounts.models import User
from bookings.models import Case
from hospitals.models import CancellationPolicy
from medtour.lib import clock
from payments.models import Guarantee, InsuranceClaim, Payment
from payments.transitions import ClaimState as C
from payments.transitions import GuaranteeState as G
from tests.factories import MembershipFactory, PayeeAccountFactory
from tests.factories.documents import pdf
from tests.factories.insurance import (
    AgreementFactory,
    BenefitFactory,
    CoverageFactory,
    NetworkHospitalFactory,
    PlanTermsFactory,
    TreatmentCodingFactory,
)
from tests.factories.portal import seat
from tests.factories.quotes import accepted_quote, quote_line
from tests.journeys.conftest import press

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.usefixtures("lenient_templates"),
]

EMAIL = "lena@people.example"
PRICE = 193_500


@pytest.fixture
def paid_offer(offer):
    """Let the offer of the journeys ask for 20 percent of CNY 1,935."""
    offer.asks_deposit_online, offer.deposit_percent = True, 20
    offer.cancellation_policy = CancellationPolicy.objects.create(
        hospital=offer.hospital, name="Deposits", bands=[[168, 100], [48, 50]]
    )
    offer.save()
    offer.price_lines.update(amount_minor=PRICE)
    PayeeAccountFactory(hospital=offer.hospital)
    return offer


@pytest.fixture
def insurer(paid_offer):
    """Return an insurer that must agree first and wants a discharge summary with each claim."""
    TreatmentCodingFactory(
        treatment=paid_offer.treatment, category="diagnostics", setting="outpatient"
    )
    coverage = CoverageFactory(
        member__number="AB12345C", member__name="SAMPLE NAME", valid_until=None
    )
    terms = PlanTermsFactory(plan=coverage.plan, lead_time_working_days=0)
    BenefitFactory(terms=terms, category="diagnostics", coinsurance_pct="10", preauth="always")
    NetworkHospitalFactory(network=terms.network, hospital=paid_offer.hospital)
    AgreementFactory(
        insurer=coverage.member.insurer, hospital=paid_offer.hospital, setting="outpatient",
        required_documents=["discharge_summary"],
    )  # fmt: skip
    return coverage.member.insurer


def test_a_treatment_from_the_question_to_the_appeal(visitor, paid_offer, insurer, signed_in):
    desk = signed_in(MembershipFactory(hospital=paid_offer.hospital).user)
    officer = signed_in(seat(insurer).user, second_step=True)
    patient_asks(visitor, paid_offer, insurer)
    hospital_sends(desk)
    officer_questions(officer)
    patient_answers(visitor)
    officer_approves_a_part(officer)
    patient_pays_the_rest(visitor)
    hospital_discharges(desk)
    hospital_claims(desk)
    insurer_remits_short(officer)
    hospital_appeals(desk)
    officer_reads_the_appeal(officer)
    assert officer.complaints == []


def only_guarantee(state):
    found = Guarantee.objects.get()
    assert found.state == state
    return found


def only_claim(state):
    found = InsuranceClaim.objects.get()
    assert found.state == state
    return found


def words(visitor):
    return visitor.page.inner_text("main")


def show(visitor, name):
    visitor.look()
    visitor.keep_picture(f"direct_pay_{name}")


def fill_day(page, name, day):
    for part in ("day", "month", "year"):
        page.fill(f"[name={name}_{part}]", str(getattr(day, part)))


def desk_act(desk, model, row, act, button, /, **values):
    """Open one act of a row at the desk, fill it in and press its button."""
    page = desk.page
    page.goto(f"{desk.server}/admin/payments/{model}/{row.pk}/{act}/")
    for name, value in values.items():
        box = page.locator(f"[name={name}]")
        if isinstance(value, dict):
            box.set_input_files(value)
        elif box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    press(page, button)


def paper(name):
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf()}


def patient_asks(visitor, offer, insurer):
    page = visitor.page
    visitor.hold(offer)
    visitor.say_who()
    visitor.agree()
    visitor.sign_up(EMAIL)
    press(page, "Use my insurance")
    page.select_option("[name=insurer]", insurer.slug)
    page.fill("[name=number]", "ab-12 345c")
    for part, value in (("day", "17"), ("month", "5"), ("year", "1980")):
        page.fill(f"[name=born_{part}]", value)
    visitor.press()
    page.check("main input[type=checkbox]")
    visitor.press()
    assert page.inner_text("main h1") == "Authorisation needed"
    page.check("[name=agree]")
    visitor.press()
    assert only_guarantee(G.DRAFT).appointment.state == "awaiting_guarantee"


def hospital_sends(desk):
    draft = only_guarantee(G.DRAFT)
    desk_act(desk, "guarantee", draft, "complete", "Save",
             diagnosis_code="M16.1", clinical_note="Hip pain for two years")  # fmt: skip
    desk_act(desk, "guarantee", draft, "share", "Add the document",
             kind="medical_report", upload=paper("report.pdf"))  # fmt: skip
    desk_act(desk, "guarantee", draft, "send", "Send to the insurer")
    only_guarantee(G.SUBMITTED)


def officer_questions(officer):
    sent = only_guarantee(G.SUBMITTED)
    officer.go("payments:insurer_desk")
    assert sent.reference in words(officer)
    officer.keep_picture("direct_pay_1_work_list")
    officer.go("payments:ask", sent.public_id)
    officer.page.fill("[name=question]", "Which treatment was tried before?")
    officer.press()
    assert "Your answer was sent" in words(officer)


def patient_answers(visitor):
    asked = only_guarantee(G.MORE_INFO)
    visitor.go("payments:guarantee", asked.public_id)
    assert "Which treatment was tried before?" in words(visitor)
    visitor.go("payments:answer_question", asked.public_id)
    visitor.page.fill("[name=answer]", "Six months of physiotherapy.")
    visitor.press()
    only_guarantee(G.SUBMITTED)


def officer_approves_a_part(officer):
    answered = only_guarantee(G.SUBMITTED)
    officer.go("payments:asked", answered.public_id)
    assert "Six months of physiotherapy." in words(officer)
    show(officer, "2_request")
    officer.go("payments:approve", answered.public_id)
    officer.page.fill("[name=amount]", "1500")
    officer.press()
    approved = only_guarantee(G.APPROVED)
    assert (approved.requested_minor, approved.approved_minor) == (174_150, 150_000)


def patient_pays_the_rest(visitor):
    approved = only_guarantee(G.APPROVED)
    assert approved.appointment.state == "awaiting_payment"
    visitor.go("payments:deposit", approved.appointment.public_id)
    visitor.page.locator("[name=agreed]").check()
    visitor.press("#pay")
    with visitor.page.expect_navigation():
        visitor.page.locator("button[name=outcome][value=card]").click()
    assert "Paid: your appointment is confirmed" in words(visitor)
    approved.appointment.refresh_from_db()
    assert approved.appointment.state == "confirmed"
    assert Payment.objects.get().state == "succeeded"


def hospital_discharges(desk):
    """The visit itself and the price are no part of this story; the papers are."""
    case, page = Case.objects.get(), desk.page
    by = User.objects.get(hospital_memberships__hospital=case.hospital)
    quote = accepted_quote(case, by, lines=[quote_line("Scan", PRICE)], likely_minor=PRICE)
    Case.objects.update(state="in_treatment")
    page.goto(f"{desk.server}/admin/bookings/case/{case.pk}/discharge/")
    for name, text in (
        ("summary_zh", "出院小结"),
        ("summary", "The scan went well."),
        ("warning_signs", "Fever"),
        ("tests", "Haemoglobin | 2099-12-31 | below 90 g/L"),
        ("contact", "Desk, +86 21 0000 0000"),
    ):
        page.fill(f"[name={name}]", text)
    press(page, "Save and tell the patient")
    assert case.discharges.get().contact == "Desk, +86 21 0000 0000"
    page.goto(f"{desk.server}/admin/payments/quote/{quote.pk}/bill/")
    page.fill("[name=lines-0-amount]", "1935")
    press(page, "Record the bill")


def hospital_claims(desk):
    page = desk.page
    page.goto(f"{desk.server}/admin/payments/insuranceclaim/draw-up/")
    press(page, "Draw up the claim")
    draft = only_claim(C.DRAFT)
    assert (draft.billed_minor, draft.insurer_minor) == (PRICE, 150_000)
    assert "Discharge summary" in page.content()
    desk_act(desk, "insuranceclaim", draft, "fapiao", "Save the number", number="24317000000123")
    desk_act(desk, "insuranceclaim", draft, "document", "Add the document",
             kind="discharge_summary", file=paper("summary.pdf"))  # fmt: skip
    desk_act(desk, "insuranceclaim", draft, "send", "Send the claim")
    only_claim(C.SUBMITTED)


def insurer_remits_short(officer):
    claim, page = only_claim(C.SUBMITTED), officer.page
    officer.go("payments:insurer_claims")
    assert claim.reference in words(officer)
    show(officer, "3_claims")
    officer.go("payments:insurer_claim", claim.public_id)
    show(officer, "4_claim")
    officer.go("payments:pay_claim", claim.public_id)
    page.fill("[name=bank_reference]", "BANK-1")
    fill_day(page, "paid_on", clock.today("Asia/Shanghai"))
    page.fill("[name=appeal_days]", "30")
    page.fill("[name=amount_1]", "1200")
    officer.press()
    assert "Enter the reason code for paying less" in words(officer)
    show(officer, "5_payment")
    page.fill("[name=code_1]", "TARIFF")
    officer.press()
    paid = only_claim(C.SHORT_PAID)
    assert (paid.paid_minor, paid.outstanding.minor) == (120_000, 30_000)


def hospital_appeals(desk):
    short = only_claim(C.SHORT_PAID)
    desk_act(desk, "insuranceclaim", short, "appeal", "Send the appeal",
             reason="The tariff is that of the agreement.")  # fmt: skip
    only_claim(C.APPEALED)


def officer_reads_the_appeal(officer):
    claim = only_claim(C.APPEALED)
    officer.go("payments:insurer_claim", claim.public_id)
    assert "The tariff is that of the agreement." in words(officer)
    officer.go("payments:answer_appeal", claim.public_id)
    officer.keep_picture("direct_pay_6_appeal")
    officer.go("payments:insurer_statement")
    show(officer, "7_statement")
    assert "1,500.00" in words(officer)
