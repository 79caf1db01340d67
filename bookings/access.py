"""Who may see which booking: patients their own, hospital staff their hospital's."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from bookings.models import (
    Appointment,
    Case,
    Schedule,
    ScheduleException,
    Slot,
    WaitingEntry,
    WindowRequest,
)
from bookings.transitions import AppointmentState
from hospitals.models import HospitalMembership

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


def requests_for(user: Visitor) -> QuerySet[WindowRequest]:
    if not user.is_authenticated:
        return WindowRequest.objects.none()
    return WindowRequest.objects.filter(booker=user, case__patient__account=user)


def waiting_entries_for(user: Visitor) -> QuerySet[WaitingEntry]:
    if not user.is_authenticated:
        return WaitingEntry.objects.none()
    return WaitingEntry.objects.filter(booker=user, patient__account=user)


def hospital_ids_of_staff(user: Visitor) -> QuerySet[HospitalMembership, int] | list[int]:
    """The hospitals whose desk this person works at; nothing for anybody else."""
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return []
    return HospitalMembership.objects.filter(user=user).values_list("hospital_id", flat=True)


def appointments_of_staff(user: Visitor) -> QuerySet[Appointment]:
    """Real appointments of the staff member's hospitals; anonymous holds show no person."""
    appointments = Appointment.objects.all()
    if user.is_authenticated and user.is_superuser:
        return appointments
    return appointments.filter(hospital_id__in=hospital_ids_of_staff(user))


def requests_of_staff(user: Visitor) -> QuerySet[WindowRequest]:
    requests = WindowRequest.objects.all()
    if user.is_authenticated and user.is_superuser:
        return requests
    return requests.filter(offer__hospital_id__in=hospital_ids_of_staff(user))


def waiting_entries_of_staff(user: Visitor) -> QuerySet[WaitingEntry]:
    entries = WaitingEntry.objects.all()
    if user.is_authenticated and user.is_superuser:
        return entries
    return entries.filter(offer__hospital_id__in=hospital_ids_of_staff(user))


def slots_of_staff(user: Visitor) -> QuerySet[Slot]:
    slots = Slot.objects.all()
    if user.is_authenticated and user.is_superuser:
        return slots
    return slots.filter(hospital_id__in=hospital_ids_of_staff(user))


def schedules_of_staff(user: Visitor) -> QuerySet[Schedule]:
    schedules = Schedule.objects.all()
    if user.is_authenticated and user.is_superuser:
        return schedules
    return schedules.filter(hospital_id__in=hospital_ids_of_staff(user))


def exceptions_of_staff(user: Visitor) -> QuerySet[ScheduleException]:
    exceptions = ScheduleException.objects.all()
    if user.is_authenticated and user.is_superuser:
        return exceptions
    return exceptions.filter(hospital_id__in=hospital_ids_of_staff(user))
