"""Papers are for whoever may see them, while they are true; each opening is written down."""

import io
import re

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEntry
from bookings.links import sign_appointment, sign_hand_back, sign_voucher
from bookings.services.discharges import give_hand_back
from hospitals.models import VisitPreparation
from tests.factories import AppointmentFactory
from tests.factories.bookings import SlotFactory, in_days
from tests.factories.follow_up import asked_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PAPERS = ("voucher", "instructions")


@pytest.fixture
def appointment(patient, hospital):
    row = AppointmentFactory(
        patient=patient,
        slot__offer__hospital=hospital,
        slot__starts_at=in_days(9),
        reference="ABCDE23456",
    )
    VisitPreparation.objects.create(offer=row.slot.offer, fasting_hours=6)
    return row


def text_of(response):
    pages = PdfReader(io.BytesIO(response.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def paper(client, name, appointment, **asked):
    return client.get(reverse(f"bookings:{name}", args=[appointment.public_id]), asked)


@pytest.mark.parametrize(
    ("name", "file"), [("voucher", "voucher-ABCDE23456"), ("instructions", "visit-ABCDE23456")]
)
def test_the_owner_saves_a_paper_and_that_is_written_down(client, user, appointment, name, file):
    client.force_login(user)
    answer = paper(client, name, appointment)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{file}.pdf"'
    assert answer["Cache-Control"] == "no-store, private"
    assert "ANNA TEST" in text_of(answer)
    (entry,) = AuditEntry.objects.filter(action="paper.open")
    assert entry.target == f"bookings.appointment:{appointment.public_id}"
    assert (entry.user, entry.patient_public_id) == (user, appointment.patient.public_id)


def test_another_language_can_be_asked_for(client, user, appointment):
    client.force_login(user)
    answer = paper(client, "voucher", appointment, language="ar")
    assert PdfReader(io.BytesIO(answer.content)).root_object["/Lang"] == "ar"


@pytest.mark.parametrize("state", ["cancelled", "completed", "no_show", "expired"])
@pytest.mark.parametrize("name", PAPERS)
def test_there_is_no_paper_for_what_nobody_keeps(client, user, appointment, name, state):
    appointment.state, appointment.ended_by = state, "patient"
    appointment.save()
    client.force_login(user)
    assert paper(client, name, appointment).status_code == 404
    token = sign_appointment(appointment)
    link = reverse("bookings:linked_voucher", args=[token])
    assert client.get(link).status_code == 404
    assert not AuditEntry.objects.filter(action="paper.open").exists()


def test_without_instructions_there_is_no_paper_and_no_line(client, user, appointment):
    VisitPreparation.objects.all().delete()
    offer = appointment.slot.offer
    offer.preparation_en = ""
    offer.save()
    client.force_login(user)
    assert paper(client, "instructions", appointment).status_code == 404
    address = reverse("bookings:appointment", args=[appointment.public_id])
    page = client.get(address).content.decode()
    assert reverse("bookings:voucher", args=[appointment.public_id]) in page
    assert "visit.pdf" not in page


@pytest.mark.parametrize("name", PAPERS)
def test_strangers_find_nothing(client, stranger, coordinator, appointment, name):
    for person in (stranger, coordinator):
        client.force_login(person)
        answer = paper(client, name, appointment)
        assert answer.status_code == 404
        assert b"ANNA" not in answer.content


def test_behind_the_link_of_a_mail_the_voucher_names_nobody(client, appointment):
    answer = client.get(reverse("bookings:linked_voucher", args=[sign_appointment(appointment)]))
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    text = text_of(answer)
    assert "ABCDE23456" in text
    assert "ANNA" not in text
    entry = AuditEntry.objects.get(action="paper.open")
    assert entry.user is None


def test_the_linked_page_offers_the_voucher_and_no_health(client, appointment):
    token = sign_appointment(appointment)
    page = client.get(reverse("bookings:linked_appointment", args=[token])).content.decode()
    assert reverse("bookings:linked_voucher", args=[token]) in page
    assert "visit.pdf" not in page
    assert "invitation.pdf" not in page


# ---- the code on the voucher ---------------------------------------------------------------------


def check(client, token):
    return client.get(reverse("bookings:voucher_check", args=[token]))


def test_a_scanned_voucher_says_whether_it_holds_and_nothing_else(client, appointment):
    answer = check(client, sign_voucher(appointment))
    page = answer.content.decode()
    assert "This booking holds" in page
    assert "ABCDE23456" in page
    for secret in ("ANNA", "Anna", appointment.slot.offer.treatment.name_en, "anna@"):
        assert secret not in page
    assert answer["Cache-Control"] == "no-store, private"
    assert not re.search(r"/cancel/|/move/", page)


def test_a_voucher_of_an_older_time_is_out_of_date(client, appointment):
    token = sign_voucher(appointment)
    appointment.slot = SlotFactory(offer=appointment.slot.offer, starts_at=in_days(10))
    appointment.calendar_sequence += 1
    appointment.save()
    assert "This paper is out of date" in check(client, token).content.decode()


def test_a_cancelled_voucher_does_not_hold(client, appointment):
    token = sign_voucher(appointment)
    appointment.state, appointment.ended_by = "cancelled", "patient"
    appointment.save()
    assert "This booking does not hold any more" in check(client, token).content.decode()


def test_a_forged_code_and_the_key_of_a_mail_open_nothing(client, appointment):
    for token in ("forged", sign_appointment(appointment)):
        answer = check(client, token)
        assert answer.status_code == 404
        assert "ABCDE23456" not in answer.content.decode()
    link = reverse("bookings:linked_appointment", args=[sign_voucher(appointment)])
    assert client.get(link).status_code == 404


# ---- after the treatment -------------------------------------------------------------------------


@pytest.fixture
def task(patient, hospital, coordinator):
    return asked_task(patient, hospital, coordinator)


def case_paper(client, name, case):
    return client.get(reverse(f"bookings:{name}", args=[case.public_id]))


def test_the_papers_from_the_hospital_can_be_saved(client, user, task):
    client.force_login(user)
    answer = case_paper(client, "discharge_pdf", task.case)
    text = text_of(answer)
    for words in ("paracetamol", "below 90 g/L", "左膝关节置换术后", "Li Wei", "The calf swells"):
        assert words in text, words
    assert answer["Content-Disposition"] == (
        f'attachment; filename="papers-{task.case.reference}.pdf"'
    )
    entry = AuditEntry.objects.get(action="paper.open")
    assert entry.target == f"bookings.discharge:{task.discharge.public_id}"


def test_the_letter_home_waits_until_it_is_given(client, user, task, coordinator):
    client.force_login(user)
    assert case_paper(client, "hand_back_pdf", task.case).status_code == 404
    give_hand_back(task.discharge, given_to="The patient", by=coordinator)
    answer = case_paper(client, "hand_back_pdf", task.case)
    assert "Please do these tests" in text_of(answer)
    page = client.get(reverse("bookings:recovery", args=[task.case.public_id])).content.decode()
    for name in ("discharge_pdf", "hand_back_pdf"):
        assert reverse(f"bookings:{name}", args=[task.case.public_id]) in page


@pytest.mark.parametrize("name", ["discharge_pdf", "hand_back_pdf"])
def test_nobody_else_gets_them(client, stranger, coordinator, task, name):
    give_hand_back(task.discharge, given_to="The patient", by=coordinator)
    for person in (stranger, coordinator):
        client.force_login(person)
        answer = case_paper(client, name, task.case)
        assert answer.status_code == 404
        assert b"paracetamol" not in answer.content


def test_a_case_without_papers_has_none(client, user, appointment):
    client.force_login(user)
    assert case_paper(client, "discharge_pdf", appointment.case).status_code == 404


def test_the_home_doctor_saves_the_letter_with_the_same_code(client, task, coordinator):
    letter = give_hand_back(task.discharge, given_to="The patient", by=coordinator)
    address = reverse("bookings:linked_hand_back", args=[sign_hand_back(letter)])
    page = client.post(address, {"code": letter.code}).content.decode()
    assert "Save this letter as a PDF" in page
    answer = client.post(address, {"code": letter.code, "paper": "1"})
    assert "Haemoglobin" in text_of(answer)
    assert answer["Cache-Control"] == "no-store, private"
    wrong = client.post(address, {"code": "WRONGONE", "paper": "1"})
    assert b"Haemoglobin" not in wrong.content
    assert not wrong.content.startswith(b"%PDF")


def test_anybody_may_have_the_address_card_and_it_is_about_nobody(client, hospital):
    address = reverse("hospitals:address_card", args=[hospital.slug])
    answer = client.get(address)
    assert answer.status_code == 200
    assert "第一医院" in text_of(answer)
    hospital.name_zh_hans = hospital.address_zh_hans = ""
    hospital.save()
    assert client.get(address).status_code == 404
