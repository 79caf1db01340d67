"""What a patient takes home, and the letter to the doctor there: the same facts in two orders.

A label is in the language of the paper; what the hospital wrote stays in the language it chose,
and says who stands behind its translation (M18).
"""

from collections.abc import Iterable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from bookings.selectors.hand_backs import HandBackContents
from medtour.lib import clock, wording
from medtour.lib.paper_words import (
    Block,
    Row,
    bullets,
    facts,
    frame,
    in_both,
    named,
    notes,
    prose,
    table,
)
from medtour.lib.wording import BEIJING_ZONE

CHINESE = "zh-hans"


def discharge_paper(said: HandBackContents, language: str) -> dict[str, Any]:
    """Return the patient's own papers: what to watch for comes first."""
    with translation.override(language):
        return {
            **_frame(said, language, title=_("Papers from the hospital")),
            "blocks": [
                facts(_rows(said, language)),
                bullets(_("Warning signs"), said.warning_signs),
                notes([_("In an emergency call 120 in China, or your local emergency number.")]),
                *_written(said),
                *_treatment(said),
                _tests(said, language),
            ],
        }


def hand_back_paper(said: HandBackContents, language: str) -> dict[str, Any]:
    """Return the letter to the home doctor: the tests that are due come first (M17)."""
    with translation.override(language):
        return {
            **_frame(said, language, title=_("Letter to the doctor at home")),
            "blocks": [
                facts(_rows(said, language)),
                _tests(said, language),
                *_written(said),
                *_treatment(said),
                bullets(_("Warning signs"), said.warning_signs),
            ],
        }


def _frame(said: HandBackContents, language: str, *, title: str) -> dict[str, Any]:
    marks = [_("Demonstration: these papers are not real.")] if said.is_demonstration else []
    return frame(
        language,
        number=said.case_reference,
        title=title,
        footer=_("Written by the hospital, set by Medtour"),
        marks=marks,
    )


def _rows(said: HandBackContents, language: str) -> list[Row]:
    born = said.date_of_birth
    written_on = clock.local(said.recorded_at, BEIJING_ZONE).date()
    return [
        named(_("Patient"), said.patient_name, strong=True),
        Row(_("Date of birth"), wording.written_date(born, language) if born else ""),
        in_both(_("Hospital"), said.hospital_name, said.hospital_name_zh),
        named(_("City"), said.hospital_city),
        Row(_("Case"), said.case_reference, ltr=True),
        Row(_("Discharged"), wording.written_date(said.discharged_on, language)),
        Row(
            _("Written on"),
            wording.written_date(written_on, language),
            note=_("Version %(number)s") % {"number": said.version},
        ),
        named(_("Contact at the hospital"), said.contact),
    ]


def _written(said: HandBackContents) -> list[Block]:
    translated = _("Translation: %(status)s") % {"status": said.translation_status}
    if said.translator_name:
        translated = f"{translated} · {said.translator_name}"
    blocks = [
        prose(_("What the hospital wrote"), said.summary, tongue=said.language),
        notes([translated]),
    ]
    if said.language != CHINESE:
        blocks.append(prose(_("The original in Chinese"), said.summary_zh, tongue=CHINESE))
    return blocks


def _treatment(said: HandBackContents) -> list[Block]:
    blocks: list[Block] = []
    if said.medicines:
        rows = [named(row["inn"], row["dose"]) for row in said.medicines]
        blocks.append(facts(rows, title=_("Medicines")))
    if said.implants:
        rows = [named(row["name"], row["udi"]) for row in said.implants]
        blocks.append(facts(rows, title=_("Implants")))
    if said.restrictions:
        blocks.append(bullets(_("What to avoid"), said.restrictions))
    if said.flying:
        blocks.append(prose(_("Flying"), said.flying, tongue=said.language))
    return blocks


def _tests(said: HandBackContents, language: str) -> Block:
    title = _("Please do these tests")
    if not said.tests:
        stated = _("The doctor states that no tests are needed.")
        unnamed = _("The hospital has not named any yet.")
        return bullets(title, [stated if said.no_tests_needed else unnamed])
    lines: Iterable[list[str]] = (
        [
            each.test,
            each.threshold or "–",
            wording.written_date(each.due_on, language) if each.due_on else "–",
        ]
        for each in said.tests
    )
    return table(title, [_("Test"), _("Tell the hospital when"), _("Until")], lines)
