from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models import Hospital
from medtour.lib import clock
from medtour.lib.ids import public_id
from payments.models.payment import Payment


class GatewayEvent(models.Model):
    """What a gateway told us, once each; truth is fetched again when it is worked on (PY-05).

    Only ids and the type are kept, never the body: it may name a payer.
    """

    class Outcome(models.TextChoices):
        APPLIED = "applied", _("applied")
        IGNORED = "ignored", _("no effect")
        REFUSED = "refused", _("does not fit; alert raised")

    event_id = models.CharField(max_length=120, unique=True)
    gateway = models.CharField(max_length=20)
    type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=120, blank=True)
    account_id = models.CharField(max_length=80, blank=True)
    is_live_mode = models.BooleanField()
    received_at = models.DateTimeField(default=clock.now)
    processed_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("gateway event")
        verbose_name_plural = _("gateway events")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(processed_at=None),
                name="payments_event_due",
            )
        ]

    def __str__(self):
        return f"{self.type} {self.event_id}"


class MoneyAlert(models.Model):
    """Something about money that a person must look at; `details` holds ids and codes only."""

    class Kind(models.TextChoices):
        EVENT_DOES_NOT_FIT = "event_does_not_fit", _("A gateway event does not fit")
        REFUND_FAILED = "refund_failed", _("A refund failed")
        DISPUTE_OPENED = "dispute_opened", _("A payment is disputed")
        LEDGER_DIFFERS = "ledger_differs", _("Ledger and gateway differ")
        PAYEE_DIFFERS = "payee_differs", _("The account holder is not the named payee")
        PLACE_LOST = "place_lost", _("Paid after the place was gone")
        EVENT_STUCK = "event_stuck", _("A gateway event cannot be worked on")
        RECEIPT_STUCK = "receipt_stuck", _("A receipt cannot be issued")
        NOT_COLLECTED = "not_collected", _("Reserved money cannot be collected")
        BILL_LOWER = "bill_lower", _("The final bill is lower than what was paid")
        OVERPAID = "overpaid", _("More came by bank than was owed")
        GUARANTEE_WARNING = "guarantee_warning", _("An insurer’s answer is due soon")
        GUARANTEE_LATE = "guarantee_late", _("An insurer’s answer is late")
        QUESTION_WARNING = "question_warning", _("An insurer’s question must be answered soon")
        QUESTION_LATE = "question_late", _("An insurer’s question was not answered in time")

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=160, unique=True)
    hospital = models.ForeignKey(
        Hospital, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    details = models.JSONField(default=dict)
    raised_at = models.DateTimeField(_("raised"), default=clock.now, editable=False)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolution = models.CharField(_("resolution"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("money alert")
        verbose_name_plural = _("money alerts")
        ordering = ["-pk"]

    def __str__(self):
        return self.key


class ReconciliationRun(models.Model):
    """One comparison of the ledger with a gateway's own balance transactions (PY-13)."""

    gateway = models.CharField(max_length=20)
    account_id = models.CharField(max_length=80, blank=True)
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"))
    compared = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.gateway} {self.from_at:%Y-%m-%d}"


class ReconciliationDifference(models.Model):
    """One thing that ledger and gateway see differently, by name."""

    class Kind(models.TextChoices):
        MISSING_IN_LEDGER = "missing_in_ledger", _("the gateway has it, the ledger does not")
        MISSING_AT_GATEWAY = "missing_at_gateway", _("the ledger has it, the gateway does not")
        AMOUNT_DIFFERS = "amount_differs", _("the amounts differ")

    run = models.ForeignKey(ReconciliationRun, on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    gateway_id = models.CharField(max_length=120, blank=True)
    object_id = models.CharField(max_length=120, blank=True)
    type = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    ledger_minor = models.BigIntegerField(null=True, blank=True)
    gateway_minor = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.kind} {self.object_id}"
