"""What is asked of an insurer about one member, one hospital and one service; no database."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hospitals.models import Hospital, Insurer
from medtour.lib.clock import local
from medtour.lib.crypto import lookup_hash
from medtour.lib.money import Money
from payments.eligibility_values import member_number

# The engine's words for somebody who is not identified; outside they are all one.
UNIDENTIFIED = ("POLICY_NOT_FOUND", "MEMBER_NOT_FOUND", "MEMBER_MISMATCH")
UNIDENTIFIED_OUTSIDE = "MEMBER_NOT_FOUND"
NUMBER_PURPOSE = "payments.member.number"
PERSON_PURPOSE = "payments.member.person"


def normal_number(number: str) -> str:
    """Return a member number in the one form in which it is compared: no spaces, no hyphens, upper.

    The engine compares the same form (eligibility specification, stage 2).
    """
    return member_number(number)


def number_hash(number: str) -> str:
    """Return the keyed hash by which a member of an insurer is found, however it was typed."""
    return lookup_hash(normal_number(number), purpose=NUMBER_PURPOSE)


def normal_name(name: str) -> str:
    """Return a name in the one form in which it is compared: no accents, no case, no order.

    Cards say the family name first or last, with commas, hyphens or neither.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = (sign for sign in plain if not unicodedata.combining(sign))
    words = "".join(sign if sign.isalnum() else " " for sign in letters).split()
    return " ".join(sorted(words))


def person_hash(name: str, date_of_birth: str) -> str:
    """Return the keyed hash by which members are found by name and ISO date; "" without a name."""
    name = normal_name(name)
    return lookup_hash(f"{name}\0{date_of_birth}", purpose=PERSON_PURPOSE) if name else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked about one member and one service, before it is known whom to ask.

    `amount` is the whole estimate, `service_start` an aware instant. The procedure and diagnosis
    codes are blank when nobody knows them. `emergency_notified_after_hours` is None until the
    insurer was told of an emergency.
    """

    member_number: str
    date_of_birth: dt.date
    service_start: dt.datetime
    category: str
    setting: str
    amount: Money
    procedure_code: str = ""
    diagnosis_code: str = ""
    emergency: bool = False
    accident: bool = False
    condition_onset_on: dt.date | None = None
    last_treated_on: dt.date | None = None
    emergency_notified_after_hours: int | None = None

    def of(self, insurer: Insurer, hospital: Hospital) -> "Question":
        return Question(
            insurer=insurer,
            hospital=hospital,
            **{name: getattr(self, name) for name in ASKED},
        )


ASKED = tuple(each.name for each in fields(Wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Wanted):
    """One question; only what identifies one member and describes one service (DP-04)."""

    insurer: Insurer
    hospital: Hospital

    @property
    def service_on(self) -> dt.date:
        """The calendar day of the service where the hospital is."""
        return local(self.service_start, self.hospital.time_zone).date()


def public_codes(reason_codes: list[str]) -> list[str]:
    """Return reason codes as anybody outside may see them: never which detail was wrong (DP-03)."""
    return [UNIDENTIFIED_OUTSIDE if code in UNIDENTIFIED else code for code in reason_codes]


def public_output(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return the engine's answer as anybody outside may see it; see `public_codes`."""
    return {**output, "reason_codes": public_codes(output.get("reason_codes", []))}
