from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import MedicalDocument
from bookings.models import Appointment, Case
from hospitals.models import Hospital, Insurer
from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id, reference
from medtour.lib.money import Money
from payments.models.insurance.agreement import DocumentKind, Setting
from payments.models.insurance.eligibility import EligibilityCheck
from payments.models.insurance.member import BenefitBalance, Coverage, Member


class Urgency(models.TextChoices):
    PLANNED = "planned", _("Planned")
    URGENT = "urgent", _("Urgent")
    OUTPATIENT = "outpatient", _("Outpatient visit")
    EMERGENCY = "emergency", _("Emergency")


class Guarantee(models.Model):
    """A request for an insurer's promise to pay, and the promise itself (GOP, DP-05).

    Amounts are minor units of `currency`, the plan's; an open guarantee has no `approved_minor`.
    A top-up is a new version that `tops_up` the one before. Every move has a row of history.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Being prepared")
        SUBMITTED = "submitted", _("With the insurer")
        MORE_INFO = "more_info", _("The insurer asks")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        TOPPED_UP = "topped_up", _("Replaced by a top-up")
        USED = "used", _("Used by a claim")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    reference = models.CharField(_("reference"), max_length=12, default=reference, editable=False)
    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="guarantees", verbose_name=_("insurer")
    )
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="guarantees", verbose_name=_("hospital")
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="guarantees", verbose_name=_("case")
    )
    appointment = models.ForeignKey(
        Appointment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="guarantees",
        verbose_name=_("appointment"),
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="guarantees", verbose_name=_("member")
    )
    coverage = models.ForeignKey(
        Coverage, on_delete=models.PROTECT, related_name="guarantees", verbose_name=_("coverage")
    )
    eligibility_check = models.ForeignKey(
        EligibilityCheck,
        on_delete=models.PROTECT,
        related_name="guarantees",
        verbose_name=_("eligibility check"),
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    tops_up = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="topped_up_by",
        verbose_name=_("tops up"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency.choices)
    setting = models.CharField(_("setting"), max_length=12, choices=Setting.choices)
    category = models.CharField(_("category of care"), max_length=40)
    procedure_code = models.CharField(_("procedure code"), max_length=20, blank=True)
    diagnosis_code = EncryptedTextField(_("diagnosis code"), blank=True)
    clinical_note = EncryptedTextField(_("condition and treatment so far"), blank=True)
    service_from = models.DateField(_("treatment from"))
    service_until = models.DateField(_("treatment until"))
    estimate_minor = models.BigIntegerField(_("estimate"))
    requested_minor = models.BigIntegerField(_("asked of the insurer"))
    currency = models.CharField(_("currency"), max_length=3)
    created_at = models.DateTimeField(_("begun"), default=clock.now, editable=False)
    submitted_at = models.DateTimeField(_("sent"), null=True, blank=True)
    answer_due_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    warn_at = models.DateTimeField(_("three quarters of the time"), null=True, blank=True)
    question = EncryptedTextField(_("the insurer's question"), blank=True)
    question_due_at = models.DateTimeField(_("our answer due"), null=True, blank=True)
    notice_due_at = models.DateTimeField(_("emergency notice due"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("three quarters of the time gone"), null=True, blank=True)
    overdue_at = models.DateTimeField(_("time over"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )
    insurer_reference = models.CharField(_("insurer's reference"), max_length=60, blank=True)
    approved_minor = models.BigIntegerField(_("approved"), null=True, blank=True)
    approved_from = models.DateField(_("good from"), null=True, blank=True)
    approved_until = models.DateField(_("good until"), null=True, blank=True)
    excluded_items = EncryptedTextField(_("what is left out"), blank=True)
    conditions = EncryptedTextField(_("conditions"), blank=True)
    refusal_code = models.CharField(_("reason code"), max_length=40, blank=True)
    refusal_reason = EncryptedTextField(_("reason"), blank=True)
    appeal_until = models.DateField(_("appeal until"), null=True, blank=True)
    row_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("guarantee")
        verbose_name_plural = _("guarantees")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "member"],
                condition=Q(state__in=("draft", "submitted", "more_info")),
                name="payments_guarantee_one_open",
            ),
            models.UniqueConstraint(
                fields=["case", "member"],
                condition=Q(state="approved"),
                name="payments_guarantee_one_approved",
            ),
            models.CheckConstraint(
                condition=Q(
                    estimate_minor__gt=0,
                    requested_minor__gte=0,
                    requested_minor__lte=F("estimate_minor"),
                ),
                name="payments_guarantee_amounts",
            ),
            models.CheckConstraint(
                condition=Q(approved_minor=None)
                | Q(approved_minor__gt=0, approved_minor__lte=F("estimate_minor")),
                name="payments_guarantee_approved_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "topped_up", "used", "expired"))
                | Q(
                    approved_from__isnull=False,
                    approved_until__gte=F("approved_from"),
                    decided_at__isnull=False,
                ),
                name="payments_guarantee_promise_complete",
            ),
            models.CheckConstraint(
                condition=Q(service_until__gte=F("service_from")),
                name="payments_guarantee_service_days",
            ),
        ]
        indexes = [
            models.Index(
                fields=["insurer", "answer_due_at"],
                condition=Q(state__in=("submitted", "more_info")),
                name="payments_guarantee_clock",
            ),
            models.Index(fields=["hospital", "-id"], name="payments_guarantee_hospital"),
        ]

    def __str__(self):
        return self.reference

    @property
    def clock_due_at(self):
        """When the running clock is over: our notice, the insurer's answer, our answer to it."""
        due = {
            self.State.DRAFT: self.notice_due_at,
            self.State.SUBMITTED: self.answer_due_at,
            self.State.MORE_INFO: self.question_due_at,
        }
        return due.get(self.state)

    def is_good_on(self, day):
        """Whether the promise holds on a day; both ends are days on which it does."""
        if self.approved_from is None or self.approved_until is None:
            return False
        return self.approved_from <= day <= self.approved_until

    @property
    def promised(self):
        """What the insurer pays by an approved guarantee; an open one counts as asked."""
        return self.requested if self.approved_minor is None else self.approved

    @property
    def own_part(self):
        """What the estimate leaves to the patient beside the promise."""
        return self.estimate - self.promised

    @property
    def is_partial(self):
        """Whether less was promised than was asked."""
        return self.approved_minor is not None and self.approved_minor < self.requested_minor

    @property
    def estimate(self):
        return Money(self.estimate_minor, self.currency)

    @property
    def requested(self):
        return Money(self.requested_minor, self.currency)

    @property
    def approved(self):
        """The promised sum; None while there is no promise or when it has no upper end."""
        return None if self.approved_minor is None else Money(self.approved_minor, self.currency)


class GuaranteeEvent(models.Model):
    """One line of a guarantee's history; never changed."""

    guarantee = models.ForeignKey(
        Guarantee, on_delete=models.PROTECT, related_name="events", verbose_name=_("guarantee")
    )
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)
    action = models.CharField(_("action"), max_length=40)
    before = models.CharField(_("from"), max_length=10, blank=True)
    after = models.CharField(_("to"), max_length=10, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    client_id = models.CharField(_("machine client"), max_length=100, blank=True)
    reason = EncryptedTextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("history of a guarantee")
        verbose_name_plural = _("history of guarantees")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.action} {self.before}→{self.after}"


class GuaranteeDocument(models.Model):
    """A document shared with the insurer for one request only; nothing else of the case is."""

    guarantee = models.ForeignKey(
        Guarantee, on_delete=models.PROTECT, related_name="documents", verbose_name=_("guarantee")
    )
    kind = models.CharField(_("kind"), max_length=30, choices=DocumentKind.choices)
    document = models.ForeignKey(
        MedicalDocument, on_delete=models.PROTECT, related_name="+", verbose_name=_("document")
    )
    shared_at = models.DateTimeField(_("shared"), default=clock.now, editable=False)
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("shared by"),
    )

    class Meta:
        verbose_name = _("document of a guarantee")
        verbose_name_plural = _("documents of guarantees")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["guarantee", "document"], name="payments_guarantee_document_once"
            )
        ]

    def __str__(self):
        return f"{self.guarantee_id} {self.kind}"


class ReservationState(models.TextChoices):
    LIVE = "live", _("Reserved")
    RELEASED = "released", _("Released")
    USED = "used", _("Used")


class BenefitReservation(models.Model):
    """What one guarantee keeps of one balance until it is used or released (DP-08)."""

    guarantee = models.ForeignKey(
        Guarantee,
        on_delete=models.PROTECT,
        related_name="reservations",
        verbose_name=_("guarantee"),
    )
    balance = models.ForeignKey(
        BenefitBalance, on_delete=models.PROTECT, related_name="reservations"
    )
    amount_minor = models.BigIntegerField(_("amount"))
    state = models.CharField(
        max_length=10, choices=ReservationState.choices, default=ReservationState.LIVE
    )

    class Meta:
        verbose_name = _("reservation of a benefit")
        verbose_name_plural = _("reservations of benefits")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["guarantee", "balance"], name="payments_reservation_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_reservation_positive"
            ),
        ]

    def __str__(self):
        return f"{self.guarantee_id} {self.amount_minor}"


class GuaranteeLetter(models.Model):
    """The letter of a decision: our own paper or the insurer's file."""

    guarantee = models.OneToOneField(
        Guarantee, on_delete=models.PROTECT, related_name="letter", verbose_name=_("guarantee")
    )
    document = models.ForeignKey(MedicalDocument, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("guarantee letter")
        verbose_name_plural = _("guarantee letters")

    def __str__(self):
        return str(self.guarantee_id)
