"""Files are kept encrypted, scanned before anybody reads them, and handed out whole or not."""

import socket
import struct
import threading
from io import BytesIO

import pytest

from accounts import upload_refusals as refusals
from accounts.models import AuditEntry, DocumentPart, DocumentState, MedicalDocument
from accounts.services import documents
from medtour.lib import sealing
from tests.factories import PatientFactory
from tests.factories.documents import agrees_to_health_data, pdf, picture, stored

pytestmark = pytest.mark.django_db


class Scanner:
    """A clamd that answers what it is told, on a port of its own."""

    def __init__(self, answer):
        self.answer, self.received = answer, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.address = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!I", stream.read(4))[0]:
                    content += stream.read(size)
                self.received.append(content)
                connection.sendall(self.answer + b"\0")


@pytest.fixture
def scanner(settings):
    made = []

    def start(answer):
        made.append(Scanner(answer))
        settings.CLAMD_ADDRESS = made[-1].address
        return made[-1]

    yield start
    for each in made:
        each.listener.close()


@pytest.fixture
def agreed(patient):
    agrees_to_health_data(patient)
    return patient


def keep(patient, content=None, name="report.pdf"):
    content = pdf() if content is None else content
    return documents.store_document(patient, by=patient.account, name=name, upload=BytesIO(content))


def whole(document):
    return b"".join(documents.read_document(document).chunks)


def test_a_file_comes_back_as_it_was_cleaned(agreed):
    document = keep(agreed, picture(), name="../scan\u202egnp.exe")
    assert (document.content_type, document.state) == ("image/png", DocumentState.CLEAN)
    assert MedicalDocument.objects.get().name == "scangnp.png"
    content = whole(document)
    assert len(content) == document.size
    assert content.startswith(b"\x89PNG")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.patient_public_id) == ("document.store", agreed.public_id)


def test_nothing_in_the_database_is_in_the_clear(agreed):
    document = keep(agreed)
    sealed = bytes(DocumentPart.objects.get().sealed)
    assert b"%PDF" not in sealed
    row = MedicalDocument.objects.filter(pk=document.pk)
    raw = str(row.extra(select={"raw": "name || sealed_key"}).values("raw")[0])
    assert "report" not in raw
    assert document.sealed_key not in raw


def test_without_agreement_nothing_is_kept(patient):
    with pytest.raises(refusals.HealthDataNotAgreed):
        keep(patient)
    assert not MedicalDocument.objects.exists()


def test_a_refused_file_leaves_nothing(agreed):
    with pytest.raises(refusals.KindNotTaken):
        keep(agreed, b"<svg onload=alert(1)>", name="x.svg")
    assert not MedicalDocument.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("setting", "most"), [("MOST_FILES", 1), ("MOST_BYTES", 100)])
def test_there_is_an_end_to_room(agreed, monkeypatch, setting, most):
    if setting == "MOST_FILES":
        keep(agreed)
    monkeypatch.setattr(documents, setting, most)
    before = MedicalDocument.objects.count()
    with pytest.raises(refusals.TooManyFiles):
        keep(agreed)
    assert MedicalDocument.objects.count() == before


def large(patient):
    """Return a document of three parts."""
    content = bytes(range(256)) * (10 * 1024)
    return documents.keep_paper(patient, name="large.pdf", content=content, by=None), content


def test_many_parts_come_back_in_order(patient):
    document, content = large(patient)
    assert [part.number for part in document.parts.order_by("number")] == [0, 1, 2]
    assert whole(document) == content


def damaged(document):
    with pytest.raises(refusals.DocumentDamaged):
        documents.read_document(document)


def test_a_missing_end_is_noticed(patient):
    document, _content = large(patient)
    document.parts.get(number=2).delete()
    damaged(document)


def test_a_missing_middle_is_noticed(patient):
    document, _content = large(patient)
    document.parts.get(number=1).delete()
    damaged(document)


def test_no_part_at_all_is_noticed(patient):
    document, _content = large(patient)
    document.parts.all().delete()
    damaged(document)


def test_another_order_is_noticed(patient):
    document, _content = large(patient)
    first, second = document.parts.get(number=0), document.parts.get(number=1)
    DocumentPart.objects.filter(pk=first.pk).update(number=9)
    DocumentPart.objects.filter(pk=second.pk).update(number=0)
    DocumentPart.objects.filter(pk=first.pk).update(number=1)
    damaged(document)


def test_one_changed_bit_is_noticed(patient):
    document, _content = large(patient)
    part = document.parts.get(number=1)
    sealed = bytearray(part.sealed)
    sealed[5000] ^= 1
    DocumentPart.objects.filter(pk=part.pk).update(sealed=bytes(sealed))
    damaged(document)


def test_the_parts_of_another_file_are_noticed_even_with_its_key(patient):
    mine, _content = large(patient)
    other, _content = large(PatientFactory())
    mine.parts.all().delete()
    other.parts.update(document=mine)
    MedicalDocument.objects.filter(pk=mine.pk).update(sealed_key=other.sealed_key)
    damaged(MedicalDocument.objects.get(pk=mine.pk))


def test_an_empty_file_is_one_part():
    key = sealing.new_key()
    parts = list(sealing.sealed_parts(b"", key=key, identity="a"))
    assert sealing.opened(parts, key=key, identity="a") == [b""]
    with pytest.raises(sealing.Broken):
        sealing.opened([], key=key, identity="a")


def test_without_a_scanner_development_says_so(agreed, caplog):
    keep(agreed)
    assert "document_not_scanned" in caplog.text


def test_a_clean_file_was_scanned_as_it_is_kept(agreed, scanner):
    clamd = scanner(b"stream: OK")
    document = keep(agreed)
    assert document.state == DocumentState.CLEAN
    assert clamd.received == [whole(document)]


def test_an_infected_file_is_destroyed(agreed, scanner):
    scanner(b"stream: Win.Test.EICAR_HDB-1 FOUND")
    with pytest.raises(refusals.FileInfected):
        keep(agreed)
    document = MedicalDocument.objects.get()
    assert document.state == DocumentState.REFUSED
    assert not DocumentPart.objects.exists()
    with pytest.raises(refusals.DocumentNotReady):
        documents.read_document(document)


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR", b"", b"stream: hm"])
def test_every_doubt_keeps_the_file_locked_away(agreed, scanner, answer):
    scanner(answer)
    document = keep(agreed)
    assert MedicalDocument.objects.get().state == DocumentState.QUARANTINED
    with pytest.raises(refusals.DocumentNotReady):
        documents.read_document(document)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "unix:///no/such/socket", "clamav"])
def test_a_silent_scanner_keeps_the_file_until_it_answers(agreed, settings, scanner, address):
    settings.CLAMD_ADDRESS = address
    document = keep(agreed)
    assert MedicalDocument.objects.get().state == DocumentState.QUARANTINED
    assert documents.scan_waiting_documents() == 0

    scanner(b"stream: OK")
    assert documents.scan_waiting_documents() == 1
    document.refresh_from_db()
    assert document.state == DocumentState.CLEAN
    assert documents.scan_waiting_documents() == 0


@pytest.mark.parametrize("broken", ["part", "key"])
def test_a_damaged_file_keeps_no_other_waiting(agreed, settings, scanner, broken):
    settings.CLAMD_ADDRESS = "tcp://127.0.0.1:9"
    damaged, sound = keep(agreed), keep(agreed)
    if broken == "part":
        damaged.parts.update(sealed=b"x" * 40)
    else:
        MedicalDocument.objects.filter(pk=damaged.pk).update(sealed_key="bm8ga2V5")
    scanner(b"stream: OK")
    assert documents.scan_waiting_documents() == 1
    sound.refresh_from_db()
    assert sound.state == DocumentState.CLEAN
    waiting = MedicalDocument.objects.filter(state=DocumentState.QUARANTINED)
    assert list(waiting.values_list("pk", flat=True)) == [damaged.pk]


def test_files_that_never_can_be_scanned_do_not_fill_every_turn(
    agreed, settings, scanner, monkeypatch
):
    monkeypatch.setattr(documents, "SCANNED_AT_ONCE", 1)
    settings.CLAMD_ADDRESS = "tcp://127.0.0.1:9"
    damaged, sound = keep(agreed), keep(agreed)
    damaged.parts.update(sealed=b"x" * 40)
    scanner(b"stream: OK")
    turns = (documents.scan_waiting_documents() for _turn in range(100))
    assert next(turn for turn in turns if turn) == 1
    sound.refresh_from_db()
    assert sound.state == DocumentState.CLEAN


def test_the_owner_saves_the_file(client, user, patient):
    document = stored(patient, name="отчёт.pdf")
    client.force_login(user)
    response = client.get(f"/en/care/documents/{document.public_id}/")
    assert response.status_code == 200
    assert response.content == whole(document)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store, private"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    entry = AuditEntry.objects.get(action="document.open")
    assert (entry.user, entry.target) == (user, f"accounts.medicaldocument:{document.public_id}")


def test_a_stranger_finds_nothing(client, stranger, patient):
    document = stored(patient)
    client.force_login(stranger)
    response = client.get(f"/en/care/documents/{document.public_id}/")
    assert response.status_code == 404
    assert b"%PDF" not in response.content
    assert not AuditEntry.objects.filter(action="document.open").exists()


def test_a_file_that_waits_for_the_scanner_is_not_handed_out(client, user, agreed, settings):
    settings.CLAMD_ADDRESS = "unix:///no/such/socket"
    document = keep(agreed)
    client.force_login(user)
    response = client.get(f"/en/care/documents/{document.public_id}/")
    assert response.status_code == 409
    assert b"still being checked" in response.content
    assert not AuditEntry.objects.filter(action="document.open").exists()


@pytest.mark.parametrize("state", ["refused", "deleted"])
def test_what_was_refused_or_removed_is_gone(client, user, patient, state):
    document = stored(patient)
    change = {"state": "refused"} if state == "refused" else {"deleted_at": document.added_at}
    MedicalDocument.objects.filter(pk=document.pk).update(**change)
    client.force_login(user)
    assert client.get(f"/en/care/documents/{document.public_id}/").status_code == 404
