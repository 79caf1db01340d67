from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id
from medtour.lib.money import Money
from payments.models.obligation import Obligation, PaymentShare
from payments.models.payee import Gateway, PayeeAccount
from payments.transitions import LIVE_PAYMENT


class PaymentStateChoice(models.TextChoices):
    CREATED = "created", _("Begun")
    PENDING = "pending", _("Being paid")
    RESERVED = "reserved", _("Reserved on the card")
    SUCCEEDED = "succeeded", _("Paid")
    FAILED = "failed", _("Not paid")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Lapsed")


class Payment(models.Model):
    """One attempt to pay an obligation or one share of it; the row comes before the network call.

    `contract_minor` counts towards the obligation, in its currency; `surplus_minor`, same currency,
    is money that came although nothing was owed any more, and goes back. `charge_minor` of
    `charge_currency` is what the payer's card is asked for, by `rate` charge units for one
    contract unit (1 when both are one), fixed before the redirect (PY-12). `refunded_minor`
    is kept by a trigger, in the charge currency; the check makes refunding too much impossible.

    With `is_reserved_first` a card is only asked to keep the money until `capture_before` (PY-03);
    it is collected later. `wanted` is what shall become of the reservation once the appointment
    ended; of what is collected then, `back_minor` goes back.
    """

    class Wanted(models.TextChoices):
        RELEASE = "release", _("Let the card go")
        COLLECT = "collect", _("Collect it now")

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    obligation = models.ForeignKey(
        Obligation, on_delete=models.PROTECT, related_name="payments", verbose_name=_("amount due")
    )
    share = models.ForeignKey(
        PaymentShare,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="payments",
        verbose_name=_("share"),
    )
    payee_account = models.ForeignKey(
        PayeeAccount, on_delete=models.PROTECT, related_name="+", verbose_name=_("payee account")
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    gateway = models.CharField(_("way to pay"), max_length=20, choices=Gateway.choices)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=PaymentStateChoice.choices,
        default=PaymentStateChoice.CREATED,
    )
    contract_minor = models.BigIntegerField(_("amount in minor units"))
    surplus_minor = models.BigIntegerField(_("paid beyond what was owed"), default=0)
    charge_minor = models.BigIntegerField(_("charged in minor units"))
    charge_currency = models.CharField(_("charged in"), max_length=3)
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10, default=1)
    rate_on = models.DateField(_("date of the rate"), null=True, blank=True)
    rate_source = models.CharField(_("source of the rate"), max_length=80, blank=True)
    refunded_minor = models.BigIntegerField(default=0, editable=False)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="payments",
        verbose_name=_("paid by"),
    )
    payer_name = EncryptedTextField(_("name of the payer"), blank=True)
    payer_email = EncryptedTextField(_("e-mail of the payer"), blank=True)
    language = models.CharField(max_length=10, default="en")
    session_id = models.CharField(max_length=120, blank=True)
    session_url = models.TextField(blank=True)
    intent_id = models.CharField(max_length=120, blank=True, db_index=True)
    method = models.CharField(_("method"), max_length=40, blank=True)
    gateway_fee_minor = models.BigIntegerField(null=True, blank=True)
    bank_reference = models.CharField(_("bank's reference"), max_length=80, blank=True)
    received_on = models.DateField(_("received on"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    failure_code = models.CharField(_("why not"), max_length=80, blank=True)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    is_reserved_first = models.BooleanField(_("reserved first"), default=False)
    capture_before = models.DateTimeField(_("reserved until"), null=True, blank=True)
    wanted = models.CharField(max_length=10, choices=Wanted.choices, blank=True)
    back_minor = models.BigIntegerField(default=0, editable=False)
    collect_next_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("begun"), default=clock.now, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    receipt_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(charge_minor__gt=0, contract_minor__gte=0, surplus_minor__gte=0),
                name="payments_payment_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_minor__gte=0, refunded_minor__lte=models.F("charge_minor")
                ),
                name="payments_payment_not_overrefunded",
            ),
            models.UniqueConstraint(
                fields=["obligation"],
                condition=models.Q(share=None, state__in=LIVE_PAYMENT),
                name="payments_payment_one_live",
            ),
            models.UniqueConstraint(
                fields=["share"],
                condition=models.Q(state__in=(*LIVE_PAYMENT, "succeeded"), surplus_minor=0),
                name="payments_payment_share_once",
            ),
            models.UniqueConstraint(
                fields=["obligation", "attempt"], name="payments_payment_attempt"
            ),
            models.UniqueConstraint(
                fields=["session_id"],
                condition=~models.Q(session_id=""),
                name="payments_payment_session",
            ),
            models.UniqueConstraint(
                fields=["payee_account", "bank_reference"],
                condition=~models.Q(bank_reference=""),
                name="payments_payment_bank_reference",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state__in=LIVE_PAYMENT),
                name="payments_payment_live",
            ),
            models.Index(
                fields=["receipt_due_at"],
                condition=models.Q(receipt_due_at__isnull=False),
                name="payments_payment_receipt_due",
            ),
            models.Index(
                fields=["obligation"],
                condition=models.Q(state="reserved") | models.Q(wanted="release"),
                name="payments_payment_reserved",
            ),
        ]

    def __str__(self):
        return self.public_id

    @property
    def charge(self):
        return Money(self.charge_minor, self.charge_currency)

    @property
    def contract(self):
        """What counts towards the obligation, in the contract's currency."""
        return Money(self.contract_minor, self.obligation.currency)

    @property
    def refundable(self):
        return Money(self.charge_minor - self.refunded_minor, self.charge_currency)
