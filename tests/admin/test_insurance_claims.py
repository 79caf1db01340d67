"""Claims at the desk: who sees them, the steps, the archive, ageing and the month's statement."""

import datetime as dt
import hashlib
import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.services.consents import withdraw_consent
from accounts.services.documents import read_document
from accounts.upload_refusals import DocumentNotReady
from medtour.lib import clock
from medtour.lib.money import Money
from payments.access import (
    claims_for_officer,
    claims_of_staff,
    guarantees_to_claim,
    remittances_for_officer,
)
from payments.models import Account, InsuranceClaim, Remittance
from payments.presenters.claim_paper import claim_archive, claim_pdf
from payments.selectors.balances import balance
from payments.selectors.insurance.claim_ageing import claim_ageing
from payments.selectors.insurance.claim_statement import settlement_statement
from payments.services.insurance import claim_decisions
from payments.services.insurance.claims import submit_claim
from payments.transitions import ClaimState
from tests.factories import claims as made
from tests.factories.claims import INSURER
from tests.factories.documents import picture
from tests.factories.insurance import OfficerFactory

pytestmark = [pytest.mark.long, pytest.mark.django_db]
C = ClaimState
LIST = "admin:payments_insuranceclaim_changelist"


def page(name, claim):
    return reverse(f"admin:payments_insuranceclaim_{name}", args=[claim.pk])


@pytest.fixture
def claim():
    return made.complete(made.drafted_claim())


@pytest.fixture
def cashier(client, claim):
    user = made.cashier_of(claim.guarantee)
    client.force_login(user)
    return user


def post(client, claim, act, **data):
    claim.refresh_from_db()
    return client.post(page(act, claim), {"version": claim.row_version, **data})


def test_a_claim_goes_from_the_desk_to_the_last_word(client, claim, cashier):
    assert post(client, claim, "fapiao", number="123").status_code == 302
    assert post(client, claim, "send").status_code == 302
    answer = {
        "amount_1": "30000", "amount_2": "4000", "code_2": "TARIFF", "appeal_until": "2030-01-01",
    }  # fmt: skip
    assert post(client, claim, "decide", **answer).status_code == 302
    paid = {
        "amount_1": "27000",
        "amount_2": "3600",
        "bank_reference": "B1",
        "paid_on": "2026-11-23",
    }
    assert post(client, claim, "payment", **paid).status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.paid_minor) == (C.SHORT_PAID, 3_060_000)
    assert post(client, claim, "appeal", reason="Wrong tariff").status_code == 302
    assert (
        post(client, claim, "answer", answer="No", amount_1="30000", amount_2="4000").status_code
        == 302
    )
    assert post(client, claim, "close").status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.fapiao_number) == (C.CLOSED, "123")


def test_a_new_file_is_stored_for_the_patient_and_added(client, claim, cashier):
    upload = SimpleUploadedFile("passport.png", picture(), content_type="image/png")

    answer = client.post(page("document", claim), {"kind": "identity_copy", "file": upload})

    assert answer.status_code == 302
    row = claim.documents.get(kind="identity_copy")
    assert row.document.patient == claim.bill.quote.case.patient


@pytest.mark.parametrize("why", ["agreement", "state"])
def test_a_file_that_no_claim_takes_is_not_kept(client, claim, cashier, why):
    patient = claim.bill.quote.case.patient
    if why == "agreement":
        withdraw_consent(patient.consents.get(purpose="insurer_transfer"))
    else:
        submit_claim(claim, by=cashier)
    before = patient.documents.count()
    upload = SimpleUploadedFile("passport.png", picture(), content_type="image/png")
    answer = client.post(page("document", claim), {"kind": "identity_copy", "file": upload})
    assert answer.status_code in (403, 409, 422)
    assert patient.documents.count() == before


def test_what_is_missing_is_on_the_list_and_sending_is_refused(client):
    claim = made.drafted_claim()
    client.force_login(made.cashier_of(claim.guarantee))

    listed = client.get(reverse(LIST)).content.decode()
    refused = post(client, claim, "send")

    assert "number of the fapiao, Discharge summary" in listed
    assert refused.status_code == 422
    assert "please add: number of the fapiao, Discharge summary" in refused.content.decode()
    claim.refresh_from_db()
    assert claim.state == C.DRAFT


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_needs_the_same_statements_for_one_and_three(client, count, operator):
    for _number in range(count):
        made.drafted_claim()
    client.force_login(operator)
    client.get(reverse(LIST))

    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = client.get(reverse(LIST))

    assert answer.status_code == 200
    assert len(seen) == 8


ACTS = ("change", "fapiao", "document", "send", "export", "decide", "payment", "appeal", "answer",
        "close")  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["stranger", "other_coordinator"])
def test_nobody_else_finds_a_claim(client, claim, request, act, who):
    client.force_login(request.getfixturevalue(who))

    answer = client.get(page(act, claim))

    assert answer.status_code in (302, 404)
    assert claim.reference.encode() not in answer.content
    assert not list(claims_of_staff(request.getfixturevalue(who)))


def test_officers_see_what_was_sent_to_their_insurer_only():
    draft, sent = made.drafted_claim(), made.sent_claim()
    paid = made.remitted(made.decided_claim())
    own, liaison = (
        OfficerFactory(insurer=sent.insurer),
        OfficerFactory(insurer=sent.insurer, role="liaison", hospital=paid.hospital),
    )
    other = OfficerFactory(insurer=paid.insurer)
    gone = OfficerFactory(insurer=paid.insurer, suspended_at=clock.now())

    assert list(claims_for_officer(own)) == [sent]
    assert list(claims_for_officer(liaison)) == []
    assert list(claims_for_officer(other)) == [paid]
    assert list(claims_for_officer(gone)) == []
    assert list(claims_for_officer(OfficerFactory(insurer=draft.insurer))) == []
    assert remittances_for_officer(other).count() == 1
    assert remittances_for_officer(own).count() == 0
    assert remittances_for_officer(gone).count() == 0


def test_a_claim_is_drawn_up_from_a_guarantee_that_is_billed(client):
    guarantee = made.approved()
    user = made.cashier_of(guarantee)
    client.force_login(user)
    address = reverse("admin:payments_insuranceclaim_draw_up")
    assert "No guarantee waits" in client.get(address).content.decode()
    made.billed(guarantee)
    assert list(guarantees_to_claim(user)) == [guarantee]

    answer = client.post(address, {"guarantee": guarantee.public_id})

    claim = InsuranceClaim.objects.get()
    assert answer.url == page("change", claim)
    assert not guarantees_to_claim(user).exists()
    assert client.get(page("change", claim)).status_code == 200


def files_of(claim, user):
    pieces = list(claim_archive(claim, by=user))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def test_the_archive_holds_paper_data_and_documents(claim):
    user = made.cashier_of(claim.guarantee)

    inside = files_of(claim, user)

    assert list(inside) == [
        "claim.pdf", "claim.json", "01-medical_report.pdf", "02-discharge_summary.pdf",
    ]  # fmt: skip
    assert inside["claim.pdf"].startswith(b"%PDF-")
    documents = [row.document for row in claim.documents.order_by("pk")]
    plain = b"".join(read_document(documents[0]).chunks)
    assert inside["01-medical_report.pdf"] == plain
    data = json.loads(inside["claim.json"])
    assert data["format"] == "medtour-claim/1"
    assert (data["billed"], data["insurer_part"], data["patient_part"]) == (
        "34500.00", "31050.00", "3450.00",
    )  # fmt: skip
    assert data["lines"][1] == {
        "number": 2, "label": "Ward", "tier": "international", "code": "8151",
        "billed": "4500.00", "insurer_part": "4050.00", "allowed": None, "paid": "0.00",
        "denial_code": "",
    }  # fmt: skip
    assert [each["file"] for each in data["documents"]] == list(inside)[2:]
    assert data["documents"][0]["sha256"] == hashlib.sha256(plain).hexdigest()
    noted = AuditEntry.objects.filter(action="claim.export", user=user)
    assert noted.count() == 3


def test_the_same_claim_gives_the_same_bytes_and_names_nobody(claim):
    user = made.cashier_of(claim.guarantee)
    once, again = (b"".join(claim_archive(claim, by=user)) for _time in range(2))

    assert once == again
    patient = claim.bill.quote.case.patient
    names = " ".join(files_of(claim, user))
    assert all(part.lower() not in names.lower() for part in patient.passport_name.split())


def test_an_archive_with_a_document_in_quarantine_does_not_begin(client, claim, cashier):
    document = claim.documents.last().document
    document.state = "quarantined"
    document.save(update_fields=["state"])

    with pytest.raises(DocumentNotReady):
        claim_archive(claim, by=cashier)
    assert client.get(page("export", claim)).url == page("change", claim)
    assert not AuditEntry.objects.filter(action="claim.export").exists()


def test_the_archive_is_streamed_as_a_file_to_save(client, claim, cashier):
    answer = client.get(page("export", claim))

    assert answer.streaming
    assert answer["Content-Disposition"] == f'attachment; filename="claim-{claim.reference}.zip"'
    assert zipfile.ZipFile(io.BytesIO(answer.getvalue())).namelist()[0] == "claim.pdf"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_paper_is_set_in_the_insurers_languages(claim, language):
    assert claim_pdf(claim, language).startswith(b"%PDF-")


def file_data(claim, content, **data):
    return {
        "hospital": claim.hospital.slug,
        "insurer": claim.insurer.slug,
        "bank_reference": "B7",
        "paid_on": "2026-11-23",
        "amount": "31050",
        "file": SimpleUploadedFile("r.csv", content.encode()),
        **data,
    }


def test_a_file_is_tried_and_then_recorded(client, claim, cashier):
    made.decided_claim(post(client, claim, "send") and InsuranceClaim.objects.get())
    address = reverse("admin:payments_insuranceclaim_remittance")
    rows = f"claim,line,status,paid,code\n{claim.reference},1,paid,27000,\n"
    broken = client.post(address, file_data(claim, rows))
    assert broken.status_code == 422
    assert "Line 2, column “line”: Line 2 of this claim is missing." in broken.content.decode()
    rows += f"{claim.reference},2,paid,4050,\n"

    tried = client.post(address, file_data(claim, rows))
    assert tried.status_code == 200
    assert not Remittance.objects.exists()
    signed = tried.context["step"].form["tried"].value()
    data = file_data(claim, "", tried=signed)
    del data["file"]
    assert client.post(address, data).status_code == 302

    claim.refresh_from_db()
    assert (claim.state, claim.paid_minor) == (C.PAID, INSURER)
    assert client.post(address, data | {"tried": signed + "x"}).status_code == 200


def test_a_hospital_records_for_its_own_claims_only(client, claim, other_coordinator):
    client.force_login(other_coordinator)
    address = reverse("admin:payments_insuranceclaim_remittance")

    answer = client.post(address, file_data(claim, "claim,line,status,paid,code\n"))

    assert answer.status_code == 200
    assert set(answer.context["step"].form.errors) == {"hospital", "insurer"}


def test_ageing_by_thirty_sixty_and_ninety_days():
    claims = [made.sent_claim() for _number in range(4)]
    now = clock.now()
    for claim, days in zip(claims, (30, 31, 90, 91), strict=True):
        InsuranceClaim.objects.filter(pk=claim.pk).update(
            submitted_at=now - dt.timedelta(days=days, hours=5)
        )
    made.remitted(made.decided_claim())

    with CaptureQueriesContext(connection) as seen:
        rows = claim_ageing(InsuranceClaim.objects.all(), now=now)

    assert len(seen) == 1
    by_insurer = {row.insurer: [money.minor for money in row.buckets] for row in rows}
    assert [by_insurer[claim.insurer.slug] for claim in claims] == [
        [INSURER, 0, 0, 0], [0, INSURER, 0, 0], [0, 0, INSURER, 0], [0, 0, 0, INSURER],
    ]  # fmt: skip
    assert all(row.total == Money(INSURER, "CNY") and row.count == 1 for row in rows)
    assert len(rows) == 4


def test_a_months_statement_adds_up_and_follows_the_one_before():
    claim = made.remitted(made.decided_claim(), line_2=0)
    today = clock.today(claim.hospital.time_zone)
    following = (today.replace(day=1) + dt.timedelta(days=40)).replace(day=1)
    rows = InsuranceClaim.objects.all()

    (first,) = settlement_statement(rows, hospital=claim.hospital, month=today)
    later = clock.at_wall_time(following, dt.time(9), claim.hospital.time_zone)
    claim_decisions.close_claim(claim, by=None, without_appeal=True, now=later)
    (second,) = settlement_statement(rows, hospital=claim.hospital, month=following)

    amounts = [(each.opening.minor, each.sent.minor, each.paid.minor, each.dropped.minor,
                each.closing.minor) for each in (first, second)]  # fmt: skip
    assert amounts == [(0, INSURER, 2_700_000, 0, 405_000), (405_000, 0, 0, 405_000, 0)]
    assert (first.sent_count, first.decided_count, first.decided.minor) == (1, 1, INSURER)
    assert balance(Account.INSURER_RECEIVABLE, hospital=claim.hospital) == {}
    assert settlement_statement(rows, hospital=claim.hospital, month=today) == (first,)


@pytest.mark.parametrize("name", ["ageing", "statement", "draw_up", "remittance"])
def test_the_pages_beside_the_list(client, name):
    claim = made.sent_claim()
    address = reverse(f"admin:payments_insuranceclaim_{name}")
    client.force_login(made.cashier_of(claim.guarantee))

    assert client.get(address).status_code == 200
    client.force_login(claim.bill.quote.case.patient.account)
    answer = client.get(address)
    assert answer.status_code in (302, 403)
    assert claim.insurer.name.encode() not in answer.content
