from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models import Case
from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.ids import public_id
from medtour.lib.money import Money
from payments.models.payment import Payment
from payments.models.refund import Refund


class Account(models.TextChoices):
    """Signs: a debit is positive, a credit negative; every posting sums to zero per currency."""

    PATIENT = "patient", _("Patient")
    HOSPITAL_PAYABLE = "hospital_payable", _("Owed to the hospital")
    PROCESSOR = "processor", _("At the payment processor")
    BANK = "bank", _("At the bank")
    INSURER_RECEIVABLE = "insurer_receivable", _("Owed by the insurer")
    FEES = "fees", _("Processor's fees")
    EXCHANGE = "exchange", _("Exchange")
    ROUNDING = "rounding", _("Rounding")
    REFUND_PAYABLE = "refund_payable", _("Refunds on their way")
    UNAPPLIED = "unapplied", _("Paid beyond what was owed")
    DISPUTED = "disputed", _("Held back for a dispute")


class PostingKind(models.TextChoices):
    PAYMENT = "payment", _("Payment")
    SURPLUS = "surplus", _("Payment beyond what was owed")
    REFUND = "refund", _("Refund begun")
    REFUND_SENT = "refund_sent", _("Refund paid out")
    REFUND_FAILED = "refund_failed", _("Refund came back")
    FEE = "fee", _("Processor's fee")
    DISPUTE = "dispute", _("Dispute opened")
    DISPUTE_WON = "dispute_won", _("Dispute won")
    DISPUTE_LOST = "dispute_lost", _("Dispute lost")
    BILL = "bill", _("Final bill")
    CLAIM = "claim", _("Claim sent to the insurer")
    REMITTANCE = "remittance", _("Paid by the insurer")
    CLAIM_DENIED = "claim_denied", _("Not paid by the insurer")
    CORRECTION = "correction", _("Correction")


class LedgerPosting(models.Model):
    """One money movement: its entries sum to zero in each currency; never changed (M7, PY-13).

    `key` names the fact it records, so the same fact is never posted twice.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=PostingKind.choices)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="postings", verbose_name=_("case")
    )
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="postings", verbose_name=_("hospital")
    )
    payment = models.ForeignKey(
        Payment, null=True, on_delete=models.PROTECT, related_name="postings"
    )
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="postings")
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10, null=True)
    rate_on = models.DateField(_("date of the rate"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("ledger posting")
        verbose_name_plural = _("ledger postings")
        ordering = ["pk"]
        indexes = [models.Index(fields=["hospital", "at"], name="payments_posting_day")]

    def __str__(self):
        return self.key


class LedgerEntry(models.Model):
    """One leg of a money movement; appended, never changed (trigger `payments_ledger_is_final`)."""

    posting = models.ForeignKey(
        LedgerPosting, on_delete=models.PROTECT, related_name="entries", verbose_name=_("posting")
    )
    account = models.CharField(_("account"), max_length=20, choices=Account.choices)
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(amount_minor=0), name="payments_entry_not_zero"
            )
        ]
        indexes = [models.Index(fields=["account", "currency"], name="payments_entry_account")]

    def __str__(self):
        return f"{self.account} {self.amount_minor} {self.currency}"

    @property
    def amount(self):
        return Money(self.amount_minor, self.currency)
