"""Freezing what a person agrees to when they pay: prices, contents, ladder, deposit (M8, BK-10).

Texts are kept in all our languages, so that the same terms can be read in another one later;
`payments.selectors.terms` reads them.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation

from bookings.models import Appointment
from hospitals.models import Offer, PriceLine
from hospitals.selectors.pages import lines_today
from medtour.lib.money import Money
from payments.models import Quote
from payments.policies import CONTRACT_CURRENCY, OfferFacts, deposit_amount, ladder_of

FORM = 1
Texts = dict[str, str]


def texts(read: Callable[[], Any]) -> Texts:
    """Return a text in each language in which it differs from the English one."""
    found: Texts = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = str(read() or "")
    english = found.get("en", "")
    return {code: text for code, text in found.items() if code == "en" or text != english}


def contract_lines(offer: Offer) -> list[PriceLine]:
    """Return the price lines of an offer that are valid today, in the contract's currency."""
    return list(lines_today().filter(offer=offer, currency=CONTRACT_CURRENCY))


def facts_of(offer: Offer, lines: list[PriceLine]) -> OfferFacts:
    """Return what the deposit is computed from."""
    lowest = min((line.amount for line in lines), default=None)
    return OfferFacts(offer.deposit_minor, offer.deposit_percent, lowest)


def frozen_terms(appointment: Appointment, *, most: Money | None = None) -> dict[str, Any]:
    """Return the terms of an appointment's deposit as they stand now; plain JSON.

    A deposit above `most`, the patient's own part, is that part (`is_own_part`).
    """
    offer = appointment.slot.offer
    lines = contract_lines(offer)
    facts = facts_of(offer, lines)
    policy = offer.cancellation_policy
    return {
        "form": FORM,
        "offer": offer.public_id,
        "offer_version": offer.version,
        "title": texts(lambda: offer.title or offer.treatment.name),
        "hospital": texts(lambda: offer.hospital.name),
        "payee": offer.hospital.payee,
        "starts_at": appointment.slot.starts_at.isoformat(),
        "time_zone": appointment.slot.hospital.time_zone,
        "ladder": ladder_of(offer).to_pairs(),
        "policy": {"name": policy.name, "version": policy.version} if policy else None,
        "deposit": _deposit(facts, most),
        "price_lines": [_line(line) for line in lines],
        "inclusions": texts(lambda: offer.inclusions),
        "exclusions": texts(lambda: offer.exclusions),
        "is_demonstration": offer.is_demonstration,
    }


def _deposit(facts: OfferFacts, most: Money | None) -> dict[str, Any]:
    amount = deposit_amount(facts)
    if most is not None and most.currency == amount.currency and most.minor < amount.minor:
        return {
            "amount_minor": most.minor,
            "currency": most.currency,
            "percent": None,
            "of_minor": None,
            "is_own_part": True,
        }
    return {
        "amount_minor": amount.minor,
        "currency": facts.currency,
        "percent": None if facts.deposit_minor else facts.deposit_percent,
        "of_minor": facts.lowest_price.minor if facts.lowest_price else None,
    }


def _line(line: PriceLine) -> dict[str, Any]:
    return {
        "label": texts(lambda: line.label),
        "tier": line.tier,
        "amount_minor": line.amount_minor,
        "high_minor": line.high_minor,
        "currency": line.currency,
        "source": line.source,
        "as_of": line.as_of,
        "confidence": line.confidence,
        "valid_until": line.valid_until.isoformat() if line.valid_until else None,
    }


def quote_terms(quote: Quote) -> dict[str, Any]:
    """Return the terms of what is paid towards a quote; its lines stay with it."""
    hospital = quote.case.hospital
    return {
        "form": FORM,
        "quote": quote.public_id,
        "quote_version": quote.version,
        "hospital": texts(lambda: hospital.name),
        "payee": hospital.payee,
        "time_zone": hospital.time_zone,
        "ladder": quote.ladder,
    }
