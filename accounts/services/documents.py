"""Files of patients: checked, encrypted in parts, scanned, and handed out only whole (SE-14)."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Protocol

import structlog
from django.db import transaction
from django.db.models import Count, Sum

from accounts import upload_refusals as refusals
from accounts.models import DocumentPart, DocumentState, MedicalDocument, Patient, User
from accounts.models.consent import Purpose
from accounts.services import audit
from accounts.services.consents import has_consent
from accounts.uploads import LARGEST, Harmless, made_harmless
from medtour.lib import clock, sealing, virus_scan
from medtour.lib.locks import claim_rows, lock_row

log = structlog.get_logger(__name__)
MOST_FILES = 200
MOST_BYTES = 500 * 1024 * 1024
SCANNED_AT_ONCE = 20


class Readable(Protocol):
    """An open file, as an upload is one."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Content:
    """A document in the clear, every part of it verified."""

    name: str
    content_type: str
    chunks: list[bytes]


def store_document(
    patient: Patient,
    *,
    by: User,
    name: str,
    upload: Readable,
    now: dt.datetime | None = None,
) -> MedicalDocument:
    """Check, clean, encrypt and scan a file; returns it clean, or quarantined until scanned.

    Call it outside a transaction: the scanner is asked in between. A file in which the scanner
    finds something is destroyed at once. Raises HealthDataNotAgreed, TooManyFiles, FileInfected
    or a refusal of `made_harmless`; nothing is kept then (SE-14).
    """
    if not has_consent(patient, Purpose.HEALTH_DATA):
        raise refusals.HealthDataNotAgreed
    harmless = made_harmless(name, upload.read(LARGEST + 1))
    with transaction.atomic(durable=True):
        lock_row(Patient.objects.all(), patient.pk)
        _check_room(patient, len(harmless.content))
        document = _keep(patient, harmless, by=by, now=now or clock.now())
    scan_document(document)
    if document.state == DocumentState.REFUSED:
        raise refusals.FileInfected
    return document


def keep_paper(
    patient: Patient, *, name: str, content: bytes, by: User | None, now: dt.datetime | None = None
) -> MedicalDocument:
    """Keep a PDF that this application itself has set; nothing of it came from outside."""
    paper = Harmless(content, "application/pdf", name)
    return _keep(patient, paper, by=by, now=now or clock.now(), state=DocumentState.CLEAN)


def scan_document(document: MedicalDocument) -> MedicalDocument:
    """Let the scanner decide about a quarantined document; without an answer it stays as it is.

    Without a scanner (development only) it counts as clean, and the log says so.
    """
    if document.state != DocumentState.QUARANTINED:
        return document
    state = _verdict(document)
    if state == DocumentState.QUARANTINED:
        return document
    with transaction.atomic():
        fresh = lock_row(MedicalDocument.objects.all(), document.pk)
        if fresh.state == DocumentState.QUARANTINED:
            fresh.state = state
            fresh.save(update_fields=["state"])
            if state == DocumentState.REFUSED:
                _destroy(fresh)
        document.state = fresh.state
    return document


def scan_waiting_documents() -> int:
    """Ask again about documents that wait for the scanner; returns how many were decided.

    They are drawn by lot, and one that cannot be read is left out: neither it nor many like it may
    keep the others waiting.
    """
    waiting = MedicalDocument.objects.filter(state=DocumentState.QUARANTINED, deleted_at=None)
    with transaction.atomic():
        drawn = claim_rows(waiting.only("pk").order_by("?"), limit=SCANNED_AT_ONCE)
    return sum(_is_decided(document.pk) for document in drawn)


def open_document(document: MedicalDocument, *, by: User, hospital_slug: str = "") -> Content:
    """Return a document for somebody who may see it, and write down that they did (PR-07).

    Raises DocumentNotReady or DocumentDamaged.
    """
    content = read_document(document)
    audit.record(
        by=by,
        action="document.open",
        target=f"accounts.medicaldocument:{document.public_id}",
        patient_public_id=document.patient.public_id,
        hospital_slug=hospital_slug,
    )
    return content


def read_document(document: MedicalDocument) -> Content:
    """Return a document in the clear; nothing is returned before every part was verified.

    Raises DocumentNotReady for one that is not known to be clean, DocumentDamaged for one that is
    not as it was stored.
    """
    if not document.is_ready:
        raise refusals.DocumentNotReady
    return Content(document.name, document.content_type, _plain(document))


def _check_room(patient: Patient, size: int) -> None:
    kept = patient.documents.filter(deleted_at=None).exclude(state=DocumentState.REFUSED)
    sums = kept.aggregate(files=Count("pk"), size=Sum("size"))
    if sums["files"] >= MOST_FILES or (sums["size"] or 0) + size > MOST_BYTES:
        raise refusals.TooManyFiles


def _keep(
    patient: Patient,
    file: Harmless,
    *,
    by: User | None,
    now: dt.datetime,
    state: str = DocumentState.QUARANTINED,
) -> MedicalDocument:
    with transaction.atomic():
        document = MedicalDocument.objects.create(
            patient=patient,
            name=file.name,
            content_type=file.content_type,
            size=len(file.content),
            sha256=hashlib.sha256(file.content).hexdigest(),
            sealed_key=sealing.new_key(),
            state=state,
            added_by=by,
            added_at=now,
        )
        parts = sealing.sealed_parts(
            file.content, key=document.sealed_key, identity=document.public_id
        )
        for number, sealed in enumerate(parts):
            DocumentPart.objects.create(document=document, number=number, sealed=sealed)
        audit.record(
            by=by,
            action="document.store",
            target=f"accounts.medicaldocument:{document.public_id}",
            patient_public_id=patient.public_id,
        )
    return document


def _plain(document: MedicalDocument) -> list[bytes]:
    rows = document.parts.order_by("number").values_list("sealed", flat=True)
    parts = (bytes(sealed) for sealed in rows)
    try:
        return sealing.opened(parts, key=document.sealed_key, identity=document.public_id)
    except sealing.Broken as error:
        log.error("document_damaged", document=document.public_id)
        raise refusals.DocumentDamaged from error


def _verdict(document: MedicalDocument) -> str:
    if not virus_scan.is_set_up():
        log.warning("document_not_scanned", document=document.public_id)
        return DocumentState.CLEAN
    try:
        is_clean = virus_scan.is_clean(b"".join(_plain(document)))
    except virus_scan.ScannerDown as error:
        log.error("virus_scanner_down", document=document.public_id, cause=str(error))
        return DocumentState.QUARANTINED
    return DocumentState.CLEAN if is_clean else DocumentState.REFUSED


def _is_decided(pk: int) -> bool:
    """Ask about one document; whatever is wrong with it, staff reads it in the log (SE-14)."""
    try:
        document = scan_document(MedicalDocument.objects.get(pk=pk))
    except Exception:
        log.exception("document_cannot_be_scanned", pk=pk)
        return False
    return document.state != DocumentState.QUARANTINED


def _destroy(document: MedicalDocument) -> None:
    """Remove what was stored; the row stays to say that a file was refused."""
    document.parts.all().delete()
    log.warning("document_infected", document=document.public_id)
