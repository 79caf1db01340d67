from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from bookings.models.schedule import Schedule
from hospitals.models import Doctor, Equipment, Hospital, Offer
from medtour.lib import clock
from medtour.lib.ids import public_id


class SlotPeriod(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class Slot(models.Model):
    """A bookable period with a number of places.

    `booked` is kept by a database trigger on appointments and can never pass `capacity`. Taking the
    last place writes every index anew, so none says what another one says already.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.PROTECT,
        related_name="slots",
        db_index=False,
        verbose_name=_("hospital"),
    )
    offer = models.ForeignKey(
        Offer,
        on_delete=models.PROTECT,
        related_name="slots",
        db_index=False,
        verbose_name=_("offer"),
    )
    schedule = models.ForeignKey(
        Schedule,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="slots",
        db_index=False,
        verbose_name=_("working hours"),
    )
    doctor = models.ForeignKey(
        Doctor,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="slots",
        verbose_name=_("doctor"),
    )
    equipment = models.ForeignKey(
        Equipment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="slots",
        db_index=False,
        verbose_name=_("room or device"),
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveSmallIntegerField(_("places"), default=1)
    booked = models.PositiveSmallIntegerField(_("taken"), default=0, editable=False)
    languages = ArrayField(
        models.CharField(max_length=10), verbose_name=_("languages"), default=list, blank=True
    )
    last_confirmed_at = models.DateTimeField(_("last confirmed"), default=clock.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    # Withdrawn because the working hours no longer have it, not by hand: it may come back.
    outside_hours = models.BooleanField(default=False, db_default=False, editable=False)
    is_open = models.GeneratedField(
        expression=Q(booked__lt=F("capacity")) & Q(withdrawn_at=None),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(booked__gte=0) & Q(booked__lte=F("capacity")),
                name="bookings_slot_within_capacity",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="bookings_slot_order"
            ),
            models.UniqueConstraint(
                fields=["schedule", "starts_at"], name="bookings_slot_made_once"
            ),
            ExclusionConstraint(
                name="bookings_slot_doctor_once",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    (SlotPeriod("starts_at", "ends_at", Value("[)")), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at=None, doctor__isnull=False),
            ),
            ExclusionConstraint(
                name="bookings_slot_equipment_once",
                expressions=[
                    ("equipment", RangeOperators.EQUAL),
                    (SlotPeriod("starts_at", "ends_at", Value("[)")), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at=None, equipment__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["equipment"],
                condition=Q(equipment__isnull=False),
                name="bookings_slot_equipment",
            ),
            models.Index(
                fields=["offer", "starts_at"],
                condition=Q(is_open=True),
                name="bookings_slot_open_offer",
            ),
            models.Index(
                fields=["hospital", "starts_at"],
                condition=Q(is_open=True),
                name="bookings_slot_open_hospital",
            ),
            models.Index(fields=["offer", "starts_at"], name="bookings_slot_offer_day"),
            models.Index(fields=["hospital", "starts_at"], name="bookings_slot_hospital_day"),
        ]

    def __str__(self):
        return f"{clock.local(self.starts_at, self.hospital.time_zone):%Y-%m-%d %H:%M}"

    @property
    def places_left(self):
        return self.capacity - self.booked
