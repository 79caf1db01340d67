"""An insurer's members come from a file: every bad line is named, and then all or nothing."""

import datetime as dt
import io
import time

import pytest
from openpyxl import Workbook

from accounts.models import AuditEntry
from payments.insurance_refusals import FaultyFile
from payments.models import BalanceEntry, BenefitBalance, Coverage, Member
from payments.services.insurance.member_lines import COLUMNS
from payments.services.insurance.members import check_members, import_members
from payments.services.insurance.utilisation import check_utilisation, import_utilisation
from tests.factories.insurance import (
    BenefitBalanceFactory,
    CoverageFactory,
    PlanFactory,
    PlanTermsFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HEAD = ",".join(COLUMNS)
ANNA = "AB-1,ANNA TEST,1980-05-17,gold,P1,active,2026-01-01,2026-12-31,2024-01-01,,E11;I10"
BORIS = "ab 2,BORIS TEST,1975-02-03,gold,P1,active,2026-01-01,2026-12-31,2024-01-01,,"
USED = "member_number,as_of,category,used,visits_used,deductible_met,out_of_pocket_met"


def csv(*lines, head=HEAD):
    return "\n".join((head, *lines)).encode()


@pytest.fixture
def plan():
    return PlanFactory(code="gold")


@pytest.fixture
def insurer(plan):
    return plan.insurer


def everything():
    rows = Coverage.objects.order_by("pk").values_list("pk", "superseded_at")
    people = [(one.number, one.name) for one in Member.objects.order_by("pk")]
    return people, list(rows), AuditEntry.objects.count(), BalanceEntry.objects.count()


def test_members_and_coverages_are_made(insurer, plan, officer):
    report = import_members(insurer, csv(ANNA, BORIS), by=officer)
    assert (report.rows, report.added, report.changed, report.unchanged) == (2, 2, 0, 0)
    anna = Member.objects.order_by("pk")[0]
    assert (anna.number, anna.date_of_birth) == ("AB1", "1980-05-17")
    cover = anna.coverages.get()
    assert (cover.plan, cover.policy_number) == (plan, "P1")
    assert cover.declared_conditions == ["E11", "I10"]
    assert AuditEntry.objects.get().target == f"hospitals.insurer:{insurer.slug}"


def test_the_same_file_twice_changes_nothing(insurer, officer):
    import_members(insurer, csv(ANNA, BORIS), by=officer)
    people, covers, _audit, _entries = everything()
    report = import_members(insurer, csv(ANNA, BORIS), by=officer)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 2)
    assert everything()[:2] == (people, covers)


def test_a_dry_run_says_what_would_happen_and_changes_nothing(insurer):
    before = everything()
    report = check_members(insurer, csv(ANNA, BORIS))
    assert (report.added, report.faults) == (2, ())
    assert everything() == before


def test_every_bad_line_is_named_and_nothing_is_imported(insurer, officer):
    content = csv(
        ANNA,
        ANNA,
        "X3,,2090-01-01,silver,,asleep,2026-01-01,2025-01-01,2024-13-01,,",
        ",NOBODY,1980-01-01,gold,,active,2026-01-01,,2024-01-01,,",
    )
    before = everything()
    report = check_members(insurer, content)
    assert [(fault.line, fault.column, str(fault.reason)) for fault in report.faults] == [
        (3, "member_number", "This number comes twice."),
        (4, "joined_on", "This is not a date like 2026-03-31."),
        (4, "plan", "You have no plan with this code."),
        (4, "status", "This is not one of: active, suspended, cancelled."),
        (4, "date_of_birth", "Nobody was born on this day."),
        (4, "valid_until", "This day is before the first day."),
        (5, "member_number", "This must not be empty."),
    ]
    with pytest.raises(FaultyFile) as refused:
        import_members(insurer, content, by=officer)
    assert refused.value.faults == report.faults
    assert everything() == before


@pytest.mark.parametrize(
    ("content", "column", "reason"),
    [
        (b"", "member_number", "This column is missing."),
        (b"\xff\xfe", "", "The file is neither XLSX nor CSV in UTF-8."),
        (b"PK\x03\x04rubbish", "", "This XLSX file cannot be read."),
        (HEAD.replace("plan,", "").encode(), "plan", "This column is missing."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(insurer, content, column, reason):
    [fault] = check_members(insurer, content).faults
    assert (fault.line, fault.column, str(fault.reason)) == (1, column, reason)


def test_a_spreadsheet_is_read_with_its_dates_and_numbers(insurer, officer):
    book = Workbook()
    book.active.append(list(COLUMNS))
    born, first, joined = dt.date(1980, 5, 17), dt.date(2026, 1, 1), dt.date(2024, 1, 1)
    row = [12345, "ANNA", born, "gold", None, "active", first, None, joined, None, None]
    book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    import_members(insurer, content.getvalue(), by=officer)
    member = Member.objects.get()
    assert (member.number, member.date_of_birth) == ("12345", "1980-05-17")
    assert member.coverages.get().valid_until is None


def test_a_changed_coverage_replaces_the_old_one_and_takes_its_balances(insurer, officer):
    import_members(insurer, csv(ANNA), by=officer)
    old = Coverage.objects.get()
    balance = BenefitBalanceFactory(coverage=old, used_minor=500)
    report = import_members(insurer, csv(ANNA.replace("active", "suspended")), by=officer)
    assert (report.added, report.changed) == (0, 1)
    new = Coverage.objects.known().get()
    assert new.status == "suspended"
    old.refresh_from_db()
    assert (old.status, old.superseded_at is not None) == ("active", True)
    balance.refresh_from_db()
    assert balance.coverage == new


def test_a_coverage_that_begins_later_leaves_the_time_before(insurer, officer):
    PlanFactory(insurer=insurer, code="platinum")
    import_members(insurer, csv(ANNA), by=officer)
    later = ANNA.replace("gold", "platinum").replace("2026-01-01", "2026-07-01")
    import_members(insurer, csv(later), by=officer)
    rows = (
        Coverage.objects.known()
        .order_by("valid_from")
        .values_list("plan__code", "valid_from", "valid_until")
    )
    assert list(rows) == [
        ("gold", dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
        ("platinum", dt.date(2026, 7, 1), dt.date(2026, 12, 31)),
    ]


def test_another_insurers_member_of_the_same_number_is_not_touched(insurer, officer):
    other = CoverageFactory(member__number="AB-1", member__name="SOMEBODY ELSE")
    import_members(insurer, csv(ANNA), by=officer)
    other.refresh_from_db()
    assert other.superseded_at is None
    assert Member.objects.get(pk=other.member_id).name == "SOMEBODY ELSE"
    assert Member.objects.filter(insurer=insurer).count() == 1


@pytest.mark.long
def test_five_thousand_lines_take_less_than_twenty_seconds(insurer, officer):
    lines = [
        f"N{number},NAME {number},1980-01-01,gold,P,active,2026-01-01,2026-12-31,2024-01-01,,"
        for number in range(5000)
    ]
    begun = time.monotonic()
    report = import_members(insurer, csv(*lines), by=officer)
    assert report.added == 5000
    assert time.monotonic() - begun < 20


def test_utilisation_is_taken_over_with_its_differences(insurer, plan, officer):
    PlanTermsFactory(plan=plan, annual_limit_minor=10_000_000)
    import_members(insurer, csv(ANNA), by=officer)
    first = csv("AB1,2026-11-01,,1250.50,2,100,0", head=USED)
    report = import_utilisation(insurer, first, by=officer)
    assert (report.rows, report.added) == (1, 1)
    balance = BenefitBalance.objects.get()
    assert (balance.used_minor, balance.visits_used) == (125_050, 2)
    assert (balance.deductible_met_minor, balance.limit_minor) == (10_000, 10_000_000)
    assert import_utilisation(insurer, first, by=officer).unchanged == 1
    assert BalanceEntry.objects.count() == 1
    second = csv("AB1,2026-11-20,,2000.50,3,100,0", head=USED)
    assert import_utilisation(insurer, second, by=officer).changed == 1
    entry = BalanceEntry.objects.order_by("pk").last()
    assert (entry.used_minor, entry.visits, entry.deductible_minor) == (75_000, 1, 0)
    assert entry.by == officer


def test_bad_utilisation_is_named_and_changes_nothing(insurer, plan, officer):
    PlanTermsFactory(plan=plan, annual_limit_minor=10_000_000)
    import_members(insurer, csv(ANNA, BORIS), by=officer)
    cover = Coverage.objects.get(member__number_hash=Member.objects.order_by("pk")[0].number_hash)
    BenefitBalanceFactory(coverage=cover, limit_minor=10_000_000, reserved_minor=9_000_000)
    CoverageFactory(member__number="OTHER")
    before = everything()
    content = csv(
        "AB1,2026-11-01,,20000,,,",
        "AB2,2026-11-01,,1.234,many,,",
        "AB2,2027-11-01,,1,,,",
        "OTHER,2026-11-01,,1,,,",
        head=USED,
    )
    report = check_utilisation(insurer, content)
    assert [(fault.line, fault.column) for fault in report.faults] == [
        (3, "used"),
        (3, "visits_used"),
        (4, "as_of"),
        (5, "member_number"),
        (2, "used"),
    ]
    with pytest.raises(FaultyFile):
        import_utilisation(insurer, content, by=officer)
    assert everything() == before
