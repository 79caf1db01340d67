from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import MedicalDocument
from bookings.models.appointment import Appointment
from bookings.models.case import Case
from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id, reference


class RecordsRequest(models.Model):
    """Records that the hospital misses, one a line, and how to send them; open until dealt with.

    `sent_at` is when the patient said that they were sent, `closed_at` when the hospital said that
    nothing is missing any more, or asked anew.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="records_requests", verbose_name=_("case")
    )
    items = EncryptedTextField(_("what is missing, one line each"))
    how = EncryptedTextField(_("how to send it"))
    due_on = models.DateField(_("needed by"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)
    sent_at = models.DateTimeField(_("sent, the patient says"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for records")
        verbose_name_plural = _("requests for records")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(closed_at=None), name="bookings_records_one_open"
            )
        ]

    def __str__(self):
        return self.public_id


class RecordsDocument(models.Model):
    """A file that the patient sent here for a request for records."""

    request = models.ForeignKey(
        RecordsRequest,
        on_delete=models.PROTECT,
        related_name="documents",
        verbose_name=_("request for records"),
    )
    document = models.OneToOneField(
        MedicalDocument,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("document"),
    )
    sent_at = models.DateTimeField(_("sent"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        ordering = ["pk"]

    def __str__(self):
        return str(self.document)


class ConsultationLink(models.Model):
    """The address of a video consultation; setting another one adds a row, the newest counts."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.PROTECT,
        related_name="consultation_links",
        verbose_name=_("appointment"),
    )
    url = EncryptedTextField(_("address"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("set by"),
    )
    set_at = models.DateTimeField(_("set"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("link to a consultation")
        verbose_name_plural = _("links to consultations")
        ordering = ["-pk"]

    def __str__(self):
        return self.public_id


class Complaint(models.Model):
    """What a patient complains of, and what the hospital answered; both are kept as written."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    number = models.CharField(_("number"), max_length=12, default=reference, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="complaints", verbose_name=_("case")
    )
    words = EncryptedTextField(_("complaint"))
    language = models.CharField(_("language"), max_length=10)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("filed by"),
    )
    filed_at = models.DateTimeField(_("filed"), default=clock.now, editable=False)
    answer = EncryptedTextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_by__isnull=False),
                name="bookings_complaint_answered_by_somebody",
            )
        ]

    def __str__(self):
        return self.number
