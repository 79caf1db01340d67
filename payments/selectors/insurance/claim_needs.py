"""What a claim still lacks, by the insurer's list in force on the day of discharge (M22, DP-10)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock, exchange
from medtour.lib.money import Money
from payments.models import Agreement, DocumentKind, InsuranceClaim
from payments.policies import convert

K = DocumentKind
# What the product promises of every pack (M22), where an insurer has no list with the hospital.
WITHOUT_LIST = (K.ITEMISED_BILL, K.FAPIAO, K.DISCHARGE_SUMMARY, K.GUARANTEE_LETTER)
# The pack itself holds the itemised list; the number of the fapiao is a field of the claim.
ALWAYS_INSIDE = frozenset({K.ITEMISED_BILL})
NUMBER = "fapiao_number"
LIMIT_CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that a claim lacks: `fapiao_number` or a kind of document, and its name."""

    code: str
    name: str | Promise


def agreement_of(claim: InsuranceClaim) -> Agreement | None:
    """Return the agreement in force on the day of discharge, None without one."""
    return _in_force([claim]).get(claim.pk)


def missing_items(claim: InsuranceClaim) -> tuple[Missing, ...]:
    """Return what a claim lacks, each by name; empty when it can be sent."""
    return missing_by_claim([claim])[claim.pk]


def missing_by_claim(claims: Sequence[InsuranceClaim]) -> dict[int, tuple[Missing, ...]]:
    """As `missing_items` for many claims at once, by key.

    Read the documents before (`prefetch_related("documents")`) to keep a list in few statements.
    """
    agreements = _in_force(claims)
    return {claim.pk: tuple(_missing(claim, agreements.get(claim.pk))) for claim in claims}


def needed_kinds(claim: InsuranceClaim, agreement: Agreement | None) -> list[str]:
    """Return the kinds of documents a claim must hold, in the order of the insurer's list."""
    if agreement is None:
        return list(WITHOUT_LIST)
    kinds = [str(kind) for kind in agreement.required_documents]
    limit = agreement.identity_copy_above_minor
    if limit is None:
        return kinds
    needs_copy = _is_above(claim.billed, limit)
    others = [kind for kind in kinds if kind != K.IDENTITY_COPY]
    return [*others, K.IDENTITY_COPY] if needs_copy else others


def _missing(claim: InsuranceClaim, agreement: Agreement | None) -> Iterable[Missing]:
    if not claim.fapiao_number:
        yield Missing(NUMBER, _("number of the fapiao"))
    held = {row.kind for row in claim.documents.all()} | ALWAYS_INSIDE
    for kind in needed_kinds(claim, agreement):
        if kind not in held:
            yield Missing(kind, K(kind).label)


def _is_above(billed: Money, limit_minor: int) -> bool:
    """Tell whether a bill is above a limit in CNY; without a rate it is taken to be."""
    if billed.currency == LIMIT_CURRENCY:
        return billed.minor > limit_minor
    rate = exchange.reference_rate(billed.currency, LIMIT_CURRENCY)
    return rate is None or convert(billed, LIMIT_CURRENCY, rate.value).minor > limit_minor


def _in_force(claims: Sequence[InsuranceClaim]) -> dict[int, Agreement]:
    """Return the agreement of each claim, found with one statement."""
    rows = list(
        Agreement.objects.known().filter(
            insurer__in={claim.insurer_id for claim in claims},
            hospital__in={claim.hospital_id for claim in claims},
        )
    )
    found = {}
    for claim in claims:
        day = claim.discharged_on or clock.today(claim.hospital.time_zone)
        for row in rows:
            if _fits(row, claim, day):
                found[claim.pk] = row
    return found


def _fits(row: Agreement, claim: InsuranceClaim, day: dt.date) -> bool:
    same = (row.insurer_id, row.hospital_id, row.setting) == (
        claim.insurer_id,
        claim.hospital_id,
        claim.guarantee.setting,
    )
    return same and row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)
