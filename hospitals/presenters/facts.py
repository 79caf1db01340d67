"""Facts of the catalogue in plain words: reported prices, prices abroad, warnings, texts."""

import re
from dataclasses import dataclass

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from hospitals.models import (
    Hospital,
    Offer,
    PriceBenchmark,
    PriceEvidence,
    SpecialAccessProduct,
    Treatment,
)
from hospitals.models.provenance import Confidence
from medtour.lib import wording
from medtour.lib.money import Money

FIELD_SUFFIX = {"zh-hans": "zh_hans", "id": "ind"}
FLAGS: dict[str, str | Promise] = {
    "special-access": gettext_lazy(
        "This uses a drug, device or technology that is only allowed in a special zone."
    ),
    "transplant-regulated": gettext_lazy(
        "Transplants follow strict laws. The hospital must check donor and patient first."
    ),
    "foreign-owned-hospitals-barred": gettext_lazy(
        "One source says that hospitals owned from abroad may not do this."
    ),
    "two-visits": gettext_lazy("You need to travel twice."),
    "stay-near-hospital-28d": gettext_lazy(
        "Plan to live near the hospital for about 28 days after treatment."
    ),
    "dvt-flight-advice": gettext_lazy(
        "A long flight soon after surgery can be a risk. Ask the hospital when you may fly."
    ),
    "clinical-criteria": gettext_lazy(
        "Only some patients can have this. Doctors decide after they have read your records."
    ),
    "adjuvant": gettext_lazy("This is given in addition to other treatment."),
    "not-suited-short-stay": gettext_lazy("This is not suited to a short stay."),
    "restricted:marriage-and-eligibility-rules": gettext_lazy(
        "The law limits who may have this. Ask before you plan a trip."
    ),
}
BASES: dict[str, str | Promise] = {
    "single-patient report": gettext_lazy("What one patient reported"),
    "single-patient report + quoted range": gettext_lazy("One patient's report and a range"),
    "operator list": gettext_lazy("A travel firm's list"),
    "operator lists (one advertised package + range)": gettext_lazy("Travel firms' lists"),
    "blog range": gettext_lazy("A range from a blog"),
    "blog figure": gettext_lazy("A figure from a blog"),
    "published zone price": gettext_lazy("A price the zone published"),
    "press range": gettext_lazy("A range in the press"),
    "press figure": gettext_lazy("A figure in the press"),
    "press figure + blog range": gettext_lazy("A press figure and a blog's range"),
    "hospital tariff (press)": gettext_lazy("A hospital's tariff, as the press reported it"),
    "online anecdote, converted from USD": gettext_lazy("One post online, converted from dollars"),
    "published list price (private)": gettext_lazy("A private hospital's list price"),
    "list price (private) + guide (public)": gettext_lazy(
        "A private list price and a public guide"
    ),
    "group average, floor only": gettext_lazy("An average of a group: at least this much"),
    "single news report": gettext_lazy("One news report"),
    "drug price only": gettext_lazy("The drug alone, without the hospital"),
    "device price only": gettext_lazy("The device alone, without the operation"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Source, date and confidence of columns that are not called so."""

    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported price in the shape of a price line; nobody named its tier."""

    amount: Money
    high_minor: int | None
    source: str
    as_of: str
    confidence: str
    label: str
    tier: str = ""
    basis: str = ""


def evidence_of(treatment: Treatment) -> PriceEvidence | None:
    """Return what was reported about a treatment's price, or None."""
    return getattr(treatment, "price_evidence", None)


def reported_low(treatment: Treatment) -> Money | None:
    """Return the lowest reported price of a treatment, or None."""
    evidence = evidence_of(treatment)
    return Money(evidence.low_minor, evidence.currency) if evidence else None


def reported_price(evidence: PriceEvidence) -> Reported:
    """Return price evidence in the shape that price blocks show."""
    is_range = evidence.high_minor > evidence.low_minor
    return Reported(
        amount=Money(evidence.low_minor, evidence.currency),
        high_minor=evidence.high_minor if is_range else None,
        source=evidence.source,
        as_of=evidence.as_of,
        confidence=evidence.confidence,
        label=str(BASES.get(evidence.basis, evidence.basis)),
    )


def warnings(flags: list[str]) -> list[str]:
    """Return what the flags of a treatment mean in plain words; unknown flags say nothing."""
    return [str(FLAGS[flag]) for flag in flags if flag in FLAGS]


def timing(treatment: Treatment) -> Fact:
    """Return where the stay and follow-up days of a treatment come from."""
    return Fact(
        source=treatment.timing_source or _("General knowledge"),
        as_of=treatment.as_of,
        confidence=treatment.timing_confidence or Confidence.LOW,
    )


def price_abroad(benchmark: PriceBenchmark) -> Reported:
    """Return a price from a patient's home country, labelled with the country."""
    low = benchmark.amount_minor if benchmark.amount_minor is not None else benchmark.low_minor
    high = benchmark.high_minor if benchmark.amount_minor is None else None
    return Reported(
        amount=Money(low or 0, benchmark.currency),
        high_minor=high if high and high > (low or 0) else None,
        source=benchmark.source,
        as_of=benchmark.as_of,
        confidence=benchmark.confidence,
        label=country_name(benchmark.country),
        basis=benchmark.basis,
    )


def without_addresses(text: str) -> str:
    """Return a source's words without web addresses: some are mirrors that must not be linked."""
    return re.sub(r"\s*\(?https?://[^\s)]+\)?", "", text)


def product_price(product: SpecialAccessProduct) -> Reported | None:
    """Return the reported price of a special-access product, or None."""
    if product.price_cny_minor is None:
        return None
    return Reported(
        amount=Money(product.price_cny_minor, "CNY"),
        high_minor=None,
        source=product.source,
        as_of=product.as_of,
        confidence=product.confidence,
        label=product.price_basis,
    )


def hospital_in_a_sentence(hospital: Hospital) -> str:
    """Return what a preview of a hospital's page says; nothing but name, kind and city."""
    words = {
        "name": hospital.name,
        "kind": hospital.get_ownership_display(),
        "city": hospital.city.name,
    }
    return _("%(name)s: %(kind)s, %(city)s. Prices with their source and date.") % words


def country_name(code: str) -> str:
    """Return a country's name in the page's language."""
    locale: Locale = wording.locale_of(get_language() or "en")
    return locale.territories.get(code, code)


def offer_texts(offer: Offer) -> list[tuple[str, list[str], str]]:
    """Return the lists of an offer: heading, lines, and the language they are in."""
    headings = {
        "inclusions": _("What is included"),
        "exclusions": _("What is not included"),
        "preparation": _("How to prepare"),
    }
    language = get_language() or "en"
    shown = []
    for field, heading in headings.items():
        own = getattr(offer, f"{field}_{FIELD_SUFFIX.get(language, language)}", "") or ""
        text = own or getattr(offer, f"{field}_en", "") or ""
        if lines := [line.strip() for line in text.splitlines() if line.strip()]:
            shown.append((heading, lines, language if own else "en"))
    return shown


PRODUCT_KINDS: dict[str, str | Promise] = {
    "drug": gettext_lazy("Drug"),
    "device": gettext_lazy("Device"),
    "technology": gettext_lazy("Treatment with cells or other technology"),
    "trial": gettext_lazy("Trial"),
    "programme": gettext_lazy("Total of a programme"),
}


def product_kind(product: SpecialAccessProduct) -> str:
    """Return what kind of product it is, in the page's language."""
    return str(PRODUCT_KINDS.get(product.kind, product.kind))
