"""Files as people send them, and worse ones."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

from accounts.models import Consent, DocumentState, MedicalDocument, Patient
from accounts.services import documents

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **saved: Any) -> bytes:
    """Return a picture with a red left half."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    target = BytesIO()
    image.save(target, format=kind, **saved)
    return target.getvalue()


def pdf(**root: Any) -> bytes:
    """Return a PDF of one empty page, with more entries in its root."""
    with pikepdf.new() as made:
        made.add_blank_page()
        for key, value in root.items():
            made.Root[f"/{key}"] = made.make_indirect(value)
        target = BytesIO()
        made.save(target)
    return target.getvalue()


def huge_png(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG whose head promises many pixels; it has none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        )

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def agrees_to_health_data(patient: Patient) -> Consent:
    consent, _is_new = Consent.objects.get_or_create(
        patient=patient,
        purpose="health_data",
        recipient="",
        withdrawn_at=None,
        defaults={"text_version": "2026-11", "text_sha256": "0" * 64, "language": "en"},
    )
    return consent


def stored(patient: Patient, *, name: str = "report.pdf", content: bytes = b"") -> MedicalDocument:
    """Return a clean document of a patient who agreed."""
    agrees_to_health_data(patient)
    document = documents.store_document(
        patient, by=patient.account, name=name, upload=BytesIO(content or pdf())
    )
    assert document.state == DocumentState.CLEAN
    return document
