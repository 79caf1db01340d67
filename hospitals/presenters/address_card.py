"""The card that a traveller shows to a driver in China: large, in Chinese, about nobody."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from hospitals.models import Hospital
from medtour.lib.paper_words import Block, directed, frame, notes

# Read at arm's length; a long address gets smaller letters.
LARGE, SMALLER, MANY_LETTERS = 26, 20, 15
PLEASE = "请送我到这里，谢谢。"


def card(hospital: Hospital) -> Block:
    """Return the card as a block of any paper, with what is known of the address."""
    chinese = [text for text in (hospital.name_zh_hans, hospital.address_zh_hans) if text]
    is_long = any(len(text) > MANY_LETTERS for text in chinese)
    own = dict.fromkeys((hospital.name, hospital.address, hospital.city.name))
    small = [text for text in (*own, _("“Please take me here, thank you.”")) if text]
    return {
        "kind": "card",
        "title": _("Address card for the driver"),
        "big": chinese,
        "size": SMALLER if is_long else LARGE,
        "say": PLEASE if chinese else "",
        "phone": hospital.telephone.as_international if hospital.telephone else "",
        "small": [directed(text) for text in small if text not in chinese],
    }


def address_card(hospital: Hospital, language: str) -> dict[str, Any]:
    """Return the card as a paper of its own; it names no patient and no appointment."""
    with translation.override(language):
        words = []
        if not hospital.address and not hospital.address_zh_hans:
            words.append(
                _(
                    "We do not have the street address yet. "
                    "Ask the hospital for it before you travel."
                )
            )
        words.append(_("Keep this on your telephone: it can be read without a connection."))
        return {
            **frame(
                language,
                number="",
                title=_("Address card for the driver"),
                footer=_("Made by Medtour"),
            ),
            "blocks": [card(hospital), notes(words)],
        }
