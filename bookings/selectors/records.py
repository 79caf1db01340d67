"""Records that a hospital asked for, with the files that were sent for them."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from accounts.models import DocumentState, MedicalDocument
from bookings.models import Case, RecordsDocument, RecordsRequest


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file: `state` is clean, quarantined while it is checked, or refused."""

    sent: RecordsDocument
    document: MedicalDocument

    @property
    def is_ready(self) -> bool:
        return self.document.state == DocumentState.CLEAN and self.document.deleted_at is None


def open_request(case: Case) -> RecordsRequest | None:
    """Return what the hospital waits for, with its files; None when it waits for nothing."""
    return _with_files(case.records_requests.filter(closed_at=None)).first()


def requests_of(case: Case) -> list[RecordsRequest]:
    """Return every request of a case with its files, the newest first."""
    return list(_with_files(case.records_requests.all()))


def sent_files(case: Case) -> list[SentFile]:
    """Return every file that was sent for a case, whether or not anything is asked for still."""
    rows = RecordsDocument.objects.filter(request__case=case).select_related("document")
    return [SentFile(sent, sent.document) for sent in rows.order_by("pk")]


def files_of(request: RecordsRequest) -> list[SentFile]:
    """Return the files sent for a request, in their order; needs what `open_request` joins."""
    return [SentFile(sent, sent.document) for sent in request.documents.all()]


def _with_files(requests: QuerySet[RecordsRequest]) -> QuerySet[RecordsRequest]:
    files = RecordsDocument.objects.select_related("document").order_by("pk")
    return requests.prefetch_related(Prefetch("documents", queryset=files))
