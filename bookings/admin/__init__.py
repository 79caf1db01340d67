"""The day's work of a hospital's international department: appointments, requests, supply."""

from bookings.admin import (
    appointments,
    cases,
    follow_ups,
    plans,
    requests,
    schedules,
    slots,
    waiting,
)

__all__ = [
    "appointments",
    "cases",
    "follow_ups",
    "plans",
    "requests",
    "schedules",
    "slots",
    "waiting",
]
