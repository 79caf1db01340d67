"""A patient sends the records that are missing; the hospital's care team reads them, nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Consent, MedicalDocument
from accounts.upload_refusals import HealthDataNotAgreed, KindNotTaken
from bookings.models import RecordsDocument
from bookings.pre_visit_refusals import RecordsNotNeeded
from bookings.services.records_requests import close_records, send_record
from tests.bookings.snapshot import snapshot
from tests.factories.bookings import CaseFactory
from tests.factories.documents import agrees_to_health_data, pdf, picture
from tests.factories.records import asked_records

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def case(patient, hospital):
    return CaseFactory(patient=patient, hospital=hospital, state="in_triage")


@pytest.fixture
def asked(case, coordinator):
    return asked_records(case, coordinator)


@pytest.fixture
def at_home(client, user):
    client.force_login(user)
    return client


def a_file(name="report.pdf", content=None):
    return SimpleUploadedFile(name, content or pdf())


def page(case):
    return reverse("bookings:records", args=[case.public_id])


def case_page(case):
    return reverse("bookings:case", args=[case.public_id])


def text(response):
    return response.content.decode()


def test_several_files_are_sent_at_once_with_the_agreement(at_home, case, asked):
    assert page(case) in text(at_home.get(case_page(case)))
    shown = text(at_home.get(page(case)))
    for words in ("Blood count", "keeps these files about my health", "Choose the files"):
        assert words in shown
    files = [a_file("knee.pdf"), a_file("blood.png", picture())]
    answer = at_home.post(page(case), {"files": files, "agree": "on"}, follow=True)
    assert answer.redirect_chain == [(page(case), 303)]
    shown = text(answer)
    for words in ("What you sent", "knee.pdf", "blood.png", "The hospital sees your files now."):
        assert words in shown
    assert "keeps these files about my health" not in shown
    asked.refresh_from_db()
    assert asked.sent_at is not None
    assert [sent.document.name for sent in asked.documents.all()] == ["knee.pdf", "blood.png"]
    assert Consent.objects.filter(patient=case.patient, purpose="health_data").count() == 1
    assert case.events.filter(action="records_sent").count() == 1
    assert "See or send files" in text(at_home.get(case_page(case)))


def test_without_the_agreement_nothing_is_kept(at_home, case, asked):
    answer = at_home.post(page(case), {"files": [a_file()]})
    assert answer.status_code == 422
    assert "Tick this box" in text(answer)
    assert not MedicalDocument.objects.exists()


@pytest.mark.parametrize("files", [[], ["many"]])
def test_no_file_and_too_many_are_named(at_home, case, asked, files):
    sent = [a_file(f"{number}.pdf") for number in range(11)] if files else []
    answer = at_home.post(page(case), {"files": sent, "agree": "on"})
    assert answer.status_code == 422
    words = "Choose ten files or fewer at once" if files else "Choose a file"
    assert words in text(answer)
    assert not MedicalDocument.objects.exists()


def test_a_file_that_is_not_taken_is_named_and_the_others_are_kept(at_home, case, asked):
    files = [a_file("good.pdf"), a_file("bad.exe", b"MZ not a picture")]
    answer = at_home.post(page(case), {"files": files, "agree": "on"})
    assert answer.status_code == 415
    shown = text(answer)
    for words in ("bad.exe", "PDF, JPEG and PNG files only", "good.pdf"):
        assert words in shown
    assert [sent.document.name for sent in RecordsDocument.objects.all()] == ["good.pdf"]


def test_after_the_list_is_closed_nothing_is_taken(at_home, case, asked, coordinator, user):
    agrees_to_health_data(case.patient)
    close_records(case, by=coordinator)
    before = snapshot()
    with pytest.raises(RecordsNotNeeded):
        send_record(asked, upload=a_file(), by=user)
    answer = at_home.post(page(case), {"files": [a_file()]})
    assert answer["Location"] == case_page(case)
    assert "does not wait for records any more" in text(at_home.get(case_page(case)))
    assert snapshot() == before
    assert not MedicalDocument.objects.exists()


def test_what_was_sent_stays_to_be_read_when_nothing_is_asked_any_more(
    at_home, case, asked, coordinator, user
):
    agrees_to_health_data(case.patient)
    sent = send_record(asked, upload=a_file("knee.pdf"), by=user)
    close_records(case, by=coordinator)
    assert page(case) in text(at_home.get(case_page(case)))
    shown = text(at_home.get(page(case)))
    assert "knee.pdf" in shown
    assert "Send the files" not in shown
    opened = at_home.get(reverse("accounts:document", args=[sent.document.public_id]))
    assert b"".join(opened).startswith(b"%PDF")
    again = at_home.post(page(case), {"files": [a_file()]})
    assert again.status_code == 409
    assert "does not wait for records any more" in text(again)
    assert MedicalDocument.objects.count() == 1


@pytest.mark.parametrize("refusal", [HealthDataNotAgreed, KindNotTaken])
def test_a_refused_file_leaves_the_request_as_it_was(case, asked, user, refusal):
    if refusal is KindNotTaken:
        agrees_to_health_data(case.patient)
    before = snapshot()
    with pytest.raises(refusal):
        send_record(asked, upload=a_file("x.exe", b"MZ"), by=user)
    assert snapshot() == before
    asked.refresh_from_db()
    assert (asked.sent_at, MedicalDocument.objects.count()) == (None, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_three_files(
    at_home, case, asked, user, count, django_assert_num_queries
):
    agrees_to_health_data(case.patient)
    for number in range(count):
        send_record(asked, upload=a_file(f"{number}.pdf"), by=user)
    at_home.get(page(case))
    with django_assert_num_queries(6):
        at_home.get(page(case))


def test_a_stranger_can_neither_read_nor_send(client, stranger, coordinator, case, asked):
    for person in (stranger, coordinator):
        client.force_login(person)
        assert client.get(page(case)).status_code == 404
        sent = client.post(page(case), {"files": [a_file()], "agree": "on"})
        assert sent.status_code == 404
    assert not MedicalDocument.objects.exists()
