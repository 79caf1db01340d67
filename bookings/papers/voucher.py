"""The voucher of a booking: when, where, an address card, and a code to check it by.

It never says what is treated. Behind the link of a message it does not name the patient either,
because mail gets forwarded.
"""

import io
from typing import Any

import segno
from django.utils import translation
from django.utils.translation import gettext as _

from bookings.models import Appointment
from hospitals.presenters.address_card import card
from medtour.lib import wording
from medtour.lib.paper_words import (
    Block,
    Row,
    facts,
    frame,
    in_both,
    moment,
    named,
    notes,
    part,
    sealed,
)
from medtour.lib.wording import BEIJING_ZONE

CHINESE = "zh-hans"


def voucher_paper(
    appointment: Appointment, language: str, *, check_url: str, is_named: bool
) -> dict[str, Any]:
    """Return the voucher in a language of ours, with a part in Chinese for the front desk.

    `check_url` is the absolute address that the square code leads to.
    """
    with translation.override(language):
        return {
            **frame(
                language,
                number=appointment.reference,
                title=_("Booking voucher"),
                footer=_("Made by Medtour"),
                marks=demonstration_marks(appointment),
            ),
            "blocks": [
                sealed(
                    _rows(appointment, language, is_named=is_named),
                    svg=_square_code(check_url),
                    title=_("For the staff of the hospital"),
                    words=_("Scan this to see whether the booking still holds."),
                ),
                card(appointment.hospital),
                _front_desk(appointment, is_named=is_named),
                notes(_notes(appointment, is_named=is_named)),
            ],
        }


def demonstration_marks(appointment: Appointment) -> list[str]:
    if not appointment.slot.offer.is_demonstration:
        return []
    return [_("This is a demonstration. Bookings here are not real.")]


def when_rows(appointment: Appointment, language: str) -> list[Row]:
    """Return the time at the hospital, and the booker's own where it is another (M13)."""
    hospital, starts_at = appointment.hospital, appointment.slot.starts_at
    place = hospital.city.name
    rows = [moment(_("Time at the hospital"), starts_at, hospital.time_zone, language, place=place)]
    own = appointment.kept_booker.time_zone
    if own not in ("", hospital.time_zone):
        rows.append(moment(_("Your time"), starts_at, own, language))
    return rows


def _square_code(address: str) -> str:
    """Return a QR code as SVG."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue().decode()


def _rows(appointment: Appointment, language: str, *, is_named: bool) -> list[Row]:
    hospital, doctor = appointment.hospital, appointment.slot.doctor
    rows = [
        *when_rows(appointment, language),
        in_both(_("Hospital"), hospital.name, hospital.name_zh_hans or ""),
        Row(_("Reference"), appointment.reference, ltr=True, strong=True),
    ]
    if is_named:
        rows.append(named(_("Patient"), appointment.kept_patient.passport_name, strong=True))
        if doctor is not None:
            rows.append(in_both(_("Doctor"), doctor.name, doctor.name_zh_hans or ""))
    return [*rows, _spoken(appointment, language)]


def _spoken(appointment: Appointment, language: str) -> Row:
    with_interpreter = _("with an interpreter") if appointment.interpreter_id else ""
    return Row(
        _("Language"), wording.language_name(appointment.language, language), note=with_interpreter
    )


def _front_desk(appointment: Appointment, *, is_named: bool) -> Block:
    """Return what the front desk reads, in Chinese and on the hospital's clock."""
    hospital, doctor = appointment.hospital, appointment.slot.doctor
    with translation.override(CHINESE):
        rows = [
            Row(_("Reference"), appointment.reference, ltr=True, strong=True),
            moment(
                _("Time at the hospital"),
                appointment.slot.starts_at,
                hospital.time_zone,
                CHINESE,
                place=hospital.city.name or wording.city_of_zone(BEIJING_ZONE, CHINESE),
            ),
        ]
        if is_named:
            rows.append(named(_("Patient"), appointment.kept_patient.passport_name))
            if doctor is not None:
                rows.append(named(_("Doctor"), doctor.name))
        rows.append(_spoken(appointment, CHINESE))
        return part(CHINESE, [facts(rows, title=_("For the front desk"))])


def _notes(appointment: Appointment, *, is_named: bool) -> list[str]:
    lines = [_("Bring the passport you booked with, and this paper.")]
    if not is_named:
        lines.append(_("This paper names nobody, because it was opened by a link."))
    lines.append(
        _("If the time changes, this paper no longer counts. The newest one is behind your link.")
    )
    return lines
