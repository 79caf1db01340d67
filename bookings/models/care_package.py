from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.case import Case
from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField
from medtour.lib.ids import public_id


class CarePackage(models.Model):
    """A package of sessions with the course that the hospital promised (M15).

    `promise` is {measure, better, start, course: [[day, value], …]}: what is measured, whether
    lower or higher is better, where it stood, and where it should stand by which day.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, related_name="care_package", verbose_name=_("case")
    )
    begins_on = models.DateField(_("begins on"))
    promise = EncryptedJSONField(_("expected course"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("written by"),
    )
    created_at = models.DateTimeField(_("written"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("package of sessions")
        verbose_name_plural = _("packages of sessions")
        ordering = ["pk"]

    def __str__(self):
        return self.public_id


class PackageSession(models.Model):
    """One session of a package: when it was planned, when it took place, and what was measured."""

    package = models.ForeignKey(
        CarePackage,
        on_delete=models.PROTECT,
        related_name="sessions",
        verbose_name=_("package of sessions"),
    )
    number = models.PositiveSmallIntegerField(_("session"))
    planned_on = models.DateField(_("planned on"))
    done_on = models.DateField(_("took place on"), null=True, blank=True)
    measured = EncryptedJSONField(_("measured value"), null=True, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["package", "number"], name="bookings_session_once")
        ]

    def __str__(self):
        return str(self.number)
