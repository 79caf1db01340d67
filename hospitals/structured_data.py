"""schema.org descriptions for search engines: only facts with a source, never a price of ours."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from hospitals.models import Hospital, Treatment

UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def hospital(hospital: Hospital, request: HttpRequest) -> SafeString:
    """Return a schema.org Hospital; the position only when it is that of the building."""
    facts: dict[str, Any] = {
        "@type": "Hospital",
        "name": hospital.name,
        "url": settings.SITE_URL + request.path,
        "address": {
            "@type": "PostalAddress",
            "addressCountry": "CN",
            "addressLocality": hospital.city.name,
            "addressRegion": hospital.city.province.name,
        },
        "medicalSpecialty": [
            row.specialty.name for row in hospital.departments.all() if row.confidence != "low"
        ],
    }
    if hospital.name_zh_hans:
        facts["alternateName"] = hospital.name_zh_hans
    if hospital.address_en:
        facts["address"]["streetAddress"] = hospital.address_en
    if hospital.website:
        facts["sameAs"] = f"https://{hospital.website}"
    if hospital.can_be_navigated_to and hospital.latitude is not None:
        facts["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": float(hospital.latitude),
            "longitude": float(hospital.longitude or 0),
        }
    return _script(facts)


def treatment(treatment: Treatment, request: HttpRequest) -> SafeString:
    """Return a schema.org MedicalProcedure."""
    return _script(
        {
            "@type": "MedicalProcedure",
            "name": treatment.name,
            "url": settings.SITE_URL + request.path,
            "description": treatment.summary or "",
        }
    )


def _script(facts: dict[str, Any]) -> SafeString:
    kept = {name: value for name, value in facts.items() if value}
    whole = {"@context": "https://schema.org", "inLanguage": get_language(), **kept}
    text = json.dumps(whole, ensure_ascii=False).translate(UNSAFE)
    return mark_safe(text)  # noqa: S308  (every character that could end the script is escaped)
