import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Patient, User
from bookings.models.case import Actor, Case
from bookings.models.slot import Slot
from bookings.models.waiting import WaitingEntry
from bookings.models.window import WindowRequest
from bookings.transitions import OCCUPYING, TIMED
from hospitals.models import Hospital, Interpreter
from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField
from medtour.lib.ids import public_id, reference


class AppointmentStateChoice(models.TextChoices):
    OFFERED = "offered", _("Offered to you")
    HELD = "held", _("Held for you")
    AWAITING_GUARANTEE = "awaiting_guarantee", _("Waiting for your insurer")
    AWAITING_PAYMENT = "awaiting_payment", _("Waiting for payment")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    COMPLETED = "completed", _("Completed")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("Did not come")
    DECLINED = "declined", _("Declined")


class Appointment(models.Model):
    """A claim on a slot; a hold is an appointment in state `held` (one claims table, BK-01).

    `period` is copied from the slot by the trigger that takes the place. `intake` is what the
    patient wrote while the time was held; it is emptied when the hold ends unused.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    reference = models.CharField(_("reference"), max_length=12, default=reference, editable=False)
    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.PROTECT,
        related_name="appointments",
        db_index=False,
        verbose_name=_("hospital"),
    )
    slot = models.ForeignKey(
        Slot, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("slot")
    )
    period = DateTimeRangeField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=20, choices=AppointmentStateChoice.choices)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    hold_extended_at = models.DateTimeField(_("hold extended"), null=True, blank=True)
    holder_key = models.CharField(max_length=64, editable=False)
    booker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="booked_appointments",
        verbose_name=_("booked by"),
    )
    case = models.ForeignKey(
        Case,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="appointments",
        verbose_name=_("case"),
    )
    patient = models.ForeignKey(
        Patient,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="appointments",
        verbose_name=_("patient"),
    )
    language = models.CharField(_("language to be spoken"), max_length=10, default="en")
    interpreter = models.ForeignKey(
        Interpreter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="appointments",
        db_index=False,
        verbose_name=_("interpreter"),
    )
    intake = EncryptedJSONField(null=True, blank=True)
    request = models.ForeignKey(
        WindowRequest,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="offered_appointments",
        db_index=False,
        verbose_name=_("request for dates"),
    )
    waiting_entry = models.ForeignKey(
        WaitingEntry,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="offered_appointments",
        db_index=False,
        verbose_name=_("waiting-list entry"),
    )
    ended_by = models.CharField(_("ended by"), max_length=10, choices=Actor.choices, blank=True)
    ended_reason = models.CharField(_("reason"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)
    idempotency_key = models.CharField(max_length=64, blank=True, editable=False)
    request_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["-pk"]
        constraints = [
            ExclusionConstraint(
                name="bookings_appointment_patient_in_one_place",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=OCCUPYING, patient__isnull=False),
            ),
            ExclusionConstraint(
                name="bookings_appointment_interpreter_free",
                expressions=[
                    ("interpreter", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=OCCUPYING, interpreter__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["holder_key"],
                condition=Q(state="held"),
                name="bookings_appointment_one_hold_each",
            ),
            models.UniqueConstraint(
                fields=["holder_key", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="bookings_appointment_asked_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=TIMED) | Q(held_until__isnull=False),
                name="bookings_appointment_hold_ends",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=(
                        "awaiting_guarantee",
                        "awaiting_payment",
                        "confirmed",
                        "arrived",
                        "completed",
                        "no_show",
                    )
                )
                | Q(patient__isnull=False, case__isnull=False, booker__isnull=False),
                name="bookings_appointment_has_a_patient",
            ),
        ]
        indexes = [
            models.Index(
                fields=["held_until"],
                condition=Q(state__in=TIMED),
                name="bookings_appointment_stale",
            ),
            models.Index(fields=["hospital", "-id"], name="bookings_appointment_desk"),
            models.Index(
                fields=["interpreter"],
                condition=Q(interpreter__isnull=False),
                name="bookings_appt_interpreter",
            ),
            models.Index(
                fields=["request"],
                condition=Q(request__isnull=False),
                name="bookings_appointment_request",
            ),
            models.Index(
                fields=["waiting_entry"],
                condition=Q(waiting_entry__isnull=False),
                name="bookings_appointment_waiting",
            ),
        ]

    def __str__(self):
        return self.reference

    def is_live_claim(self, now: dt.datetime) -> bool:
        """Tell whether a held or offered time still runs at `now`."""
        return self.held_until is not None and self.held_until > now

    @property
    def kept_case(self) -> Case:
        """The case of a kept appointment; the check constraint promises one."""
        assert self.case is not None  # noqa: S101
        return self.case

    @property
    def kept_patient(self) -> Patient:
        """The patient of a kept or offered appointment; the check constraint promises one."""
        assert self.patient is not None  # noqa: S101
        return self.patient

    @property
    def kept_booker(self) -> User:
        """Whoever answers for a kept or offered appointment."""
        assert self.booker is not None  # noqa: S101
        return self.booker
