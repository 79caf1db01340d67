"""Records that a hospital asks for; they reach their state through the service itself."""

from typing import Any

from accounts.models import User
from bookings.models import Case, RecordsRequest
from bookings.services.records_requests import ask_for_records


def asked_records(case: Case, by: User, **changes: Any) -> RecordsRequest:
    """Return an open request for an MRI and a blood count, to be sent by post."""
    values = {"items": "MRI of the knee\nBlood count", "how": "By post", "due_on": None}
    return ask_for_records(case, by=by, **values | changes)
