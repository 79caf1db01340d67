"""The files that patients sent: found, opened and written down by the care team, by nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from bookings.services.records_requests import send_record
from hospitals.models.staff import Role
from tests.factories.bookings import CaseFactory
from tests.factories.documents import agrees_to_health_data, pdf
from tests.factories.records import asked_records

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def case(patient, hospital):
    return CaseFactory(patient=patient, hospital=hospital, state="in_triage")


@pytest.fixture
def asked(case, coordinator):
    return asked_records(case, coordinator)


@pytest.fixture
def sent(case, asked, user):
    agrees_to_health_data(case.patient)
    return send_record(asked, upload=SimpleUploadedFile("knee.pdf", pdf()), by=user)


def page_of(response):
    return response.content.decode()


def desk_page(case, *rest):
    name = "record" if rest else "change"
    return reverse(f"admin:bookings_case_{name}", args=[case.pk, *rest])


def test_the_care_team_finds_and_opens_the_file(client, coordinator, case, sent):
    client.force_login(coordinator)
    assert "Records sent, to be read" in page_of(client.get(reverse("admin:index")))
    listed = reverse("admin:bookings_case_changelist")
    assert case.reference in page_of(client.get(listed, {"records": "sent"}))
    assert case.reference not in page_of(client.get(listed, {"records": "missing"}))
    address = desk_page(case, sent.document.public_id)
    assert address in page_of(client.get(desk_page(case)))
    opened = client.get(address)
    assert opened.status_code == 200
    assert opened["Content-Disposition"].startswith("attachment")
    assert b"".join(opened).startswith(b"%PDF")
    noted = AuditEntry.objects.filter(action="document.open").get()
    assert (noted.user, noted.hospital_slug) == (coordinator, case.hospital.slug)


def test_what_is_missing_still_is_found_apart(client, coordinator, case, asked):
    client.force_login(coordinator)
    listed = reverse("admin:bookings_case_changelist")
    assert case.reference in page_of(client.get(listed, {"records": "missing"}))
    assert case.reference not in page_of(client.get(listed, {"records": "sent"}))


@pytest.mark.parametrize("role", [Role.CASHIER, Role.SCHEDULER, Role.EDITOR])
def test_other_roles_see_no_file(client, staff_of, case, sent, role):
    client.force_login(staff_of(role))
    assert client.get(desk_page(case, sent.document.public_id)).status_code in (403, 404)
    assert not AuditEntry.objects.filter(action="document.open").exists()


def test_another_hospital_and_another_case_have_no_such_file(
    client, other_coordinator, coordinator, case, sent, hospital
):
    client.force_login(other_coordinator)
    assert client.get(desk_page(case, sent.document.public_id)).status_code == 404
    client.force_login(coordinator)
    another = CaseFactory(hospital=hospital, state="in_triage")
    assert client.get(desk_page(another, sent.document.public_id)).status_code == 404
    assert client.post(desk_page(case, sent.document.public_id)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_case_asks_as_often_for_three_files(client, coordinator, case, asked, user, count):
    agrees_to_health_data(case.patient)
    for number in range(count):
        upload = SimpleUploadedFile(f"{number}.pdf", pdf())
        send_record(asked, upload=upload, by=user)
    client.force_login(coordinator)
    client.get(desk_page(case))
    with CaptureQueriesContext(connection) as seen:
        shown = page_of(client.get(desk_page(case)))
    assert shown.count("/record/") == count
    assert len(seen) == 18
