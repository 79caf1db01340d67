"""Specialties, treatments, what treatments were reported to cost here and abroad."""

from typing import Any

from hospitals.models import PriceBenchmark, PriceEvidence, Specialty, Treatment
from hospitals.models.provenance import Confidence
from hospitals.models.treatment import BookingMode
from hospitals.services.catalogue import checks
from hospitals.services.catalogue.plans import Build, Ref
from hospitals.services.catalogue.rows import LANGUAGES, Row
from hospitals.services.catalogue.sources import earned_confidence, shown_source

TREATMENT_COLUMNS = """slug specialty booking_mode stay_days_min stay_days_max inpatient_nights
    remote_consult_possible followup_days price_low_cny price_high_cny price_basis price_note
    price_source price_confidence timing_source timing_confidence as_of flags"""
BENCHMARK_COLUMNS = """treatment_slug country currency amount amount_low amount_high basis source
    as_of confidence"""
CHINESE_CURRENCY = "CNY"


def plan_specialties(build: Build) -> None:
    specialties = build.plan(Specialty, "code")
    columns = "code snomed_ct_code snomed_display map_quality group source as_of confidence"
    rows = build.rows("specialties.csv", columns, translated="name")
    for row in rows:
        values = {
            "code": row.required("code", checks.slug),
            **row.in_languages("name", needed=LANGUAGES),
            "snomed_ct_code": row.checked("snomed_ct_code", checks.snomed) or "",
            "snomed_display": row.text("snomed_display"),
            "map_quality": row.text("map_quality"),
            "group": row.text("group"),
            **row.source(),
        }
        specialties.add(row, values)
    build.known["specialty"] = {row.text("code") for row in rows}
    words = build.by_key(
        "specialty_synonyms.csv", "code", build.known["specialty"], translated="synonyms"
    )
    for key, values in specialties.rows.items():
        values |= words[key[0]].in_languages("synonyms") if key[0] in words else {}


def plan_treatments(build: Build) -> None:
    treatments = build.plan(Treatment, "slug")
    prices = build.plan(PriceEvidence, "treatment", prune=True)
    rows = build.rows("treatments.csv", TREATMENT_COLUMNS, translated="name")
    build.known["treatment"] = {row.text("slug") for row in rows}
    texts = _texts(build)
    for row in rows:
        text = texts.get(row.text("slug"))
        treatments.add(row, _treatment(row, build) | (_written(text) if text else {}))
        if row.text("price_low_cny") or row.text("price_high_cny"):
            prices.add(row, _price(row))


def _texts(build: Build) -> dict[str, Row]:
    file, keys = "treatment_texts.csv", build.known["treatment"]
    return build.by_key(file, "slug", keys, translated="summary synonyms")


def _written(text: Row) -> dict[str, Any]:
    return {
        "text_review": text.one_of("review", ("draft", "checked")),
        **text.in_languages("summary", needed=LANGUAGES),
        **text.in_languages("what_happens"),
        **text.in_languages("synonyms"),
    }


def _treatment(row: Row, build: Build) -> dict[str, Any]:
    specialty = row.known("specialty", build.known["specialty"], "specialty")
    source = shown_source(row.text("timing_source"))
    confidence = row.one_of("timing_confidence", Confidence.values)
    return {
        "slug": row.required("slug", checks.slug),
        "specialty": Ref(Specialty, (specialty,)),
        "booking_mode": row.one_of("booking_mode", BookingMode.values),
        **row.in_languages("name", needed=LANGUAGES),
        **_stay(row),
        "follow_up_days": row.numbers("followup_days"),
        "remote_consultation": row.text("remote_consult_possible"),
        "flags": row.items("flags"),
        "timing_source": source,
        "timing_confidence": earned_confidence(confidence, source),
        "as_of": row.required("as_of", checks.fact_date) or "",
    }


def _stay(row: Row) -> dict[str, int | None]:
    names = ("stay_days_min", "stay_days_max", "inpatient_nights")
    stay = {name: row.checked(name, checks.whole) for name in names}
    _in_order(row, "stay_days", stay["stay_days_min"], stay["stay_days_max"])
    return stay


def _price(row: Row) -> dict[str, Any]:
    """Return the reported price; one amount is both ends of its range."""
    low = row.money("price_low_cny", CHINESE_CURRENCY)
    high = row.money("price_high_cny", CHINESE_CURRENCY)
    _in_order(row, "price", low, high)
    source = shown_source(row.needed_text("price_source"))
    confidence = row.one_of("price_confidence", Confidence.values)
    return {
        "treatment": Ref(Treatment, (row.text("slug"),)),
        "low_minor": low if low is not None else high,
        "high_minor": high if high is not None else low,
        "currency": CHINESE_CURRENCY,
        "basis": row.needed_text("price_basis"),
        "note": shown_source(row.text("price_note")),
        "source": source,
        "as_of": row.text("as_of"),
        "confidence": earned_confidence(confidence, source),
    }


def _in_order(row: Row, name: str, low: int | None, high: int | None) -> None:
    if low is not None and high is not None and high < low:
        row.fault(f"{name}: the upper end is below the lower end")


def plan_benchmarks(build: Build) -> None:
    key = ("treatment", "country", "currency", "amount_minor", "low_minor", "high_minor", "basis")
    benchmarks = build.plan(PriceBenchmark, *key, prune=True)
    for row in build.rows("price_benchmarks.csv", BENCHMARK_COLUMNS):
        benchmarks.add(row, _benchmark(row, build))


def _benchmark(row: Row, build: Build) -> dict[str, Any]:
    currency = row.required("currency", checks.currency) or ""
    low, high = row.money("amount_low", currency), row.money("amount_high", currency)
    _in_order(row, "amount", low, high)
    slug = row.known("treatment_slug", build.known["treatment"], "treatment")
    return {
        "treatment": Ref(Treatment, (slug,)),
        "country": row.required("country", checks.country),
        "currency": currency,
        "amount_minor": row.money("amount", currency),
        "low_minor": low,
        "high_minor": high,
        "basis": row.needed_text("basis"),
        **row.source(),
    }
