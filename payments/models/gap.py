from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock
from medtour.lib.ids import public_id
from medtour.lib.money import Money
from payments.models.obligation import Obligation
from payments.models.payment import Payment
from payments.models.refund import Dispute, Refund


class Place(models.TextChoices):
    """What becomes of a confirmed appointment whose deposit goes back."""

    CANCEL = "cancel", _("Cancel it: everything paid goes back")
    KEEP = "keep", _("Keep it: nothing more is asked for")


class DepositGap(models.Model):
    """A confirmed appointment whose deposit is not all there any more, and what was decided.

    `missing_minor` is what is not there, in the contract's currency; once the appointment is kept
    it is waived, by `decided_by` and for `reason`, and nobody asks the patient for it again.
    """

    class State(models.TextChoices):
        OPEN = "open", _("To be decided")
        KEPT = "kept", _("Appointment kept")
        CANCELLED = "cancelled", _("Appointment cancelled")

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    obligation = models.ForeignKey(
        Obligation,
        on_delete=models.PROTECT,
        related_name="deposit_gaps",
        verbose_name=_("amount due"),
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="deposit_gaps", verbose_name=_("payment")
    )
    dispute = models.OneToOneField(
        Dispute, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("dispute")
    )
    refund = models.OneToOneField(
        Refund, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("refund")
    )
    missing_minor = models.BigIntegerField(_("missing in minor units"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(_("since"), default=clock.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("appointment without its deposit")
        verbose_name_plural = _("appointments without their deposit")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(missing_minor__gt=0), name="payments_gap_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="kept")
                | models.Q(decided_by__isnull=False) & ~models.Q(reason=""),
                name="payments_gap_waiver_is_signed",
            ),
        ]

    def __str__(self):
        return self.public_id

    @property
    def missing(self):
        return Money(self.missing_minor, self.obligation.currency)
