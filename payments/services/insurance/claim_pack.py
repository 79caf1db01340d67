"""The claim as one archive: its paper, its data as JSON and its documents in the clear (M22).

Names inside are made of reference, number and kind only; the same claim gives the same bytes.
"""

import datetime as dt
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from accounts.models import User
from accounts.services import audit
from accounts.services.documents import read_document
from medtour.lib.money import Money
from payments.models import ClaimDocument, ClaimLine, Guarantee, InsuranceClaim

FORMAT = "medtour-claim/1"
# ZIP knows no time zone; a fixed day keeps the bytes of a claim the same.
STAMP = (1980, 1, 1, 0, 0, 0)
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class Inside:
    """One document of the archive under the name it has there."""

    name: str
    row: ClaimDocument


class _Sink:
    """Takes what the archive writes, until it is handed on; it cannot be read or searched."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes, /) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held


def pack_name(claim: InsuranceClaim) -> str:
    """Return the file name of the archive; it names nobody."""
    return f"claim-{claim.reference}.zip"


def documents_inside(claim: InsuranceClaim) -> list[Inside]:
    """Return the documents in the order they were added, with their names in the archive."""
    rows = claim.documents.select_related("document__patient").order_by("pk")
    return [
        Inside(f"{number:02d}-{row.kind}.{ENDINGS.get(row.document.content_type, 'bin')}", row)
        for number, row in enumerate(rows, start=1)
    ]


def open_pack(claim: InsuranceClaim, *, paper: bytes, by: User) -> Iterator[bytes]:
    """Return the archive in pieces for somebody who may see the claim, and write down who did.

    `paper` is the claim as PDF. Every document is verified before the first piece is returned.
    Raises DocumentNotReady or DocumentDamaged.
    """
    inside = documents_inside(claim)
    for each in inside:
        read_document(each.row.document)
    patient = claim.bill.quote.case.patient
    documents = (f"accounts.medicaldocument:{each.row.document.public_id}" for each in inside)
    for target in (f"payments.insuranceclaim:{claim.public_id}", *documents):
        audit.record(
            by=by,
            action="claim.export",
            target=target,
            patient_public_id=patient.public_id,
            hospital_slug=claim.hospital.slug,
        )
    data = json.dumps(claim_data(claim, inside), ensure_ascii=False, indent=2, sort_keys=True)
    return _pieces(inside, paper=paper, data=f"{data}\n".encode())


def claim_data(claim: InsuranceClaim, inside: Sequence[Inside]) -> dict[str, Any]:
    """Return `claim.json`, whose shape docs/insurance.md describes; amounts are decimal text."""
    guarantee, money = claim.guarantee, claim.currency
    with translation.override("en"):
        hospital_name = claim.hospital.name
    return {
        "format": FORMAT,
        "reference": claim.reference,
        "state": claim.state,
        "currency": money,
        "hospital": {"slug": claim.hospital.slug, "name": hospital_name},
        "insurer": {"slug": claim.insurer.slug, "name": claim.insurer.name},
        "member_number": guarantee.member.number,
        "guarantee": _guarantee(guarantee),
        "fapiao_number": claim.fapiao_number,
        "discharged_on": _day(claim.discharged_on),
        "due_on": _day(claim.due_on),
        "submitted_at": _instant(claim.submitted_at),
        "billed": _amount(claim.billed_minor, money),
        "insurer_part": _amount(claim.insurer_minor, money),
        "patient_part": _amount(claim.patient_minor, money),
        "paid": _amount(claim.paid_minor, money),
        "rate": _rate(claim),
        "lines": [_line(line, money) for line in claim.lines.all()],
        "documents": [
            {"file": each.name, "kind": each.row.kind, "sha256": each.row.document.sha256}
            for each in inside
        ],
    }


def _guarantee(guarantee: Guarantee) -> dict[str, Any]:
    return {
        "reference": guarantee.reference,
        "insurer_reference": guarantee.insurer_reference,
        "procedure_code": guarantee.procedure_code,
        "diagnosis_code": guarantee.diagnosis_code,
        "setting": guarantee.setting,
        "category": guarantee.category,
        "service_from": _day(guarantee.service_from),
        "service_until": _day(guarantee.service_until),
    }


def _rate(claim: InsuranceClaim) -> dict[str, Any] | None:
    if claim.rate is None:
        return None
    return {
        "from": claim.currency,
        "to": claim.guarantee.currency,
        "value": f"{claim.rate:f}",
        "on": _day(claim.rate_on),
    }


def _line(line: ClaimLine, currency: str) -> dict[str, Any]:
    allowed = line.allowed_minor
    return {
        "number": line.position,
        "label": line.label,
        "tier": line.tier,
        "code": line.code,
        "billed": _amount(line.billed_minor, currency),
        "insurer_part": _amount(line.insurer_minor, currency),
        "allowed": None if allowed is None else _amount(allowed, currency),
        "paid": _amount(line.paid_minor, currency),
        "denial_code": line.denial_code,
    }


def _pieces(inside: Sequence[Inside], *, paper: bytes, data: bytes) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("claim.pdf", paper), ("claim.json", data)):
            archive.writestr(_entry(name), content)
            yield sink.taken()
        for each in inside:
            with archive.open(_entry(each.name), "w") as entry:
                for chunk in read_document(each.row.document).chunks:
                    entry.write(chunk)
                    yield sink.taken()
    yield sink.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _amount(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).major:f}"


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _instant(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat() if at else None
