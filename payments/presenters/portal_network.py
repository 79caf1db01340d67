"""Agreements and networks as an insurer reads them: which days, which terms, in force or not."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medtour.lib.money import Money
from payments.models import Agreement, DocumentKind, NetworkHospital
from payments.models.insurance.effective import EffectiveRow

LIMIT_CURRENCY = "CNY"
PARTS: dict[str, tuple[Promise]] = {
    "agreements": (_("Agreements"),),
    "tiers": (_("Networks and tiers"),),
}
FIRST_PART = "agreements"


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One agreement; `identity_above` is the bill above which a copy of the passport is needed."""

    row: Agreement
    standing: str | Promise
    kind: str
    documents: list[str | Promise]
    identity_above: Money | None


@dataclass(frozen=True, slots=True)
class TierRow:
    row: NetworkHospital
    standing: str | Promise
    kind: str


def standing(row: EffectiveRow, today: dt.date) -> tuple[Promise, str]:
    """Return where a row with days stands on a day, and its colour."""
    if row.valid_from > today:
        return _("Not begun yet"), ""
    if row.valid_until is not None and row.valid_until < today:
        return _("Ended"), "plain"
    return _("In force"), "good"


def agreement_row(row: Agreement, *, today: dt.date) -> AgreementRow:
    limit = row.identity_copy_above_minor
    return AgreementRow(
        row,
        *standing(row, today),
        documents=[DocumentKind(kind).label for kind in row.required_documents],
        identity_above=None if limit is None else Money(limit, LIMIT_CURRENCY),
    )


def tier_row(row: NetworkHospital, *, today: dt.date) -> TierRow:
    return TierRow(row, *standing(row, today))
