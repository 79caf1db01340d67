from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models import Hospital
from medtour.lib.ids import public_id


class Gateway(models.TextChoices):
    STRIPE = "stripe", _("Card or wallet")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")


class PayeeAccount(models.Model):
    """Where a hospital's money goes: one account, and the holder's name as the bank knows it.

    Money moves only while the holder is the payee that the hospital's identity page names (M23).
    With `reserves_first` a card is charged a day before a near appointment, not at once (PY-03).
    `account_id` is the gateway's own id; blank stands for the platform's own account. For a bank
    transfer `instructions` say how to pay, one line each.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.PROTECT,
        related_name="payee_accounts",
        verbose_name=_("hospital"),
    )
    gateway = models.CharField(_("way to pay"), max_length=20, choices=Gateway.choices)
    account_id = models.CharField(_("account"), max_length=80, blank=True)
    holder_name = models.CharField(_("account holder"), max_length=200)
    country = models.CharField(_("country of the account"), max_length=2)
    charge_currencies = ArrayField(
        models.CharField(max_length=3), verbose_name=_("currencies it can take")
    )
    instructions = models.TextField(_("how to pay by bank transfer, one line each"), blank=True)
    reserves_first = models.BooleanField(
        _("reserve the deposit on the card when the appointment is within six days"), default=False
    )
    holder_checked_at = models.DateTimeField(_("holder checked"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    class Meta:
        verbose_name = _("payee account")
        verbose_name_plural = _("payee accounts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["hospital", "gateway"],
                condition=models.Q(is_active=True),
                name="payments_payee_one_active",
            ),
        ]

    def __str__(self):
        return self.holder_name
