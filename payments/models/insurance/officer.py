from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models import Insurer


class InsurerOfficer(models.Model):
    """Who works for which insurer; an officer belongs to one insurer only (DP-02)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="insurer_officer",
        verbose_name=_("account"),
    )
    insurer = models.ForeignKey(
        Insurer, on_delete=models.CASCADE, related_name="officers", verbose_name=_("insurer")
    )

    class Meta:
        verbose_name = _("insurer's officer")
        verbose_name_plural = _("insurers' officers")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.user_id} {self.insurer_id}"
