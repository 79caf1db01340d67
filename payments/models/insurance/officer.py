from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models import Hospital, Insurer


class OfficerRole(models.TextChoices):
    """A liaison sits in a partner hospital and sees only that hospital's requests."""

    OFFICER = "officer", _("Officer")
    LIAISON = "liaison", _("Liaison at a hospital")


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
    role = models.CharField(
        _("role"), max_length=10, choices=OfficerRole.choices, default=OfficerRole.OFFICER
    )
    hospital = models.ForeignKey(
        Hospital,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("hospital of a liaison"),
    )
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)

    class Meta:
        verbose_name = _("insurer's officer")
        verbose_name_plural = _("insurers' officers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role="officer", hospital=None)
                | models.Q(role="liaison", hospital__isnull=False),
                name="payments_officer_liaison_place",
            )
        ]

    def __str__(self):
        return f"{self.user_id} {self.insurer_id}"
