from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment, Case
from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id
from medtour.lib.money import Money
from payments.models.quote import Quote


class ObligationKind(models.TextChoices):
    DEPOSIT = "deposit", _("Deposit")
    TOP_UP = "top_up", _("Deposit top-up")
    BALANCE = "balance", _("Balance")


class Obligation(models.Model):
    """What a patient owes for one case, in the contract's currency, on terms frozen when it began.

    `terms` is the snapshot the person agreed to (M8): ladder, price lines, inclusions, language.
    `claimed_minor` is kept by a trigger: the contract amounts of payments that run or succeeded.
    The check on it makes paying too much impossible, whoever pays how often.
    `is_voluntary` marks what the patient adds to a deposit unasked, and may take back.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    transfer_reference = models.CharField(_("reference code"), max_length=16, unique=True)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="obligations", verbose_name=_("case")
    )
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="obligations", verbose_name=_("hospital")
    )
    appointment = models.ForeignKey(
        Appointment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="obligations",
        verbose_name=_("appointment"),
    )
    quote = models.ForeignKey(
        Quote,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="obligations",
        verbose_name=_("quote"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ObligationKind.choices)
    is_voluntary = models.BooleanField(_("added by the patient"), default=False)
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    claimed_minor = models.BigIntegerField(default=0, editable=False)
    terms = models.JSONField(default=dict)
    terms_language = models.CharField(max_length=10, default="en")
    opened_at = models.DateTimeField(_("since"), default=clock.now, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    settled_at = models.DateTimeField(_("paid in full"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_reason = models.CharField(_("reason"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("amount due")
        verbose_name_plural = _("amounts due")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="payments_obligation_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    claimed_minor__gte=0, claimed_minor__lte=models.F("amount_minor")
                ),
                name="payments_obligation_not_overpaid",
            ),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=models.Q(kind="deposit", closed_at=None),
                name="payments_obligation_one_deposit",
            ),
        ]
        indexes = [
            models.Index(fields=["hospital", "-id"], name="payments_obligation_desk"),
            models.Index(
                fields=["due_at"],
                condition=models.Q(settled_at=None, closed_at=None),
                name="payments_obligation_open",
            ),
        ]

    def __str__(self):
        return self.transfer_reference

    @property
    def amount(self):
        return Money(self.amount_minor, self.currency)

    @property
    def unclaimed(self):
        """What nobody pays or is paying yet."""
        return Money(self.amount_minor - self.claimed_minor, self.currency)


class PaymentShare(models.Model):
    """A part of an obligation that somebody else pays by link, seeing nothing medical (M9).

    `label` is what the patient calls the payer. The link carries `public_id` and a signature; it
    ends when `withdrawn_at` is set or the share is paid.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    obligation = models.ForeignKey(
        Obligation, on_delete=models.PROTECT, related_name="shares", verbose_name=_("amount due")
    )
    label = EncryptedTextField(_("who pays"))
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="payments_share_positive"
            ),
        ]

    def __str__(self):
        return self.public_id
