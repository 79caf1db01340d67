"""Drawing up, sending, asking and answering: what is checked, what the clock says, who is told."""

import datetime as dt

import pytest

from accounts.models import Consent, Disclosure, MedicalDocument
from accounts.services.consents import withdraw_consent
from accounts.services.disclosures import SharingNotAgreed
from accounts.upload_refusals import DocumentNotReady
from bookings.models import Appointment
from bookings.transitions import AppointmentState as A
from medtour.lib import clock
from medtour.lib.money import Money
from messaging.models import Message
from payments import guarantee_refusals as refusals
from payments.models import Guarantee, GuaranteeEvent, Outcome, Urgency
from payments.services.insurance import guarantee_moves as moves
from payments.services.insurance import guarantees
from payments.transitions import GuaranteeState as G
from tests.factories import AppointmentFactory, HospitalFactory, MembershipFactory, PatientFactory
from tests.factories import guarantees as make
from tests.factories.insurance import OfficerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR = dt.timedelta(hours=1)


def shanghai(day, hour=9, minute=0):
    return clock.at_wall_time(dt.date(2026, 11, day), dt.time(hour, minute), "Asia/Shanghai")


def send(guarantee, **how):
    return moves.submit_guarantee(
        guarantee, by=guarantee.case.opened_by, row_version=guarantee.row_version, **how
    )


def kinds():
    return sorted(Message.objects.values_list("kind", flat=True))


def test_a_draft_takes_what_the_check_found():
    appointment, coverage = make.waiting_appointment(), make.covered()
    check = make.check_of(appointment, coverage)
    draft = guarantees.draft_guarantee(
        appointment.case,
        check=check,
        request=make.request_for(appointment),
        by=appointment.booker,
    )
    assert (draft.state, draft.version, draft.row_version) == (G.DRAFT, 1, 1)
    assert (draft.insurer, draft.hospital) == (check.insurer, appointment.hospital)
    assert (draft.coverage, draft.member) == (coverage, coverage.member)
    assert (draft.estimate, draft.requested) == (make.cny(3_000_000), make.cny(2_700_000))
    assert (draft.category, draft.setting) == ("inpatient", "inpatient")
    assert (draft.procedure_code, draft.diagnosis_code) == ("8151", "M16.1")
    assert GuaranteeEvent.objects.get().action == "draft"
    assert kinds() == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"outcome": Outcome.NOT_COVERED}, refusals.NothingToAsk),
        ({"outcome": Outcome.REJECTED, "member": None}, refusals.NothingToAsk),
        ({"outcome": Outcome.WAITING}, refusals.NothingToAsk),
        ({"case": None, "patient": None}, refusals.CheckOfAnother),
        ({"output": {"currency": "CNY"}}, refusals.AmountsBroken),
        ({"output": {"currency": "USD", "estimate": "1.00"}}, refusals.AmountsBroken),
    ],
)
def test_a_check_that_is_no_ground_for_a_request(change, refusal):
    appointment = make.waiting_appointment()
    check = make.check_of(appointment, make.covered(), **change)
    request = make.request_for(appointment)
    with pytest.raises(refusal):
        guarantees.draft_guarantee(
            appointment.case, check=check, request=request, by=appointment.booker
        )
    assert not Guarantee.objects.exists()


@pytest.mark.parametrize("other", ["hospital", "patient", "appointment"])
def test_a_check_of_somebody_else_is_refused(other):
    appointment, coverage = make.waiting_appointment(), make.covered()
    change = {}
    if other == "hospital":
        change = {"hospital": HospitalFactory()}
    if other == "patient":
        change = {"patient": PatientFactory(), "case": None}
    check = make.check_of(appointment, coverage, **change)
    request = make.request_for(AppointmentFactory() if other == "appointment" else appointment)
    with pytest.raises(refusals.CheckOfAnother):
        guarantees.draft_guarantee(
            appointment.case, check=check, request=request, by=appointment.booker
        )
    assert not Guarantee.objects.exists()


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"estimate": Money(0, "CNY")}, refusals.AmountsBroken),
        ({"estimate": Money(100, "USD")}, refusals.AmountsBroken),
        ({"requested": Money(3_000_001, "CNY")}, refusals.AmountsBroken),
        ({"requested": Money(-1, "CNY")}, refusals.AmountsBroken),
        ({"service_until": dt.date(2026, 11, 1)}, refusals.DaysBroken),
        (
            {"service_from": dt.date(2031, 1, 1), "service_until": dt.date(2031, 1, 2)},
            refusals.NoTermsInForce,
        ),
    ],
)
def test_broken_requests(fields, refusal):
    appointment = make.waiting_appointment()
    check = make.check_of(appointment, make.covered())
    with pytest.raises(refusal):
        guarantees.draft_guarantee(
            appointment.case,
            check=check,
            request=make.request_for(appointment, **fields),
            by=appointment.booker,
        )
    assert not Guarantee.objects.exists()


def test_one_open_request_for_a_case_and_cover():
    draft = make.drafted()
    request = make.request_for(draft.appointment)
    with pytest.raises(refusals.RequestRunning):
        guarantees.draft_guarantee(
            draft.case, check=draft.eligibility_check, request=request, by=draft.case.opened_by
        )
    assert Guarantee.objects.count() == 1


def test_sending_starts_the_clock_keeps_the_place_and_tells_both_sides(frozen):
    draft = make.drafted()
    officer = OfficerFactory(insurer=draft.insurer)
    OfficerFactory(insurer=draft.insurer, suspended_at=frozen)
    OfficerFactory(insurer=draft.insurer, role="liaison", hospital=HospitalFactory())
    OfficerFactory()
    sent = send(draft, despite_lead_time=True)
    assert (sent.state, sent.submitted_at) == (G.SUBMITTED, frozen)
    assert (sent.warn_at, sent.answer_due_at) == (shanghai(24, 3), shanghai(24))
    assert Appointment.objects.get().held_until == shanghai(25)
    told = {(each.kind, each.recipient_id) for each in Message.objects.all()}
    assert told == {
        ("payments.guarantee_submitted", draft.case.patient.account_id),
        ("payments.guarantee_request", officer.user_id),
    }


def test_what_the_insurer_learns_is_written_down(frozen):
    draft = make.drafted()
    assert not Disclosure.objects.exists()
    send(draft, despite_lead_time=True)
    disclosure = Disclosure.objects.get()
    assert disclosure.what == [
        "diagnosis", "documents", "estimate", "identity", "insurance", "treatment",
    ]  # fmt: skip
    assert disclosure.recipient == draft.insurer.slug
    assert disclosure.consent.purpose == "insurer_transfer"
    assert (disclosure.about, disclosure.at) == (f"payments.guarantee:{draft.public_id}", frozen)


def test_nothing_goes_to_an_insurer_without_agreement(frozen):
    draft = make.drafted()
    withdraw_consent(Consent.objects.get(purpose="insurer_transfer"))
    with pytest.raises(SharingNotAgreed):
        send(draft, despite_lead_time=True)
    with pytest.raises(SharingNotAgreed):
        guarantees.share_document(
            draft,
            document=make.report(draft.case.patient),
            kind="other",
            by=draft.case.opened_by,
        )
    draft.refresh_from_db()
    assert (draft.state, draft.documents.count()) == (G.DRAFT, 1)
    assert not Disclosure.objects.exists()
    assert kinds() == []


def test_withdrawing_the_agreement_stops_the_answer_too():
    asked = make.ask(make.submitted())
    withdraw_consent(Consent.objects.get(purpose="insurer_transfer"))
    before = Disclosure.objects.count()
    with pytest.raises(SharingNotAgreed):
        moves.answer_question(
            asked, answer="Yes", by=asked.case.opened_by, row_version=asked.row_version
        )
    asked.refresh_from_db()
    assert asked.state == G.MORE_INFO
    assert Disclosure.objects.count() == before


def test_what_is_missing_is_named():
    draft = make.drafted()
    Guarantee.objects.update(diagnosis_code="")
    draft.refresh_from_db()
    with pytest.raises(refusals.RequestIncomplete) as error:
        send(draft)
    assert str(error.value.message) == "Before this can be sent, please add: diagnosis code."


def test_a_planned_request_needs_a_report_and_an_emergency_none():
    for urgency in (Urgency.PLANNED, Urgency.EMERGENCY):
        appointment = make.waiting_appointment()
        check = make.check_of(appointment, make.covered())
        make.agrees_to_insurer(appointment.patient, check.insurer)
        draft = guarantees.draft_guarantee(
            appointment.case,
            check=check,
            request=make.request_for(appointment, urgency=urgency),
            by=appointment.booker,
        )
        if urgency == Urgency.PLANNED:
            with pytest.raises(refusals.RequestIncomplete) as error:
                send(draft)
            assert "Medical report" in str(error.value.message)
        else:
            assert send(draft).state == G.SUBMITTED


def test_three_working_days_out_on_a_five_day_plan(frozen):
    appointment = make.waiting_appointment(slot__starts_at=shanghai(26))
    draft = make.drafted(appointment)
    with pytest.raises(refusals.LeadTimeTooShort) as error:
        send(draft)
    assert (error.value.needed, error.value.left) == (5, 3)
    assert str(error.value.message) == (
        "The insurer needs 5 of its working days for a planned treatment, and 3 remain. "
        "The earliest day that works is 1 Dec 2026."
    )
    draft.refresh_from_db()
    assert draft.state == G.DRAFT
    assert send(draft, despite_lead_time=True).state == G.SUBMITTED


@pytest.mark.parametrize(
    ("urgency", "warn", "due"),
    [
        (Urgency.URGENT, shanghai(23, 12), shanghai(23, 13)),
        (Urgency.OUTPATIENT, shanghai(23, 9, 22) + dt.timedelta(seconds=30), shanghai(23, 9, 30)),
        (Urgency.EMERGENCY, shanghai(23, 12), shanghai(23, 13)),
    ],
)
def test_quicker_clocks(urgency, warn, due):
    sent = send(make.drafted(urgency=urgency))
    assert (sent.warn_at, sent.answer_due_at) == (warn, due)


def test_the_notice_of_an_emergency_counts_from_when_it_happened(frozen):
    draft = make.drafted(urgency=Urgency.EMERGENCY, happened_at=frozen - 10 * HOUR)
    assert draft.notice_due_at == frozen + 38 * HOUR
    assert draft.warn_at == frozen + 26 * HOUR
    assert draft.clock_due_at == draft.notice_due_at


def test_a_question_stops_one_clock_and_starts_the_other(frozen):
    sent = make.submitted()
    MembershipFactory(hospital=sent.hospital)
    with clock.freeze(frozen + HOUR):
        asked = make.ask(sent)
    assert (asked.state, asked.question) == (G.MORE_INFO, "Which treatment was tried before?")
    assert (asked.answer_due_at, asked.question_due_at) == (None, shanghai(26, 10))
    assert asked.warn_at == shanghai(25, 16)
    assert Appointment.objects.get().held_until == shanghai(27, 10)
    assert kinds() == [
        "payments.guarantee_desk", "payments.guarantee_question", "payments.guarantee_submitted",
    ]  # fmt: skip

    document = make.report(asked.case.patient)
    with clock.freeze(frozen + 2 * HOUR):
        answered = moves.answer_question(
            asked,
            answer=" Physiotherapy, two years ",
            documents=[(document, "medical_report")],
            by=asked.case.patient.account,
            row_version=asked.row_version,
        )
    assert (answered.state, answered.question) == (G.SUBMITTED, "")
    assert (answered.answer_due_at, answered.question_due_at) == (shanghai(24, 11), None)
    assert answered.documents.count() == 2
    words = list(GuaranteeEvent.objects.order_by("pk").values_list("action", "reason"))
    assert words == [
        ("draft", ""),
        ("submit", ""),
        ("ask", "Which treatment was tried before?"),
        ("share", ""),
        ("answer", "Physiotherapy, two years"),
    ]


@pytest.mark.parametrize("words", ["", "  \n"])
def test_an_empty_answer_or_question_is_refused(words):
    sent = make.submitted()
    by, version = sent.case.opened_by, sent.row_version
    with pytest.raises(refusals.WordsMissing):
        make.decisions.ask_question(sent, question=words, by=None, row_version=version)
    asked = make.ask(sent)
    with pytest.raises(refusals.WordsMissing):
        moves.answer_question(asked, answer=words, by=by, row_version=asked.row_version)
    asked.refresh_from_db()
    assert asked.state == G.MORE_INFO


def test_a_file_of_another_patient_or_unchecked_is_never_shared():
    draft = make.drafted()
    other = make.report(PatientFactory())
    own = make.report(draft.case.patient)
    MedicalDocument.objects.filter(pk=own.pk).update(state="quarantined")
    own.refresh_from_db()
    for document, refusal in ((other, refusals.CheckOfAnother), (own, DocumentNotReady)):
        with pytest.raises(refusal):
            guarantees.share_document(
                draft, document=document, kind="other", by=draft.case.opened_by
            )
    assert draft.documents.count() == 1


def test_a_request_for_a_place_that_is_gone_is_not_sent(frozen):
    draft = make.drafted()
    Appointment.objects.update(state=A.EXPIRED, held_until=None)
    with pytest.raises(Exception) as error:
        send(draft, despite_lead_time=True)
    assert error.value.code == "move_refused"
    draft.refresh_from_db()
    assert draft.state == G.DRAFT
    assert not Disclosure.objects.exists()


def test_an_appeal_is_answered_by_the_next_decision(frozen):
    refused = make.refuse(make.submitted(), appeal_until=dt.date(2026, 12, 23))
    appeal = moves.appeal_guarantee(
        refused,
        reason="The report was missing",
        missing_documents=["medical_report"],
        by=refused.case.opened_by,
        row_version=refused.row_version,
    )
    guarantee = Guarantee.objects.get()
    assert (guarantee.state, guarantee.decided_at, guarantee.refusal_code) == (
        G.SUBMITTED, None, "not_necessary",
    )  # fmt: skip
    assert guarantee.answer_due_at == shanghai(24)
    assert appeal.missing_documents == ["medical_report"]
    make.approve(guarantee)
    appeal.refresh_from_db()
    assert (appeal.is_upheld, appeal.answered_at) == (True, frozen)
    guarantee.refresh_from_db()
    assert (guarantee.refusal_code, guarantee.appeal_until) == ("", None)


def test_a_second_refusal_answers_the_appeal_with_no(frozen):
    refused = make.refuse(make.submitted(), appeal_until=dt.date(2026, 11, 23))
    appeal = moves.appeal_guarantee(
        refused, reason="Look again", by=refused.case.opened_by, row_version=refused.row_version
    )
    make.refuse(Guarantee.objects.get())
    appeal.refresh_from_db()
    assert appeal.is_upheld is False
