"""What to do before a visit: eating, drinking, medicines, what to bring; as the hospital said it.

What the hospital has not said is named as not said: nobody should guess about fasting.
"""

import datetime as dt
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.papers.voucher import demonstration_marks, when_rows
from hospitals.models import Offer, VisitPreparation
from medtour.lib import clock, wording
from medtour.lib.paper_words import bullets, facts, frame, in_both, named, notes


def has_instructions(offer: Offer) -> bool:
    """Tell whether the hospital said how to prepare for this offer."""
    return preparation_of(offer) is not None or bool(offer.preparation)


def preparation_of(offer: Offer) -> VisitPreparation | None:
    return getattr(offer, "visit_preparation", None)


def instructions_paper(appointment: Appointment, language: str) -> dict[str, Any]:
    """Return the instructions for one appointment, with its own hours, in a language of ours."""
    with translation.override(language):
        offer, hospital = appointment.slot.offer, appointment.hospital
        rows = [
            *when_rows(appointment, language),
            in_both(_("Hospital"), hospital.name, hospital.name_zh_hans or ""),
            named(_("Patient"), appointment.kept_patient.passport_name, strong=True),
            named(_("What"), str(offer)),
        ]
        blocks = [
            facts(rows),
            bullets(_("Eating and drinking"), eating_lines(appointment, language)),
            bullets(_("Medicines"), _medicine_lines(offer)),
            bullets(_("What to bring"), _bring_lines(appointment)),
        ]
        if offer.preparation:
            blocks.append(bullets(_("How to prepare"), _lines(offer.preparation)))
        return {
            **frame(
                language,
                number=appointment.reference,
                title=_("How to prepare for your visit"),
                footer=_("Made by Medtour from what the hospital says"),
                marks=demonstration_marks(appointment),
            ),
            "blocks": [*blocks, notes(_notes())],
        }


def eating_lines(appointment: Appointment, language: str) -> list[str]:
    """Return from when on nothing may be eaten and drunk, as wall times at the hospital."""
    preparation = preparation_of(appointment.slot.offer)
    eating = preparation.fasting_hours if preparation else None
    drinking = preparation.clear_fluids_hours if preparation else None
    lines = []
    if eating is None:
        lines.append(_("The hospital has not said whether you may eat before. Please ask it."))
    elif eating:
        lines.append(
            _("Eat nothing from this time on: %(moment)s.")
            % {"moment": _before(appointment, eating, language)}
        )
    else:
        lines.append(_("You may eat before the visit."))
    if drinking:
        lines.append(
            _("Drink nothing from this time on, not even water: %(moment)s.")
            % {"moment": _before(appointment, drinking, language)}
        )
    elif drinking == 0:
        lines.append(_("You may drink water before the visit."))
    elif eating is not None:
        lines.append(_("The hospital has not said whether you may drink before. Please ask it."))
    return lines


def _before(appointment: Appointment, hours: int, language: str) -> str:
    zone_name = appointment.hospital.time_zone
    instant = appointment.slot.starts_at - dt.timedelta(hours=hours)
    return _("%(day)s, %(time)s, time at the hospital") % {
        "day": wording.written_date(clock.local(instant, zone_name).date(), language, "long"),
        "time": wording.written_time(instant, zone_name),
    }


def _medicine_lines(offer: Offer) -> list[str]:
    preparation = preparation_of(offer)
    said = _lines(preparation.medicines or "") if preparation else []
    careful = _("Never stop or change a medicine on your own: ask the hospital or your doctor.")
    if not said:
        said = [_("The hospital has not said anything about medicines. Please ask it.")]
    return [*said, careful]


def _bring_lines(appointment: Appointment) -> list[str]:
    preparation = preparation_of(appointment.slot.offer)
    return [
        _("The passport you booked with"),
        _("This paper and the booking voucher"),
        _("A list of all medicines you take, with their doses"),
        *(_lines(preparation.documents or "") if preparation else []),
    ]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _notes() -> list[str]:
    return [
        _("The address card for the driver is on your booking voucher."),
        _(
            "The hospital wrote these instructions for everybody who comes for this. "
            "What your doctor tells you yourself counts before them."
        ),
        _("If you feel worse before the visit, do not wait for it: call the hospital."),
    ]
