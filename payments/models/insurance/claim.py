from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import MedicalDocument
from hospitals.models import Hospital, Insurer
from hospitals.models.offer import Tier
from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id, reference
from medtour.lib.money import Money
from payments.models.insurance.agreement import DocumentKind
from payments.models.insurance.guarantee import Guarantee
from payments.models.quote import BillLine, FinalBill


class InsuranceClaim(models.Model):
    """The bill that a hospital sends to the insurer for one guarantee (M22, FHIR Claim).

    Amounts are minor units of the bill's currency; `rate` converts to the guarantee's currency.
    `patient_minor` is what the patient pays; both parts add up to the billed total.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Being put together")
        SUBMITTED = "submitted", _("With the insurer")
        ADJUDICATED = "adjudicated", _("Decided line by line")
        PAID = "paid", _("Paid")
        SHORT_PAID = "short_paid", _("Paid in part")
        DENIED = "denied", _("Denied")
        APPEALED = "appealed", _("Appealed")
        CLOSED = "closed", _("Closed")

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    reference = models.CharField(_("reference"), max_length=12, default=reference, editable=False)
    guarantee = models.OneToOneField(
        Guarantee, on_delete=models.PROTECT, related_name="claim", verbose_name=_("guarantee")
    )
    bill = models.OneToOneField(
        FinalBill, on_delete=models.PROTECT, related_name="claim", verbose_name=_("final bill")
    )
    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="claims", verbose_name=_("insurer")
    )
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="claims", verbose_name=_("hospital")
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    currency = models.CharField(_("currency"), max_length=3)
    billed_minor = models.BigIntegerField(_("billed"))
    insurer_minor = models.BigIntegerField(_("the insurer's part"))
    patient_minor = models.BigIntegerField(_("the patient's part"))
    rate = models.DecimalField(
        _("rate to the plan's currency"), max_digits=20, decimal_places=10, null=True, blank=True
    )
    rate_on = models.DateField(_("date of the rate"), null=True, blank=True)
    fapiao_number = models.CharField(_("fapiao number"), max_length=30, blank=True)
    discharged_on = models.DateField(_("discharged"), null=True, blank=True)
    due_on = models.DateField(_("must arrive by"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("sent"), null=True, blank=True)
    adjudicated_at = models.DateTimeField(_("decided"), null=True, blank=True)
    payment_due_on = models.DateField(_("payment due"), null=True, blank=True)
    paid_minor = models.BigIntegerField(_("paid by the insurer"), default=0)
    appeal_until = models.DateField(_("appeal until"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    created_at = models.DateTimeField(_("begun"), default=clock.now, editable=False)
    row_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("insurance claim")
        verbose_name_plural = _("insurance claims")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    insurer_minor__gte=0,
                    patient_minor__gte=0,
                    billed_minor=F("insurer_minor") + F("patient_minor"),
                ),
                name="payments_claim_parts_add_up",
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, paid_minor__lte=F("insurer_minor")),
                name="payments_claim_not_overpaid",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(submitted_at__isnull=False) & ~Q(fapiao_number="")),
                name="payments_claim_complete_when_sent",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None)),
                name="payments_claim_closed_when",
            ),
        ]
        indexes = [
            models.Index(fields=["insurer", "-id"], name="payments_claim_insurer"),
            models.Index(fields=["hospital", "-id"], name="payments_claim_hospital"),
        ]

    def __str__(self):
        return self.reference

    @property
    def billed(self):
        return Money(self.billed_minor, self.currency)

    @property
    def insurer_part(self):
        return Money(self.insurer_minor, self.currency)

    @property
    def patient_part(self):
        return Money(self.patient_minor, self.currency)

    @property
    def paid(self):
        return Money(self.paid_minor, self.currency)

    @property
    def outstanding(self):
        """What the insurer still owes; nothing before it is sent and once it is closed."""
        is_owed = self.state not in (self.State.DRAFT, self.State.CLOSED)
        return self.insurer_part - self.paid if is_owed else Money(0, self.currency)


class ClaimLine(models.Model):
    """One billed line as the insurer reads and decides it; decided sums never exceed the billed.

    `insurer_minor` is the insurer's part of the line; the lines' parts add up to the claim's.
    """

    claim = models.ForeignKey(
        InsuranceClaim, on_delete=models.PROTECT, related_name="lines", verbose_name=_("claim")
    )
    bill_line = models.ForeignKey(
        BillLine, on_delete=models.PROTECT, related_name="+", verbose_name=_("billed line")
    )
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(_("for what"), max_length=200)
    tier = models.CharField(_("tier"), max_length=15, choices=Tier.choices)
    code = models.CharField(_("charge code"), max_length=30, blank=True)
    billed_minor = models.BigIntegerField(_("billed"))
    insurer_minor = models.BigIntegerField(_("the insurer's part"))
    allowed_minor = models.BigIntegerField(_("allowed"), null=True, blank=True)
    paid_minor = models.BigIntegerField(_("paid"), default=0)
    denial_code = models.CharField(_("reason code"), max_length=40, blank=True)
    denial_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("line of a claim")
        verbose_name_plural = _("lines of claims")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "bill_line"], name="payments_claim_line_once"),
            models.CheckConstraint(
                condition=Q(billed_minor__gte=0)
                & (
                    Q(allowed_minor=None)
                    | Q(allowed_minor__gte=0, allowed_minor__lte=F("billed_minor"))
                ),
                name="payments_claim_line_amounts",
            ),
            models.CheckConstraint(
                condition=Q(allowed_minor=None)
                | Q(allowed_minor=F("billed_minor"))
                | ~Q(denial_code=""),
                name="payments_claim_line_reasoned",
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, paid_minor__lte=F("insurer_minor"))
                & Q(insurer_minor__lte=F("billed_minor")),
                name="payments_claim_line_not_overpaid",
            ),
        ]

    def __str__(self):
        return self.label


class ClaimDocument(models.Model):
    """One paper of the claim pack (M22)."""

    claim = models.ForeignKey(
        InsuranceClaim, on_delete=models.PROTECT, related_name="documents", verbose_name=_("claim")
    )
    kind = models.CharField(_("kind"), max_length=30, choices=DocumentKind.choices)
    document = models.ForeignKey(MedicalDocument, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"), default=clock.now, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("document of a claim")
        verbose_name_plural = _("documents of claims")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "document"], name="payments_claim_document_once"
            )
        ]

    def __str__(self):
        return f"{self.claim_id} {self.kind}"


class ClaimEvent(models.Model):
    """One line of a claim's history; never changed."""

    claim = models.ForeignKey(
        InsuranceClaim, on_delete=models.PROTECT, related_name="events", verbose_name=_("claim")
    )
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)
    action = models.CharField(_("action"), max_length=40)
    before = models.CharField(_("from"), max_length=12, blank=True)
    after = models.CharField(_("to"), max_length=12, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    client_id = models.CharField(_("machine client"), max_length=100, blank=True)
    reason = EncryptedTextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("history of a claim")
        verbose_name_plural = _("history of claims")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.action} {self.before}→{self.after}"


class Appeal(models.Model):
    """A hospital's answer to a refusal or a short payment, before the insurer's deadline (DP-12).

    It is about a claim, or about a declined guarantee.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    claim = models.ForeignKey(
        InsuranceClaim, null=True, on_delete=models.PROTECT, related_name="appeals"
    )
    guarantee = models.ForeignKey(
        Guarantee, null=True, on_delete=models.PROTECT, related_name="appeals"
    )
    reason = EncryptedTextField(_("why the decision is wrong"))
    missing_documents = ArrayField(
        models.CharField(max_length=30, choices=DocumentKind.choices), default=list, blank=True
    )
    filed_at = models.DateTimeField(_("filed"), default=clock.now, editable=False)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    is_upheld = models.BooleanField(_("the insurer agreed"), null=True, blank=True)
    answer = EncryptedTextField(_("the insurer's answer"), blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(claim__isnull=False, guarantee=None)
                | Q(claim=None, guarantee__isnull=False),
                name="payments_appeal_about_one",
            ),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(answered_at=None, claim__isnull=False),
                name="payments_appeal_one_open_claim",
            ),
            models.UniqueConstraint(
                fields=["guarantee"],
                condition=Q(answered_at=None, guarantee__isnull=False),
                name="payments_appeal_one_open_guarantee",
            ),
        ]

    def __str__(self):
        return self.public_id
