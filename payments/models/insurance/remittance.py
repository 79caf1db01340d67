from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.models import Hospital, Insurer
from medtour.lib import clock
from medtour.lib.ids import public_id
from payments.models.insurance.claim import ClaimLine


class Remittance(models.Model):
    """One payment of an insurer to a hospital, with the claims' lines it pays; never changed."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="remittances", verbose_name=_("insurer")
    )
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="remittances", verbose_name=_("hospital")
    )
    bank_reference = models.CharField(_("bank's reference"), max_length=80)
    paid_on = models.DateField(_("paid"))
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("remittance")
        verbose_name_plural = _("remittances")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["insurer", "hospital", "bank_reference"], name="payments_remittance_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="payments_remittance_not_negative"
            ),
        ]

    def __str__(self):
        return self.bank_reference


class RemittanceStatus(models.TextChoices):
    PAID = "paid", _("Paid")
    SHORT_PAID = "short_paid", _("Paid in part")
    DENIED = "denied", _("Denied")


class RemittanceLine(models.Model):
    """What a remittance pays of one line of a claim."""

    remittance = models.ForeignKey(
        Remittance, on_delete=models.PROTECT, related_name="lines", verbose_name=_("remittance")
    )
    claim_line = models.ForeignKey(
        ClaimLine, on_delete=models.PROTECT, related_name="remitted", verbose_name=_("line")
    )
    status = models.CharField(_("status"), max_length=12, choices=RemittanceStatus.choices)
    paid_minor = models.BigIntegerField(_("paid"))
    denial_code = models.CharField(_("reason code"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("line of a remittance")
        verbose_name_plural = _("lines of remittances")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["remittance", "claim_line"], name="payments_remittance_line_once"
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0) & (Q(status="paid") | ~Q(denial_code="")),
                name="payments_remittance_line_reasoned",
            ),
        ]

    def __str__(self):
        return f"{self.remittance_id} {self.claim_line_id}"
