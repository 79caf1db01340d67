from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Patient
from bookings.models import Case
from hospitals.models import Hospital, Insurer, Offer, Treatment
from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField
from medtour.lib.ids import public_id
from payments.models.insurance.agreement import Setting
from payments.models.insurance.member import DirectPayCard, Member


class TreatmentCoding(models.Model):
    """How a treatment is named to insurers: category of care, usual setting, procedure code."""

    treatment = models.OneToOneField(
        Treatment, on_delete=models.CASCADE, related_name="coding", verbose_name=_("treatment")
    )
    category = models.SlugField(_("category of care"), max_length=40)
    setting = models.CharField(_("setting"), max_length=12, choices=Setting.choices)
    procedure_code = models.CharField(_("procedure code"), max_length=20, blank=True)
    source = models.TextField(_("source"))

    class Meta:
        verbose_name = _("coding of a treatment")
        verbose_name_plural = _("codings of treatments")
        ordering = ["treatment"]

    def __str__(self):
        return f"{self.treatment_id} {self.category}"


class Outcome(models.TextChoices):
    """The engine's outcomes, and WAITING while an insurer that answers itself cannot be reached."""

    ELIGIBLE = "ELIGIBLE", _("Direct pay")
    PREAUTH_REQUIRED = "PREAUTH_REQUIRED", _("Authorisation needed")
    PAY_AND_CLAIM = "PAY_AND_CLAIM", _("You pay and claim")
    NOT_COVERED = "NOT_COVERED", _("Not covered")
    REVIEW = "REVIEW", _("A person decides")
    REJECTED = "REJECTED", _("The details cannot be used")
    WAITING = "WAITING", _("Could not be determined yet")


class AskedThrough(models.TextChoices):
    PATIENT = "patient", _("Patient's page")
    DESK = "desk", _("Hospital's desk")
    PORTAL = "portal", _("Insurer's portal")
    BATCH = "batch", _("Batch file")
    API = "api", _("Interface")
    RETRY = "retry", _("Asked again")


class EligibilityBatch(models.Model):
    """Up to 500 questions in one file of an insurer's officer; answers are its checks."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="+", verbose_name=_("insurer")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    row_count = models.PositiveSmallIntegerField(_("rows"))
    results = EncryptedJSONField(default=list)
    created_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("batch of eligibility checks")
        verbose_name_plural = _("batches of eligibility checks")
        ordering = ["-pk"]

    def __str__(self):
        return self.public_id


# Columns that few checks fill: an index holds those alone.
MOSTLY_EMPTY = ("patient", "case", "offer", "card", "batch", "asked_by")


class EligibilityCheck(models.Model):
    """One evaluated question, kept as evidence with input and output; never changed (DP-01).

    A check that could not be determined has outcome WAITING; the answer that comes later is a new
    row that `answers` the first.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    insurer = models.ForeignKey(
        Insurer,
        on_delete=models.PROTECT,
        related_name="checks",
        db_index=False,
        verbose_name=_("insurer"),
    )
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="checks", verbose_name=_("hospital")
    )
    member = models.ForeignKey(
        Member,
        null=True,
        on_delete=models.PROTECT,
        related_name="checks",
        verbose_name=_("member"),
    )
    patient = models.ForeignKey(
        Patient,
        null=True,
        on_delete=models.PROTECT,
        related_name="eligibility_checks",
        db_index=False,
        verbose_name=_("patient"),
    )
    case = models.ForeignKey(
        Case,
        null=True,
        on_delete=models.PROTECT,
        related_name="eligibility_checks",
        db_index=False,
        verbose_name=_("case"),
    )
    offer = models.ForeignKey(
        Offer,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("offer"),
    )
    card = models.ForeignKey(
        DirectPayCard,
        null=True,
        on_delete=models.PROTECT,
        related_name="checks",
        db_index=False,
    )
    batch = models.ForeignKey(
        EligibilityBatch,
        null=True,
        on_delete=models.PROTECT,
        related_name="checks",
        db_index=False,
    )
    answers = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="answered_by"
    )
    asked_through = models.CharField(
        _("asked through"), max_length=10, choices=AskedThrough.choices
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("asked by"),
    )
    client_id = models.CharField(_("machine client"), max_length=100, blank=True)
    asked_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)
    service_on = models.DateField(_("day of the service"), null=True)
    spec_version = models.CharField(_("version of the rules"), max_length=10)
    outcome = models.CharField(_("answer"), max_length=20, choices=Outcome.choices)
    reason_codes = ArrayField(models.CharField(max_length=40), default=list)
    input = EncryptedJSONField(default=dict)
    output = EncryptedJSONField(default=dict)

    class Meta:
        verbose_name = _("eligibility check")
        verbose_name_plural = _("eligibility checks")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["insurer", "-id"], name="payments_check_insurer"),
            models.Index(
                fields=["asked_at", "insurer"],
                condition=models.Q(outcome="REJECTED"),
                name="payments_check_rejected",
            ),
            *(
                models.Index(
                    fields=[name],
                    condition=models.Q(**{f"{name}__isnull": False}),
                    name=f"payments_check_{name}",
                )
                for name in MOSTLY_EMPTY
            ),
        ]

    def __str__(self):
        return self.public_id


class EligibilityRetry(models.Model):
    """A check that waits for an insurer's own answer and is asked again when due (M2, RL-09)."""

    waiting_check = models.OneToOneField(
        EligibilityCheck, on_delete=models.PROTECT, related_name="retry"
    )
    next_attempt_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(ended_at=None),
                name="payments_retry_due",
            )
        ]

    def __str__(self):
        return f"{self.waiting_check_id} #{self.attempts}"
