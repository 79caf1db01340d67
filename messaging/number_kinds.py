"""The code that proves a phone number; it goes to that number and nowhere else (MS-03)."""

from collections.abc import Mapping
from datetime import datetime

from medtour.lib import clock
from messaging.kinds import Kind, Ready, Sensitivity, Suppressed, register
from messaging.quiet_hours import Timing

KIND = "messaging.number_code"


def code(context: Mapping[str, str]) -> Ready | Suppressed:
    """Show the code; one that has run out is not sent any more."""
    expires_at = datetime.fromisoformat(context["expires_at"])
    if expires_at <= clock.now():
        return Suppressed("code has run out")
    return Ready({"code": context["code"]}, useless_after=expires_at)


register(
    Kind(
        KIND,
        frozenset({"code"}),
        code,
        sensitivity=Sensitivity.SECRET,
        to_contact=True,
        timing=Timing.URGENT,
        whatsapp_template="code",
    )
)
