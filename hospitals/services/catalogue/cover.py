"""Insurers as listed, and products that only a special zone may use."""

from hospitals.models import Hospital, Insurer, SpecialAccessProduct
from hospitals.services.catalogue import checks
from hospitals.services.catalogue.cures import CHINESE_CURRENCY
from hospitals.services.catalogue.plans import Build, Ref
from hospitals.services.catalogue.rows import Row

INSURER_COLUMNS = """slug name hq_country hq_basis kind direct_billing_known
    direct_billing_hospital_slugs direct_billing_detail source as_of confidence"""
PRODUCT_COLUMNS = """slug name kind indication hospital_slug place first_use_date china_status
    price_cny price_basis source as_of confidence note"""


def plan_insurers(build: Build) -> None:
    insurers = build.plan(Insurer, "slug")
    billing = build.plan(
        Insurer.direct_billing_hospitals.through, "insurer", "hospital", prune=True
    )
    for row in build.rows("insurers.csv", INSURER_COLUMNS):
        slug = row.required("slug", checks.slug)
        insurers.add(
            row,
            {
                "slug": slug,
                "name": row.needed_text("name"),
                "hq_country": row.checked("hq_country", checks.country) or "",
                "hq_basis": row.text("hq_basis"),
                "kind": row.needed_text("kind"),
                "direct_billing_known": row.text("direct_billing_known"),
                "direct_billing_detail": row.text("direct_billing_detail"),
                **row.source(),
            },
        )
        for hospital in _hospitals(row, build):
            ends = {"insurer": Ref(Insurer, (slug,)), "hospital": Ref(Hospital, (hospital,))}
            billing.add(row, ends)


def _hospitals(row: Row, build: Build) -> list[str]:
    named = row.items("direct_billing_hospital_slugs")
    for slug in named:
        if slug not in build.known["hospital"]:
            row.fault(f"direct_billing_hospital_slugs: unknown hospital {slug!r}")
    return named


def plan_special_access(build: Build) -> None:
    products = build.plan(SpecialAccessProduct, "slug")
    for row in build.rows("special_access.csv", PRODUCT_COLUMNS):
        slug = row.text("hospital_slug")
        if slug:
            row.known("hospital_slug", build.known["hospital"], "hospital")
        products.add(
            row,
            {
                "slug": row.required("slug", checks.slug),
                "name_en": row.needed_text("name"),
                "kind": row.needed_text("kind"),
                "indication_en": row.text("indication"),
                "hospital": Ref(Hospital, (slug,)) if slug else None,
                "place": row.text("place"),
                "first_use_date": row.checked("first_use_date", checks.fact_date) or "",
                "china_status": row.text("china_status"),
                "price_cny_minor": row.money("price_cny", CHINESE_CURRENCY),
                "price_basis": row.text("price_basis"),
                "note": row.text("note"),
                **row.source(),
            },
        )
