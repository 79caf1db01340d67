from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.patient import Patient
from medtour.lib import clock


class Purpose(models.TextChoices):
    """What a person can agree to, each asked on its own (PR-01)."""

    HEALTH_DATA = "health_data", _("Keep what I write about my health")
    HOSPITAL_TRANSFER = "hospital_transfer", _("Send my details to this hospital in China")
    INSURER_TRANSFER = "insurer_transfer", _("Send my details to this insurer")


class Consent(models.Model):
    """One agreement: what for, to whom, the exact text shown, language and time (PIPL 29, 39).

    Withdrawing sets `withdrawn_at`; nothing else ever changes.
    """

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="consents", verbose_name=_("patient")
    )
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    recipient = models.CharField(
        max_length=120,
        blank=True,
        help_text=_("slug of the hospital or insurer that receives the data"),
    )
    text_version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    given_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "purpose", "recipient"],
                condition=models.Q(withdrawn_at=None),
                name="accounts_consent_one_live",
            )
        ]

    def __str__(self):
        return f"{self.purpose} {self.recipient}".strip()
