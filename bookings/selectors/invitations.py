"""Invitation letters that still count: the newest of a case, its appointment as it was then."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from bookings.access import Visitor, cases_for
from bookings.models import Case, InvitationLetter
from bookings.transitions import AppointmentState
from hospitals.access import hospitals_of_staff

# Whoever has arrived may still need the letter, for a longer stay.
GOOD_FOR = (AppointmentState.CONFIRMED, AppointmentState.ARRIVED)
WITH_ALL = ("case__hospital__city", "case__patient", "appointment")


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """What an invitation letter says of the person and the stay; `nationality` is an ISO code."""

    name: str
    nationality: str
    passport_number: str
    first_on: dt.date
    last_on: dt.date
    contact: str
    telephone: str
    date_of_birth: dt.date | None = None
    companions: Sequence[str] = ()


def facts_of(letter: InvitationLetter) -> InvitationFacts:
    """Return what a letter says, as it was issued."""
    kept = letter.facts
    born = kept["date_of_birth"]
    return InvitationFacts(
        name=kept["name"],
        nationality=kept["nationality"],
        passport_number=kept["passport_number"],
        first_on=dt.date.fromisoformat(kept["first_on"]),
        last_on=dt.date.fromisoformat(kept["last_on"]),
        contact=kept["contact"],
        telephone=kept["telephone"],
        date_of_birth=dt.date.fromisoformat(born) if born else None,
        companions=tuple(kept["companions"]),
    )


def good_letters(letters: QuerySet[InvitationLetter]) -> QuerySet[InvitationLetter]:
    """Leave out the letters whose appointment is cancelled, over or at another time."""
    return letters.filter(
        appointment__state__in=GOOD_FOR, appointment__slot__starts_at=F("starts_at")
    ).select_related(*WITH_ALL)


def invitations_for(user: Visitor) -> QuerySet[InvitationLetter]:
    """The letters for this account's persons that still count, the newest first."""
    return good_letters(InvitationLetter.objects.filter(case__in=cases_for(user)))


def invitations_of_staff(user: Visitor) -> QuerySet[InvitationLetter]:
    """The letters of the hospitals this person works for that still count."""
    rows = InvitationLetter.objects.filter(case__hospital__in=hospitals_of_staff(user))
    return good_letters(rows)


def newest_letter(case: Case) -> InvitationLetter | None:
    """Return the letter of a case that counts now, or None."""
    return good_letters(InvitationLetter.objects.filter(case=case)).first()


def invitation_of(public_id: str) -> InvitationLetter | None:
    """Return a letter while it is the one of its case that counts."""
    letter = good_letters(InvitationLetter.objects.filter(public_id=public_id)).first()
    if letter is None:
        return None
    return letter if newest_letter(letter.case) == letter else None
