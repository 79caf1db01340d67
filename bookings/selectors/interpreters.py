"""Who can interpret when."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings.models import Appointment, Slot
from bookings.transitions import OCCUPYING, TIMED
from hospitals.models import Interpreter
from medtour.lib import clock


def free_interpreters(
    slot: Slot, language: str, *, now: dt.datetime | None = None
) -> QuerySet[Interpreter]:
    """The interpreters of the slot's hospital who speak `language` and are free then (M12).

    One whom only an overdue hold keeps counts as free: whoever takes the place ends that hold.
    """
    return _free(slot, now=now or clock.now()).filter(languages__contains=[language])


def languages_at(slot: Slot, *, now: dt.datetime) -> set[str]:
    """The languages in which a place of this slot can be taken at `now`."""
    return set(slot.languages).union(*_free(slot, now=now).values_list("languages", flat=True))


def _free(slot: Slot, *, now: dt.datetime) -> QuerySet[Interpreter]:
    busy = Appointment.objects.filter(
        ~Q(state__in=TIMED, held_until__lte=now),
        interpreter=OuterRef("pk"),
        state__in=OCCUPYING,
        period__overlap=(slot.starts_at, slot.ends_at),
    )
    return Interpreter.objects.filter(
        ~Exists(busy), hospital_id=slot.hospital_id, is_active=True
    ).order_by("pk")


def needs_interpreter(slot: Slot, *, language: str, interpreter_wanted: bool) -> bool:
    """Tell whether an interpreter is asked for, or needed because the doctor speaks otherwise."""
    return interpreter_wanted or language not in slot.languages
