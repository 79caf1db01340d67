"""Records that a hospital asked for, with the files that were sent for them."""

from django.db.models import Prefetch, QuerySet

from bookings.models import Case, RecordsDocument, RecordsRequest


def open_request(case: Case) -> RecordsRequest | None:
    """Return what the hospital waits for; None when it waits for nothing."""
    return case.records_requests.filter(closed_at=None).first()


def requests_of(case: Case) -> list[RecordsRequest]:
    """Return every request of a case with its files, the newest first."""
    files = RecordsDocument.objects.select_related("document")
    return list(case.records_requests.prefetch_related(Prefetch("documents", queryset=files)))


def sent_files(case: Case) -> QuerySet[RecordsDocument]:
    """Every file that was sent for a case, whether or not anything is asked for still."""
    return RecordsDocument.objects.filter(request__case=case).select_related("document")
