from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id
from medtour.lib.money import Money
from payments.models.obligation import Obligation
from payments.models.payment import Payment
from payments.transitions import LIVE_REFUND


class RefundCause(models.TextChoices):
    PATIENT_CANCELLED = "patient_cancelled", _("The patient cancelled")
    HOSPITAL_CANCELLED = "hospital_cancelled", _("The hospital cancelled")
    VISA_REFUSED = "visa_refused", _("The visa was refused")
    GUARANTEE_REFUSED = "guarantee_refused", _("The insurer refused")
    MEDICALLY_UNFIT = "medically_unfit", _("Not well enough to travel or be treated")
    PLACE_LOST = "place_lost", _("The place was gone when the money came")
    PAID_TWICE = "paid_twice", _("More was paid than was owed")
    GOODWILL = "goodwill", _("Goodwill")
    FINAL_BILL = "final_bill", _("The final bill was lower")


class RefundRoute(models.TextChoices):
    ORIGINAL = "original", _("the way it was paid")
    BANK_TRANSFER = "bank_transfer", _("bank transfer")


class Refund(models.Model):
    """Money on its way back; partial refunds of a payment never exceed what was charged (PY-09).

    `amount_minor` is in the payment's charge currency, `contract_minor` its counterpart in the
    contract's. `place` is what shall become of the confirmed appointment that this money was for,
    one of `Place`. One with `needs_approval` is not sent before a second person set `approved_by`.
    By bank transfer it is a task for the cashier, who notes `bank_reference` once it is paid; one
    that the gateway could not pay out is followed by such a task, which `replaces` it.
    """

    class State(models.TextChoices):
        CREATED = "created", _("Begun")
        PENDING = "pending", _("On its way")
        SUCCEEDED = "succeeded", _("Paid back")
        FAILED = "failed", _("Failed")

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("payment")
    )
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    contract_minor = models.BigIntegerField(_("counterpart in the contract's currency"))
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.CREATED
    )
    cause = models.CharField(_("cause"), max_length=20, choices=RefundCause.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    route = models.CharField(
        _("by"), max_length=15, choices=RefundRoute.choices, default=RefundRoute.ORIGINAL
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    place = models.CharField(_("the appointment"), max_length=10, blank=True)
    needs_approval = models.BooleanField(_("needs a second person"), default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        verbose_name=_("in place of"),
    )
    gateway_id = models.CharField(max_length=120, blank=True)
    bank_reference = models.CharField(_("bank's reference"), max_length=80, blank=True)
    failure_code = models.CharField(_("why not"), max_length=80, blank=True)
    next_attempt_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(_("begun"), default=clock.now, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    receipt_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, contract_minor__gte=0),
                name="payments_refund_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None)
                | models.Q(requested_by=None)
                | ~models.Q(approved_by=models.F("requested_by")),
                name="payments_refund_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(needs_approval=False)
                | models.Q(approved_by__isnull=False)
                | models.Q(state__in=("created", "failed")),
                name="payments_refund_approved_first",
            ),
            models.UniqueConstraint(
                fields=["gateway_id"],
                condition=~models.Q(gateway_id=""),
                name="payments_refund_gateway_id",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state__in=LIVE_REFUND),
                name="payments_refund_due",
            ),
            models.Index(
                fields=["receipt_due_at"],
                condition=models.Q(receipt_due_at__isnull=False),
                name="payments_refund_receipt_due",
            ),
        ]

    def __str__(self):
        return self.public_id

    @property
    def amount(self):
        return Money(self.amount_minor, self.payment.charge_currency)


class RefundClaim(models.Model):
    """A patient's wish for the whole deposit back for a reason that needs proof (BK-10).

    `proof` is the file as sent, encrypted; the hospital decides after reading it.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Being read")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    obligation = models.ForeignKey(
        Obligation, on_delete=models.PROTECT, related_name="refund_claims"
    )
    cause = models.CharField(_("cause"), max_length=20, choices=RefundCause.choices)
    statement = EncryptedTextField(_("what happened"), blank=True)
    proof_type = models.CharField(max_length=80, blank=True)
    proof = EncryptedTextField(blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("claim for a full refund")
        verbose_name_plural = _("claims for a full refund")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["obligation"],
                condition=models.Q(state="asked"),
                name="payments_claim_one_open",
            )
        ]

    def __str__(self):
        return self.public_id


class Dispute(models.Model):
    """A payer's complaint to the card's bank; it freezes refunds of the payment (PY-10)."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("payment")
    )
    gateway_id = models.CharField(max_length=120, unique=True)
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    evidence_due_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"), default=clock.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["evidence_due_at", "pk"]

    def __str__(self):
        return self.gateway_id
