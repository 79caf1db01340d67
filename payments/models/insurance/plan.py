from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models import Insurer
from payments.models.insurance.agreement import Network, Setting
from payments.models.insurance.effective import EffectiveRow, in_order, one_at_a_time


class Plan(models.Model):
    """What an insurer sells; what it pays is in its terms, which change by day."""

    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="plans", verbose_name=_("insurer")
    )
    code = models.SlugField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3)
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["insurer", "code"]
        constraints = [
            models.UniqueConstraint(fields=["insurer", "code"], name="payments_plan_code")
        ]

    def __str__(self):
        return self.name


class AreaMode(models.TextChoices):
    WORLDWIDE = "worldwide", _("Worldwide")
    WORLDWIDE_EXCLUDING = "worldwide_excluding", _("Worldwide, without some countries")
    ONLY = "only", _("Only some countries")


class DeductibleScope(models.TextChoices):
    ANNUAL = "annual", _("Each year")
    PER_VISIT = "per_visit", _("Each visit")


class PreexistingMode(models.TextChoices):
    COVERED = "covered", _("Covered")
    EXCLUDED = "excluded", _("Not covered")
    MORATORIUM = "moratorium", _("Covered after a time without treatment")


class HighCostMode(models.TextChoices):
    COVERED = "covered", _("Covered")
    SURCHARGE = "surcharge", _("The member pays a larger part")
    EXCLUDED = "excluded", _("Not covered")


class OutOfNetworkMode(models.TextChoices):
    NOT_COVERED = "not_covered", _("Not covered")
    REIMBURSE = "reimburse", _("Paid back in part")


PERCENT = {"max_digits": 6, "decimal_places": 3, "default": 0}


class PlanTerms(EffectiveRow):
    """The rules of a plan between two days, in the eligibility specification's words.

    Amounts are minor units of the plan's currency; null where the plan names no limit.
    """

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="terms", verbose_name=_("plan")
    )
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, related_name="terms", verbose_name=_("network")
    )
    area_mode = models.CharField(_("area of cover"), max_length=20, choices=AreaMode.choices)
    area_countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    out_of_area_emergency = models.BooleanField(_("emergencies outside the area"), default=False)
    annual_limit_minor = models.BigIntegerField(_("annual limit"), null=True, blank=True)
    deductible_minor = models.BigIntegerField(_("deductible"), null=True, blank=True)
    deductible_scope = models.CharField(
        _("deductible counts"),
        max_length=10,
        choices=DeductibleScope.choices,
        default=DeductibleScope.ANNUAL,
    )
    deductible_settings = ArrayField(
        models.CharField(max_length=12, choices=Setting.choices), default=list, blank=True
    )
    out_of_pocket_max_minor = models.BigIntegerField(
        _("most a member pays a year"), null=True, blank=True
    )
    direct_pay_settings = ArrayField(
        models.CharField(max_length=12, choices=Setting.choices), default=list, blank=True
    )
    excluded_codes = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    preexisting_mode = models.CharField(
        _("illness before joining"), max_length=12, choices=PreexistingMode.choices
    )
    moratorium_months = models.PositiveSmallIntegerField(_("months without treatment"), default=24)
    high_cost_mode = models.CharField(
        _("high-cost hospitals"), max_length=10, choices=HighCostMode.choices
    )
    high_cost_extra_pct = models.DecimalField(_("larger part, percent"), **PERCENT)
    out_of_network_mode = models.CharField(
        _("outside the network"), max_length=12, choices=OutOfNetworkMode.choices
    )
    out_of_network_pct = models.DecimalField(_("member's part outside, percent"), **PERCENT)
    emergency_as_in_network = models.BooleanField(
        _("an emergency counts as inside the network"), default=True
    )
    preauth_penalty_pct = models.DecimalField(_("penalty without authorisation"), **PERCENT)
    emergency_notice_hours = models.PositiveSmallIntegerField(
        _("hours to tell the insurer of an emergency"), default=48
    )
    fx_max_age_days = models.PositiveSmallIntegerField(
        _("oldest exchange rate, in days"), default=7
    )
    lead_time_working_days = models.PositiveSmallIntegerField(
        _("working days a planned request needs"), default=5
    )
    calendar_country = models.CharField(_("working days of"), max_length=2, default="CN")
    calendar_zone = models.CharField(
        _("time zone of the insurer's desk"), max_length=60, default="Asia/Shanghai"
    )
    planned_answer_working_days = models.PositiveSmallIntegerField(
        _("working days to answer a planned request"), default=1
    )
    urgent_answer_minutes = models.PositiveSmallIntegerField(
        _("minutes to answer an urgent request"), default=240
    )
    outpatient_answer_minutes = models.PositiveSmallIntegerField(
        _("minutes to answer for an outpatient visit"), default=30
    )
    question_answer_days = models.PositiveSmallIntegerField(
        _("working days to answer the insurer's question"), default=3
    )
    source = models.TextField(_("source"))

    class Meta:
        verbose_name = _("terms of a plan")
        verbose_name_plural = _("terms of plans")
        ordering = ["plan", "valid_from"]
        constraints = [
            one_at_a_time("payments_terms_one_in_force", "plan"),
            in_order("payments_terms_days"),
        ]

    def __str__(self):
        return f"{self.plan} · {self.valid_from}"


class PreauthRule(models.TextChoices):
    NEVER = "never", _("Never")
    ALWAYS = "always", _("Always")
    OVER_THRESHOLD = "over_threshold", _("Above an amount")


class Benefit(models.Model):
    """What a plan's terms pay for one category of care; as final as the terms it belongs to."""

    terms = models.ForeignKey(
        PlanTerms, on_delete=models.PROTECT, related_name="benefits", verbose_name=_("terms")
    )
    category = models.SlugField(_("category of care"), max_length=40)
    is_covered = models.BooleanField(_("covered"), default=True)
    waiting_days = models.PositiveSmallIntegerField(_("days of waiting"), default=0)
    waiting_waived_for_accident = models.BooleanField(_("no waiting after accidents"), default=True)
    annual_sublimit_minor = models.BigIntegerField(_("limit a year"), null=True, blank=True)
    visits_limit = models.PositiveSmallIntegerField(_("visits a year"), null=True, blank=True)
    copay_minor = models.BigIntegerField(_("fixed part a visit"), default=0)
    coinsurance_pct = models.DecimalField(_("member's part, percent"), **PERCENT)
    preauth = models.CharField(
        _("authorisation"), max_length=15, choices=PreauthRule.choices, default=PreauthRule.NEVER
    )
    preauth_threshold_minor = models.BigIntegerField(
        _("authorisation above"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        ordering = ["terms", "category"]
        constraints = [
            models.UniqueConstraint(fields=["terms", "category"], name="payments_benefit_category"),
            models.CheckConstraint(
                condition=models.Q(copay_minor__gte=0), name="payments_benefit_copay"
            ),
        ]

    def __str__(self):
        return f"{self.terms} · {self.category}"
