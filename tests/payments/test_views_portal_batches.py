"""A file of questions: each line answered or named, with a limit of its own (DP-03, SE-13)."""

import csv
import io
import time

import pytest
from openpyxl import load_workbook

from accounts.models import AuditEntry
from payments.insurance_refusals import TooManyQuestions
from payments.models import AskedThrough, EligibilityBatch, EligibilityCheck
from payments.services.insurance import batches
from payments.services.insurance.batches import ask_batch
from tests.factories.insurance import (
    AgreementFactory,
    BenefitFactory,
    CoverageFactory,
    NetworkHospitalFactory,
    PlanTermsFactory,
)
from tests.factories.portal import question_line, questions, seat
from tests.people import sign_in_with_second_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
FILES = "/en/insurer/batches/"


@pytest.fixture
def member(hospital):
    coverage = CoverageFactory(member__number="AB-12 345c", member__name="CANARY NAME")
    terms = PlanTermsFactory(plan=coverage.plan)
    BenefitFactory(terms=terms, category="inpatient", coinsurance_pct="10")
    NetworkHospitalFactory(network=terms.network, hospital=hospital)
    AgreementFactory(insurer=coverage.member.insurer, hospital=hospital)
    return coverage.member


@pytest.fixture
def officer_(member):
    return seat(member.insurer)


@pytest.fixture
def at_desk(client, officer_):
    sign_in_with_second_step(client, officer_.user)
    return client


def words(response):
    return " ".join(response.content.decode().split())


def sent(client, content):
    upload = io.BytesIO(content)
    upload.name = "questions.csv"
    return client.post(FILES, {"file": upload})


def saved(client, batch, kind):
    response = client.get(f"{FILES}{batch.public_id}/{kind}/")
    assert response.status_code == 200
    return b"".join(response) if response.streaming else response.content


def test_good_lines_are_answered_and_a_bad_one_is_named(at_desk, member, hospital, officer_):
    bad = question_line(member, hospital, service_on="soon", amount="-5", category="magic")
    content = questions(question_line(member, hospital), bad, question_line(member, hospital))
    answer = sent(at_desk, content)
    batch = EligibilityBatch.objects.get()
    assert (answer.status_code, answer.url) == (303, f"{FILES}{batch.public_id}/")
    assert (batch.row_count, batch.asked_by, batch.checks.count()) == (3, officer_.user, 2)
    assert {check.outcome for check in batch.checks.all()} == {"ELIGIBLE"}
    assert [result["line"] for result in batch.results] == [2, 3, 4]
    assert [column for column, _reason in batch.results[1]["faults"]] == [
        "service_on",
        "category",
        "amount",
    ]
    shown = words(at_desk.get(answer.url))
    for fact in ("2 lines answered", "1 line could not be used", "18,000", "not a date"):
        assert fact in shown
    noted = AuditEntry.objects.filter(action="insurance.batch")
    assert noted.get().target == f"payments.eligibilitybatch:{batch.public_id}"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("member_number", ""),
        ("member_number", "- -"),
        ("date_of_birth", "1850-01-01"),
        ("hospital", "nowhere"),
        ("service_on", "2029-01-01"),
        ("setting", "home"),
        ("procedure_code", "1234567890123"),
        ("amount", "0"),
        ("amount", "12.345"),
        ("emergency", "perhaps"),
    ],
)
def test_each_column_is_checked_by_itself(officer_, member, hospital, column, cell):
    line = question_line(member, hospital, **{column: cell})
    batch = ask_batch(officer_, questions(line), by=officer_.user)
    assert [fault[0] for fault in batch.results[0]["faults"]] == [column]
    assert not EligibilityCheck.objects.exists()


def test_answers_are_saved_as_csv_and_xlsx(at_desk, member, hospital):
    bad = question_line(member, hospital, member_number="=1+1", amount="x")
    sent(at_desk, questions(question_line(member, hospital), bad))
    batch = EligibilityBatch.objects.get()
    rows = list(csv.reader(io.StringIO(saved(at_desk, batch, "csv").decode("utf-8-sig"))))
    check = batch.checks.get()
    assert rows[1] == [
        "2", "AB-12 345c", hospital.slug, "2026-12-01", "ELIGIBLE", "CNY", "20000.00",
        "18000.00", "2000.00", " ".join(check.reason_codes), check.public_id, "",
    ]  # fmt: skip
    assert rows[2][1] == "'=1+1"
    assert rows[2][4:11] == [""] * 7
    assert rows[2][11].startswith("amount: ")
    sheet = load_workbook(io.BytesIO(saved(at_desk, batch, "xlsx"))).active
    assert [cell.value for cell in sheet[2]][4:9] == ["ELIGIBLE", "CNY", 20000, 18000, 2000]
    assert AuditEntry.objects.filter(action="insurance.batch_saved").count() == 2
    assert at_desk.get(f"{FILES}{batch.public_id}/exe/").status_code == 404


def test_an_unknown_and_a_wrong_member_look_the_same(at_desk, member, hospital):
    sent(
        at_desk,
        questions(
            question_line(member, hospital, member_number="NOBODY"),
            question_line(member, hospital, date_of_birth="1950-01-01"),
        ),
    )
    batch = EligibilityBatch.objects.get()
    first, second = list(csv.reader(io.StringIO(saved(at_desk, batch, "csv").decode())))[1:]
    assert first[4] == "REJECTED"
    assert first[4:10] == second[4:10]


def test_a_file_never_locks_the_form_of_single_checks(officer_, member, hospital):
    strangers = [question_line(member, hospital, member_number=f"N{each}") for each in range(40)]
    ask_batch(officer_, questions(*strangers), by=officer_.user)
    again = ask_batch(officer_, questions(question_line(member, hospital)), by=officer_.user)
    assert again.checks.get().outcome == "ELIGIBLE"
    assert {check.asked_through for check in again.checks.all()} == {AskedThrough.BATCH}


def test_files_have_a_limit_of_their_own(officer_, member, hospital, monkeypatch):
    monkeypatch.setattr(batches, "MOST_AN_HOUR", 3)
    lines = questions(*[question_line(member, hospital)] * 2)
    ask_batch(officer_, lines, by=officer_.user)
    with pytest.raises(TooManyQuestions):
        ask_batch(officer_, lines, by=officer_.user)
    assert EligibilityBatch.objects.count() == 1
    assert EligibilityCheck.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nonsense", "This column is missing."),
        (questions(), "The file has no lines."),
        (b"PK\x03\x04 no workbook", "This XLSX file cannot be read."),
        (questions(*["x,y"] * 501), "The file has more than 500 lines. Please split it."),
    ],
)
def test_a_file_that_cannot_be_read_asks_nothing(at_desk, content, said):
    answer = sent(at_desk, content)
    assert answer.status_code == 422
    assert said in words(answer)
    assert not EligibilityBatch.objects.exists()


def test_a_liaison_asks_about_the_own_hospital_and_sees_own_files(
    client, member, hospital, officer_, other_hospital
):
    theirs = ask_batch(officer_, questions(question_line(member, hospital)), by=officer_.user)
    liaison = seat(member.insurer, other_hospital)
    batch = ask_batch(liaison, questions(question_line(member, hospital)), by=liaison.user)
    assert [fault[0] for fault in batch.results[0]["faults"]] == ["hospital"]
    sign_in_with_second_step(client, liaison.user)
    assert client.get(f"{FILES}{theirs.public_id}/").status_code == 404
    assert client.get(f"{FILES}{batch.public_id}/").status_code == 200


def test_three_answers_cost_as_many_queries_as_one(
    at_desk, member, hospital, officer_, django_assert_max_num_queries, django_assert_num_queries
):
    line = question_line(member, hospital)
    one = ask_batch(officer_, questions(line), by=officer_.user)
    three = ask_batch(officer_, questions(line, line, line), by=officer_.user)
    at_desk.get(f"{FILES}{one.public_id}/")
    with django_assert_max_num_queries(10) as counted:
        at_desk.get(f"{FILES}{one.public_id}/")
    with django_assert_num_queries(len(counted.captured_queries)):
        at_desk.get(f"{FILES}{three.public_id}/")


@pytest.mark.long
def test_500_questions_are_answered_within_a_request(officer_, member, hospital):
    lines = questions(*[question_line(member, hospital)] * 500)
    began = time.perf_counter()
    batch = ask_batch(officer_, lines, by=officer_.user)
    took = time.perf_counter() - began
    assert batch.checks.count() == 500
    assert took < 20, f"{took:.1f} s"
