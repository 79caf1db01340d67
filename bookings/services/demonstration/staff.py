"""Sample doctors, interpreters and devices."""

from collections.abc import Iterable
from typing import Any

from bookings.services.demonstration.fixtures import (
    in_every_language,
    letters,
    read,
    recipes,
    translations,
)
from hospitals.models import (
    Department,
    Doctor,
    DoctorLanguage,
    Equipment,
    Hospital,
    Interpreter,
    Treatment,
)
from hospitals.models.doctor import LanguageProof

MOST_DEPARTMENTS = 3
LEVELS = {"en": "C1"}
OTHER_LEVEL = "B2"


def shown_departments(hospital: Hospital) -> list[Department]:
    """Return the departments in which the demonstration places doctors."""
    return list(hospital.departments.select_related("specialty").order_by("pk")[:MOST_DEPARTMENTS])


def make_doctors(hospital: Hospital, departments: list[Department], languages: list[str]) -> None:
    """Place two doctors in the first department and one in each other, unless some are there."""
    if Doctor.objects.filter(hospital=hospital, is_demonstration=True).exists():
        return
    names = read("names")
    places = [*departments[:1], *departments]
    doctors = [
        Doctor(
            hospital=hospital,
            department=department,
            is_public=True,
            is_demonstration=True,
            **in_every_language("name", names["doctor"], letter=letters(index)),
            **in_every_language("title", names["associate" if index % 2 else "chief"]),
            **in_every_language("about", names["about"]),
        )
        for index, department in enumerate(places)
    ]
    Doctor.objects.bulk_create(doctors)
    DoctorLanguage.objects.bulk_create(
        spoken for doctor in doctors for spoken in _languages(doctor, languages)
    )


def _languages(doctor: Doctor, languages: list[str]) -> Iterable[DoctorLanguage]:
    yield DoctorLanguage(doctor=doctor, code="zh-hans", level="C2", proof=LanguageProof.SELF_STATED)
    for code in languages:
        level = LEVELS.get(code, OTHER_LEVEL)
        yield DoctorLanguage(doctor=doctor, code=code, level=level, proof=LanguageProof.SELF_STATED)


def make_interpreters(hospital: Hospital, languages: list[str]) -> None:
    names = read("names")["interpreter"]
    present = set(
        Interpreter.objects.filter(hospital=hospital, is_demonstration=True).values_list(
            "name", flat=True
        )
    )
    Interpreter.objects.bulk_create(
        Interpreter(hospital=hospital, name=names[code], languages=[code], is_demonstration=True)
        for code in languages
        if names[code] not in present
    )


def make_devices(hospital: Hospital, treatments: Iterable[Treatment]) -> dict[str, Equipment]:
    """Return a sample device for each treatment that needs one, by the treatment's slug."""
    devices = {}
    for treatment in treatments:
        if recipes()[treatment.slug].by == "device":
            devices[treatment.slug] = _device(hospital, treatment)
    return devices


def _device(hospital: Hospital, treatment: Treatment) -> Equipment:
    names: dict[str, Any] = in_every_language(
        "name", read("names")["device"], treatment=translations(treatment, "name")
    )
    present = Equipment.objects.filter(
        hospital=hospital, name_en=names["name_en"], is_demonstration=True
    ).first()
    return present or Equipment.objects.create(hospital=hospital, is_demonstration=True, **names)
