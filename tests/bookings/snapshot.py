"""Everything a refused call must leave as it was: claims, counters, history, messages, people."""

from accounts.models import Consent, Patient
from bookings.models import Appointment, Case, CaseEvent, Slot, WaitingEntry, WindowRequest
from messaging.models import Message

MODELS = (Appointment, Case, CaseEvent, WaitingEntry, WindowRequest, Message, Consent, Patient)


def snapshot() -> dict[str, object]:
    """Return all rows that booking can touch, comparable with a later snapshot."""
    rows: dict[str, object] = {
        model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS
    }
    rows["Slot"] = list(Slot.objects.order_by("pk").values("pk", "booked", "withdrawn_at"))
    return rows
