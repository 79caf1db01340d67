from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import MedicalDocument, Patient
from hospitals.models import Insurer
from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField, EncryptedTextField
from medtour.lib.ids import public_id
from payments.models.insurance.effective import EffectiveRow, in_order, one_at_a_time
from payments.models.insurance.plan import Plan


class Member(models.Model):
    """A person an insurer covers, as the insurer names them (FHIR Coverage.subscriberId).

    The number is found by `number_hash`, a keyed hash of its normal form; nothing else of a member
    can be searched. A member is no account: whoever shows the card may be somebody new to us.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="members", verbose_name=_("insurer")
    )
    number = EncryptedTextField(_("member number"))
    number_hash = models.CharField(max_length=64, editable=False)
    name = EncryptedTextField(_("name on the card"), blank=True)
    date_of_birth = EncryptedTextField(_("date of birth"))
    is_demonstration = models.BooleanField(_("demonstration"), default=False)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["insurer", "number_hash"], name="payments_member_number"
            )
        ]

    def __str__(self):
        return self.public_id


class CoverageStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    CANCELLED = "cancelled", _("Cancelled")


class Coverage(EffectiveRow):
    """A member's policy; `valid_from` and `valid_until` are the policy's period (FHIR Coverage).

    `joined_on` may lie before the period; `terminated_on` is the last covered day.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="coverages", verbose_name=_("member")
    )
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="coverages", verbose_name=_("plan")
    )
    policy_number = EncryptedTextField(_("policy number"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=CoverageStatus.choices)
    joined_on = models.DateField(_("covered since"))
    terminated_on = models.DateField(_("last covered day"), null=True, blank=True)
    declared_conditions = EncryptedJSONField(
        _("conditions declared on joining"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("coverage")
        verbose_name_plural = _("coverages")
        ordering = ["member", "-valid_from"]
        constraints = [
            one_at_a_time("payments_coverage_one_in_force", "member"),
            in_order("payments_coverage_days"),
        ]

    def __str__(self):
        return self.public_id


class BenefitBalance(models.Model):
    """What of a coverage's limits is used and reserved; `category` "" is the whole year's.

    Minor units of the plan's currency. `limit_minor` is copied from the terms in force, so that
    the database itself refuses reservations beyond it (DP-08). Sums only change together with
    an entry in the history.
    """

    coverage = models.ForeignKey(
        Coverage, on_delete=models.PROTECT, related_name="balances", verbose_name=_("coverage")
    )
    category = models.CharField(_("category of care"), max_length=40, blank=True)
    limit_minor = models.BigIntegerField(_("limit"), null=True, blank=True)
    used_minor = models.BigIntegerField(_("used"), default=0)
    reserved_minor = models.BigIntegerField(_("reserved by guarantees"), default=0)
    visits_used = models.PositiveIntegerField(_("visits used"), default=0)
    deductible_met_minor = models.BigIntegerField(_("deductible met"), default=0)
    out_of_pocket_met_minor = models.BigIntegerField(_("paid by the member"), default=0)

    class Meta:
        verbose_name = _("balance of a benefit")
        verbose_name_plural = _("balances of benefits")
        ordering = ["coverage", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["coverage", "category"], name="payments_balance_category"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    used_minor__gte=0,
                    reserved_minor__gte=0,
                    deductible_met_minor__gte=0,
                    out_of_pocket_met_minor__gte=0,
                ),
                name="payments_balance_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(limit_minor=None)
                | models.Q(reserved_minor=0)
                | models.Q(limit_minor__gte=models.F("used_minor") + models.F("reserved_minor")),
                name="payments_balance_not_overspent",
            ),
        ]

    def __str__(self):
        return f"{self.coverage_id} {self.category or '*'}"


class BalanceChange(models.TextChoices):
    IMPORTED = "imported", _("As the insurer reported")
    RESERVED = "reserved", _("Reserved by a guarantee")
    RELEASED = "released", _("Reservation released")
    USED = "used", _("Used by a claim")
    CORRECTED = "corrected", _("Corrected")


class BalanceEntry(models.Model):
    """One change of a balance with its cause; appended, never changed (trigger)."""

    balance = models.ForeignKey(
        BenefitBalance, on_delete=models.PROTECT, related_name="entries", verbose_name=_("balance")
    )
    change = models.CharField(_("change"), max_length=10, choices=BalanceChange.choices)
    key = models.CharField(max_length=120, unique=True)
    used_minor = models.BigIntegerField(default=0)
    reserved_minor = models.BigIntegerField(default=0)
    visits = models.IntegerField(default=0)
    deductible_minor = models.BigIntegerField(default=0)
    out_of_pocket_minor = models.BigIntegerField(default=0)
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("change of a balance")
        verbose_name_plural = _("changes of balances")
        ordering = ["pk"]

    def __str__(self):
        return self.key


class DirectPayCard(models.Model):
    """The insurance details a patient showed; `rank` 1 is asked first (primary, secondary).

    Removing one sets `removed_at`, because checks made with it stay as evidence.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    patient = models.ForeignKey(
        Patient,
        on_delete=models.PROTECT,
        related_name="direct_pay_cards",
        verbose_name=_("patient"),
    )
    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="+", verbose_name=_("insurer")
    )
    rank = models.PositiveSmallIntegerField(_("order"), default=1)
    number = EncryptedTextField(_("member number"))
    date_of_birth = EncryptedTextField(_("date of birth"))
    front = models.ForeignKey(
        MedicalDocument,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("photo of the front"),
    )
    back = models.ForeignKey(
        MedicalDocument,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("photo of the back"),
    )
    created_at = models.DateTimeField(_("added"), default=clock.now, editable=False)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("direct-pay card")
        verbose_name_plural = _("direct-pay cards")
        ordering = ["patient", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "rank"],
                condition=models.Q(removed_at=None),
                name="payments_card_rank",
            ),
            models.CheckConstraint(
                condition=models.Q(rank__gte=1, rank__lte=2), name="payments_card_first_or_second"
            ),
        ]

    def __str__(self):
        return self.public_id
