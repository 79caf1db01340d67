"""Guarantees at the desk: every act by its button, for one's own hospital only."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry
from bookings.models import Appointment
from bookings.transitions import AppointmentState as A
from hospitals.models.staff import Role
from medtour.lib import clock
from payments.admin.guarantee_acts import PAGES
from payments.models import Appeal, Guarantee
from payments.services.insurance import guarantee_sweep
from payments.transitions import GuaranteeState as G
from tests.factories import AppointmentFactory, HospitalFactory, SlotFactory
from tests.factories import guarantees as make
from tests.factories.bookings import in_days
from tests.factories.documents import agrees_to_health_data, pdf

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def page(guarantee, act):
    return reverse(f"admin:payments_guarantee_{act}", args=[guarantee.pk])


def press(client, guarantee, act, **data):
    guarantee.refresh_from_db()
    sent = client.post(page(guarantee, act), {"row_version": guarantee.row_version} | data)
    assert sent.status_code == 302, sent.context["step"].form.errors
    guarantee.refresh_from_db()
    return guarantee


@pytest.fixture
def at_desk(client, staff_of):
    client.force_login(staff_of(Role.COORDINATOR))
    return client


@pytest.fixture
def waiting(offer, patient):
    slot = SlotFactory(offer=offer, starts_at=in_days(12))
    return make.waiting_appointment(slot=slot, patient=patient)


def days(guarantee):
    return {
        "valid_from": guarantee.service_from.isoformat(),
        "valid_until": guarantee.service_until.isoformat(),
    }


def test_a_request_is_drawn_up_from_checks_of_this_patient_and_hospital_only(
    at_desk, waiting, patient
):
    cover = make.covered()
    of_case = make.check_of(waiting, cover)
    of_patient = make.check_of(waiting, cover, case=None)
    make.check_of(waiting, cover, case=None, hospital=HospitalFactory())
    make.check_of(make.waiting_appointment(), cover)
    make.check_of(waiting, cover, member=None)
    make.check_of(waiting, cover, outcome="not_covered")
    AppointmentFactory(case=waiting.case, slot__hospital=waiting.hospital, cancelled=True)
    address = reverse("admin:payments_guarantee_draft", args=[waiting.case.reference])
    form = at_desk.get(address).context["step"].form
    assert set(form.fields["check_found"].queryset) == {of_case, of_patient}
    assert list(form.fields["appointment"].queryset) == [waiting]


@pytest.fixture
def draft(at_desk, waiting):
    """Draw up a request at the desk, from a check of the case."""
    check = make.check_of(waiting, make.covered())
    make.agrees_to_insurer(waiting.patient, check.insurer)
    agrees_to_health_data(waiting.patient)
    address = reverse("admin:payments_guarantee_draft", args=[waiting.case.reference])
    assert at_desk.get(address).status_code == 200
    first = make.service_day(waiting)
    drawn = at_desk.post(
        address,
        {
            "check_found": check.pk,
            "appointment": waiting.pk,
            "urgency": "planned",
            "service_from": first.isoformat(),
            "service_until": (first + dt.timedelta(days=3)).isoformat(),
        },
    )
    assert drawn.status_code == 302
    return Guarantee.objects.get()


def share_report(at_desk, guarantee):
    upload = SimpleUploadedFile("report.pdf", pdf())
    press(at_desk, guarantee, "share", kind="medical_report", upload=upload)


def test_a_draft_is_sent_with_its_report_and_the_question_answered(at_desk, draft):
    assert (draft.state, draft.diagnosis_code) == (G.DRAFT, "M16.1")

    refused = at_desk.post(page(draft, "send"), {"row_version": 1})
    assert refused.status_code == 422
    assert "Medical report" in refused.content.decode()
    draft.refresh_from_db()
    assert draft.state == G.DRAFT

    share_report(at_desk, draft)
    assert press(at_desk, draft, "send").state == G.SUBMITTED
    assert press(at_desk, draft, "asked_us", question="Since when?").state == G.MORE_INFO
    assert press(at_desk, draft, "answer", answer="Since 2024").state == G.SUBMITTED


def test_the_letter_by_mail_confirms_and_can_be_topped_up_and_ended(at_desk, draft):
    share_report(at_desk, draft)
    press(at_desk, draft, "send")
    letter = SimpleUploadedFile("letter.pdf", pdf())
    press(
        at_desk, draft, "record_yes", amount="20000", insurer_reference="GOP-1",
        upload=letter, **days(draft),
    )  # fmt: skip
    assert (draft.state, draft.approved_minor) == (G.APPROVED, 2_000_000)
    assert draft.letter.document.name == "letter.pdf"
    assert Appointment.objects.get().state == A.CONFIRMED
    assert guarantee_sweep.guarantee_letters.issue_letters() == 0

    press(at_desk, draft, "top_up", estimate="36000", requested="36000", why="Two more nights")
    assert Guarantee.objects.filter(state=G.DRAFT, version=2).count() == 1
    assert press(at_desk, draft, "end", why="Not needed").state == G.CANCELLED


def test_a_refusal_by_mail_and_the_appeal(at_desk, waiting):
    guarantee = make.submitted(waiting)
    press(
        at_desk, guarantee, "record_no", code="excluded", refused_because="Not covered",
        appeal_until="2026-12-31",
    )  # fmt: skip
    assert (guarantee.state, guarantee.appeal_until) == (G.DECLINED, dt.date(2026, 12, 31))
    press(at_desk, guarantee, "appeal", why="It is", missing_documents=["medical_report", "other"])
    assert guarantee.state == G.SUBMITTED
    assert Appeal.objects.get().missing_documents == ["medical_report", "other"]
    assert press(at_desk, guarantee, "take_back", why="Too late").state == G.WITHDRAWN


def test_the_list_shows_the_clocks(at_desk, waiting, frozen):
    sent = make.submitted(waiting)
    address = reverse("admin:payments_guarantee_changelist")
    for at, words in (
        (frozen, "In time"),
        (sent.warn_at, "Due soon"),
        (sent.answer_due_at, "Time is over"),
    ):
        with clock.freeze(at):
            assert words in at_desk.get(address).content.decode()
    with clock.freeze(sent.answer_due_at):
        guarantee_sweep.escalate(now=sent.answer_due_at)
        assert sent.reference in at_desk.get(address, {"clock": "late"}).content.decode()
        assert sent.reference not in at_desk.get(address, {"clock": "soon"}).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_three(at_desk, offer, count, django_assert_num_queries):
    for number in range(count):
        slot = SlotFactory(offer=offer, starts_at=in_days(12 + number))
        make.submitted(make.waiting_appointment(slot=slot))
    address = reverse("admin:payments_guarantee_changelist")
    at_desk.get(address)
    with django_assert_num_queries(6):
        assert at_desk.get(address).status_code == 200


@pytest.mark.parametrize("act", sorted(PAGES))
def test_staff_of_another_hospital_do_nothing(client, waiting, other_coordinator, act):
    guarantee = make.submitted(waiting)
    client.force_login(other_coordinator)
    for method in (client.get, client.post):
        assert method(page(guarantee, act), {"why": "x"}).status_code == 404
    guarantee.refresh_from_db()
    assert guarantee.state == G.SUBMITTED


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.DOCTOR, Role.EDITOR])
def test_only_who_handles_money_acts(client, waiting, staff_of, role):
    guarantee = make.submitted(waiting)
    client.force_login(staff_of(role))
    for act in PAGES:
        assert client.post(page(guarantee, act), {"why": "x"}).status_code == 404
    draft = reverse("admin:payments_guarantee_draft", args=[waiting.case.reference])
    assert client.get(draft).status_code == 404


def test_a_case_of_another_hospital_is_not_found(at_desk):
    other = make.waiting_appointment(slot__offer__hospital=HospitalFactory())
    draft = reverse("admin:payments_guarantee_draft", args=[other.case.reference])
    assert at_desk.get(draft).status_code == 404


def test_opening_a_request_is_written_down(at_desk, waiting):
    guarantee = make.submitted(waiting)
    address = reverse("admin:payments_guarantee_change", args=[guarantee.pk])
    assert at_desk.get(address).status_code == 200
    entry = AuditEntry.objects.get(action="desk.view_guarantee")
    assert entry.patient_public_id == guarantee.case.patient.public_id


def test_the_request_is_printed_and_that_is_written_down(at_desk, waiting):
    guarantee = make.submitted(waiting)
    printed = at_desk.get(page(guarantee, "paper"))
    assert printed.content.startswith(b"%PDF-")
    assert printed["Content-Disposition"] == (
        f'attachment; filename="request-{guarantee.reference}.pdf"'
    )
    assert AuditEntry.objects.filter(action="desk.print_guarantee").count() == 1


def test_a_document_of_the_request_is_saved_and_no_other(at_desk, waiting, client):
    guarantee = make.submitted(waiting)
    shared = guarantee.documents.get().document
    other = make.report(waiting.patient)
    address = reverse("admin:payments_guarantee_document", args=[guarantee.pk, shared.public_id])
    saved = at_desk.get(address)
    assert saved.content.startswith(b"%PDF-")
    assert saved["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert AuditEntry.objects.filter(action="document.open").count() == 1
    wrong = reverse("admin:payments_guarantee_document", args=[guarantee.pk, other.public_id])
    assert at_desk.get(wrong).status_code == 404
    change = reverse("admin:payments_guarantee_change", args=[guarantee.pk])
    assert address in at_desk.get(change).content.decode()


def test_another_hospital_saves_no_document(client, waiting, other_coordinator):
    guarantee = make.submitted(waiting)
    shared = guarantee.documents.get().document
    client.force_login(other_coordinator)
    address = reverse("admin:payments_guarantee_document", args=[guarantee.pk, shared.public_id])
    assert client.get(address).status_code == 404


def test_what_somebody_else_changed_is_seen_first(at_desk, waiting):
    guarantee = make.submitted(waiting)
    stale = at_desk.post(
        page(guarantee, "take_back"), {"row_version": guarantee.row_version - 1, "why": "x"}
    )
    assert stale.status_code == 409
    assert "Somebody changed this request" in stale.content.decode()


def test_a_booking_without_a_diagnosis_code_can_still_be_sent(at_desk, waiting):
    draft = make.drafted(waiting)
    Guarantee.objects.filter(pk=draft.pk).update(diagnosis_code="")
    change = at_desk.get(reverse("admin:payments_guarantee_change", args=[draft.pk]))
    assert "Complete the request" in change.content.decode()
    refused = at_desk.post(page(draft, "complete"), {"row_version": 1})
    assert list(refused.context["step"].form.errors) == ["diagnosis_code"]
    completed = press(
        at_desk, draft, "complete", diagnosis_code="M16.1", clinical_note="Since 2024"
    )
    assert (completed.diagnosis_code, completed.clinical_note) == ("M16.1", "Since 2024")
    press(at_desk, draft, "share", kind="medical_report",
          upload=SimpleUploadedFile("report.pdf", pdf()))  # fmt: skip
    assert press(at_desk, draft, "send").state == G.SUBMITTED
