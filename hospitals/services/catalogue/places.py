"""Provinces and cities."""

from hospitals.models import City, Province
from hospitals.services.catalogue import checks
from hospitals.services.catalogue.plans import Build, Ref
from hospitals.services.catalogue.rows import LANGUAGES, Row
from medtour.lib import clock


def plan_places(build: Build) -> None:
    provinces = build.plan(Province, "slug")
    for row in build.rows("provinces.csv", "slug", translated="name"):
        slug = row.required("slug", checks.slug)
        provinces.add(row, {"slug": slug, **row.in_languages("name", needed=LANGUAGES)})
    build.known["province"] = {key[0] for key in provinces.rows}
    _plan_cities(build)


def _plan_cities(build: Build) -> None:
    """Hospitals name their city as `source_name` says it."""
    columns = "slug source_name province_slug time_zone illustration"
    cities = build.plan(City, "slug")
    build.known["city"] = {}
    for row in build.rows("cities.csv", columns, translated="name"):
        province = row.known("province_slug", build.known["province"], "province")
        values = {
            "slug": row.required("slug", checks.slug),
            "province": Ref(Province, (province,)),
            "time_zone": row.required("time_zone", time_zone),
            "illustration": row.needed_text("illustration"),
            **row.in_languages("name", needed=LANGUAGES),
        }
        cities.add(row, values)
        build.known["city"][row.text("source_name")] = values
    build.known["language"] = _language_codes(build)


def time_zone(text: str) -> str:
    if not clock.is_zone(text):
        raise ValueError(f"unknown time zone: {text!r}")
    return text


def _language_codes(build: Build) -> set[str]:
    rows: list[Row] = build.rows("language_names.csv", "code native_name", translated="name")
    return {row.needed_text("code") for row in rows}
