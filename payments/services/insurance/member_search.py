"""Looking up an insurer's members one by one; whoever looks is written down, with no name.

Members are never listed: a question names one person, by number or by name and date of birth.
"""

import datetime as dt
from dataclasses import dataclass

from accounts.models import User
from accounts.services import audit
from hospitals.models import Insurer
from medtour.lib import clock
from medtour.lib.counts import count_one_more
from payments.insurance_questions import number_hash, person_hash
from payments.insurance_refusals import TooManySearches
from payments.models import Member

# So many people of one name were hardly born on one day: more are never shown.
MOST_FOUND = 20
MOST_SEARCHES = 100
AN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for: a number, or a name and a date of birth."""

    number: str = ""
    name: str = ""
    born: dt.date | None = None


def find_members(insurer: Insurer, *, wanted: Wanted, by: User) -> list[Member]:
    """Return the members that fit, by number when there is one; the question is written down.

    Raises TooManySearches beyond 100 questions of one officer within an hour: an account in the
    wrong hands must not read the whole list of members person by person (SE-12).
    """
    hour = int(clock.now().timestamp()) // AN_HOUR
    if count_one_more(f"insurance.member_search:{by.pk}:{hour}", AN_HOUR) > MOST_SEARCHES:
        raise TooManySearches
    audit.record(by=by, action="member.search", target=f"hospitals.insurer:{insurer.slug}")
    own = Member.objects.filter(insurer=insurer)
    if wanted.number:
        found = own.filter(number_hash=number_hash(wanted.number))
    elif wanted.born and (hashed := person_hash(wanted.name, wanted.born.isoformat())):
        found = own.filter(person_hash=hashed)
    else:
        return []
    return list(found.order_by("pk")[:MOST_FOUND])


def note_view(member: Member, *, by: User) -> None:
    """Write down who read a member's page."""
    audit.record(by=by, action="member.view", target=f"payments.member:{member.public_id}")
