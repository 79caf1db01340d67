"""Bad rows: each is named by file and line, all at once, and nothing is changed."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bookings.services.calendar_days import plan_calendar_days
from hospitals.models import Hospital, Province
from hospitals.services.catalogue.load import FOLDER, BadCatalogue, fingerprint, load_catalogue
from tests.factories import HospitalFactory

pytestmark = pytest.mark.django_db
FIRST_ROW = 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the real files that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "catalogue"))


def spoil(folder: Path, file: str, line: int, **cells: str) -> None:
    """Change cells of the row on a line; the files have one line a row."""
    path = folder / file
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    rows[line - FIRST_ROW] |= cells
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def faults(folder: Path) -> list[str]:
    with pytest.raises(BadCatalogue) as caught:
        load_catalogue(folder, also=(plan_calendar_days,))
    return [str(fault) for fault in caught.value.faults]


def test_five_faults_are_each_named_and_nothing_is_changed(folder, capsys):
    HospitalFactory(slug="huashan-hospital", name_en="Before")
    spoil(folder, "hospitals.csv", 2, city="Atlantis")
    spoil(folder, "price_benchmarks.csv", 3, country="XX")
    spoil(folder, "price_benchmarks.csv", 4, currency="ZZZ")
    spoil(folder, "specialties.csv", 2, snomed_ct_code="394592005")
    spoil(folder, "treatments.csv", 2, price_low_cny="2000")
    with pytest.raises(CommandError, match=r"5 bad rows\. Nothing was changed\."):
        call_command("load_catalogue", folder=folder)
    assert capsys.readouterr().err.splitlines() == [
        "hospitals.csv:2: city: unknown city 'Atlantis'",
        "price_benchmarks.csv:3: country: unknown country: 'XX'",
        "price_benchmarks.csv:4: currency: unknown currency: 'ZZZ'",
        "specialties.csv:2: snomed_ct_code: SNOMED CT check digit is wrong: '394592005'",
        "treatments.csv:2: price: the upper end is below the lower end",
    ]
    assert list(Hospital.objects.values_list("slug", "name_en")) == [("huashan-hospital", "Before")]
    assert not Province.objects.filter(slug="shanghai").exists()


@pytest.mark.parametrize(
    ("file", "cells", "reason"),
    [
        ("hospitals.csv", {"latitude": "13.7"}, "latitude: latitude 13.7 is not in China"),
        (
            "hospitals.csv",
            {"latitude": ""},
            "latitude, longitude: only one of the two is given",
        ),
        ("hospitals.csv", {"as_of": "2026-13"}, "as_of: not a date: '2026-13-01'"),
        ("hospitals.csv", {"as_of": "lately"}, "as_of: not a date of a fact: 'lately'"),
        ("hospitals.csv", {"specialties": "magic"}, "specialties: unknown specialty 'magic'"),
        ("hospitals.csv", {"languages_basis": ""}, "languages: given without languages_basis"),
        ("hospitals.csv", {"source": ""}, "source: is empty"),
        (
            "hospitals.csv",
            {"confidence": "sure"},
            "confidence: 'sure' is not one of high, medium, low",
        ),
        (
            "hospitals.csv",
            {"coord_precision": "roof"},
            "coord_precision: unknown precision: 'roof'",
        ),
        ("cities.csv", {"time_zone": "CST"}, "time_zone: unknown time zone: 'CST'"),
        ("cities.csv", {"name_ar": ""}, "name_ar: is empty"),
        (
            "treatments.csv",
            {"followup_days": "30;7"},
            "followup_days: the numbers do not rise",
        ),
        (
            "treatments.csv",
            {"price_low_cny": "-1", "price_high_cny": "5"},
            "price_low_cny: a price below zero: '-1'",
        ),
        (
            "visa_rules.csv",
            {"max_stay_days": "a month"},
            "max_stay_days: not a whole number: 'a month'",
        ),
        ("public_holidays.csv", {"kind": "party"}, "kind: 'party' is not one of holiday, working"),
    ],
)
def test_a_bad_cell_is_named(folder, file, cells, reason):
    spoil(folder, file, FIRST_ROW, **cells)
    assert faults(folder) == [f"{file}:{FIRST_ROW}: {reason}"]


def test_a_doubled_key_is_named_at_its_second_row(folder):
    path = folder / "visa_notes.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    assert faults(folder) == [
        f"visa_notes.csv:{len(lines) + 1}: topic: doubled 'medical-purpose-visa-free'"
    ]


def test_a_line_with_too_many_cells_is_named(folder):
    path = folder / "visa_notes.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] += ",extra"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert faults(folder) == ["visa_notes.csv:2: 7 cells instead of 6"]


def test_lines_are_counted_through_a_cell_of_several_lines(folder):
    path = folder / "visa_notes.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = 'a-topic,"two\nlines",,A source,2026,high'
    lines[2] = "Bad Topic,text,,A source,2026,high"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert faults(folder) == ["visa_notes.csv:4: topic: not a slug: 'Bad Topic'"]


def test_a_text_longer_than_its_column_is_named(folder):
    spoil(folder, "insurers.csv", 2, name="x" * 201)
    assert faults(folder) == ["insurers.csv:2: name: longer than 200 characters"]


def test_a_missing_file_and_a_missing_column_are_named(folder):
    (folder / "visa_ports.csv").unlink()
    (folder / "visa_notes.csv").write_text("topic\n", encoding="utf-8")
    assert faults(folder) == [
        "visa_notes.csv:1: columns missing or doubled: applies_to, as_of, confidence, source, summary",
        "visa_ports.csv:0: the file is missing",
    ]


def test_the_mark_of_a_folder_follows_its_files(folder):
    before = fingerprint(folder)
    assert before == fingerprint(FOLDER)
    spoil(folder, "insurers.csv", 2, name="Another name")
    assert fingerprint(folder) != before
