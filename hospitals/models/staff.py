from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.hospital import Hospital


class Role(models.TextChoices):
    COORDINATOR = "coordinator", _("Coordinator")
    SCHEDULER = "scheduler", _("Scheduler")
    CASHIER = "cashier", _("Cashier")
    DOCTOR = "doctor", _("Doctor")
    EDITOR = "editor", _("Content editor")


class HospitalMembership(models.Model):
    """Who works for which hospital's international department, and as what."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="hospital_memberships",
        verbose_name=_("account"),
    )
    hospital = models.ForeignKey(
        Hospital, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("hospital")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("hospital staff member")
        verbose_name_plural = _("hospital staff")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "hospital", "role"], name="hospitals_membership_once"
            )
        ]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"
