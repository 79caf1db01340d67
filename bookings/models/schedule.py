from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hospitals.models import Doctor, Equipment, Hospital, Offer


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Schedule(models.Model):
    """Weekly working hours in the hospital's own wall time; slots are made from it (BK-08)."""

    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="schedules", verbose_name=_("hospital")
    )
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="schedules", verbose_name=_("offer")
    )
    doctor = models.ForeignKey(
        Doctor,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="schedules",
        verbose_name=_("doctor"),
    )
    equipment = models.ForeignKey(
        Equipment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="schedules",
        verbose_name=_("room or device"),
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    starts_at = models.TimeField(_("from, hospital time"))
    ends_at = models.TimeField(_("until, hospital time"))
    slot_minutes = models.PositiveSmallIntegerField(_("minutes for each place"))
    capacity = models.PositiveSmallIntegerField(_("places at each time"), default=1)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    generated_until = models.DateField(null=True, editable=False)

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["hospital", "weekday", "starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="bookings_schedule_order"
            ),
            models.CheckConstraint(
                condition=Q(slot_minutes__gte=5, capacity__gte=1), name="bookings_schedule_size"
            ),
            models.CheckConstraint(
                condition=Q(doctor=None) | Q(equipment=None), name="bookings_schedule_one_resource"
            ),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.starts_at:%H:%M}-{self.ends_at:%H:%M}"


class ExceptionKind(models.TextChoices):
    CLOSED = "closed", pgettext_lazy("working hours", "Closed")
    EXTRA = "extra", _("Extra hours")


class ScheduleException(models.Model):
    """A day on which a hospital, or one doctor, works differently from the weekly hours."""

    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.PROTECT,
        related_name="schedule_exceptions",
        verbose_name=_("hospital"),
    )
    doctor = models.ForeignKey(
        Doctor,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="schedule_exceptions",
        verbose_name=_("doctor"),
    )
    schedule = models.ForeignKey(
        Schedule,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="exceptions",
        verbose_name=_("working hours"),
    )
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=10, choices=ExceptionKind.choices)
    starts_at = models.TimeField(_("from, hospital time"), null=True, blank=True)
    ends_at = models.TimeField(_("until, hospital time"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("exception to working hours")
        verbose_name_plural = _("exceptions to working hours")
        ordering = ["-date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="closed")
                | Q(
                    kind="extra",
                    schedule__isnull=False,
                    starts_at__isnull=False,
                    ends_at__gt=F("starts_at"),
                ),
                name="bookings_exception_complete",
            ),
        ]

    def __str__(self):
        return f"{self.date} {self.get_kind_display()}"


class CalendarDayKind(models.TextChoices):
    HOLIDAY = "holiday", _("Public holiday")
    WORKING = "working", _("Working day in exchange")


class CalendarDay(models.Model):
    """A public holiday, or a weekend day worked in exchange, in one country (data with a source).

    A day worked in exchange follows `works_as_weekday`; unknown means its own weekend hours.
    """

    country = models.CharField(max_length=2, default="CN")
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=10, choices=CalendarDayKind.choices)
    name = models.CharField(_("name"), max_length=120)
    works_as_weekday = models.PositiveSmallIntegerField(
        choices=Weekday.choices, null=True, blank=True
    )
    source = models.TextField(_("source"))
    as_of = models.CharField(_("date of the fact"), max_length=20)
    confidence = models.CharField(max_length=10, default="medium")

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["country", "date"], name="bookings_calendar_day_once")
        ]

    def __str__(self):
        return f"{self.date} {self.name}"
