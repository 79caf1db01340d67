"""Who can interpret when."""

from django.db.models import Exists, OuterRef, QuerySet

from bookings.models import Appointment, Slot
from bookings.transitions import OCCUPYING
from hospitals.models import Interpreter


def free_interpreters(slot: Slot, language: str) -> QuerySet[Interpreter]:
    """The interpreters of the slot's hospital who speak `language` and are free then (M12)."""
    busy = Appointment.objects.filter(
        interpreter=OuterRef("pk"),
        state__in=OCCUPYING,
        period__overlap=(slot.starts_at, slot.ends_at),
    )
    return Interpreter.objects.filter(
        ~Exists(busy),
        hospital_id=slot.hospital_id,
        is_active=True,
        languages__contains=[language],
    ).order_by("pk")


def needs_interpreter(slot: Slot, *, language: str, interpreter_wanted: bool) -> bool:
    """Tell whether an interpreter is asked for, or needed because the doctor speaks otherwise."""
    return interpreter_wanted or language not in slot.languages
