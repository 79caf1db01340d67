"""The words of a claim's paper, and the archive that holds it; insurers read English or Chinese."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from medtour.lib import papers, wording
from medtour.lib.money import Money
from medtour.lib.paper_words import Row, frame
from medtour.templatetags.show import money_text
from payments.models import ClaimLine, InsuranceClaim
from payments.services.insurance.claim_pack import documents_inside, open_pack
from payments.services.insurance.guarantees import check_agreement
from payments.transitions import ClaimState

LANGUAGES = ("en", "zh-hans")


def claim_archive(claim: InsuranceClaim, *, by: User, language: str = "en") -> Iterator[bytes]:
    """Return the claim's archive in pieces; written down in the audit trail (PR-07).

    Raises DocumentNotReady or DocumentDamaged before the first piece.
    """
    return open_pack(claim, paper=claim_pdf(claim, language), by=by)


def claim_archive_for_insurer(
    claim: InsuranceClaim, *, by: User, language: str = "en"
) -> Iterator[bytes]:
    """Return the archive of a claim that was sent, while the patient agrees (PR-01).

    Raises AgreementTakenBack, DocumentNotReady or DocumentDamaged before the first piece.
    """
    check_agreement(claim.guarantee, claim.bill.quote.case.patient)
    return claim_archive(claim, by=by, language=language)


def claim_pdf(claim: InsuranceClaim, language: str) -> bytes:
    """Return the summary and the itemised list as PDF, dated when the claim was sent or begun."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    at = (claim.submitted_at or claim.created_at).replace(microsecond=0)
    return papers.pdf("claim", claim_paper(claim, language), language=language, at=at)


def claim_paper(claim: InsuranceClaim, language: str) -> dict[str, Any]:
    """Return what `papers/claim.typ` shows, in a language of ours."""
    with translation.override(language):
        return {
            **frame(
                language,
                number=claim.reference,
                title=_("Claim to the insurer"),
                footer=_("Claim of %(hospital)s, made by Medtour")
                % {"hospital": claim.hospital.name},
                marks=_marks(claim),
            ),
            "facts": [asdict(row) for row in _facts(claim, language)],
            "totals": [
                {"label": _("Billed"), "value": money_text(claim.billed)},
                {"label": _("The insurer’s part"), "value": money_text(claim.insurer_part)},
                {"label": _("The patient’s part"), "value": money_text(claim.patient_part)},
            ],
            "list": {
                "title": _("Itemised bill"),
                "heads": [
                    _("No."), _("For what"), _("Tier"), _("Code"), _("Billed"),
                    _("The insurer’s part"),
                ],
                "lines": [_line(line, claim.currency) for line in claim.lines.all()],
            },
            "documents": {
                "title": _("Documents with this claim"),
                "names": [
                    {"name": each.name, "kind": str(each.row.get_kind_display())}
                    for each in documents_inside(claim)
                ],
            },
            "notes": _notes(claim, language),
        }  # fmt: skip


def _marks(claim: InsuranceClaim) -> list[str]:
    return [_("Draft: not sent yet.")] if claim.state == ClaimState.DRAFT else []


def _facts(claim: InsuranceClaim, language: str) -> list[Row]:
    guarantee = claim.guarantee
    patient = claim.bill.quote.case.patient
    rows = [
        Row(_("Hospital"), claim.hospital.name),
        Row(_("Insurer"), claim.insurer.name, ltr=True),
        Row(_("Patient"), str(patient), ltr=True, strong=True),
        Row(_("Member number"), guarantee.member.number, ltr=True),
        Row(_("Guarantee"), guarantee.insurer_reference or guarantee.reference, ltr=True),
        Row(_("Treatment from"), _day(guarantee.service_from, language)),
        Row(_("Discharged"), _day(claim.discharged_on, language)),
        Row(_("Diagnosis code"), guarantee.diagnosis_code, ltr=True),
        Row(_("Procedure code"), guarantee.procedure_code, ltr=True),
        Row(_("Fapiao number"), claim.fapiao_number, ltr=True),
    ]
    return [row for row in rows if row.value]


def _line(line: ClaimLine, currency: str) -> dict[str, str]:
    return {
        "number": str(line.position),
        "label": line.label,
        "tier": str(line.get_tier_display()),
        "code": line.code,
        "billed": money_text(Money(line.billed_minor, currency)),
        "insurer": money_text(Money(line.insurer_minor, currency)),
    }


def _notes(claim: InsuranceClaim, language: str) -> list[str]:
    if claim.rate is None or claim.rate_on is None:
        return []
    words = _("Exchange rate of %(day)s: 1 %(bill)s = %(rate)s %(plan)s.") % {
        "day": _day(claim.rate_on, language),
        "bill": claim.currency,
        "rate": f"{claim.rate.normalize():f}",
        "plan": claim.guarantee.currency,
    }
    return [words]


def _day(day: dt.date | None, language: str) -> str:
    return wording.written_date(day, language) if day else ""
