"""Supply of time, the claims on it, and the patient's case that carries them."""

from bookings.models.appointment import Appointment
from bookings.models.calendar_feed import CalendarFeed
from bookings.models.care_package import CarePackage, PackageSession
from bookings.models.case import Case, CaseEvent
from bookings.models.discharge import Discharge, HandBack
from bookings.models.follow_up import (
    AnswerTranslation,
    FollowUpAnswer,
    FollowUpCall,
    FollowUpPlan,
    FollowUpTask,
)
from bookings.models.invitation import InvitationLetter
from bookings.models.pre_visit import Complaint, ConsultationLink, RecordsDocument, RecordsRequest
from bookings.models.schedule import CalendarDay, Schedule, ScheduleException
from bookings.models.slot import Slot
from bookings.models.waiting import WaitingEntry
from bookings.models.window import WindowRequest

__all__ = [
    "AnswerTranslation",
    "Appointment",
    "CalendarDay",
    "CalendarFeed",
    "CarePackage",
    "Case",
    "CaseEvent",
    "Complaint",
    "ConsultationLink",
    "Discharge",
    "FollowUpAnswer",
    "FollowUpCall",
    "FollowUpPlan",
    "FollowUpTask",
    "HandBack",
    "InvitationLetter",
    "PackageSession",
    "RecordsDocument",
    "RecordsRequest",
    "Schedule",
    "ScheduleException",
    "Slot",
    "WaitingEntry",
    "WindowRequest",
]
