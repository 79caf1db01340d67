"""The lines of a history in words that a patient reads."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import CaseEvent

WORDS: dict[str, Promise] = {
    "open": _("Case opened"),
    "hold": _("Time held"),
    "extend": _("Time held longer"),
    "book": _("Appointment booked"),
    "confirm": _("Appointment confirmed"),
    "move": _("Appointment moved"),
    "cancel": _("Appointment cancelled"),
    "arrive": _("Patient arrived"),
    "complete": _("Appointment over"),
    "no_show": _("Patient did not come"),
    "undo_no_show": _("“Did not come” was taken back"),
    "ask": _("Dates asked for"),
    "ask_again": _("Other times asked for"),
    "offer": _("Time offered"),
    "accept": _("Offered time accepted"),
    "decline": _("Offered time declined"),
    "other_accepted": _("Another time was taken"),
    "expire": _("Time ran out"),
    "release": _("Held time let go"),
    "replace": _("Another time held instead"),
    "close": _("Request closed"),
    "join": _("Joined the waiting list"),
    "leave": _("Left the waiting list"),
    "lapse": _("Offered place not taken in time"),
    "deposit_missing": _("The bank gave the deposit back to the payer"),
    "deposit_not_collected": _("The card did not give the reserved deposit"),
    "deposit_waived": _("Appointment kept without the deposit"),
    "quote_issued": _("Quote sent to you"),
    "change_order_issued": _("Changed quote sent to you"),
    "quote_replaced": _("Quote taken back to be changed"),
    "quote_accepted": _("Quote accepted"),
    "quote_declined": _("Quote declined"),
    "quote_expired": _("Quote ran out"),
    "keep_for_guarantee": _("Waiting for your insurer"),
    "guarantee": _("Your insurer agreed to pay"),
    "guarantee_lost": _("The insurer’s guarantee no longer fits"),
    "self_pay": _("You pay without the insurer"),
    "bill_recorded": _("Final bill recorded"),
    "discharge": _("Discharge papers written"),
    "amend_discharge": _("Discharge papers corrected"),
    "hand_back": _("Letter for the home doctor given"),
    "close_case": _("Case closed"),
    "follow_up_asked": _("Questions about the recovery sent"),
    "follow_up_answered": _("Questions about the recovery answered"),
    "follow_up_missed": _("Questions about the recovery not answered"),
    "follow_up_escalated": _("The hospital is to call"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of history; `reason` is only what the hospital wrote to the patient."""

    words: Promise
    at: dt.datetime
    reason: str


def history_lines(events: Iterable[CaseEvent]) -> list[HistoryLine]:
    """Return what a patient should read of a history: not the state changes that merely follow.

    What happened at once to several times, such as three offers, is one line.
    """
    lines = [
        HistoryLine(
            words=WORDS[event.action],
            at=event.at,
            reason=event.reason if event.actor == "hospital" else "",
        )
        for event in events
        if event.action in WORDS and not _merely_follows(event)
    ]
    return [line for before, line in zip([None, *lines], lines, strict=False) if line != before]


def _merely_follows(event: CaseEvent) -> bool:
    about_case_alone = event.appointment_id is None and event.request_id is None
    return event.action == "move" and about_case_alone
