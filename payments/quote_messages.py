"""What each message about a quote shows, read again at the moment of sending (MS-05).

No message names a treatment, a sum or a patient: the quote itself is behind the link.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse

from medtour.lib import clock
from messaging.clock_faces import clock_face, recipient_face
from messaging.kinds import Kind, Ready, Suppressed, register
from payments.models import Quote
from payments.transitions import QuoteState

Context = Mapping[str, str]
QUOTE = frozenset(
    {"reference", "hospital_name", "hospital_name_zh", "hospital_address", "hospital_city"}
) | {"page_url"}
DEADLINE = frozenset({"deadline_clock", "deadline_recipient_clock"})


def _values(quote: Quote) -> dict[str, Any]:
    hospital = quote.case.hospital
    address = reverse("payments:quote", args=[quote.public_id])
    return {
        "reference": quote.case.reference,
        "hospital_name": hospital.name,
        "hospital_name_zh": hospital.name_zh_hans or "",
        "hospital_address": hospital.address or "",
        "hospital_city": hospital.city.name,
        "page_url": settings.SITE_URL.rstrip("/") + address,
    }


def _deadline(quote: Quote) -> dict[str, Any]:
    hospital, last = quote.case.hospital, quote.last_minute
    return {
        "deadline_clock": clock_face(last, hospital.time_zone, city=hospital.city.name),
        "deadline_recipient_clock": recipient_face(last, unless=hospital.time_zone),
    }


def _quote(context: Context) -> Quote:
    return Quote.objects.select_related("case__hospital__city").get(public_id=context["quote"])


def open_quote(context: Context) -> Ready | Suppressed:
    """Show a version that still waits for the patient's answer, and until when."""
    quote = _quote(context)
    if quote.state != QuoteState.ISSUED:
        return Suppressed(f"quote is {quote.state}")
    if quote.ends_at <= clock.now():
        return Suppressed("quote is over")
    return Ready(_values(quote) | _deadline(quote))


def settled_quote(context: Context, *, states: tuple[str, ...]) -> Ready | Suppressed:
    quote = _quote(context)
    if quote.state not in states:
        return Suppressed(f"quote is {quote.state}")
    return Ready(_values(quote))


def _kind(
    name: str, placeholders: frozenset[str], resolve: Callable[[Context], Ready | Suppressed]
) -> Kind:
    return register(Kind(f"payments.{name}", placeholders, resolve))


_kind("quote_issued", QUOTE | DEADLINE, open_quote)
_kind("quote_change_order", QUOTE | DEADLINE, open_quote)
_kind("quote_expiring", QUOTE | DEADLINE, open_quote)
_kind("quote_accepted", QUOTE, partial(settled_quote, states=(QuoteState.ACCEPTED,)))
_kind("final_bill", QUOTE, partial(settled_quote, states=(QuoteState.ACCEPTED,)))
