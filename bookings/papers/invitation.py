"""The hospital's letter for a visa: what it confirms, in a language of ours and in Chinese.

Facts only: it promises no visa and no result, and does not say what is treated.
"""

import datetime as dt
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from bookings.models import InvitationLetter
from bookings.selectors.invitations import InvitationFacts, facts_of
from medtour.lib import clock, wording
from medtour.lib.money import locale_of
from medtour.lib.paper_words import (
    Block,
    Row,
    facts,
    frame,
    in_both,
    moment,
    named,
    new_page,
    notes,
    part,
    prose,
)

CHINESE = "zh-hans"


def invitation_paper(letter: InvitationLetter, language: str) -> dict[str, Any]:
    """Return the letter as it was issued; a part in Chinese follows every other language."""
    said = facts_of(letter)
    with translation.override(language):
        blocks = _part(letter, said, language, title="")
        if language != CHINESE:
            with translation.override(CHINESE):
                inside = _part(letter, said, CHINESE, title=_("Invitation letter"))
                blocks += [new_page(), part(CHINESE, inside)]
        head = frame(
            language,
            number=letter.number,
            title=_("Invitation letter"),
            footer=_("Issued by the hospital, set by Medtour"),
            marks=_marks(letter),
        )
        # The letter is the hospital's own, so its name stands where ours would.
        head["brand"] = letter.case.hospital.name
        return {**head, "blocks": blocks}


def _marks(letter: InvitationLetter) -> list[str]:
    if not letter.is_demonstration:
        return []
    return [_("Demonstration: this letter is not real. It cannot be used for a visa.")]


def _part(
    letter: InvitationLetter, said: InvitationFacts, language: str, *, title: str
) -> list[Block]:
    names = {"hospital": letter.case.hospital.name}
    stay = {
        "first": wording.written_date(said.first_on, language, "long"),
        "last": wording.written_date(said.last_on, language, "long"),
    }
    words = [
        _(
            "%(hospital)s confirms that the person named below has an appointment for medical "
            "care at the hospital, and invites this person to come to China for it."
        )
        % names,
        _("The hospital expects this person to be in China from %(first)s to %(last)s.") % stay,
    ]
    if said.companions:
        words.append(_("The persons named as companions come along to help."))
    return [
        prose(title, "\n".join(words), tongue=language),
        facts(_person(said, language)),
        facts(_visit(letter, said, language)),
        notes([_("This letter promises no visa. The authority that receives it decides.")]),
        {
            "kind": "signature",
            "places": [_("Signature and name"), _("Stamp of the hospital")],
        },
    ]


def _person(said: InvitationFacts, language: str) -> list[Row]:
    return [
        named(_("Name as in the passport"), said.name, strong=True),
        Row(_("Date of birth"), _day(said.date_of_birth, language)),
        Row(_("Nationality"), locale_of(language).territories.get(said.nationality, "")),
        Row(_("Passport number"), said.passport_number, ltr=True),
        named(_("Companions"), ", ".join(said.companions)),
    ]


def _visit(letter: InvitationLetter, said: InvitationFacts, language: str) -> list[Row]:
    hospital = letter.case.hospital
    return [
        moment(
            _("Appointment"),
            letter.starts_at,
            hospital.time_zone,
            language,
            place=hospital.city.name,
        ),
        in_both(_("Hospital"), hospital.name, hospital.name_zh_hans or ""),
        in_both(_("Address"), hospital.address or "", hospital.address_zh_hans or ""),
        named(_("City"), hospital.city.name),
        named(_("Contact at the hospital"), said.contact),
        Row(_("Telephone"), said.telephone, ltr=True),
        Row(_("Issued on"), _day(_issued_on(letter), language)),
    ]


def _issued_on(letter: InvitationLetter) -> dt.date:
    return clock.local(letter.issued_at, letter.case.hospital.time_zone).date()


def _day(day: dt.date | None, language: str) -> str:
    return wording.written_date(day, language) if day else ""
