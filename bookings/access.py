"""Who may see which booking: patients their own, hospital staff their hospital's."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from bookings.models import (
    Appointment,
    Case,
    Complaint,
    FollowUpTask,
    RecordsRequest,
    Schedule,
    ScheduleException,
    Slot,
    WaitingEntry,
    WindowRequest,
)
from bookings.transitions import AppointmentState
from hospitals.access import hospitals_of_staff

Visitor = User | AnonymousUser


def appointments_for(user: Visitor) -> QuerySet[Appointment]:
    """The appointments of the persons this account looks after, and times offered to them."""
    if not user.is_authenticated:
        return Appointment.objects.none()
    return Appointment.objects.filter(booker=user, patient__account=user)


def holds_of(holder_key: str) -> QuerySet[Appointment]:
    """What one holder (account or anonymous visitor) holds or held."""
    return Appointment.objects.filter(holder_key=holder_key).exclude(state=AppointmentState.OFFERED)


def cases_for(user: Visitor) -> QuerySet[Case]:
    if not user.is_authenticated:
        return Case.objects.none()
    return Case.objects.filter(patient__account=user)


def follow_ups_for(user: Visitor) -> QuerySet[FollowUpTask]:
    """The questions about the persons this account looks after."""
    if not user.is_authenticated:
        return FollowUpTask.objects.none()
    return FollowUpTask.objects.filter(case__patient__account=user)


def requests_for(user: Visitor) -> QuerySet[WindowRequest]:
    if not user.is_authenticated:
        return WindowRequest.objects.none()
    return WindowRequest.objects.filter(booker=user, case__patient__account=user)


def waiting_entries_for(user: Visitor) -> QuerySet[WaitingEntry]:
    if not user.is_authenticated:
        return WaitingEntry.objects.none()
    return WaitingEntry.objects.filter(booker=user, patient__account=user)


def appointments_of_staff(user: Visitor) -> QuerySet[Appointment]:
    """The appointments and holds at the hospitals this person works for; operators see all."""
    return Appointment.objects.filter(hospital__in=hospitals_of_staff(user))


def requests_of_staff(user: Visitor) -> QuerySet[WindowRequest]:
    """The requests for dates sent to the hospitals this person works for."""
    return WindowRequest.objects.filter(offer__hospital__in=hospitals_of_staff(user))


def waiting_entries_of_staff(user: Visitor) -> QuerySet[WaitingEntry]:
    """The waiting lines of the hospitals this person works for."""
    return WaitingEntry.objects.filter(offer__hospital__in=hospitals_of_staff(user))


def follow_ups_of_staff(user: Visitor) -> QuerySet[FollowUpTask]:
    """The questions after treatment at the hospitals this person works for."""
    return FollowUpTask.objects.filter(case__hospital__in=hospitals_of_staff(user))


def complaints_of_staff(user: Visitor) -> QuerySet[Complaint]:
    """The complaints about the hospitals this person works for."""
    return Complaint.objects.filter(case__hospital__in=hospitals_of_staff(user))


def records_requests_of_staff(user: Visitor) -> QuerySet[RecordsRequest]:
    """What the hospitals this person works for asked patients to send."""
    return RecordsRequest.objects.filter(case__hospital__in=hospitals_of_staff(user))


def slots_of_staff(user: Visitor) -> QuerySet[Slot]:
    """The times of the hospitals this person works for."""
    return Slot.objects.filter(hospital__in=hospitals_of_staff(user))


def schedules_of_staff(user: Visitor) -> QuerySet[Schedule]:
    """The working hours of the hospitals this person works for."""
    return Schedule.objects.filter(hospital__in=hospitals_of_staff(user))


def exceptions_of_staff(user: Visitor) -> QuerySet[ScheduleException]:
    """The closed days and extra hours of the hospitals this person works for."""
    return ScheduleException.objects.filter(hospital__in=hospitals_of_staff(user))
