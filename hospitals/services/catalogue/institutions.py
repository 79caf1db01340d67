"""Hospitals with what each fact about them rests on."""

import datetime as dt
from typing import Any

from hospitals.models import (
    City,
    Department,
    Designation,
    Hospital,
    Programme,
    Specialty,
    SpokenLanguage,
)
from hospitals.models.hospital import Ownership, PositionPrecision
from hospitals.services.catalogue import checks, sources
from hospitals.services.catalogue.plans import Build, Ref
from hospitals.services.catalogue.rows import LANGUAGES, Row

CHECKED_ON = dt.date(2026, 11, 21)
NO_PROGRAMME = "none"
COLUMNS = """slug name_en name_zh city province ownership programme website address latitude
    longitude coord_precision specialties specialties_basis languages languages_basis source as_of
    confidence notes"""
PRECISIONS = {
    "building": PositionPrecision.BUILDING,
    "approx": PositionPrecision.APPROXIMATE,
    "zone": PositionPrecision.ZONE,
    "city": PositionPrecision.CITY,
}


def plan_programmes(build: Build) -> None:
    programmes = build.plan(Programme, "code")
    texts = "name summary issuer"
    for row in build.rows(
        "programmes.csv", "code granted_on ended_on source as_of confidence", translated=texts
    ):
        values = {"code": row.required("code", checks.slug), **row.source()}
        for name in texts.split():
            values |= row.in_languages(name, needed=LANGUAGES)
        for name in ("granted_on", "ended_on"):
            values[name] = row.checked(name, checks.fact_date) or ""
        programmes.add(row, values)
    build.known["programme"] = {key[0] for key in programmes.rows}


def plan_hospitals(build: Build) -> None:
    hospitals = build.plan(Hospital, "slug")
    departments = build.plan(Department, "hospital", "specialty")
    languages = build.plan(SpokenLanguage, "hospital", "code")
    designations = build.plan(Designation, "hospital", "programme")
    rows = build.rows("hospitals.csv", COLUMNS)
    for row in rows:
        values = _hospital(row, build)
        hospitals.add(row, values)
        here = Ref(Hospital, (values["slug"],))
        for specialty in _known_items(row, "specialties", build.known["specialty"], "specialty"):
            departments.add(row, _department(row, here, specialty))
        for code in _languages(row, build):
            languages.add(row, {"hospital": here, "code": code})
        if row.one_of("programme", [NO_PROGRAMME, *build.known["programme"]]) != NO_PROGRAMME:
            designations.add(row, _designation(row, here))
    build.known["hospital"] = {row.text("slug") for row in rows}
    _add_aliases(build)


def _hospital(row: Row, build: Build) -> dict[str, Any]:
    city = build.known["city"].get(row.known("city", build.known["city"], "city"), {})
    return {
        "slug": row.required("slug", checks.slug),
        "name_en": row.needed_text("name_en"),
        "name_zh_hans": row.text("name_zh") or None,
        "aliases": "",
        "city": Ref(City, (city.get("slug"),)),
        "time_zone": city.get("time_zone", ""),
        "ownership": row.one_of("ownership", Ownership.values),
        "website": row.text("website"),
        "address_en": row.text("address"),
        **_position(row),
        "specialties_basis": row.text("specialties_basis"),
        "languages_basis": row.text("languages_basis"),
        "notes": sources.shown_source(row.text("notes")),
        **row.source(),
    }


def _position(row: Row) -> dict[str, Any]:
    """Return where it is and how exactly that is known; half a position is a fault."""
    latitude = row.checked("latitude", checks.latitude)
    longitude = row.checked("longitude", checks.longitude)
    if bool(row.text("latitude")) != bool(row.text("longitude")):
        row.fault("latitude, longitude: only one of the two is given")
    return {
        "latitude": latitude,
        "longitude": longitude,
        "position_precision": row.checked("coord_precision", precision) or "",
    }


def precision(text: str) -> str:
    first_word = text.split()[0]
    if first_word not in PRECISIONS:
        raise ValueError(f"unknown precision: {text!r}")
    return PRECISIONS[first_word]


def _known_items(row: Row, column: str, keys: set[str], what: str) -> list[str]:
    for item in row.items(column):
        if item not in keys:
            row.fault(f"{column}: unknown {what} {item!r}")
    return row.items(column)


def _languages(row: Row, build: Build) -> list[str]:
    """Return the languages, which the data only gives together with a basis."""
    codes = _known_items(row, "languages", build.known["language"], "language")
    if codes and not row.text("languages_basis"):
        row.fault("languages: given without languages_basis")
    return codes


def _department(row: Row, here: Ref, specialty: str) -> dict[str, Any]:
    basis, fact = row.text("specialties_basis"), row.source()
    return {
        "hospital": here,
        "specialty": Ref(Specialty, (specialty,)),
        "source": sources.department_source(basis, fact["source"]),
        "as_of": fact["as_of"],
        "confidence": sources.department_confidence(basis, fact["confidence"]),
    }


def _designation(row: Row, here: Ref) -> dict[str, Any]:
    programme = Ref(Programme, (row.text("programme"),))
    return {
        "hospital": here,
        "programme": programme,
        "checked_on": CHECKED_ON,
        **row.source(),
    }


def _add_aliases(build: Build) -> None:
    hospitals = build.plan(Hospital, "slug").rows
    for row in build.rows("hospital_name_aliases.csv", "slug aliases"):
        slug = row.known("slug", build.known["hospital"], "hospital")
        if (slug,) in hospitals:
            hospitals[(slug,)]["aliases"] = "; ".join(row.items("aliases"))
