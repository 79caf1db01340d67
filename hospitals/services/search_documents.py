"""Turns catalogue rows into search documents: which lexemes each offer and hospital carries."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from modeltranslation.utils import build_localized_fieldname

from hospitals.models import Hospital, Offer, PriceLine, SearchDocument
from hospitals.search_terms import EVERYTHING, lexeme, price_band
from hospitals.search_text import text_words
from hospitals.services.direct_pay import direct_pay_insurers
from medtour.lib import clock

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
HOSPITAL_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Document:
    """A row to be: its facets in the sets they are counted by, and all its lexemes."""

    kind: str
    hospital_id: int
    offer_id: int | None
    treatment_id: int | None
    price_minor: int | None
    place: tuple[str, ...]
    own: tuple[str, ...]
    speech: tuple[str, ...]
    cost: tuple[str, ...]
    lexemes: tuple[str, ...]


def in_language(row: object, name: str, language: str) -> str:
    """Return a translated field's value in exactly one language, without falling back."""
    return getattr(row, _column(name, language)) or ""


@cache
def _column(name: str, language: str) -> str:
    return build_localized_fieldname(name, language)


def title_lexemes(offer: Offer) -> set[str]:
    """Return the lexemes of an offer's own title, each marked with its language."""
    return {
        lexeme("title", f"{language}:{word.stem}")
        for language in LANGUAGES
        for word in text_words(in_language(offer, "title", language))
    }


def hospitals_to_index(hospital_id: int | None = None) -> QuerySet[Hospital]:
    """Return hospitals with everything their documents are made of."""
    rows = (
        Hospital.objects.all() if hospital_id is None else Hospital.objects.filter(pk=hospital_id)
    )
    return rows.select_related("city__province").prefetch_related(
        "designations__programme",
        "spoken_languages",
        "departments__specialty",
        "reported_direct_billing_insurers",
        "interpreters",
    )


def offers_to_index(**only: int) -> QuerySet[Offer]:
    """Return published offers with everything their documents are made of."""
    today = clock.today(HOSPITAL_ZONE)
    lines = PriceLine.objects.filter(currency="CNY").exclude(valid_until__lt=today)
    return (
        Offer.objects.filter(is_published=True, **only)
        .select_related("treatment__specialty")
        .prefetch_related(Prefetch("price_lines", queryset=lines, to_attr="lines_today"))
        .order_by("pk")
    )


def place_lexemes(hospital: Hospital, agreed: Mapping[int, Collection[str]]) -> tuple[str, ...]:
    """Return the facets that every document of a hospital has in common.

    `agreed` are the insurers that settle with each hospital (`direct_pay_insurers`).
    """
    return tuple(
        sorted(
            {
                lexeme("city", hospital.city.slug),
                lexeme("province", hospital.city.province.slug),
                *(lexeme("designation", row.programme.code) for row in hospital.designations.all()),
                *(
                    lexeme("insurer", row.slug)
                    for row in hospital.reported_direct_billing_insurers.all()
                ),
                *(lexeme("insurer", slug) for slug in agreed.get(hospital.pk, ())),
            }
        )
    )


def hospital_document(
    hospital: Hospital, treatments: Iterable[str], place: tuple[str, ...]
) -> Document:
    """Return the document of a hospital; the treatments it offers (slugs) lead to it, too."""
    own = {
        EVERYTHING,
        lexeme("kind", SearchDocument.HOSPITAL),
        *(lexeme("specialty", row.specialty.code) for row in hospital.departments.all()),
    }
    speech = {lexeme("speaks", row.code) for row in hospital.spoken_languages.all()}
    others = {
        lexeme("hospital", hospital.slug),
        *(lexeme("treatment", slug) for slug in treatments),
    }
    return Document(
        kind=SearchDocument.HOSPITAL,
        hospital_id=hospital.pk,
        offer_id=None,
        treatment_id=None,
        price_minor=None,
        place=place,
        own=tuple(sorted(own)),
        speech=tuple(sorted(speech)),
        cost=(),
        lexemes=tuple(sorted({*place, *own, *speech, *others})),
    )


def offer_document(offer: Offer, hospital: Hospital, place: tuple[str, ...]) -> Document:
    """Return the document of an offer, priced by its lowest line in CNY that is valid today."""
    lines: list[PriceLine] = getattr(offer, "lines_today", [])
    price = min((line.amount_minor for line in lines), default=None)
    own = {
        EVERYTHING,
        lexeme("kind", SearchDocument.OFFER),
        lexeme("how", offer.booking_mode),
        lexeme("specialty", offer.treatment.specialty.code),
    }
    speech = {lexeme("speaks", code) for code in offer_languages(offer, hospital)}
    cost = {lexeme("tier", line.tier) for line in lines}
    if price is not None:
        cost.add(lexeme("price", price_band(price)))
    others = {
        lexeme("hospital", hospital.slug),
        lexeme("treatment", offer.treatment.slug),
        *title_lexemes(offer),
    }
    return Document(
        kind=SearchDocument.OFFER,
        hospital_id=hospital.pk,
        offer_id=offer.pk,
        treatment_id=offer.treatment_id,
        price_minor=price,
        place=place,
        own=tuple(sorted(own)),
        speech=tuple(sorted(speech)),
        cost=tuple(sorted(cost)),
        lexemes=tuple(sorted({*place, *own, *speech, *cost, *others})),
    )


def offer_languages(offer: Offer, hospital: Hospital) -> set[str]:
    """Return the languages an offer can be had in: its own or the hospital's, and interpreters'."""
    languages = set(offer.languages or [row.code for row in hospital.spoken_languages.all()])
    if offer.interpreter_available:
        for interpreter in hospital.interpreters.all():
            languages.update(interpreter.languages if interpreter.is_active else ())
    return languages


def all_documents() -> Iterator[Document]:
    """Yield every document of the catalogue: offers, then hospitals."""
    hospitals = {row.pk: row for row in hospitals_to_index()}
    agreed = direct_pay_insurers()
    places = {pk: place_lexemes(row, agreed) for pk, row in hospitals.items()}
    treatments: dict[int, set[str]] = {pk: set() for pk in hospitals}
    for offer in offers_to_index().iterator(chunk_size=2000):
        treatments[offer.hospital_id].add(offer.treatment.slug)
        yield offer_document(offer, hospitals[offer.hospital_id], places[offer.hospital_id])
    for pk, hospital in hospitals.items():
        yield hospital_document(hospital, treatments[pk], places[pk])
