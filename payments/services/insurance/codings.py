"""How treatments are named to insurers, read with the rest of the catalogue."""

from hospitals.models import Treatment
from hospitals.services.catalogue import checks
from hospitals.services.catalogue.plans import Build, Ref
from payments.models import Setting, TreatmentCoding

COLUMNS = "treatment_slug category setting procedure_code source"


def plan_treatment_codings(build: Build) -> None:
    """Plan one coding a treatment; the category is our own mapping until an insurer names its."""
    codings = build.plan(TreatmentCoding, "treatment")
    treatments = build.plans[Treatment].rows
    for row in build.rows("treatment_codings.csv", COLUMNS):
        slug = row.required("treatment_slug", checks.slug)
        if (slug,) not in treatments:
            row.fault(f"treatment_slug: unknown treatment {slug!r}")
        codings.add(
            row,
            {
                "treatment": Ref(Treatment, (slug,)),
                "category": row.required("category", checks.slug),
                "setting": row.one_of("setting", Setting.values),
                "procedure_code": row.text("procedure_code"),
                "source": row.needed_text("source"),
            },
        )
