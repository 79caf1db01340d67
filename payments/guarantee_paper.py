"""The words of a guarantee's letter, or of the request for one, in one language."""

import datetime as dt
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from medtour.lib import clock, wording
from medtour.lib.money import Money
from payments.models import Guarantee

BRAND = "Medtour"
REGIONS = {"zh-hans": "CN", "en": "GB"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the paper; codes and Latin names (`ltr`) run left to right in every language."""

    label: str
    value: str
    note: str = ""
    ltr: bool = False
    strong: bool = False


def guarantee_paper(
    guarantee: Guarantee, language: str, *, is_request: bool = False
) -> dict[str, Any]:
    """Return what `papers/guarantee_letter.typ` shows, in a language of ours."""
    with translation.override(language):
        title = _("Request for a guarantee of payment") if is_request else _("Guarantee of payment")
        total = guarantee.requested if is_request else guarantee.approved
        return {
            "lang": language.partition("-")[0],
            "region": REGIONS.get(language),
            "rtl": translation.get_language_bidi(),
            "brand": BRAND,
            "number": guarantee.reference,
            "title": title,
            "marks": _marks(guarantee),
            "facts": [asdict(row) for row in _facts(guarantee, language, is_request)],
            "total": {
                "label": _("Asked of the insurer") if is_request else _("Promised, at most"),
                "value": _sum(total, language) if total else _("Without an upper limit"),
            },
            "texts": _texts(guarantee, is_request),
            "notes": _notes(is_request),
            "footer": _("Written by Medtour from what the insurer answered")
            if not is_request
            else _("Written by Medtour for the hospital"),
        }


def _marks(guarantee: Guarantee) -> list[str]:
    if guarantee.coverage.plan.is_demonstration:
        return [_("Demonstration: no real insurer promised anything.")]
    return []


def _sum(amount: Money, language: str) -> str:
    return amount.formatted(language)


def _facts(guarantee: Guarantee, language: str, is_request: bool) -> list[Row]:
    patient, zone = guarantee.case.patient, guarantee.hospital.time_zone
    at = guarantee.submitted_at if is_request else guarantee.decided_at
    rows = [
        Row(_("Number"), guarantee.reference, ltr=True),
        Row(_("Insurer"), guarantee.insurer.name, ltr=_runs_ltr(guarantee.insurer.name)),
        Row(_("Hospital"), guarantee.hospital.name, ltr=_runs_ltr(guarantee.hospital.name)),
        Row(_("Member"), patient.passport_name, ltr=True, strong=True),
        Row(_("Version"), str(guarantee.version), ltr=True),
        Row(
            _("Treatment"),
            _days(guarantee.service_from, guarantee.service_until, language),
        ),
        Row(_("Estimate"), _sum(guarantee.estimate, language)),
    ]
    if at is not None:
        label = _("Sent on") if is_request else _("Decided on")
        rows.append(Row(label, wording.written_date(clock.local(at, zone).date(), language)))
    if guarantee.procedure_code:
        rows.append(Row(_("Procedure code"), guarantee.procedure_code, ltr=True))
    if guarantee.diagnosis_code:
        rows.append(Row(_("Diagnosis code"), guarantee.diagnosis_code, ltr=True))
    return rows if is_request else [*rows, *_promise(guarantee, language)]


def _promise(guarantee: Guarantee, language: str) -> list[Row]:
    rows = []
    if guarantee.approved_from and guarantee.approved_until:
        days = _days(guarantee.approved_from, guarantee.approved_until, language)
        rows.append(Row(_("Good"), days, strong=True))
    if guarantee.insurer_reference:
        rows.append(Row(_("The insurer’s reference"), guarantee.insurer_reference, ltr=True))
    rows.append(Row(_("Left to the patient, by the estimate"), _sum(guarantee.own_part, language)))
    return rows


def _days(first: dt.date, last: dt.date, language: str) -> str:
    return f"{wording.written_date(first, language)} – {wording.written_date(last, language)}"


def _texts(guarantee: Guarantee, is_request: bool) -> list[dict[str, str]]:
    pairs = (
        [(_("Condition and treatment so far"), guarantee.clinical_note)]
        if is_request
        else [
            (_("Not covered"), guarantee.excluded_items),
            (_("Conditions"), guarantee.conditions),
        ]
    )
    return [{"title": title, "words": words} for title, words in pairs if words]


def _notes(is_request: bool) -> list[str]:
    if is_request:
        return [_("Please answer with the number above. The documents come with this request.")]
    return [
        _("What is not covered by this guarantee is paid by the patient."),
        _("The guarantee counts only for the hospital, the treatment and the days named here."),
    ]


def _runs_ltr(text: str) -> bool:
    """Tell which way a name runs, by its first letter."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind == "L" for kind in kinds if kind in ("L", "R", "AL")), True)
