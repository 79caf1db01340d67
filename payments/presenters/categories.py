"""Categories of care in words; insurers may name ones of their own."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS: Mapping[str, Promise] = {
    "cancer-care": _("Cancer care"),
    "consultation": _("Visit to a doctor"),
    "dental": _("Dental care"),
    "diagnostics": _("Tests and imaging"),
    "inpatient": _("Stay in hospital"),
    "maternity": _("Pregnancy and birth"),
    "medicines": _("Medicines"),
    "mental-health": _("Mental health"),
    "outpatient": _("Outpatient care"),
    "rehabilitation": _("Rehabilitation"),
    "surgery": _("Surgery"),
    "traditional-medicine": _("Traditional medicine"),
}


def category_label(slug: str) -> str | Promise:
    """Return a category's name; one that only the insurer knows is shown as it wrote it."""
    return LABELS.get(slug) or slug.replace("-", " ").capitalize()
