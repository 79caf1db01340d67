"""Papers, the calendar address, missing records and a complaint, as their people meet them."""

import io
import urllib.error
import urllib.request

import pytest
from django.urls import reverse
from pypdf import PdfReader

from bookings.links import sign_voucher
from bookings.services.complaints import answer_complaint, file_complaint
from bookings.services.consultation_links import set_consultation_link
from bookings.services.discharges import give_hand_back
from bookings.services.invitations import issue_invitation
from bookings.services.records_requests import ask_for_records
from hospitals.models import VisitPreparation
from tests.bookings.test_invitations import facts
from tests.factories import AppointmentFactory, MembershipFactory, PatientFactory, UserFactory
from tests.factories.bookings import in_days
from tests.factories.documents import pdf, picture
from tests.factories.follow_up import discharged

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.usefixtures("lenient_templates"),
]


@pytest.fixture
def appointment(offer):
    """Return an appointment with every paper, a link to a consultation and missing records."""
    user = UserFactory(verified=True, email="anna@patient.example", time_zone="Europe/Moscow")
    patient = PatientFactory(account=user, passport_name="ANNA TEST")
    row = AppointmentFactory(patient=patient, slot__offer=offer, slot__starts_at=in_days(40))
    desk = MembershipFactory(hospital=offer.hospital).user
    VisitPreparation.objects.create(offer=offer, fasting_hours=8, clear_fluids_hours=2)
    issue_invitation(row, facts=facts(row), by=desk)
    set_consultation_link(row, url="https://meet.example/room-7", by=desk)
    ask_for_records(
        row.case, items="MRI pictures\nA letter of your doctor", how="By post", due_on=None, by=desk
    )
    answered = file_complaint(row.case, words="Nobody came", language="en", by=user)
    answer_complaint(answered, answer="We are sorry. Please come again.", by=desk)
    return row


def saved(person, name, *args):
    """Press a link to a paper and read what is saved."""
    address = person.address(name, *args)
    with person.page.expect_download() as download:
        person.page.locator(f'a[href="{address.removeprefix(person.server)}"]').first.click()
    with open(download.value.path(), "rb") as file:
        pages = PdfReader(io.BytesIO(file.read())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_person_saves_the_papers_and_answers_the_hospital(
    signed_in, appointment, offer, language
):
    user = appointment.patient.account
    anna = signed_in(user, language)
    anna.go("bookings:appointment", appointment.public_id)
    anna.look()
    anna.keep_picture("appointment")
    for name in ("voucher", "instructions"):
        assert "ANNA TEST" in saved(anna, f"bookings:{name}", appointment.public_id)
    assert "E1234567" in saved(anna, "bookings:invitation_pdf", appointment.case.public_id)
    assert "第一医院" in saved(anna, "hospitals:address_card", offer.hospital.slug)
    anna.go("bookings:case", appointment.case.public_id)
    anna.look()
    anna.keep_picture("case")
    sent = anna.address("bookings:records_sent", appointment.case.public_id)
    with anna.page.expect_navigation():
        path = sent.removeprefix(anna.server)
        anna.page.locator(f'form[action="{path}"] button').click()
    assert anna.page.locator(f'form[action="{path}"]').count() == 0
    anna.go("bookings:complaints", appointment.case.public_id)
    anna.page.fill("[name=words]", "The interpreter did not come")
    anna.look()
    anna.keep_picture("complaints")
    with anna.page.expect_navigation():
        anna.page.locator("main form.card button[type=submit]").click()
    assert anna.page.get_by_text("The interpreter did not come").count() == 1
    assert anna.complaints == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_missing_records_go_from_a_telephone_to_the_care_team(
    signed_in, appointment, offer, language
):
    anna = signed_in(appointment.patient.account, language)
    case = appointment.case
    anna.go("bookings:case", case.public_id)
    follow_to = anna.address("bookings:records", case.public_id).removeprefix(anna.server)
    with anna.page.expect_navigation():
        anna.page.locator(f'main a[href="{follow_to}"]').click()
    anna.look()
    files = [
        {"name": "knee.pdf", "mimeType": "application/pdf", "buffer": pdf()},
        {"name": "blood.png", "mimeType": "image/png", "buffer": picture()},
    ]
    anna.page.set_input_files("[name=files]", files)
    anna.page.check("[name=agree]")
    with anna.page.expect_navigation():
        anna.page.locator("main form button[type=submit]").click()
    anna.look()
    anna.keep_picture("records")
    for name in ("knee.pdf", "blood.png"):
        assert anna.page.get_by_text(name).count() == 1
    desk = signed_in(offer.hospital.memberships.get().user)
    desk.page.goto(f"{desk.server}{reverse('admin:bookings_case_change', args=[case.pk])}")
    with desk.page.expect_download() as download:
        desk.page.get_by_text("knee.pdf").click()
    assert download.value.suggested_filename == "knee.pdf"
    assert anna.complaints == desk.complaints == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_calendar_program_reads_the_address_until_it_is_revoked(signed_in, appointment, language):
    anna = signed_in(appointment.patient.account, language)
    anna.go("bookings:calendar")
    with anna.page.expect_navigation():
        anna.page.locator("main form button").first.click()
    anna.look()
    anna.keep_picture("calendar")
    shown = anna.page.locator("#address + p bdi").inner_text()
    address = anna.server + shown[shown.index("/calendar/") :]
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  (our own server)
        assert b"BEGIN:VEVENT" in answer.read()
    with anna.page.expect_navigation():
        anna.page.locator("main .btn-danger").click()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address, timeout=30)  # noqa: S310  (our own server)
    assert anna.complaints == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_after_the_treatment_the_papers_are_beside_the_curve(
    signed_in, appointment, offer, language
):
    desk = MembershipFactory(hospital=offer.hospital).user
    discharge = discharged(appointment.patient, offer.hospital, desk)
    give_hand_back(discharge, given_to="The patient", by=desk)
    anna = signed_in(appointment.patient.account, language)
    anna.go("bookings:recovery", discharge.case.public_id)
    anna.look()
    anna.keep_picture("recovery")
    for name in ("discharge_pdf", "hand_back_pdf"):
        text = saved(anna, f"bookings:{name}", discharge.case.public_id)
        assert "paracetamol" in text
    assert anna.complaints == []


def test_the_front_desk_scans_a_voucher(visitor, appointment):
    visitor.language = "zh-hans"
    visitor.go("bookings:voucher_check", sign_voucher(appointment))
    visitor.look()
    visitor.keep_picture("voucher_check")
    assert visitor.page.get_by_text(appointment.reference).count() == 1
    assert visitor.page.get_by_text("ANNA").count() == 0


def test_the_desk_issues_a_letter(signed_in, appointment, offer):
    desk = signed_in(MembershipFactory(hospital=offer.hospital).user)
    change = reverse("admin:bookings_appointment_change", args=[appointment.pk])
    desk.page.goto(desk.server + change)
    desk.keep_picture("desk_appointment")
    desk.page.goto(
        desk.server + reverse("admin:bookings_appointment_invitation", args=[appointment.pk])
    )
    desk.page.select_option("[name=nationality]", "RU")
    desk.page.fill("[name=passport_number]", "E7654321")
    desk.page.fill("[name=date_of_birth]", "1980-02-03")
    desk.page.fill("[name=contact]", "Wang Fang")
    desk.page.fill("[name=telephone]", "+86 21 5555 0000")
    desk.keep_picture("desk_invitation")
    with desk.page.expect_navigation():
        desk.page.locator("main form button[type=submit], #content form button").last.click()
    assert appointment.case.invitations.count() == 2
