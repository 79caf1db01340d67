"""The contents of the letter for a home doctor (M17); a page and a paper show the same.

`hand_back_contents` is what a PDF is made of: plain values, nothing left to look up.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import translation

from bookings.models import Case, Discharge, HandBack
from bookings.selectors.recovery import DueTest, due_tests, lines_of


@dataclass(frozen=True, slots=True)
class HandBackContents:
    """Everything of one letter, in the language of `language` where the hospital wrote it so."""

    language: str
    patient_name: str
    date_of_birth: dt.date | None
    hospital_name: str
    hospital_name_zh: str
    hospital_city: str
    case_reference: str
    discharged_on: dt.date
    summary: str
    summary_zh: str
    translation_status: str
    translator_name: str
    medicines: Sequence[Mapping[str, str]]
    implants: Sequence[Mapping[str, str]]
    restrictions: list[str]
    flying: str
    warning_signs: list[str]
    tests: list[DueTest]
    no_tests_needed: bool
    contact: str
    version: int
    recorded_at: dt.datetime
    is_demonstration: bool


def letters_for(cases: QuerySet[Case]) -> QuerySet[HandBack]:
    """The letters of cases that somebody may see, the one of the newest papers first."""
    joined = ("discharge__case__patient", "discharge__case__hospital__city")
    letters = HandBack.objects.filter(discharge__case__in=cases).select_related(*joined)
    return letters.order_by("-discharge__version")


def replaced_by(letter: HandBack) -> Discharge | None:
    """Return the newest papers where they are newer than those of the letter."""
    discharge: Discharge = letter.discharge
    newer = Discharge.objects.filter(case=discharge.case_id, version__gt=discharge.version)
    return newer.order_by("-version").first()


def hand_back_contents(letter: HandBack) -> HandBackContents:
    """Return what the letter says; reads the case, its patient and its hospital."""
    discharge: Discharge = letter.discharge
    case = discharge.case
    return HandBackContents(
        language=letter.language,
        patient_name=case.patient.passport_name,
        date_of_birth=case.patient.date_of_birth,
        hospital_name=case.hospital.name,
        hospital_name_zh=getattr(case.hospital, "name_zh_hans", "") or "",
        hospital_city=case.hospital.city.name,
        case_reference=case.reference,
        discharged_on=discharge.discharged_on,
        summary=discharge.summary,
        summary_zh=discharge.summary_zh,
        translation_status=discharge.get_translation_status_display(),
        translator_name=discharge.translator_name,
        medicines=discharge.medicines,
        implants=discharge.implants,
        restrictions=lines_of(discharge.restrictions),
        flying=discharge.flying,
        warning_signs=lines_of(discharge.warning_signs),
        tests=due_tests(discharge.tests),
        no_tests_needed=discharge.no_tests_needed,
        contact=discharge.contact,
        version=discharge.version,
        recorded_at=discharge.recorded_at,
        is_demonstration=discharge.is_demonstration,
    )


def contents_in(letter: HandBack, language: str) -> HandBackContents:
    """Return what the letter says, for a paper in a language that may not be the page's."""
    with translation.override(language):
        return hand_back_contents(letter)
