"""Supply of time, the claims on it, and the patient's case that carries them."""

from bookings.models.appointment import Appointment
from bookings.models.case import Case, CaseEvent
from bookings.models.schedule import CalendarDay, Schedule, ScheduleException
from bookings.models.slot import Slot
from bookings.models.waiting import WaitingEntry
from bookings.models.window import WindowRequest

__all__ = [
    "Appointment",
    "CalendarDay",
    "Case",
    "CaseEvent",
    "Schedule",
    "ScheduleException",
    "Slot",
    "WaitingEntry",
    "WindowRequest",
]
