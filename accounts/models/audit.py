from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock


class AuditEntry(models.Model):
    """Who looked at or changed which patient's record; rows are never changed (PR-07)."""

    at = models.DateTimeField(default=clock.now, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("account"),
    )
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=80, help_text=_("model and public id"))
    patient_public_id = models.CharField(max_length=32, blank=True)
    hospital_slug = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["patient_public_id", "-at"], name="accounts_audit_patient")]

    def __str__(self):
        return f"{self.action} {self.target}"
